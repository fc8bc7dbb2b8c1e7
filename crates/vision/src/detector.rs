//! Where faces are: the detector network at several sizes of the picture, then a closer look at each
//! place where it saw something.
//!
//! The network sees a face best when it fills about half of a small picture, so the picture is looked
//! at in several sizes, and places with a low score already deserve a closer look. There the landmark
//! network puts its points, a square is laid around them with the eyes level, and points and face
//! must be found again in that square.
//!
//! Measured on six photos of groups with 22 faces: 21 found at widths of 1920 and 1280 pixels, 22 at
//! 800, nothing else; of 220 synthetic selfies of them (small, turned by 20°, dark, bright, blurred,
//! mirrored, compressed) 210. No face in 821 parts of those photos without people and drawn patterns,
//! nor in 169 pictures (and parts) of walls, grass, gravel, a cat, coffee, coins, text, the earth and
//! the sky. The first look alone reports a face in 6 % of such pictures at a score of 0.3. The
//! thresholds were chosen on the same photos.

use crate::{
    face::Rect,
    image::Image,
    kernels::Backend,
    landmarks::Points,
    network::{
        Tensor,
        face_landmark_68::FaceLandmark68,
        tiny_face_detector::{ANCHORS, BOX_NUMBERS, CELL, MEAN, TinyFaceDetector},
    },
    sampling::{Crop, Picture},
};

/// Longer sides at which the network looks at the picture, largest first.
const SIDES: [usize; 5] = [608, 416, 224, 160, 128];

/// Up to this side a smaller picture is enlarged; to a larger side it is by a quarter at most.
const ENLARGE_TO: usize = 224;

/// The least score in the first look.
const FIRST_SCORE: f32 = 0.2;
/// The least score in the closer look.
const SECOND_SCORE: f32 = 0.45;
/// Sides of the tensors of the closer look, in the order in which they are tried.
const SECOND_SIDES: [usize; 2] = [96, 128];
/// The side of the square of the closer look, in extents of the face's points.
const SECOND_SQUARE: f32 = 2.3;
/// How far from the middle of that square the face may be, across and down, as shares of its side.
const SECOND_OFFSET: [f32; 2] = [0.12, 0.15];
/// The side of the square in which points are found again, in extents of those found before.
const POINTS_SQUARE: f32 = 1.25;
/// How far the points may move when they are found again, on average, in extents.
const POINTS_MOVE: f32 = 0.25;
/// So many places, the best, get a closer look.
const MAX_CANDIDATES: usize = 64;

/// Of two faces of which one covers more than this share of the other only the surer one stays.
const MAX_COVER: f32 = 0.5;

/// Widths and heights of the five boxes of a cell, in cells.
const BOXES: [[f32; 2]; ANCHORS] = [
    [1.603231, 2.094468],
    [6.041143, 7.080126],
    [2.882459, 3.518061],
    [4.266906, 5.178857],
    [9.041765, 10.66308],
];

/// Of two boxes that overlap by more than this share of their union only the better one stays.
const MAX_OVERLAP: f32 = 0.4;

/// A face that passed the closer look.
pub(crate) struct Found {
    pub(crate) points: Points,
    /// The better of the two looks' scores.
    pub(crate) confidence: f32,
}

/// The networks that look for faces.
pub(crate) struct Detector {
    pub(crate) boxes: TinyFaceDetector,
    pub(crate) points: FaceLandmark68,
}

impl Detector {
    /// All faces, even those that reach beyond the image, the surest first.
    pub(crate) fn find(&self, backend: Backend, image: Image<'_>) -> Vec<Found> {
        let candidates = self.candidates(backend, image);
        let confirm = |candidate: &Candidate| self.confirm(backend, image, candidate);
        let mut found: Vec<Found> = candidates.iter().take(MAX_CANDIDATES).filter_map(confirm).collect();
        found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        let mut kept: Vec<Found> = Vec::new();
        for face in found {
            let bounds = face.points.bounds();
            if kept.iter().all(|surer| surer.points.bounds().cover(&bounds) <= MAX_COVER) {
                kept.push(face);
            }
        }
        kept
    }

    /// All places of all sizes, best first, without those that a better one covers.
    fn candidates(&self, backend: Backend, image: Image<'_>) -> Vec<Candidate> {
        let (width, height) = (image.width() as usize, image.height() as usize);
        let longer = width.max(height);
        let mut previous: Option<Picture> = None;
        let mut found = Vec::new();
        for side in SIDES {
            if side > ENLARGE_TO && side > longer + longer / 4 {
                continue;
            }
            let [w, h] = fit(width, height, side);
            let picture = match &previous {
                Some(larger) if larger.width < width => larger.scaled_again(w, h),
                _ => Picture::scaled(image, w, h),
            };
            let grid = self.boxes.run(backend, &picture.to_tensor(CELL, MEAN));
            let scale = [width as f32 / w as f32, height as f32 / h as f32];
            found.extend(boxes(&grid, scale).filter(|candidate| candidate.score >= FIRST_SCORE));
            previous = Some(picture);
        }
        suppress(found)
    }

    /// The closer look.
    fn confirm(&self, backend: Backend, image: Image<'_>, candidate: &Candidate) -> Option<Found> {
        let Rect { x, y, width, height } = candidate.bounding_box;
        let square =
            Crop { centre: [x + width / 2.0, y + height / 2.0], side: width.max(height), along: [1.0, 0.0] };
        let find = |square| Points::find(&self.points, backend, image, square);
        let first = find(square);
        let points = find(first.levelled(POINTS_SQUARE)?);
        if points.moved(&first) > POINTS_MOVE {
            return None;
        }
        let square = points.levelled(SECOND_SQUARE)?;
        let seen = |side| self.score_in_the_middle(backend, &square.sample(image, side, MEAN, 0));
        let score = SECOND_SIDES.into_iter().map(seen).find(|score| *score >= SECOND_SCORE)?;
        Some(Found { points, confidence: candidate.score.max(score) })
    }

    /// The best score of a box whose centre is near the middle of the input.
    fn score_in_the_middle(&self, backend: Backend, input: &Tensor) -> f32 {
        let grid = self.boxes.run(backend, input);
        let scale = [1.0 / input.width as f32, 1.0 / input.height as f32];
        let central = |candidate: &Candidate| {
            let Rect { x, y, width, height } = candidate.bounding_box;
            (x + width / 2.0 - 0.5).abs() <= SECOND_OFFSET[0]
                && (y + height / 2.0 - 0.5).abs() <= SECOND_OFFSET[1]
        };
        boxes(&grid, scale).filter(central).map(|candidate| candidate.score).fold(0.0, f32::max)
    }
}

/// A place where a face may be; it may reach beyond the image.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Candidate {
    bounding_box: Rect,
    score: f32,
}

/// All boxes that the network's output speaks of. `scale` is the size of one of its input's pixels.
fn boxes(grid: &Tensor, scale: [f32; 2]) -> impl Iterator<Item = Candidate> {
    let unit = scale.map(|scale| scale * CELL as f32);
    let cells = (0..grid.height).flat_map(move |y| {
        grid.row(y).chunks_exact(grid.channels).enumerate().map(move |(x, cell)| ([x, y], cell))
    });
    cells.flat_map(move |(at, cell)| {
        let numbers = cell.as_chunks::<BOX_NUMBERS>().0;
        numbers.iter().zip(&BOXES).map(move |(&[dx, dy, width, height, score], anchor)| {
            let width = width.exp() * anchor[0] * unit[0];
            let height = height.exp() * anchor[1] * unit[1];
            let x = (at[0] as f32 + sigmoid(dx)) * unit[0] - width / 2.0;
            let y = (at[1] as f32 + sigmoid(dy)) * unit[1] - height / 2.0;
            Candidate { bounding_box: Rect { x, y, width, height }, score: sigmoid(score) }
        })
    })
}

/// The picture's size when its longer side is `side`; no side is ever zero.
fn fit(width: usize, height: usize, side: usize) -> [usize; 2] {
    let scale = side as f64 / width.max(height) as f64;
    [width, height].map(|length| ((length as f64 * scale).round() as usize).max(1))
}

/// Keeps the best of boxes that overlap.
fn suppress(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        if kept.iter().all(|better| better.bounding_box.overlap(&candidate.bounding_box) <= MAX_OVERLAP) {
            kept.push(candidate);
        }
    }
    kept
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}
