//! Whatever the pixels are: an answer, the same one each time, and no panic.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{Photo, engine, weights};
use perse_vision::{Backend, FaceFinder, FaceFinderWeights, Image, ImageError, Metrics, measure};
use perse_weights::Writer;

fn in_range(metrics: &Metrics) -> bool {
    [metrics.underexposure, metrics.overexposure, metrics.sharpness, metrics.color]
        .iter()
        .all(|value| (0.0..=1.0).contains(value))
}

fn noise(width: u32, height: u32, seed: u32) -> Photo {
    Photo::draw(width, height, |x, y| {
        let hash =
            (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA6B) ^ seed).wrapping_mul(0xC2B2_AE35);
        [(hash >> 24) as u8, (hash >> 16) as u8, (hash >> 8) as u8]
    })
}

#[test]
fn every_shape_of_image_is_answered() {
    let shapes = [
        (1, 1),
        (1, 5000),
        (5000, 1),
        (2, 3),
        (31, 33),
        (7, 200),
        (640, 1),
        (333, 500),
        (65_535, 2),
        (1, 70_000),
    ];
    for (width, height) in shapes {
        for photo in [noise(width, height, 1), Photo::draw(width, height, |_, _| [0; 3])] {
            assert!(in_range(&measure(photo.image())), "{width} × {height}");
            assert!(engine().detect(photo.image()).is_empty(), "{width} × {height}");
        }
    }
}

#[test]
fn twelve_megapixels_are_answered() {
    let photo = Photo::sample(1).resized(4243);
    assert!(photo.rgb.len() > 3 * 12_000_000 - 40_000);
    assert_eq!(engine().detect(photo.image()).len(), 3);
    let noise = noise(4000, 3000, 2);
    assert!(in_range(&measure(noise.image())));
    assert!(engine().detect(noise.image()).is_empty());
}

#[test]
fn a_face_at_every_edge_is_answered() {
    let photo = Photo::sample(1);
    for face in engine().detect(photo.image()) {
        let rect = face.bounding_box;
        let (x, y, side) = (rect.x as i64, rect.y as i64, rect.height as i64);
        for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1), (1, 1)] {
            let part = photo.cropped(x + dx * side / 2, y + dy * side / 2, side as u32, side as u32);
            for face in engine().detect(part.image()) {
                assert!(in_range(&face.metrics));
                assert!(engine().describe(part.image(), &face).as_slice().iter().all(|x| x.is_finite()));
            }
        }
        // A face of another image than its own is described, if not sensibly.
        let small = noise(3, 3, 3);
        assert!(engine().describe(small.image(), &face).as_slice().iter().all(|x| x.is_finite()));
    }
}

#[test]
fn the_answer_is_always_the_same() {
    let photo = Photo::sample(3);
    let first = engine().detect(photo.image());
    let again = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| engine().detect(photo.image()))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect::<Vec<_>>()
    });
    for again in again {
        assert_eq!(first, again);
    }
    for face in &first {
        let [a, b] = [(); 2].map(|()| engine().describe(photo.image(), face));
        assert_eq!(a, b);
    }
}

#[test]
fn all_kernels_agree() {
    let portable = common::load_with(Backend::portable());
    assert_eq!(Backend::portable().name(), "portable");
    for number in [1, 4] {
        let photo = Photo::sample(number);
        let (ours, theirs) = (engine().detect(photo.image()), portable.detect(photo.image()));
        assert_eq!(ours.len(), theirs.len());
        for (a, b) in ours.iter().zip(&theirs) {
            assert!(a.bounding_box.iou(&b.bounding_box) > 0.999);
            assert!((a.confidence - b.confidence).abs() < 1e-4);
            let cosine = engine().describe(photo.image(), a).cosine(&portable.describe(photo.image(), b));
            assert!(cosine > 0.9999, "{cosine}");
        }
    }
}

#[test]
fn buffers_of_the_wrong_length_are_refused() {
    let rgb = [0; 12];
    assert!(Image::new(2, 2, &rgb).is_ok());
    assert_eq!(Image::new(0, 2, &rgb).unwrap_err(), ImageError::Empty { width: 0, height: 2 });
    assert_eq!(Image::new(2, 0, &[]).unwrap_err(), ImageError::Empty { width: 2, height: 0 });
    for (width, height) in [(2, 1), (3, 2), (u32::MAX, u32::MAX), (0x8000_0000, 0x8000_0000)] {
        let error = Image::new(width, height, &rgb).unwrap_err();
        assert_eq!(error, ImageError::Length { width, height, actual: 12 });
        assert!(error.to_string().contains("12 bytes"), "{error}");
    }
}

/// Returns what [`FaceFinder::new`] says of this file for the detector.
fn complaint(tiny_face_detector: &[u8]) -> String {
    let [landmarks, short_range, full_range] =
        ["face_landmark_68", "face_detection_short_range", "face_detection_full_range"].map(weights);
    let files = FaceFinderWeights {
        tiny_face_detector,
        face_landmark_68: &landmarks,
        face_detection_short_range: &short_range,
        face_detection_full_range: &full_range,
    };
    match FaceFinder::new(&files, Backend::best()) {
        Ok(_) => panic!("bad weights were accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn damaged_weights_are_refused_with_the_reason() {
    let good = weights("tiny_face_detector");
    let changed = [&good[..100], &[good[100] ^ 1], &good[101..]].concat();
    let with = |name: &str, shape: &[usize], values: &[f32]| {
        let mut writer = Writer::new("tiny_face_detector");
        writer.exact(name, shape, values);
        writer.finish()
    };
    for (file, expected) in [
        (&good[..good.len() - 1], "damaged"),
        (&[&good[..], &[0]].concat(), "damaged"),
        (&changed, "damaged"),
        (b"", "not a weights file"),
        (b"<!doctype html>", "not a weights file"),
        (&weights("face_landmark_68"), "another network"),
        (&with("other", &[1], &[0.0]), "conv0/filters is missing"),
        (&with("conv0/filters", &[2, 2], &[0.0; 4]), "conv0/filters has another shape"),
        (&with("conv0/filters", &[3, 3, 3, 16], &[f32::NAN; 432]), "not a finite number"),
    ] {
        let complaint = complaint(file);
        assert!(complaint.contains("tiny_face_detector") && complaint.contains(expected), "{complaint}");
    }
}
