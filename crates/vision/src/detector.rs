//! Detects faces: two detectors propose places, a landmark network lays 68 points there, and two
//! verifiers, which see the face upright and in the middle, decide.
//!
//! `tiny_face_detector` sees a face best when it fills about half of a small picture: it looks at the
//! photo at three small sizes. `face_detection_full_range` sees small faces: it looks at a larger size.
//! Both may propose with a low score, since the verifiers decide. A verifier alone mistakes some animals,
//! dolls and things for faces; two of them seldom mistake the same. `docs/accuracy.md` has the figures.

use crate::{
    face::Rect,
    image::Image,
    kernels::Backend,
    landmarks::Points,
    network::{
        Tensor,
        face_detection_full_range::{self, FaceDetectionFullRange},
        face_detection_short_range::{self, FaceDetectionShortRange},
        face_landmark_68::FaceLandmark68,
        tiny_face_detector::{self, ANCHORS, TinyFaceDetector},
    },
    sampling::Picture,
    weights::{FaceFinderWeights, WeightsError},
};

/// Longer sides at which the full-range detector looks at the photo, in pixels.
const FAR_SIDES: [usize; 2] = [320, 192];
/// Longer sides at which the tiny detector looks at the photo, in pixels.
const NEAR_SIDES: [usize; 3] = [224, 160, 128];
/// Least score at which the full-range detector proposes a place, as a logit.
const FAR_LOGIT: f32 = 0.0;
/// Least score at which the tiny detector proposes a place, as a probability.
const NEAR_SCORE: f32 = 0.2;
/// Largest number of places that are verified, the best first.
const MAX_CANDIDATES: usize = 64;
/// Two places whose intersection over union is larger are one.
const MAX_IOU: f32 = 0.4;
/// A place whose intersection over union with the points of a face that was found is larger shows that face.
/// Of 2,468 faces of Labeled Faces in the Wild, none beside another came over 0.25, and none of those
/// found twice stayed under 0.3.
pub(crate) const MAX_FACE_IOU: f32 = 0.3;

/// Side of the square that the verifiers see, in extents of the points.
pub(crate) const VERIFIED_SQUARE: f32 = 2.0;
/// Weight of the full-range verifier's logit; that of the short-range one is 1.
const FULL_RANGE_WEIGHT: f32 = 0.5;
/// Least sum of the weighted logits of a face. 99.96 % of the photos of Labeled Faces in the Wild,
/// folds 1 to 3, have a face that reaches it.
const MIN_EVIDENCE: f32 = 1.2;
/// Below this logit of the short-range verifier the other one can't save a face, and is not asked.
const MIN_SHORT_RANGE: f32 = 0.0;

/// Largest distance of the centre of the full-range verifier's box from the centre of the square, along either
/// side, as a share of the side.
const MAX_OFFSET: f32 = 0.15;

/// Two faces of which one covers more than this share of the other are one.
pub(crate) const MAX_COVER: f32 = 0.5;

/// Widths and heights of the five boxes of a cell of the tiny detector, in cells.
const BOXES: [[f32; 2]; ANCHORS] = [
    [1.603231, 2.094468],
    [6.041143, 7.080126],
    [2.882459, 3.518061],
    [4.266906, 5.178857],
    [9.041765, 10.66308],
];

/// A verified face.
pub(crate) struct Found {
    pub(crate) points: Points,
    /// The verifiers' evidence as a probability.
    pub(crate) confidence: f32,
}

/// The networks that look for faces.
pub(crate) struct Detector {
    near: TinyFaceDetector,
    far: FaceDetectionFullRange,
    points: FaceLandmark68,
    short_range: FaceDetectionShortRange,
}

impl Detector {
    /// Unpacks the weights.
    pub(crate) fn new(weights: &FaceFinderWeights<'_>) -> Result<Self, WeightsError> {
        Ok(Self {
            near: TinyFaceDetector::new(weights.tiny_face_detector)?,
            far: FaceDetectionFullRange::new(weights.face_detection_full_range)?,
            points: FaceLandmark68::new(weights.face_landmark_68)?,
            short_range: FaceDetectionShortRange::new(weights.face_detection_short_range)?,
        })
    }

    /// Finds all faces, also those that reach beyond the image, the surest first.
    pub(crate) fn find(&self, backend: Backend, image: Image<'_>) -> Vec<Found> {
        let candidates = non_max_suppression(self.candidates(backend, image));
        let mut found: Vec<Found> = Vec::new();
        for candidate in candidates.iter().take(MAX_CANDIDATES) {
            let is_same = |face: &Found| face.points.bounds().iou(&candidate.bounding_box) > MAX_FACE_IOU;
            if !found.iter().any(is_same) {
                found.extend(self.verify(backend, image, candidate));
            }
        }
        found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        let mut kept: Vec<Found> = Vec::new();
        for face in found {
            let bounds = face.points.bounds();
            if kept.iter().all(|surer| surer.points.bounds().intersection_over_min(&bounds) <= MAX_COVER) {
                kept.push(face);
            }
        }
        kept
    }

    /// Returns the places that either detector proposes, at all sizes.
    fn candidates(&self, backend: Backend, image: Image<'_>) -> Vec<Candidate> {
        let size = [image.width() as usize, image.height() as usize];
        let mut found = Vec::new();
        let mut previous: Option<Picture> = None;
        let mut input = |side: usize, unit: usize, mean: [f32; 3], border: usize| {
            let [width, height] = fit(size, side);
            let picture = match &previous {
                Some(larger) if larger.width < size[0] && larger.width >= width => {
                    larger.scaled_again(width, height)
                }
                _ => Picture::scaled(image, width, height),
            };
            let tensor = picture.to_tensor(unit, mean, border);
            previous = Some(picture);
            (tensor, [size[0] as f32 / width as f32, size[1] as f32 / height as f32])
        };
        let longer = size[0].max(size[1]);
        let is_enlarged = |side: usize| side > longer + longer / 4;
        for side in FAR_SIDES.into_iter().filter(|side| !is_enlarged(*side)) {
            use face_detection_full_range::{MEAN, UNIT};
            let (tensor, scale) = input(side, UNIT, MEAN, 1);
            found.extend(far_candidates(&self.far.run(backend, &tensor), scale));
        }
        for side in NEAR_SIDES {
            use tiny_face_detector::{CELL, MEAN};
            let (tensor, scale) = input(side, CELL, MEAN, 0);
            found.extend(near_candidates(&self.near.run(backend, &tensor), scale));
        }
        found
    }

    /// Decides whether a place shows a face.
    fn verify(&self, backend: Backend, image: Image<'_>, candidate: &Candidate) -> Option<Found> {
        let points = Points::find_twice(&self.points, backend, image, &candidate.bounding_box)?;
        let evidence = self.evidence(backend, image, &points)?;
        Some(Found { points, confidence: sigmoid(evidence) })
    }

    /// Sums up what the verifiers say of a face with these points; `None` where it is too little.
    fn evidence(&self, backend: Backend, image: Image<'_>, points: &Points) -> Option<f32> {
        // Both networks take the same input: pixels of one mean, and 128 is one of the sides that either takes.
        let (side, mean) = (face_detection_short_range::SIDE, face_detection_short_range::MEAN);
        let input = points.aligned_crop(VERIFIED_SQUARE)?.sample(image, side, mean, 2);
        let short_range = self.short_range.run(backend, &input);
        if short_range < MIN_SHORT_RANGE {
            return None;
        }
        let output = self.far.run(backend, &input);
        let central = |x: usize, y: usize| {
            output.centre(x, y).iter().all(|at| (at / side as f32 - 0.5).abs() <= MAX_OFFSET)
        };
        let scores = output.scores().filter(|(x, y, _)| central(*x, *y)).map(|(_, _, score)| score);
        let full_range = scores.fold(f32::NEG_INFINITY, f32::max);
        let evidence = short_range + FULL_RANGE_WEIGHT * full_range;
        (evidence >= MIN_EVIDENCE).then_some(evidence)
    }
}

/// A place where a face may be; it may reach beyond the image.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Candidate {
    bounding_box: Rect,
    score: f32,
}

/// Reads the boxes of the full-range detector. `scale` is the size of an input pixel, in image pixels.
fn far_candidates(
    output: &face_detection_full_range::Output,
    scale: [f32; 2],
) -> impl Iterator<Item = Candidate> {
    output.scores().filter(|(_, _, logit)| *logit >= FAR_LOGIT).map(move |(x, y, logit)| {
        let &[_, _, width, height] = output.numbers(x, y);
        let (width, height) = (width * scale[0], height * scale[1]);
        let [x, y] = output.centre(x, y);
        let (x, y) = (x * scale[0] - width / 2.0, y * scale[1] - height / 2.0);
        Candidate { bounding_box: Rect { x, y, width, height }, score: sigmoid(logit) }
    })
}

/// Reads the boxes of the tiny detector. `scale` is the size of an input pixel, in image pixels.
fn near_candidates(grid: &Tensor, scale: [f32; 2]) -> impl Iterator<Item = Candidate> {
    use tiny_face_detector::{BOX_NUMBERS, CELL};
    let unit = scale.map(|scale| scale * CELL as f32);
    let cells = (0..grid.height).flat_map(move |y| {
        grid.row(y).chunks_exact(grid.channels).enumerate().map(move |(x, cell)| ([x, y], cell))
    });
    let all = cells.flat_map(move |(at, cell)| {
        let numbers = cell.as_chunks::<BOX_NUMBERS>().0;
        numbers.iter().zip(&BOXES).map(move |(&[dx, dy, width, height, score], anchor)| {
            let width = width.exp() * anchor[0] * unit[0];
            let height = height.exp() * anchor[1] * unit[1];
            let x = (at[0] as f32 + sigmoid(dx)) * unit[0] - width / 2.0;
            let y = (at[1] as f32 + sigmoid(dy)) * unit[1] - height / 2.0;
            let bounding_box = Rect { x, y, width, height };
            Candidate { bounding_box, score: sigmoid(score) }
        })
    });
    all.filter(|candidate| candidate.score >= NEAR_SCORE)
}

/// Returns the picture's size when its longer side is `side`; no side is ever zero.
fn fit(size: [usize; 2], side: usize) -> [usize; 2] {
    let scale = side as f64 / size[0].max(size[1]) as f64;
    size.map(|length| ((length as f64 * scale).round() as usize).max(1))
}

/// Keeps the best of boxes that overlap, best first.
fn non_max_suppression(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.retain(|candidate| {
        let Rect { width, height, .. } = candidate.bounding_box;
        width > 0.0 && height > 0.0 && (width * height).is_finite()
    });
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        if kept.iter().all(|better| better.bounding_box.iou(&candidate.bounding_box) <= MAX_IOU) {
            kept.push(candidate);
        }
    }
    kept
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}
