//! A weak guess at whether a picture shows a live person.

/// Below this liveness a face is taken for a spoof.
pub const LIVENESS_THRESHOLD: f32 = 0.5;
