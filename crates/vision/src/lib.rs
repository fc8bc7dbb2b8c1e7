//! Pixels in, numbers out: image metrics, face detection, landmarks, descriptor, similarity.

mod engine;
mod face;
mod image;
mod liveness;
mod metrics;
mod similarity;
mod weights;

pub use crate::{
    engine::FaceEngine,
    face::{Face, Landmarks, Rect},
    image::{Image, ImageError},
    liveness::LIVENESS_THRESHOLD,
    metrics::{Metrics, OVEREXPOSURE_THRESHOLD, SHARPNESS_THRESHOLD, UNDEREXPOSURE_THRESHOLD, measure},
    similarity::{Descriptor, SIMILARITY_THRESHOLD, similarity},
    weights::{FaceEngineWeights, Weights, WeightsError},
};
