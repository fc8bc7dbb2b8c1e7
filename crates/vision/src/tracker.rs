//! Follows the face before a camera from frame to frame.
//!
//! While no face is known, and every [`SEARCH_INTERVAL_MS`] otherwise, the whole frame is searched: once at a
//! glance, and in squares as high as the frame, so that a face that is still too far away is seen. In
//! between, the points of the known face are found again where they were, and verified.

use crate::{
    detector::{MAX_COVER, MAX_FACE_IOU, VERIFIED_SQUARE},
    face::{Pose, Rect},
    image::Image,
    kernels::Backend,
    landmarks::{Points, mean},
    metrics::measure_face,
    network::{
        face_detection_short_range::{Candidate, FaceDetectionShortRange, MEAN, SIDE},
        face_landmark_68::{FaceLandmark68, POINTS},
    },
    pose::pose,
    sampling::Crop,
    weights::{TrackerWeights, WeightsError},
};
use perse_metrics::ExposureAndSharpness;

/// Time after which a frame is searched though a face is known, in milliseconds.
pub const SEARCH_INTERVAL_MS: f64 = 250.0;

/// Least logit at which the detector proposes a place.
const MIN_CANDIDATE: f32 = 0.0;
/// Least logit of a face, be it new or followed. Where a followed face has less, the frame is searched.
const MIN_EVIDENCE: f32 = 1.0;
/// Largest number of places of one frame that are verified, the best first.
const MAX_CANDIDATES: usize = 6;
/// Largest mean distance of a face's points between two frames, in extents of the points.
const MAX_STEP: f32 = 0.5;

/// Pixels of the patch in which an eye's openness is measured, and of the window in it.
const PATCH: [usize; 2] = [32, 20];
const WINDOW: usize = 6;
/// Width of the patch, in widths of the eye.
const PATCH_WIDTH: f32 = 1.6;

/// Finds the faces of frame after frame. Needs two small networks; makes no descriptor.
pub struct Tracker {
    backend: Backend,
    detector: FaceDetectionShortRange,
    landmarks: FaceLandmark68,
    followed: Option<Points>,
    /// Time of the last search.
    searched_at: f64,
}

/// The faces of one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// The largest face comes first.
    pub faces: Vec<TrackedFace>,
    /// Whether the whole frame was searched. If not, only the face that was known can have been seen.
    pub is_searched: bool,
}

/// A face in a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackedFace {
    /// The face from forehead to chin. It may reach outside the frame.
    pub bounding_box: Rect,
    /// The 68 points of the iBUG 300-W annotation, in pixels.
    pub points: [[f32; 2]; POINTS],
    /// Pose of the head.
    pub pose: Pose,
    /// Exposure and sharpness inside the face's ellipse.
    pub quality: ExposureAndSharpness,
    /// Openness of the person's right and left eye: lightness of the darkest window ÷ mean lightness, 0..=1.
    pub eyes: [f32; 2],
    /// Distance of the mouth's corners ÷ distance of the eyes' outer corners.
    pub mouth: f32,
}

impl Tracker {
    /// Unpacks the weights, for the fastest kernels of this machine.
    ///
    /// # Errors
    /// When a file is damaged, or is of another network than the one it is given for.
    pub fn new(weights: &TrackerWeights<'_>) -> Result<Self, WeightsError> {
        Ok(Self {
            backend: Backend::best(),
            detector: FaceDetectionShortRange::new(weights.face_detection_short_range)?,
            landmarks: FaceLandmark68::new(weights.face_landmark_68)?,
            followed: None,
            searched_at: f64::NEG_INFINITY,
        })
    }

    /// Finds the faces of the next frame, which was taken at `now`, in milliseconds. Frames may differ in size.
    pub fn track(&mut self, image: Image<'_>, now: f64) -> Frame {
        let mut found: Vec<Points> =
            self.followed.take().and_then(|known| self.follow(image, &known)).into_iter().collect();
        let is_searched = found.is_empty() || now - self.searched_at >= SEARCH_INTERVAL_MS;
        if is_searched {
            self.searched_at = now;
            self.search(image, &mut found);
        }
        let faces = found.iter().map(|points| tracked(image, points)).collect();
        self.followed = found.into_iter().next();
        Frame { faces, is_searched }
    }

    /// The known face, a little further on.
    fn follow(&self, image: Image<'_>, known: &Points) -> Option<Points> {
        let points = known.find_again(&self.landmarks, self.backend, image, MAX_STEP)?;
        (self.evidence(image, &points)? >= MIN_EVIDENCE).then_some(points)
    }

    /// Adds the faces of the whole frame to those that are known.
    fn search(&self, image: Image<'_>, found: &mut Vec<Points>) {
        let mut candidates: Vec<(Rect, f32)> = Vec::new();
        for square in squares(image) {
            for (place, logit) in self.candidates(image, &square) {
                insert(&mut candidates, (place, logit), |(_, logit)| *logit);
            }
        }
        let mut verified: Vec<Rect> = Vec::new();
        for (place, _) in candidates {
            let is_known = |points: &Points| points.bounds().iou(&place) > MAX_FACE_IOU;
            let is_near = |other: &Rect| other.iou(&place) > MAX_FACE_IOU;
            if found.iter().any(is_known) || verified.iter().any(is_near) {
                continue;
            }
            if verified.len() == MAX_CANDIDATES {
                break;
            }
            verified.push(place);
            let Some(points) = Points::find_twice(&self.landmarks, self.backend, image, &place) else {
                continue;
            };
            let covers = |known: &Points| known.bounds().intersection_over_min(&points.bounds()) > MAX_COVER;
            if self.evidence(image, &points).is_some_and(|logit| logit >= MIN_EVIDENCE)
                && !found.iter().any(covers)
            {
                insert(found, points, |points| points.bounds().area());
            }
        }
    }

    /// Returns the places in a square of the frame where a face may be, and how likely it is.
    fn candidates(&self, image: Image<'_>, square: &Crop) -> impl Iterator<Item = (Rect, f32)> {
        let input = square.sample(image, SIDE, MEAN, 2);
        let unit = square.side / SIDE as f32;
        let square = *square;
        let place = move |Candidate { centre, size, logit }: Candidate| {
            let [x, y] = square.point(centre.map(|at| at / SIDE as f32));
            let [width, height] = size.map(|side| side * unit);
            (Rect { x: x - width / 2.0, y: y - height / 2.0, width, height }, logit)
        };
        self.detector.candidates(self.backend, &input, MIN_CANDIDATE).into_iter().map(place)
    }

    /// The logit of a face with these points; `None` where all points are in one place.
    fn evidence(&self, image: Image<'_>, points: &Points) -> Option<f32> {
        let input = points.aligned_crop(VERIFIED_SQUARE)?.sample(image, SIDE, MEAN, 2);
        Some(self.detector.run(self.backend, &input))
    }
}

/// Puts a value into a list from the highest to the lowest. Lists are short, and sorting would take 15 kB of the
/// module.
fn insert<T>(list: &mut Vec<T>, value: T, rank: impl Fn(&T) -> f32) {
    let at = list.partition_point(|other| rank(other) >= rank(&value));
    list.insert(at, value);
}

/// The squares in which a frame is searched: one around all of it, and two at its ends, as large as it has room
/// for.
fn squares(image: Image<'_>) -> [Crop; 3] {
    let [width, height] = [image.width() as f32, image.height() as f32];
    let [longer, shorter] = [width.max(height), width.min(height)];
    let along = [1.0, 0.0];
    let end = |at: f32| if width > height { [at, height / 2.0] } else { [width / 2.0, at] };
    [
        Crop { centre: [width / 2.0, height / 2.0], side: longer, along },
        Crop { centre: end(shorter / 2.0), side: shorter, along },
        Crop { centre: end(longer - shorter / 2.0), side: shorter, along },
    ]
}

fn tracked(image: Image<'_>, points: &Points) -> TrackedFace {
    let bounding_box = points.bounding_box();
    let metrics = measure_face(image, &visible(image, &bounding_box));
    let width = |[from, to]: [usize; 2]| {
        let ([x, y], [u, v]) = (points.0[from], points.0[to]);
        (u - x).hypot(v - y)
    };
    let outer_corners = width([36, 45]);
    TrackedFace {
        bounding_box,
        points: points.0,
        pose: pose(points),
        quality: ExposureAndSharpness {
            underexposure: metrics.underexposure,
            overexposure: metrics.overexposure,
            sharpness: metrics.sharpness,
        },
        eyes: [(36, [36, 39]), (42, [42, 45])].map(|(first, corners)| {
            let side = width(corners) * PATCH_WIDTH;
            let centre = mean(&points.0[first..first + 6]);
            openness(image, Crop { centre, side, along: points.eye_line() })
        }),
        mouth: if outer_corners > 0.0 { width([48, 54]) / outer_corners } else { 0.0 },
    }
}

/// The part of a rectangle that is inside the frame; a pixel of it at least.
fn visible(image: Image<'_>, rect: &Rect) -> Rect {
    let [limit_x, limit_y] = [image.width() as f32, image.height() as f32];
    // Not `clamp`, whose panic would bring the formatting of floats into the module.
    let between = |value: f32, low: f32, high: f32| value.max(low).min(high);
    let (x, y) = (between(rect.x, 0.0, limit_x - 1.0), between(rect.y, 0.0, limit_y - 1.0));
    let width = between(rect.x + rect.width, x + 1.0, limit_x) - x;
    let height = between(rect.y + rect.height, y + 1.0, limit_y) - y;
    Rect { x, y, width, height }
}

/// Lightness of the darkest window ÷ mean lightness, in the patch in the middle of a square.
fn openness(image: Image<'_>, square: Crop) -> f32 {
    let [width, height] = PATCH;
    if !(square.side.is_finite() && square.side > 0.0) {
        return 1.0;
    }
    let pixels = square.sample(image, width, [0.0; 3], 0);
    let top = (width - height) / 2;
    let luma = |[red, green, blue]: &[f32; 3]| 0.299 * red + 0.587 * green + 0.114 * blue;
    let rows: Vec<Vec<f32>> =
        (top..top + height).map(|y| pixels.row(y).as_chunks().0.iter().map(luma).collect()).collect();
    let sum =
        |x: usize, y: usize| -> f32 { rows[y..y + WINDOW].iter().flat_map(|row| &row[x..x + WINDOW]).sum() };
    let places = (0..=height - WINDOW).flat_map(|y| (0..=width - WINDOW).map(move |x| (x, y)));
    let darkest = places.map(|(x, y)| sum(x, y)).fold(f32::INFINITY, f32::min) / (WINDOW * WINDOW) as f32;
    let mean = rows.iter().flatten().sum::<f32>() / (width * height) as f32;
    if mean > 0.0 { darkest / mean } else { 1.0 }
}
