//! The face engine: all networks together.

use crate::{
    face::Face,
    image::Image,
    similarity::Descriptor,
    weights::{FaceEngineWeights, WeightsError},
};

/// Finds and describes faces.
pub struct FaceEngine {}

impl FaceEngine {
    /// Unpacks the weights.
    ///
    /// # Errors
    /// When a file is truncated, or is not the network's that it is given for.
    pub fn new(_weights: &FaceEngineWeights<'_>) -> Result<Self, WeightsError> {
        Ok(Self {})
    }

    /// The faces that are wholly inside the image, largest first.
    pub fn detect(&self, _image: Image<'_>) -> Vec<Face> {
        Vec::new()
    }

    /// The face in 128 numbers.
    pub fn describe(&self, _image: Image<'_>, _face: &Face) -> Descriptor {
        Descriptor::from_array([0.0; 128])
    }
}
