//! The photo module's exports for `js/device`. They convert values and decide nothing.

// Exported items are reachable from JavaScript.
#![allow(unreachable_pub)]

use crate::{DescribedFace, PhotoEngine};
use perse_vision::SIMILARITY_THRESHOLD;
use wasm_bindgen::{Clamped, prelude::*};

/// Finds and compares the faces of photos.
#[wasm_bindgen(js_name = PhotoEngine)]
pub struct JsPhotoEngine(PhotoEngine);

#[wasm_bindgen(js_class = PhotoEngine)]
impl JsPhotoEngine {
    /// Unpacks the weights that find faces; returns `undefined` when they are damaged.
    pub fn create(capture: &[u8], detection: &[u8]) -> Option<JsPhotoEngine> {
        PhotoEngine::new(capture, detection).map(Self)
    }

    /// Unpacks the weights that describe faces; returns whether they are whole.
    #[wasm_bindgen(js_name = addRecognition)]
    pub fn add_recognition(&mut self, weights: &[u8]) -> bool {
        self.0.add_recognition(weights)
    }

    /// Reports on a photo, as `ImageData` has it. An empty list when the pixels do not fill whole rows.
    pub fn detect(&self, rgba: Clamped<Vec<u8>>, width: u32) -> Vec<f32> {
        self.0.detect(&rgba.0, width)
    }

    /// Describes the largest face of a photo; returns `undefined` where there is none.
    pub fn describe(&self, rgba: Clamped<Vec<u8>>, width: u32) -> Option<JsDescribedFace> {
        self.0.describe(&rgba.0, width).map(JsDescribedFace)
    }
}

/// A face that can be compared; its numbers can't be read.
#[wasm_bindgen(js_name = DescribedFace)]
pub struct JsDescribedFace(DescribedFace);

#[wasm_bindgen(js_class = DescribedFace)]
impl JsDescribedFace {
    /// Similarity of two faces, 0..100.
    pub fn similarity(&self, other: &JsDescribedFace) -> f32 {
        self.0.similarity(&other.0)
    }
}

/// At or above this similarity two faces are taken for one person's.
#[wasm_bindgen(js_name = similarityThreshold)]
pub fn similarity_threshold() -> f32 {
    SIMILARITY_THRESHOLD
}
