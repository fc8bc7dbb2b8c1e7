//! Follows the face before a camera, by `perse-vision`'s [`Tracker`].

use crate::{opaque, two_files};
use perse_metrics::{ExposureAndSharpness, Meter};
use perse_vision::{TrackedFace, Tracker, TrackerWeights};

/// Follows a face through a camera's frames.
pub struct CameraEngine {
    tracker: Tracker,
    /// The last frame without its fourth channel.
    rgb: Vec<u8>,
}

impl CameraEngine {
    /// Unpacks the weights: the files of `face_detection_short_range` and `face_landmark_68`, each after its
    /// length as a `u32`, little-endian. `None` when they are damaged or others.
    pub fn new(weights: &[u8]) -> Option<Self> {
        let [face_detection_short_range, face_landmark_68] = two_files(weights)?;
        let weights = TrackerWeights { face_detection_short_range, face_landmark_68 };
        Some(Self { tracker: Tracker::new(&weights).ok()?, rgb: Vec::new() })
    }

    /// Reports on a frame of RGBA pixels, taken at `now`, in milliseconds: numbers in the order of [`report`].
    /// Empty when `rgba` is not `width × height × 4` bytes long.
    pub fn track(&mut self, rgba: &[u8], width: u32, now: f64) -> Vec<f32> {
        let Some(image) = opaque(rgba, width, &mut self.rgb) else { return Vec::new() };
        let frame = self.tracker.track(image, now);
        let mut meter = Meter::new(width);
        meter.push(rgba);
        report(frame.is_searched, meter.finish(), &frame.faces)
    }
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
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::test_support::{packed, sample};

    /// Numbers before the first face, and those of a face.
    const HEAD: usize = 4;
    const FACE: usize = 13 + 2 * 68;

    fn weights() -> Vec<u8> {
        packed(["face_detection_short_range", "face_landmark_68"])
    }

    #[test]
    fn a_photo_of_four_people_is_reported_in_order() {
        let (rgba, width) = sample(4);
        let mut engine = CameraEngine::new(&weights()).unwrap();
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
        let mut engine = CameraEngine::new(&good).unwrap();
        for (length, width) in [(0, 0), (0, 4), (16, 0), (20, 4), (17, 2)] {
            assert!(engine.track(&vec![0; length], width, 0.0).is_empty(), "{length} {width}");
        }
        for bad in [&good[..0], &good[..3], &good[..good.len() - 1], &good[4..], &[&good[..], &[0]].concat()]
        {
            assert!(CameraEngine::new(bad).is_none());
        }
    }
}
