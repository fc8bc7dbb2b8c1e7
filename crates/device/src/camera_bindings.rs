//! The camera module's exports for `js/device`. They convert values and decide nothing.

// Exported items are reachable from JavaScript.
#![allow(unreachable_pub)]

use crate::CameraEngine;
use wasm_bindgen::{Clamped, prelude::*};

/// Follows a face through a camera's frames.
#[wasm_bindgen(js_name = CameraEngine)]
pub struct JsCameraEngine(CameraEngine);

#[wasm_bindgen(js_class = CameraEngine)]
impl JsCameraEngine {
    /// Unpacks the weights; returns `undefined` when they are damaged.
    pub fn create(weights: &[u8]) -> Option<JsCameraEngine> {
        CameraEngine::new(weights).map(Self)
    }

    /// Reports on a frame, as `ImageData` has it, that was taken at `now`, in milliseconds. An empty list when
    /// the pixels do not fill whole rows.
    pub fn track(&mut self, rgba: Clamped<Vec<u8>>, width: u32, now: f64) -> Vec<f32> {
        self.0.track(&rgba.0, width, now)
    }
}
