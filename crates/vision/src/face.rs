//! Facts about one face.

use crate::{landmarks::Points, metrics::Metrics};

/// An axis-aligned rectangle in pixels, from its top left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

impl Rect {
    /// Returns the intersection over union, 0..=1: 0 apart, 1 equal.
    pub fn iou(&self, other: &Self) -> f32 {
        let both = self.common_area(other);
        let either = self.area() + other.area() - both;
        if either > 0.0 { both / either } else { 0.0 }
    }

    /// Returns the intersection over the smaller area, 0..=1: 1 where one lies in the other.
    pub(crate) fn intersection_over_min(&self, other: &Self) -> f32 {
        let smaller = self.area().min(other.area());
        if smaller > 0.0 { self.common_area(other) / smaller } else { 0.0 }
    }

    pub(crate) fn area(&self) -> f32 {
        self.width * self.height
    }

    fn common_area(&self, other: &Self) -> f32 {
        let width = (self.x + self.width).min(other.x + other.width) - self.x.max(other.x);
        let height = (self.y + self.height).min(other.y + other.height) - self.y.max(other.y);
        width.max(0.0) * height.max(0.0)
    }
}

/// Five points of a face, `[x, y]` in pixels. Right and left are the person's own: the right eye
/// is on the image's left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Landmarks {
    /// Centre of the right eye.
    pub right_eye: [f32; 2],
    /// Centre of the left eye.
    pub left_eye: [f32; 2],
    /// Tip of the nose.
    pub nose: [f32; 2],
    /// Right corner of the mouth.
    pub mouth_right: [f32; 2],
    /// Left corner of the mouth.
    pub mouth_left: [f32; 2],
}

/// Pose of a head, in degrees. The angles belong to turns about the head's own axes, first pitch, then
/// yaw, then roll, so that a tilted head that turns aside changes its yaw alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// −90..=90, positive where the face looks towards the image's right, which is the person's left.
    pub yaw: f32,
    /// −180..=180, positive where the face looks up.
    pub pitch: f32,
    /// −180..=180, positive where the head is tilted counter-clockwise in the image.
    pub roll: f32,
    /// 0..=180, the angle of the one rotation that all three make up together; 0 is frontal and upright.
    pub rotation: f32,
}

/// One face, as [`FaceEngine::detect`](crate::FaceEngine::detect) found it.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    /// Its place; wholly inside the image.
    pub bounding_box: Rect,
    /// Its five points.
    pub landmarks: Landmarks,
    /// The detector's confidence, 0..=1.
    pub confidence: f32,
    /// Metrics of the ellipse inside the bounding box.
    pub metrics: Metrics,
    /// Pose of the head.
    pub pose: Pose,
    /// 0..=1: low where the picture of the face lacks colours or carries a regular fine pattern. Not a
    /// presentation attack detection: a good print or screen scores 1.
    pub liveness: f32,
    /// All 68 points, for describing it.
    pub(crate) points: Points,
}
