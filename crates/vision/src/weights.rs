//! Published weights, as bytes.

use std::fmt;

/// One network's weights as published: the manifest's JSON text and the binary.
#[derive(Clone, Copy)]
pub struct Weights<'a> {
    /// The manifest, JSON.
    pub manifest: &'a [u8],
    /// The binary that the manifest describes.
    pub data: &'a [u8],
}

/// Everything that a [`FaceEngine`](crate::FaceEngine) needs.
#[derive(Clone, Copy)]
pub struct FaceEngineWeights<'a> {
    /// Finds faces.
    pub tiny_face_detector: Weights<'a>,
    /// Finds 68 points on a face.
    pub face_landmark_68: Weights<'a>,
    /// Describes a face in 128 numbers.
    pub face_recognition: Weights<'a>,
}

/// Why a weights file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightsError {
    message: String,
}

impl fmt::Display for WeightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for WeightsError {}
