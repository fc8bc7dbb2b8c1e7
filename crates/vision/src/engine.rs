//! The face engine: the networks and everything around them, in the order in which a photo goes
//! through them.

use crate::{
    detector::{Detector, Found},
    face::{Face, Rect},
    image::Image,
    kernels::Backend,
    liveness::liveness,
    metrics::measure_face,
    network::{
        face_landmark_68::FaceLandmark68, face_recognition::FaceRecognition,
        tiny_face_detector::TinyFaceDetector,
    },
    pose, recognition,
    similarity::Descriptor,
    weights::{FaceEngineWeights, WeightsError},
};

/// Finds and describes faces. Immutable once made: any number of threads may share one.
pub struct FaceEngine {
    backend: Backend,
    detector: Detector,
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
            detector: Detector {
                boxes: TinyFaceDetector::new(&weights.tiny_face_detector)?,
                points: FaceLandmark68::new(&weights.face_landmark_68)?,
            },
            recognition: FaceRecognition::new(&weights.face_recognition)?,
        })
    }

    /// The faces that are wholly inside the image, largest first.
    pub fn detect(&self, image: Image<'_>) -> Vec<Face> {
        let found = self.detector.find(self.backend, image);
        let mut faces: Vec<Face> = found.into_iter().filter_map(|found| face(image, found)).collect();
        faces.sort_by(|a, b| b.bounding_box.area().total_cmp(&a.bounding_box.area()));
        faces
    }

    /// The face in 128 numbers. `image` must be the one in which the face was found.
    pub fn describe(&self, image: Image<'_>, face: &Face) -> Descriptor {
        recognition::describe(&self.recognition, self.backend, image, &face.points)
    }
}

/// How far a face may reach beyond the image, in widths or heights of its bounding box.
const BEYOND: f32 = 0.05;

/// Everything about a face, if it is wholly inside the image.
fn face(image: Image<'_>, Found { points, confidence }: Found) -> Option<Face> {
    let bounding_box = inside(image, points.bounding_box())?;
    let metrics = measure_face(image, &bounding_box);
    Some(Face {
        landmarks: points.five(),
        confidence,
        rotation: pose::rotation(&points),
        liveness: liveness(image, &bounding_box, &metrics),
        metrics,
        bounding_box,
        points,
    })
}

/// The part of a rectangle that is inside the image; `None` if too much of it is not.
fn inside(image: Image<'_>, rect: Rect) -> Option<Rect> {
    let (right, bottom) = (rect.x + rect.width, rect.y + rect.height);
    let (x, y) = (rect.x.max(0.0), rect.y.max(0.0));
    let width = right.min(image.width() as f32) - x;
    let height = bottom.min(image.height() as f32) - y;
    let missing = [rect.width - width, rect.height - height];
    let whole = missing[0] <= BEYOND * rect.width && missing[1] <= BEYOND * rect.height;
    (whole && width > 0.0 && height > 0.0).then_some(Rect { x, y, width, height })
}
