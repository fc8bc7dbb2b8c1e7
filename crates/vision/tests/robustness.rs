//! Whatever the pixels are: an answer, the same one each time, and no panic.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{Files, Photo, engine};
use perse_vision::{Backend, FaceEngine, FaceEngineWeights, Image, ImageError, Metrics, Weights, measure};

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
                assert!(engine().describe(part.image(), &face).as_array().iter().all(|x| x.is_finite()));
            }
        }
        // A face of another image than its own is described, if not sensibly.
        let small = noise(3, 3, 3);
        assert!(engine().describe(small.image(), &face).as_array().iter().all(|x| x.is_finite()));
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
            assert!(a.bounding_box.overlap(&b.bounding_box) > 0.999);
            assert!((a.confidence - b.confidence).abs() < 1e-4);
            let distance = engine().describe(photo.image(), a).distance(&portable.describe(photo.image(), b));
            assert!(distance < 1e-3, "{distance}");
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

/// What `FaceEngine::new` says of these files for the detector.
fn complaint(manifest: &[u8], data: &[u8]) -> String {
    let [landmarks, recognition] = ["face_landmark_68", "face_recognition"].map(Files::of);
    let weights = FaceEngineWeights {
        tiny_face_detector: Weights { manifest, data },
        face_landmark_68: landmarks.weights(),
        face_recognition: recognition.weights(),
    };
    match FaceEngine::new(&weights) {
        Ok(_) => panic!("bad weights were accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn damaged_weights_are_refused_with_the_reason() {
    let Files { manifest, data } = Files::of("tiny_face_detector");
    let other = Files::of("face_landmark_68");
    let text = String::from_utf8(manifest.clone()).expect("a manifest");
    let longer = [&data[..], &[0]].concat();
    let renamed = text.replace("conv3/bias", "conv3/bais").into_bytes();
    let reshaped = text.replacen("[16]", "[4,4]", 1).into_bytes();
    let huge = text.replacen("[16]", "[18446744073709551615,3]", 1).into_bytes();
    for (manifest, data, expected) in [
        (&manifest[..], &data[..data.len() - 1], "too few"),
        (&manifest, &longer, "1 bytes more"),
        (&manifest, &[], "too few"),
        (&other.manifest, &other.data, "conv0/filters is missing"),
        (&manifest[..manifest.len() / 2], &data, "manifest"),
        (b"", &data, "manifest"),
        (b"<!doctype html>", &data, "manifest"),
        (b"[]", b"", "missing"),
        (&renamed, &data, "conv3/bias is missing"),
        (&reshaped, &data, "has the shape [4, 4], not [16]"),
        (&huge, &data, "too few"),
    ] {
        let complaint = complaint(manifest, data);
        assert!(complaint.contains("tiny_face_detector") && complaint.contains(expected), "{complaint}");
    }
}
