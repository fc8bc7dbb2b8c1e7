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
        let mut rgb = Vec::new();
        let image = opaque(rgba, width, &mut rgb)?;
        let faces = self.finder.detect(image);
        Some(DescribedFace(self.describer.as_ref()?.describe(image, faces.first()?)))
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
