//! The face engine: the networks and everything around them, in the order in which a photo goes
//! through them.

use crate::{
    detector::{Detector, Found},
    face::{Face, Rect},
    image::Image,
    kernels::Backend,
    liveness::liveness,
    metrics::measure_face,
    network::fr_feature::FrFeature,
    pose, recognition,
    similarity::Descriptor,
    weights::{FaceFinderWeights, WeightsError},
};

/// Finds faces. Immutable once made: any number of threads may share one.
pub struct FaceFinder {
    backend: Backend,
    detector: Detector,
}

impl FaceFinder {
    /// Unpacks the weights; they are not needed afterwards.
    ///
    /// # Errors
    /// When a file is damaged, or is of another network than the one it is given for.
    pub fn new(weights: &FaceFinderWeights<'_>, backend: Backend) -> Result<Self, WeightsError> {
        Ok(Self { backend, detector: Detector::new(weights)? })
    }

    /// Finds the faces that are wholly inside the image, largest first.
    pub fn detect(&self, image: Image<'_>) -> Vec<Face> {
        let found = self.detector.find(self.backend, image);
        let mut faces: Vec<Face> = found.into_iter().filter_map(|found| face(image, found)).collect();
        faces.sort_by(|a, b| b.bounding_box.area().total_cmp(&a.bounding_box.area()));
        faces
    }
}

/// Describes faces. Immutable once made: any number of threads may share one.
pub struct FaceDescriber {
    backend: Backend,
    network: FrFeature,
}

impl FaceDescriber {
    /// Unpacks the weights, which are not needed afterwards: the file of the network `fr_feature`.
    ///
    /// # Errors
    /// When the file is damaged, or is of another network.
    pub fn new(fr_feature: &[u8], backend: Backend) -> Result<Self, WeightsError> {
        Ok(Self { backend, network: FrFeature::new(fr_feature)? })
    }

    /// Describes a face in 512 numbers. `image` must be the one in which the face was found.
    pub fn describe(&self, image: Image<'_>, face: &Face) -> Descriptor {
        recognition::describe(&self.network, self.backend, image, &face.points)
    }
}

/// Finds and describes faces. Immutable once made: any number of threads may share one.
pub struct FaceEngine {
    finder: FaceFinder,
    describer: FaceDescriber,
}

impl FaceEngine {
    /// Unpacks the weights, for the fastest kernels of this machine. `fr_feature` is the file of the
    /// network that describes faces.
    ///
    /// # Errors
    /// When a file is damaged, or is of another network than the one it is given for.
    pub fn new(finder: &FaceFinderWeights<'_>, fr_feature: &[u8]) -> Result<Self, WeightsError> {
        Self::with_backend(finder, fr_feature, Backend::best())
    }

    /// The same, with a choice of kernels: for tests and measurements.
    ///
    /// # Errors
    /// As for [`FaceEngine::new`].
    pub fn with_backend(
        finder: &FaceFinderWeights<'_>,
        fr_feature: &[u8],
        backend: Backend,
    ) -> Result<Self, WeightsError> {
        let finder = FaceFinder::new(finder, backend)?;
        Ok(Self { finder, describer: FaceDescriber::new(fr_feature, backend)? })
    }

    /// Finds the faces that are wholly inside the image, largest first.
    pub fn detect(&self, image: Image<'_>) -> Vec<Face> {
        self.finder.detect(image)
    }

    /// Describes a face in 512 numbers. `image` must be the one in which the face was found.
    pub fn describe(&self, image: Image<'_>, face: &Face) -> Descriptor {
        self.describer.describe(image, face)
    }
}

/// Part of a face that may reach beyond the image, in widths or heights of its bounding box.
const BEYOND: f32 = 0.05;

/// Everything about a face, if it is wholly inside the image.
fn face(image: Image<'_>, Found { points, confidence }: Found) -> Option<Face> {
    let bounding_box = inside(image, points.bounding_box())?;
    let metrics = measure_face(image, &bounding_box);
    Some(Face {
        landmarks: points.five(),
        confidence,
        pose: pose::pose(&points),
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
