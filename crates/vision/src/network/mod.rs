//! The networks, and what they are made of. Tensors in, tensors out: nothing here knows what a
//! photo is. For most uses [`FaceEngine`](crate::FaceEngine) is the door; this one is for tests, measurements
//! and other pipelines.

mod layer;
mod pool;
mod tensor;

pub mod face_detection_full_range;
pub mod face_detection_short_range;
pub mod face_landmark_68;
pub mod fr_feature;
pub mod tiny_face_detector;

pub use tensor::Tensor;
