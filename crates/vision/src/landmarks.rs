//! The points of a face, and what can be told from them alone.

use crate::{
    face::{Landmarks, Rect},
    image::Image,
    kernels::Backend,
    network::face_landmark_68::{FaceLandmark68, MEAN, POINTS, SIDE},
    sampling::Crop,
};

/// Side of the square in which points are found again, in extents of the points found first.
const POINTS_SQUARE: f32 = 1.25;
/// Largest mean distance of the points when they are found twice in one picture, in extents.
const MAX_MOVE: f32 = 0.25;

/// The height of a forehead, as a share of the height from brows to chin.
const FOREHEAD: f32 = 0.33;

/// All points of a face, in pixels of the image. They follow the 68 points of the iBUG 300-W
/// annotation: jaw 0–16, brows 17–26, nose 27–35, right eye 36–41, left eye 42–47, mouth 48–67.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Points(pub(crate) [[f32; 2]; POINTS]);

impl Points {
    /// The points that the network sees in a square of the image.
    pub(crate) fn find(network: &FaceLandmark68, backend: Backend, image: Image<'_>, crop: Crop) -> Self {
        let points = network.run(backend, &crop.sample(image, SIDE, MEAN, 1));
        Self(points.map(|point| crop.point(point)))
    }

    /// The points of a face in about this place, found twice: the second time in the upright square of the points
    /// found first. `None` where the second ones are elsewhere, as they are where there is no face.
    pub(crate) fn find_twice(
        network: &FaceLandmark68,
        backend: Backend,
        image: Image<'_>,
        place: &Rect,
    ) -> Option<Self> {
        let centre = [place.x + place.width / 2.0, place.y + place.height / 2.0];
        let side = place.width.max(place.height);
        let first = Self::find(network, backend, image, Crop { centre, side, along: [1.0, 0.0] });
        first.find_again(network, backend, image, MAX_MOVE)
    }

    /// The points in the upright square of these points; `None` where they are further away than `max_move`
    /// extents.
    pub(crate) fn find_again(
        &self,
        network: &FaceLandmark68,
        backend: Backend,
        image: Image<'_>,
        max_move: f32,
    ) -> Option<Self> {
        let points = Self::find(network, backend, image, self.aligned_crop(POINTS_SQUARE)?);
        (points.mean_distance(self) <= max_move).then_some(points)
    }

    /// The five points that callers get.
    pub(crate) fn five(&self) -> Landmarks {
        Landmarks {
            right_eye: self.right_eye(),
            left_eye: self.left_eye(),
            nose: self.0[30],
            mouth_right: self.0[48],
            mouth_left: self.0[54],
        }
    }

    /// Centre of the person's right eye, which is on the image's left.
    pub(crate) fn right_eye(&self) -> [f32; 2] {
        mean(&self.0[36..42])
    }

    /// Centre of the person's left eye.
    pub(crate) fn left_eye(&self) -> [f32; 2] {
        mean(&self.0[42..48])
    }

    /// The direction from the right eye to the left, of length one: along the image's rows when the
    /// head is upright.
    pub(crate) fn eye_line(&self) -> [f32; 2] {
        let (right, left) = (self.right_eye(), self.left_eye());
        let (x, y) = (left[0] - right[0], left[1] - right[1]);
        let length = x.hypot(y);
        if length > 0.0 { [x / length, y / length] } else { [1.0, 0.0] }
    }

    /// The smallest and the largest coordinates of the points, along the given direction and across.
    pub(crate) fn extent(&self, [cos, sin]: [f32; 2]) -> [[f32; 2]; 2] {
        let (mut low, mut high) = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
        for [x, y] in self.0 {
            for (axis, value) in [x * cos + y * sin, y * cos - x * sin].into_iter().enumerate() {
                low[axis] = low[axis].min(value);
                high[axis] = high[axis].max(value);
            }
        }
        [low, high]
    }

    /// The upright rectangle around the points.
    pub(crate) fn bounds(&self) -> Rect {
        let [low, high] = self.extent([1.0, 0.0]);
        Rect { x: low[0], y: low[1], width: high[0] - low[0], height: high[1] - low[1] }
    }

    /// The upright rectangle around the face. The points end at the brows: a forehead is added.
    pub(crate) fn bounding_box(&self) -> Rect {
        let Rect { x, y, width, height } = self.bounds();
        Rect { x, y: y - FOREHEAD * height, width, height: (1.0 + FOREHEAD) * height }
    }

    /// Returns a square around the points whose upper edge is parallel to the line of the eyes, `scale` times as
    /// wide as the points' longer extent; `None` where all points are in one place.
    pub(crate) fn aligned_crop(&self, scale: f32) -> Option<Crop> {
        let along @ [cos, sin] = self.eye_line();
        let [low, high] = self.extent(along);
        let (u, v) = ((low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0);
        let side = (high[0] - low[0]).max(high[1] - low[1]) * scale;
        let centre = [u * cos - v * sin, u * sin + v * cos];
        (side > 0.0 && side.is_finite()).then_some(Crop { centre, side, along })
    }

    /// Returns the mean distance from these points to others, in longer extents of these points.
    pub(crate) fn mean_distance(&self, other: &Self) -> f32 {
        let distance = |(a, b): (&[f32; 2], &[f32; 2])| (a[0] - b[0]).hypot(a[1] - b[1]);
        let sum: f32 = self.0.iter().zip(&other.0).map(distance).sum();
        let Rect { width, height, .. } = self.bounds();
        sum / POINTS as f32 / width.max(height)
    }
}

/// The middle of some points.
pub(crate) fn mean(points: &[[f32; 2]]) -> [f32; 2] {
    let count = points.len().max(1) as f32;
    [0, 1].map(|axis| points.iter().map(|point| point[axis]).sum::<f32>() / count)
}
