//! Prints how long everything takes: `cargo run --release -p perse-vision --example bench`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../tests/common/mod.rs"]
mod common;

use common::{Photo, weights};
use perse_vision::{
    Backend, measure,
    network::{
        Tensor, face_detection_full_range::FaceDetectionFullRange,
        face_detection_short_range::FaceDetectionShortRange, face_landmark_68::FaceLandmark68,
        fr_feature::FrFeature, tiny_face_detector::TinyFaceDetector,
    },
};
use std::{hint::black_box, time::Instant};

/// Median of some runs, in milliseconds.
fn median<T>(mut run: impl FnMut() -> T) -> f64 {
    let mut times: Vec<f64> = (0..31)
        .map(|_| {
            let start = Instant::now();
            black_box(run());
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// One line: both back-ends, and how they compare.
fn compare<T>(name: &str, million_multiply_adds: f64, run: impl Fn(Backend) -> T) {
    let [slow, fast] = [Backend::portable(), Backend::best()].map(|backend| median(|| run(backend)));
    let rate = million_multiply_adds / fast;
    println!("{name:24} {slow:9.2} ms {fast:9.2} ms {:7.1} × {rate:6.1} GMAC/s", slow / fast);
}

fn main() {
    println!("{:24} {:>12} {:>12} {:>9}", "", "portable", Backend::best().name(), "ratio");
    let noise = |side: usize, border: usize| {
        let mut tensor = Tensor::new(side, side, 3, border);
        for y in 0..side {
            for (i, value) in tensor.row_mut(y).iter_mut().enumerate() {
                *value = ((y * 31 + i * 17) % 97) as f32 / 97.0 - 0.5;
            }
        }
        tensor
    };
    let detector = TinyFaceDetector::new(&weights("tiny_face_detector")).expect("weights");
    for (side, work) in [(128, 19.0), (224, 57.0), (416, 199.0)] {
        let input = noise(side, 0);
        compare(&format!("tiny_face_detector {side}"), work, |backend| detector.run(backend, &input));
    }
    let short_range = FaceDetectionShortRange::new(&weights("face_detection_short_range")).expect("weights");
    let input = noise(128, 2);
    compare("face_detection_short", 30.0, |backend| short_range.run(backend, &input));
    let full_range = FaceDetectionFullRange::new(&weights("face_detection_full_range")).expect("weights");
    for (side, work) in [(192, 60.0), (384, 240.0)] {
        let input = noise(side, 1);
        compare(&format!("face_detection_full {side}"), work, |backend| full_range.run(backend, &input));
    }
    let landmarks = FaceLandmark68::new(&weights("face_landmark_68")).expect("weights");
    let input = noise(112, 1);
    compare("face_landmark_68", 52.0, |backend| landmarks.run(backend, &input));
    let descriptor = FrFeature::new(&weights("fr_feature")).expect("weights");
    let input = noise(112, 1);
    compare("fr_feature", 221.0, |backend| descriptor.run(backend, &input));

    println!();
    println!("load                     {:9.2} ms", median(common::load));
    let engine = common::engine();
    let selfie = Photo::sample(6).cropped(460, 200, 700, 933).resized(960);
    let faces = engine.detect(selfie.image());
    let detect = median(|| engine.detect(selfie.image()));
    println!("detect selfie  {} × {}  {detect:9.2} ms, {} face", selfie.width, selfie.height, faces.len());
    for number in 1..=6 {
        let photo = Photo::sample(number);
        let detect = median(|| engine.detect(photo.image()));
        let faces = engine.detect(photo.image());
        let pixels = format!("{} × {}", photo.width, photo.height);
        println!("detect sample{number} {pixels:11} {detect:9.2} ms, {} faces", faces.len());
        let small = photo.resized(1280);
        let detect = median(|| engine.detect(small.image()));
        let faces = engine.detect(small.image());
        let pixels = format!("{} × {}", small.width, small.height);
        println!("detect sample{number} {pixels:11} {detect:9.2} ms, {} faces", faces.len());
        if let Some(face) = faces.first() {
            println!("describe                 {:9.2} ms", median(|| engine.describe(small.image(), face)));
        }
        let megapixels = photo.rgb.len() as f64 / 3e6;
        let per_megapixel = median(|| measure(photo.image())) / megapixels;
        println!("measure                  {per_megapixel:9.2} ms per megapixel");
    }
}
