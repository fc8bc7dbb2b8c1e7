//! The networks agree with the package that published them. `golden.json` holds the package's own
//! outputs for its six photos, decoded by the same JPEG library as here: boxes and scores of the
//! detector at three sizes; the points and descriptors of up to two faces of each photo.
//!
//! The package prepares its inputs in its own way (squares filled up with black, bilinear samples
//! from the corners of pixels, crops cut to whole pixels); that is written out here, because the
//! engine prepares its inputs better.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{Photo, weights};
use perse_vision::{
    Backend, Rect,
    network::{
        Tensor, face_detection_full_range, face_detection_short_range, face_landmark_68, fr_feature,
        tiny_face_detector,
    },
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    sample: usize,
    tiny: std::collections::BTreeMap<usize, Vec<[f64; 5]>>,
    faces: Vec<Face>,
}

#[derive(Deserialize)]
struct Face {
    #[serde(rename = "box")]
    bounding_box: [f64; 4],
    points: Vec<[f64; 2]>,
}

fn golden() -> Vec<Golden> {
    serde_json::from_str(include_str!("golden.json")).expect("golden numbers")
}

/// The package's input: a part of the photo, filled up with black to a square (all of it after, or
/// half of it before), scaled.
fn square(
    photo: &Photo,
    part: [i64; 4],
    centred: bool,
    side: usize,
    mean: [f32; 3],
    border: usize,
) -> Tensor {
    let [x0, y0, width, height] = part;
    let long = width.max(height);
    let before = |length: i64| {
        let missing = long - length;
        if centred { missing - (missing as f64 * 0.5).round() as i64 } else { 0 }
    };
    let (left, top) = (before(width), before(height));
    let value = |x: i64, y: i64, c: usize| {
        let (x, y) = (x - left, y - top);
        if x < 0 || y < 0 || x >= width || y >= height {
            0.0
        } else {
            f32::from(photo.pixel(x0 + x, y0 + y)[c])
        }
    };
    let scale = long as f32 / side as f32;
    let mut tensor = Tensor::new(side, side, 3, border);
    for y in 0..side {
        let v = y as f32 * scale;
        let (top, down) = (v as i64, v.fract());
        let bottom = (top + 1).min(long - 1);
        for (x, to) in tensor.row_mut(y).chunks_exact_mut(3).enumerate() {
            let u = x as f32 * scale;
            let (left, along) = (u as i64, u.fract());
            let right = (left + 1).min(long - 1);
            for (c, to) in to.iter_mut().enumerate() {
                let above = value(left, top, c) + (value(right, top, c) - value(left, top, c)) * along;
                let below =
                    value(left, bottom, c) + (value(right, bottom, c) - value(left, bottom, c)) * along;
                *to = (above + (below - above) * down - mean[c]) / 255.0;
            }
        }
    }
    tensor
}

/// The part of the photo that the package cuts out for a box.
fn clipped(photo: &Photo, [x, y, width, height]: [f64; 4]) -> [i64; 4] {
    let (left, top) = (x.max(0.0), y.max(0.0));
    let width = (x + width - left).min(f64::from(photo.width) - left);
    let height = (y + height - top).min(f64::from(photo.height) - top);
    [left, top, width, height].map(|v| v.floor() as i64)
}

/// Boxes and scores as the package decodes them from the network's grid.
fn boxes(grid: &Tensor, photo: &Photo, side: usize) -> Vec<(Rect, f64)> {
    const ANCHORS: [[f64; 2]; 5] = [
        [1.603231, 2.094468],
        [6.041143, 7.080126],
        [2.882459, 3.518061],
        [4.266906, 5.178857],
        [9.041765, 10.66308],
    ];
    let sigmoid = |x: f32| 1.0 / (1.0 + (-f64::from(x)).exp());
    let (width, height) = (f64::from(photo.width), f64::from(photo.height));
    let scale = side as f64 / width.max(height);
    let unit = [width / (width * scale).round(), height / (height * scale).round()].map(|s| s * 32.0);
    let mut found = Vec::new();
    for y in 0..grid.height {
        for (x, cell) in grid.row(y).chunks_exact(grid.channels).enumerate() {
            for (numbers, anchor) in cell.chunks_exact(5).zip(ANCHORS) {
                let score = sigmoid(numbers[4]);
                if score > 0.5 {
                    let w = f64::from(numbers[2]).exp() * anchor[0] * unit[0];
                    let h = f64::from(numbers[3]).exp() * anchor[1] * unit[1];
                    let left = (x as f64 + sigmoid(numbers[0])) * unit[0] - w / 2.0;
                    let top = (y as f64 + sigmoid(numbers[1])) * unit[1] - h / 2.0;
                    let rect = Rect { x: left as f32, y: top as f32, width: w as f32, height: h as f32 };
                    found.push((rect, score));
                }
            }
        }
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut kept: Vec<(Rect, f64)> = Vec::new();
    for (rect, score) in found {
        if kept.iter().all(|(better, _)| better.iou(&rect) <= 0.4) {
            kept.push((rect, score));
        }
    }
    kept
}

fn backends() -> [Backend; 2] {
    [Backend::portable(), Backend::best()]
}

#[test]
fn the_detector_finds_the_same_boxes_with_the_same_scores() {
    let network = tiny_face_detector::TinyFaceDetector::new(&weights("tiny_face_detector")).expect("weights");
    let (mut worst_overlap, mut worst_score) = (1.0_f32, 0.0_f64);
    for golden in golden() {
        let photo = Photo::sample(golden.sample);
        let all = [0, 0, i64::from(photo.width), i64::from(photo.height)];
        for (side, expected) in &golden.tiny {
            let input = square(&photo, all, false, *side, tiny_face_detector::MEAN, 0);
            for backend in backends() {
                let found = boxes(&network.run(backend, &input), &photo, *side);
                assert_eq!(found.len(), expected.len(), "sample {} at {side}", golden.sample);
                for ((rect, score), [x, y, width, height, expected]) in found.iter().zip(expected) {
                    let [x, y, width, height] = [x, y, width, height].map(|v| *v as f32);
                    worst_overlap = worst_overlap.min(rect.iou(&Rect { x, y, width, height }));
                    worst_score = worst_score.max((score - expected).abs());
                }
            }
        }
    }
    println!("worst overlap {worst_overlap}, worst score difference {worst_score:.1e}");
    assert!(worst_overlap > 0.9999, "{worst_overlap}");
    assert!(worst_score < 1e-5, "{worst_score}");
}

#[test]
fn the_landmark_network_finds_the_same_points() {
    let network = face_landmark_68::FaceLandmark68::new(&weights("face_landmark_68")).expect("weights");
    let mut worst = 0.0_f64;
    for golden in golden() {
        let photo = Photo::sample(golden.sample);
        for face in &golden.faces {
            let part @ [_, _, width, height] = clipped(&photo, face.bounding_box);
            let input = square(&photo, part, true, face_landmark_68::SIDE, face_landmark_68::MEAN, 1);
            let long = width.max(height) as f64;
            let pad = [(long - width as f64) / 2.0, (long - height as f64) / 2.0];
            let origin = [face.bounding_box[0], face.bounding_box[1]];
            for backend in backends() {
                for (point, expected) in network.run(backend, &input).iter().zip(&face.points) {
                    for axis in 0..2 {
                        let at = f64::from(point[axis]) * long - pad[axis] + origin[axis];
                        worst = worst.max((at - expected[axis]).abs());
                    }
                }
            }
        }
    }
    println!("worst distance {worst:.1e} pixels");
    assert!(worst < 2e-3, "{worst} pixels");
}

/// Reference outputs of the other networks, one entry a face: onnxruntime 1.32 on the published ONNX
/// file, also with the weights rounded as they are packed; LiteRT 2.3 on the published TensorFlow Lite files.
#[derive(Deserialize)]
struct Reference {
    sample: usize,
    short: BestBox,
    full: BestBox,
    descriptor: Option<DescriptorReference>,
}

#[derive(Deserialize)]
struct BestBox {
    crop: [usize; 3],
    best: f32,
    #[serde(default)]
    index: usize,
    #[serde(default, rename = "box")]
    numbers: Vec<f32>,
}

#[derive(Deserialize)]
struct DescriptorReference {
    crop: [usize; 3],
    packed: Vec<f32>,
    float: Vec<f32>,
}

fn references() -> Vec<Reference> {
    serde_json::from_str(include_str!("networks.json")).expect("reference numbers")
}

/// The input of the reference runs: a square of `side · n` pixels at `x`, `y`, each number the mean of
/// `n × n` pixels.
fn averaged(photo: &Photo, [x0, y0, n]: [usize; 3], side: usize, border: usize) -> Tensor {
    let mut tensor = Tensor::new(side, side, 3, border);
    for y in 0..side {
        for (x, to) in tensor.row_mut(y).chunks_exact_mut(3).enumerate() {
            let mut sum = [0_u32; 3];
            for i in 0..n * n {
                let pixel = photo.pixel((x0 + x * n + i % n) as i64, (y0 + y * n + i / n) as i64);
                for (sum, value) in sum.iter_mut().zip(pixel) {
                    *sum += u32::from(value);
                }
            }
            for (to, sum) in to.iter_mut().zip(sum) {
                *to = (sum as f32 / (n * n) as f32 - 127.5) / 255.0;
            }
        }
    }
    tensor
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn the_descriptor_network_gives_the_same_numbers() {
    let network = fr_feature::FrFeature::new(&weights("fr_feature")).expect("weights");
    let (mut worst, mut least) = (0.0_f32, 1.0_f32);
    for reference in references() {
        let Some(expected) = reference.descriptor else { continue };
        let photo = Photo::sample(reference.sample);
        let input = averaged(&photo, expected.crop, fr_feature::SIDE, 1);
        for backend in backends() {
            let numbers = network.run(backend, &input);
            for (value, expected) in numbers.iter().zip(&expected.packed) {
                worst = worst.max((value - expected).abs());
            }
            least = least.min(cosine(&numbers, &expected.float));
        }
    }
    println!("worst difference {worst:.1e}, least cosine to the unrounded weights {least:.4}");
    assert!(worst < 1e-4, "{worst}");
    // The cost of rounding the weights to eight bits.
    assert!(least > 0.99, "{least}");
}

#[test]
fn the_verifying_networks_give_the_same_scores() {
    let short_range =
        face_detection_short_range::FaceDetectionShortRange::new(&weights("face_detection_short_range"))
            .expect("weights");
    let full_range =
        face_detection_full_range::FaceDetectionFullRange::new(&weights("face_detection_full_range"))
            .expect("weights");
    let (mut worst_short, mut worst_full, mut worst_box) = (0.0_f32, 0.0_f32, 0.0_f32);
    for reference in references() {
        let photo = Photo::sample(reference.sample);
        for backend in backends() {
            let input = averaged(&photo, reference.short.crop, face_detection_short_range::SIDE, 2);
            worst_short = worst_short.max((short_range.run(backend, &input) - reference.short.best).abs());
            let input = averaged(&photo, reference.full.crop, face_detection_full_range::SIDE, 1);
            let output = full_range.run(backend, &input);
            let (x, y) = (reference.full.index % 48, reference.full.index / 48);
            let (_, _, score) = output.scores().find(|(i, j, _)| (*i, *j) == (x, y)).expect("a score");
            worst_full = worst_full.max((score - reference.full.best).abs());
            for (value, expected) in output.numbers::<16>(x, y).iter().zip(&reference.full.numbers) {
                worst_box = worst_box.max((value - expected).abs());
            }
        }
    }
    println!("worst differences: {worst_short:.1e}, {worst_full:.1e}; {worst_box:.1e} pixels of a box");
    assert!(worst_short < 0.2 && worst_full < 0.2 && worst_box < 1.0);
}
