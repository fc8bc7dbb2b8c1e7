//! Pixels in, numbers out: image metrics, face detection, landmarks, descriptor, similarity.

mod detector;
mod engine;
mod face;
mod image;
mod kernels;
mod landmarks;
mod liveness;
mod metrics;
pub mod network;
mod pose;
mod recognition;
mod sampling;
mod similarity;
mod weights;

pub use crate::{
    engine::FaceEngine,
    face::{Face, Landmarks, Rect},
    image::{Image, ImageError},
    kernels::Backend,
    liveness::LIVENESS_THRESHOLD,
    metrics::{Metrics, OVEREXPOSURE_THRESHOLD, SHARPNESS_THRESHOLD, UNDEREXPOSURE_THRESHOLD, measure},
    similarity::{Descriptor, SIMILARITY_THRESHOLD, similarity},
    weights::{FaceEngineWeights, Weights, WeightsError},
};
