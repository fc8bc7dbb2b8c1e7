//! Finds, measures and describes the faces of an image: boxes, landmarks, pose, metrics, descriptor, similarity.
//!
//! ```no_run
//! # fn pixels() -> Vec<u8> { Vec::new() }
//! # fn finder() -> perse_vision::FaceFinderWeights<'static> { unimplemented!() }
//! # fn fr_feature() -> Vec<u8> { Vec::new() }
//! use perse_vision::{FaceEngine, Image, SIMILARITY_THRESHOLD, similarity};
//!
//! let engine = FaceEngine::new(&finder(), &fr_feature())?;
//! let rgb = pixels();
//! let image = Image::new(640, 480, &rgb)?;
//! let faces = engine.detect(image);
//! if let [first, second, ..] = &faces[..] {
//!     let cosine = engine.describe(image, first).cosine(&engine.describe(image, second));
//!     println!("the same person: {}", similarity(cosine) >= SIMILARITY_THRESHOLD);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The crate does no I/O: callers decode images, rotate them upright and read the weights. It runs on the host
//! and in WebAssembly, gives the same result each time, and does not panic whatever the pixels are.
//!
//! `docs/model-card.md` names the networks, their origin and their licences. On the same input they give the
//! numbers of the published networks, up to the rounding of weights to eight bits. The steps around them are
//! this crate's own. Each module's source begins with its formulas.

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
mod tracker;
mod weights;

pub use crate::{
    engine::{FaceDescriber, FaceEngine, FaceFinder},
    face::{Face, Landmarks, Pose, Rect},
    image::{Image, ImageError},
    kernels::Backend,
    liveness::LIVENESS_THRESHOLD,
    metrics::{Metrics, OVEREXPOSURE_THRESHOLD, SHARPNESS_THRESHOLD, UNDEREXPOSURE_THRESHOLD, measure},
    similarity::{Descriptor, SIMILARITY_THRESHOLD, similarity},
    tracker::{Frame, SEARCH_INTERVAL_MS, TrackedFace, Tracker},
    weights::{FaceFinderWeights, TrackerWeights, WeightsError},
};
pub use perse_metrics::{ExposureAndSharpness, Meter};
