//! Pixels in, numbers out: image metrics, face detection, landmarks, descriptor, similarity.
//!
//! ```no_run
//! # fn pixels() -> Vec<u8> { Vec::new() }
//! # fn weights() -> perse_vision::FaceEngineWeights<'static> { unimplemented!() }
//! use perse_vision::{FaceEngine, Image, SIMILARITY_THRESHOLD, similarity};
//!
//! let engine = FaceEngine::new(&weights())?;
//! let rgb = pixels();
//! let image = Image::new(640, 480, &rgb)?;
//! let faces = engine.detect(image);
//! if let [first, second, ..] = &faces[..] {
//!     let distance = engine.describe(image, first).distance(&engine.describe(image, second));
//!     println!("the same person: {}", similarity(distance) >= SIMILARITY_THRESHOLD);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The crate does no input or output and knows nothing of files, servers or browsers: callers decode
//! their pictures, turn them upright and read the weights. It runs on the host and in WebAssembly,
//! deterministically, and whatever the pixels are it answers without a panic.
//!
//! The networks and their weights are those of the npm package `@vladmandic/face-api` (MIT):
//! `tiny_face_detector`, `face_landmark_68` and `face_recognition`. Given the same input they give the
//! same numbers as there; what surrounds them (sizes, second looks, levelled eyes) is this crate's own
//! and finds more. Each module's source begins with its formulas and what was measured with them.

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
    engine::{FaceEngine, FaceFinder},
    face::{Face, Landmarks, Pose, Rect},
    image::{Image, ImageError},
    kernels::Backend,
    liveness::LIVENESS_THRESHOLD,
    metrics::{Metrics, OVEREXPOSURE_THRESHOLD, SHARPNESS_THRESHOLD, UNDEREXPOSURE_THRESHOLD, measure},
    similarity::{Descriptor, SIMILARITY_THRESHOLD, similarity},
    weights::{FaceFinderWeights, WeightsError},
};
pub use perse_metrics::{ExposureAndSharpness, Meter};
