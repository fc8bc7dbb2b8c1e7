//! Finds and compares the faces of photos, as the service does.

use crate::{opaque, two_files};
use perse_vision::{
    Backend, Descriptor, Face, FaceDescriber, FaceFinder, FaceFinderWeights, Image, Metrics,
    OVEREXPOSURE_THRESHOLD, SHARPNESS_THRESHOLD, UNDEREXPOSURE_THRESHOLD, measure, similarity,
};

/// Finds and compares the faces of photos.
pub struct PhotoEngine {
    finder: FaceFinder,
    describer: Option<FaceDescriber>,
}

impl PhotoEngine {
    /// Unpacks the weights that find faces, each file after its length as a `u32`, little-endian: in `capture`
    /// those of `face_detection_short_range` and `face_landmark_68`, in `detection` those of
    /// `tiny_face_detector` and `face_detection_full_range`. `None` when they are damaged or others.
    pub fn new(capture: &[u8], detection: &[u8]) -> Option<Self> {
        let [face_detection_short_range, face_landmark_68] = two_files(capture)?;
        let [tiny_face_detector, face_detection_full_range] = two_files(detection)?;
        let weights = FaceFinderWeights {
            tiny_face_detector,
            face_landmark_68,
            face_detection_short_range,
            face_detection_full_range,
        };
        let finder = FaceFinder::new(&weights, Backend::best()).ok()?;
        Some(Self { finder, describer: None })
    }

    /// Unpacks the weights that describe faces: the file of `fr_feature`. Returns whether they are whole.
    pub fn add_recognition(&mut self, fr_feature: &[u8]) -> bool {
        self.describer = FaceDescriber::new(fr_feature, Backend::best()).ok();
        self.describer.is_some()
    }

    /// Reports on a photo of RGBA pixels: numbers in the order of [`report`]. Empty when `rgba` is not
    /// `width × height × 4` bytes long.
    pub fn detect(&self, rgba: &[u8], width: u32) -> Vec<f32> {
        let mut rgb = Vec::new();
        let image = opaque(rgba, width, &mut rgb);
        image.map(|image| report(image, &self.finder.detect(image))).unwrap_or_default()
    }

    /// Describes the largest face of a photo of RGBA pixels. `None` where there is none, or where the weights
    /// that describe faces were not added.
    pub fn describe(&self, rgba: &[u8], width: u32) -> Option<DescribedFace> {
        let describer = self.describer.as_ref()?;
        let mut rgb = Vec::new();
        let image = opaque(rgba, width, &mut rgb)?;
        let faces = self.finder.detect(image);
        Some(DescribedFace(describer.describe(image, faces.first()?)))
    }
}

/// A face that can be compared. Biometric data: its numbers can't be read.
pub struct DescribedFace(Descriptor);

impl DescribedFace {
    /// Similarity of two faces, 0..=100; from `perse_vision::SIMILARITY_THRESHOLD` on they are one person's.
    pub fn similarity(&self, other: &Self) -> f32 {
        similarity(self.0.cosine(&other.0))
    }
}

/// Lists a report's numbers: the thresholds of underexposure, overexposure, sharpness; these and the colour of
/// the whole photo; for each face, the largest first, the points of the right eye, left eye, nose, right and
/// left corner of the mouth; the box's left, top, width, height; the confidence; underexposure, overexposure,
/// sharpness, colour; rotation, yaw, pitch, roll (counter-clockwise).
fn report(image: Image<'_>, faces: &[Face]) -> Vec<f32> {
    let metrics = |of: Metrics| [of.underexposure, of.overexposure, of.sharpness, of.color];
    let mut numbers = vec![UNDEREXPOSURE_THRESHOLD, OVEREXPOSURE_THRESHOLD, SHARPNESS_THRESHOLD];
    numbers.extend(metrics(measure(image)));
    for Face { bounding_box, landmarks, confidence, metrics: of, pose, .. } in faces {
        let eyes = [landmarks.right_eye, landmarks.left_eye];
        numbers.extend(eyes.as_flattened());
        numbers.extend([landmarks.nose, landmarks.mouth_right, landmarks.mouth_left].as_flattened());
        numbers.extend([bounding_box.x, bounding_box.y, bounding_box.width, bounding_box.height]);
        numbers.push(*confidence);
        numbers.extend(metrics(*of));
        numbers.extend([pose.rotation, pose.yaw, pose.pitch, pose.roll]);
    }
    numbers
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::test_support::{packed, sample, weights};
    use perse_vision::SIMILARITY_THRESHOLD;

    /// Numbers before the first face, and those of a face.
    const HEAD: usize = 7;
    const FACE: usize = 23;

    fn files() -> [Vec<u8>; 2] {
        let capture = packed(["face_detection_short_range", "face_landmark_68"]);
        [capture, packed(["tiny_face_detector", "face_detection_full_range"])]
    }

    fn engine() -> PhotoEngine {
        let [capture, detection] = files();
        PhotoEngine::new(&capture, &detection).unwrap()
    }

    #[test]
    fn a_photo_of_four_people_is_reported_in_order() {
        let (rgba, width) = sample(4);
        let numbers = engine().detect(&rgba, width);
        assert_eq!(numbers.len(), HEAD + 4 * FACE);
        assert_eq!(numbers[..3], [UNDEREXPOSURE_THRESHOLD, OVEREXPOSURE_THRESHOLD, SHARPNESS_THRESHOLD]);
        assert!(numbers[3..HEAD].iter().all(|share| (0.0..=1.0).contains(share)));
        let faces = numbers[HEAD..].as_chunks::<FACE>().0;
        assert!(faces.is_sorted_by(|a, b| a[12] * a[13] >= b[12] * b[13]), "the largest first");
        for face in faces {
            let [right_eye, left_eye, nose, mouth_right, mouth_left] =
                [0, 2, 4, 6, 8].map(|at| [face[at], face[at + 1]]);
            assert!(right_eye[0] < left_eye[0] && mouth_right[0] < mouth_left[0]);
            assert!(right_eye[1] < nose[1] && nose[1] < mouth_right[1]);
            let [x, y, width, height] = [10, 11, 12, 13].map(|at| face[at]);
            assert!((x..=x + width).contains(&nose[0]) && (y..=y + height).contains(&nose[1]));
            assert!(face[14..19].iter().all(|share| (0.0..=1.0).contains(share)));
            assert!(face[19..].iter().all(|angle| angle.abs() < 60.0));
        }
    }

    #[test]
    fn a_face_is_like_itself_and_described_only_with_its_weights() {
        let (rgba, width) = sample(4);
        let mut engine = engine();
        assert!(engine.describe(&rgba, width).is_none());
        assert!(!engine.add_recognition(&weights("tiny_face_detector")));
        assert!(engine.describe(&rgba, width).is_none());
        assert!(engine.add_recognition(&weights("fr_feature")));
        let face = engine.describe(&rgba, width).unwrap();
        assert!(face.similarity(&face) > 99.0);
        let (other, width) = sample(1);
        let other = engine.describe(&other, width).unwrap();
        assert!(face.similarity(&other) < SIMILARITY_THRESHOLD);
        assert!(engine.describe(&[90; 320 * 240 * 4], 320).is_none(), "no face");
    }

    #[test]
    fn wrong_lengths_and_weights_are_refused() {
        let [capture, detection] = files();
        let engine = engine();
        for (length, width) in [(0, 0), (0, 4), (16, 0), (20, 4), (17, 2)] {
            assert!(engine.detect(&vec![0; length], width).is_empty(), "{length} {width}");
        }
        for bad in [&detection[..0], &detection[..detection.len() - 1], &capture[..]] {
            assert!(PhotoEngine::new(&capture, bad).is_none());
        }
    }
}
