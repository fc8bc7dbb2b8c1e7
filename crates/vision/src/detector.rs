//! Where faces may be: the detector network at several sizes of the picture, merged.

use crate::{
    face::Rect,
    image::Image,
    kernels::Backend,
    network::tiny_face_detector::{ANCHORS, BOX_NUMBERS, CELL, MEAN, TinyFaceDetector},
    sampling::Picture,
};

/// Longer sides at which the network looks at the picture, largest first.
pub(crate) const SIDES: [usize; 4] = [608, 416, 224, 128];

/// Widths and heights of the five boxes of a cell, in cells.
const BOXES: [[f32; 2]; ANCHORS] = [
    [1.603231, 2.094468],
    [6.041143, 7.080126],
    [2.882459, 3.518061],
    [4.266906, 5.178857],
    [9.041765, 10.66308],
];

/// Of two boxes that overlap by more than this share of their union only the better one stays.
pub(crate) const MAX_OVERLAP: f32 = 0.4;

/// A place where a face may be; it may reach beyond the image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate {
    /// Where.
    pub(crate) bounding_box: Rect,
    /// How sure the network is, 0..=1.
    pub(crate) score: f32,
    /// The size at which it saw it.
    pub(crate) side: usize,
}

/// Looks at the picture at one size and returns all boxes with at least the given score.
pub(crate) fn look(
    network: &TinyFaceDetector,
    backend: Backend,
    picture: &Picture,
    image: [f32; 2],
    side: usize,
    min_score: f32,
) -> Vec<Candidate> {
    let grid = network.run(backend, &picture.to_tensor(CELL, MEAN));
    let scale = [image[0] / picture.width as f32, image[1] / picture.height as f32].map(|s| s * CELL as f32);
    let mut found = Vec::new();
    for y in 0..grid.height {
        for (x, cell) in grid.row(y).chunks_exact(grid.channels).enumerate() {
            for (&[dx, dy, width, height, score], anchor) in
                cell.as_chunks::<BOX_NUMBERS>().0.iter().zip(&BOXES)
            {
                let score = sigmoid(score);
                if score < min_score {
                    continue;
                }
                let (width, height) =
                    (width.exp() * anchor[0] * scale[0], height.exp() * anchor[1] * scale[1]);
                let centre = [(x as f32 + sigmoid(dx)) * scale[0], (y as f32 + sigmoid(dy)) * scale[1]];
                let bounding_box =
                    Rect { x: centre[0] - width / 2.0, y: centre[1] - height / 2.0, width, height };
                found.push(Candidate { bounding_box, score, side });
            }
        }
    }
    found
}

/// The picture's size when its longer side is `side`; no side is ever zero.
pub(crate) fn fit(width: usize, height: usize, side: usize) -> [usize; 2] {
    let scale = side as f64 / width.max(height) as f64;
    [width, height].map(|length| ((length as f64 * scale).round() as usize).max(1))
}

/// All candidates of all sizes, best first, without those that a better one covers.
pub(crate) fn candidates(
    network: &TinyFaceDetector,
    backend: Backend,
    image: Image<'_>,
    sides: &[usize],
    min_score: f32,
) -> Vec<Candidate> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let mut previous: Option<Picture> = None;
    let mut found = Vec::new();
    for &side in sides {
        let [w, h] = fit(width, height, side);
        let picture = match &previous {
            Some(larger) if w <= larger.width && h <= larger.height && larger.width < width => {
                larger.scaled_again(w, h)
            }
            _ => Picture::scaled(image, w, h),
        };
        found.extend(look(network, backend, &picture, [width as f32, height as f32], side, min_score));
        previous = Some(picture);
    }
    suppress(found)
}

/// Keeps the best of boxes that overlap.
pub(crate) fn suppress(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
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
