//! Pixels into the API's responses. All of it is work for the [worker threads](crate::worker_pool).

use std::{fs, path::Path, sync::Arc};

use image::RgbImage;
use perse_protocol::{
    Code,
    response::{self, DetectionThresholds, Point},
};
use perse_vision::{
    Descriptor, FaceEngine, FaceFinderWeights, Image, LIVENESS_THRESHOLD, Metrics, OVEREXPOSURE_THRESHOLD,
    Pose, SHARPNESS_THRESHOLD, UNDEREXPOSURE_THRESHOLD, measure, similarity,
};

use crate::{
    decode::Photo,
    error::{Failure, StartError},
    store::Network,
};

/// The network that computes the descriptors. Descriptors of another one are not compared, so a new
/// network needs a new name.
pub(crate) const NETWORK: Network = Network { name: Descriptor::NETWORK, descriptor_len: Descriptor::LENGTH };

/// Returns a descriptor's numbers, as they are stored.
pub(crate) fn to_values(descriptor: &Descriptor) -> Vec<f32> {
    descriptor.as_slice().to_vec()
}

/// Returns the descriptor of numbers that were stored.
pub(crate) fn from_values(values: &[f32]) -> Result<Descriptor, Failure> {
    // The store reads finite descriptors of this length alone.
    Descriptor::from_slice(values).ok_or_else(|| Code::ServerError.into())
}

/// Reads the face engine's weights from the folder into which the set-up packs them.
///
/// # Errors
///
/// Says which file is missing and what to do, or what is wrong with the weights.
pub fn load_engine(models: &Path) -> Result<Arc<FaceEngine>, StartError> {
    let read = |network: &str| {
        let path = models.join(format!("{network}.bin"));
        fs::read(&path).map_err(|source| StartError::Models { path, source })
    };
    let finder = FaceFinderWeights {
        tiny_face_detector: &read("tiny_face_detector")?,
        face_landmark_68: &read("face_landmark_68")?,
        face_detection_short_range: &read("face_detection_short_range")?,
        face_detection_full_range: &read("face_detection_full_range")?,
    };
    FaceEngine::new(&finder, &read("fr_feature")?).map(Arc::new).map_err(StartError::Weights)
}

/// Faces of a photo, the largest first, and the metrics of the whole photo.
pub(crate) struct Detections {
    /// The faces.
    pub(crate) faces: Vec<response::Face>,
    /// Metrics of the whole image.
    pub(crate) image_metrics: response::Metrics,
}

/// Finds and judges every face of a photo.
pub(crate) fn detect(engine: &FaceEngine, photo: &Photo) -> Result<Detections, Failure> {
    let pixels = photo.decode()?;
    let image = view(&pixels)?;
    let faces = engine.detect(image).iter().map(face).collect();
    Ok(Detections { faces, image_metrics: metrics(measure(image), None) })
}

/// The largest face of a photo, in numbers.
pub(crate) struct FaceDescriptor {
    /// The face.
    pub(crate) descriptor: Descriptor,
    /// Its metrics.
    pub(crate) metrics: Metrics,
}

impl FaceDescriptor {
    /// Whether the face is lit well enough to be enrolled.
    pub(crate) fn is_fit_to_enrol(&self) -> Result<(), Failure> {
        if self.metrics.underexposure > UNDEREXPOSURE_THRESHOLD {
            return Err(Code::ImageUnderexposed.into());
        }
        if self.metrics.overexposure > OVEREXPOSURE_THRESHOLD {
            return Err(Code::ImageOverexposed.into());
        }
        Ok(())
    }
}

/// Describes the largest face of a photo.
pub(crate) fn compute_descriptor(engine: &FaceEngine, photo: &Photo) -> Result<FaceDescriptor, Failure> {
    let pixels = photo.decode()?;
    let image = view(&pixels)?;
    let face = engine.detect(image).into_iter().next().ok_or(Code::NoFaceDetected)?;
    Ok(FaceDescriptor { descriptor: engine.describe(image, &face), metrics: face.metrics })
}

/// Returns the similarity of two faces, 0..100.
pub(crate) fn compare(one: &Descriptor, other: &Descriptor) -> f64 {
    number(similarity(one.cosine(other)))
}

/// The limits that go with a detection.
pub(crate) fn detection_thresholds() -> DetectionThresholds {
    DetectionThresholds {
        underexposure: number(UNDEREXPOSURE_THRESHOLD),
        overexposure: number(OVEREXPOSURE_THRESHOLD),
        sharpness: number(SHARPNESS_THRESHOLD),
        liveness: Some(number(LIVENESS_THRESHOLD)),
    }
}

fn view(pixels: &RgbImage) -> Result<Image<'_>, Failure> {
    // Only a picture of no pixels fails, and no decoder gives one.
    Image::new(pixels.width(), pixels.height(), pixels.as_raw()).map_err(|_| Code::InvalidFileType.into())
}

fn face(face: &perse_vision::Face) -> response::Face {
    let (at, marks) = (face.bounding_box, face.landmarks);
    response::Face {
        landmarks: response::Landmarks {
            right_eye: point(marks.right_eye),
            left_eye: point(marks.left_eye),
            nose: point(marks.nose),
            mouth_right: point(marks.mouth_right),
            mouth_left: point(marks.mouth_left),
        },
        bounding_box: [at.x, at.y, at.width, at.height].map(number),
        confidence: number(face.confidence),
        face_metrics: metrics(face.metrics, Some(face.pose)),
        liveness_score: Some(number(face.liveness)),
    }
}

fn metrics(of: Metrics, pose: Option<Pose>) -> response::Metrics {
    response::Metrics {
        underexposure: number(of.underexposure),
        overexposure: number(of.overexposure),
        sharpness: number(of.sharpness),
        color: Some(number(of.color)),
        rotation: pose.map(|pose| number(pose.rotation)),
        yaw: pose.map(|pose| number(pose.yaw)),
        pitch: pose.map(|pose| number(pose.pitch)),
        roll: pose.map(|pose| number(pose.roll)),
    }
}

fn point(at: [f32; 2]) -> Point {
    at.map(number)
}

/// Six decimals, all that an `f32` has to say: 0.7 is written as 0.7, not as 0.699999988079071.
fn number(value: f32) -> f64 {
    (f64::from(value) * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use perse_vision::{Descriptor, Metrics, OVEREXPOSURE_THRESHOLD, UNDEREXPOSURE_THRESHOLD};

    use super::{FaceDescriptor, from_values, number};

    #[test]
    fn numbers_are_written_as_they_are_meant() {
        assert_eq!(number(0.7), 0.7);
        assert_eq!(number(0.1591), 0.1591);
        assert_eq!(number(1279.5), 1279.5);
    }

    #[test]
    fn a_face_at_the_limit_is_enrolled_and_one_beyond_is_not() {
        let Ok(descriptor) = from_values(&[0.5; Descriptor::LENGTH]) else { panic!("no descriptor") };
        let code = |underexposure, overexposure| {
            let metrics = Metrics { underexposure, overexposure, sharpness: 0.0, color: 0.0 };
            let face = FaceDescriptor { descriptor: descriptor.clone(), metrics };
            face.is_fit_to_enrol().err().map(|failure| failure.code().as_str())
        };
        assert_eq!(code(UNDEREXPOSURE_THRESHOLD, OVEREXPOSURE_THRESHOLD), None);
        assert_eq!(code(UNDEREXPOSURE_THRESHOLD + 0.01, 0.0), Some("image_underexposed"));
        assert_eq!(code(0.0, OVEREXPOSURE_THRESHOLD + 0.01), Some("image_overexposed"));
    }
}
