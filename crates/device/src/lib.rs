//! The face engine in the tab: the face before a camera, followed by `perse-vision`'s [`Tracker`].
//!
//! On wasm32 the crate is a module of its own, which `js/device` runs in a worker. A frame goes in as RGBA
//! and its report comes out as a list of floats: a module that formats nothing is a third smaller.

#[cfg(target_arch = "wasm32")]
mod bindings;

use perse_metrics::{ExposureAndSharpness, Meter};
use perse_vision::{Image, TrackedFace, Tracker, TrackerWeights};

/// Follows a face through a camera's frames.
pub struct Engine {
    tracker: Tracker,
    /// The last frame without its fourth channel.
    rgb: Vec<u8>,
}

impl Engine {
    /// Unpacks the weights: the files of `face_detection_short_range` and `face_landmark_68`, each after its
    /// length as a `u32`, little-endian. `None` when they are damaged or others.
    pub fn new(weights: &[u8]) -> Option<Self> {
        let (face_detection_short_range, rest) = first_file(weights)?;
        let (face_landmark_68, rest) = first_file(rest)?;
        let weights = TrackerWeights { face_detection_short_range, face_landmark_68 };
        let tracker = Tracker::new(&weights).ok().filter(|_| rest.is_empty())?;
        Some(Self { tracker, rgb: Vec::new() })
    }

    /// Reports on a frame of RGBA pixels, taken at `now`, in milliseconds: numbers in the order of [`report`].
    /// Empty when `rgba` is not `width × height × 4` bytes long.
    pub fn track(&mut self, rgba: &[u8], width: u32, now: f64) -> Vec<f32> {
        let (pixels, rest) = rgba.as_chunks::<4>();
        if !rest.is_empty() {
            return Vec::new();
        }
        self.rgb.clear();
        self.rgb.extend(pixels.iter().flat_map(|[red, green, blue, _]| [red, green, blue]));
        let height = (pixels.len() as u32).checked_div(width).unwrap_or_default();
        let Ok(image) = Image::new(width, height, &self.rgb) else { return Vec::new() };
        let frame = self.tracker.track(image, now);
        let mut meter = Meter::new(width);
        meter.push(rgba);
        report(frame.is_searched, meter.finish(), &frame.faces)
    }
}

/// Splits the first file from the others.
fn first_file(files: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = files.split_first_chunk()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}

/// Lists a report's numbers: 1 if the whole frame was searched; the frame's underexposure, overexposure,
/// sharpness; for each face its left, top, width, height, yaw, pitch, roll (clockwise), underexposure,
/// overexposure, sharpness, openness of the left and of the right eye, mouth, and the 68 points as x and y.
fn report(is_searched: bool, frame: ExposureAndSharpness, faces: &[TrackedFace]) -> Vec<f32> {
    let exposure = |of: ExposureAndSharpness| [of.underexposure, of.overexposure, of.sharpness];
    let mut numbers = vec![f32::from(u8::from(is_searched))];
    numbers.extend(exposure(frame));
    for TrackedFace { bounding_box, points, pose, quality, eyes: [right, left], mouth } in faces {
        numbers.extend([bounding_box.x, bounding_box.y, bounding_box.width, bounding_box.height]);
        numbers.extend([pose.yaw, pose.pitch, -pose.roll]);
        numbers.extend(exposure(*quality));
        numbers.extend([*left, *right, *mouth]);
        numbers.extend(points.as_flattened());
    }
    numbers
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use std::{fs, path::Path};

    /// Numbers before the first face, and those of a face.
    const HEAD: usize = 4;
    const FACE: usize = 13 + 2 * 68;

    fn file(path: &str) -> Vec<u8> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
        fs::read(path).expect("run `npm run setup` in the project's root first")
    }

    fn weights() -> Vec<u8> {
        let files = ["face_detection_short_range", "face_landmark_68"];
        let files = files.map(|name| file(&format!("models/{name}.bin")));
        files.iter().flat_map(|file| [&(file.len() as u32).to_le_bytes(), &file[..]].concat()).collect()
    }

    #[test]
    fn a_photo_of_four_people_is_reported_in_order() {
        let jpeg = file("node_modules/@vladmandic/face-api/demo/sample4.jpg");
        let mut decoder = mozjpeg::Decompress::new_mem(&jpeg).unwrap().rgba().unwrap();
        let width = decoder.width() as u32;
        let rgba: Vec<u8> = decoder.read_scanlines().unwrap();
        let mut engine = Engine::new(&weights()).unwrap();
        let numbers = engine.track(&rgba, width, 0.0);
        assert_eq!(numbers.len(), HEAD + 4 * FACE);
        assert_eq!(numbers[0], 1.0);
        assert!(numbers[1..HEAD].iter().all(|share| (0.0..=1.0).contains(share)));
        let faces = numbers[HEAD..].as_chunks::<FACE>().0;
        assert!(faces.is_sorted_by(|a, b| a[2] * a[3] >= b[2] * b[3] * 0.7), "about the largest first");
        for [x, y, width, height, yaw, pitch, roll, rest @ ..] in faces {
            assert!([yaw, pitch, roll].iter().all(|angle| angle.abs() < 45.0));
            assert!(rest[..6].iter().all(|share| (0.0..=1.0).contains(share)), "{:?}", &rest[..6]);
            let points = rest[6..].as_chunks::<2>().0;
            let is_inside = |[u, v]: &[f32; 2]| {
                (*x - 1.0..=x + width + 1.0).contains(u) && (*y..=y + height + 1.0).contains(v)
            };
            assert!(points.iter().all(is_inside));
        }
        // The woman on the left leans to the image's left.
        let leftmost = faces.iter().min_by(|a, b| a[0].total_cmp(&b[0])).unwrap();
        assert!(leftmost[6] < -15.0, "{}", leftmost[6]);
    }

    #[test]
    fn wrong_lengths_and_weights_are_refused() {
        let good = weights();
        let mut engine = Engine::new(&good).unwrap();
        for (length, width) in [(0, 0), (0, 4), (16, 0), (20, 4), (17, 2)] {
            assert!(engine.track(&vec![0; length], width, 0.0).is_empty(), "{length} {width}");
        }
        for bad in [&good[..0], &good[..3], &good[..good.len() - 1], &good[4..], &[&good[..], &[0]].concat()]
        {
            assert!(Engine::new(bad).is_none());
        }
    }
}
