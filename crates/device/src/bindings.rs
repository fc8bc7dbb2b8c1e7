//! The module's exports for `js/device`. They convert values and decide nothing.

// Exported items are reachable from JavaScript.
#![allow(unreachable_pub)]

use crate::Engine;
use wasm_bindgen::{Clamped, prelude::*};

/// Follows a face through a camera's frames.
#[wasm_bindgen(js_name = Engine)]
pub struct JsEngine(Engine);

#[wasm_bindgen(js_class = Engine)]
impl JsEngine {
    /// Unpacks the weights; returns `undefined` when they are damaged.
    pub fn create(weights: &[u8]) -> Option<JsEngine> {
        Engine::new(weights).map(Self)
    }

    /// Reports on a frame, as `ImageData` has it, that was taken at `now`, in milliseconds. An empty list when
    /// the pixels do not fill whole rows.
    pub fn track(&mut self, rgba: Clamped<Vec<u8>>, width: u32, now: f64) -> Vec<f32> {
        self.0.track(&rgba.0, width, now)
    }
}
