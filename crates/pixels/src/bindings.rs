//! The module's exports for `js/photo`. They convert values and decide nothing.

// Exported items are reachable from JavaScript.
#![allow(unreachable_pub)]

use crate::{Orientation, Scaler};
use perse_metrics::{ExposureAndSharpness, Meter};
use serde::Serialize;
use wasm_bindgen::{Clamped, prelude::*};

/// Returns the module's memory, which holds the results.
#[wasm_bindgen(js_name = moduleMemory)]
pub fn module_memory() -> JsValue {
    wasm_bindgen::memory()
}

/// Replaces the instance before the next call: a module never returns memory to the browser.
#[wasm_bindgen]
pub fn reset() {
    wasm_bindgen::handler::schedule_reinit();
}

/// Resizes an image and makes it upright, band by band.
#[wasm_bindgen(js_name = Scaler)]
pub struct JsScaler(Scaler);

#[wasm_bindgen(js_class = Scaler)]
impl JsScaler {
    /// Creates a scaler to `width × height` pixels, before the rotation by an EXIF orientation. Returns
    /// `undefined` when a side is zero or larger than in the source.
    pub fn create(
        source_width: u32,
        source_height: u32,
        width: u32,
        height: u32,
        orientation: u8,
    ) -> Option<JsScaler> {
        Scaler::new([source_width, source_height], [width, height], Orientation::new(orientation)).map(Self)
    }

    /// Adds the next rows of the source, as `ImageData` stores them.
    pub fn push(&mut self, rgba: Clamped<Vec<u8>>) {
        self.0.push(&rgba.0);
    }

    /// Returns the upright width of the result.
    #[wasm_bindgen(getter)]
    pub fn width(&self) -> u32 {
        self.0.size()[0]
    }

    /// Returns the upright height of the result.
    #[wasm_bindgen(getter)]
    pub fn height(&self) -> u32 {
        self.0.size()[1]
    }

    /// Returns the offset of the result in the module's memory, four bytes a pixel.
    #[wasm_bindgen(getter)]
    pub fn pixels(&self) -> *const u8 {
        self.0.pixels().as_ptr()
    }

    /// Adds rows of another result as the next rows of the source, to resize it once more.
    #[wasm_bindgen(js_name = pushResult)]
    pub fn push_result(&mut self, other: &JsScaler, first: usize, end: usize) {
        let line = other.width() as usize * 4;
        let rows = other.0.pixels().chunks_exact(line).skip(first).take(end.saturating_sub(first));
        rows.for_each(|row| self.0.push(row));
    }
}

/// Measures an image, band by band.
#[wasm_bindgen(js_name = Meter)]
pub struct JsMeter(Meter);

#[wasm_bindgen(js_class = Meter)]
impl JsMeter {
    /// Creates a meter for an image of `width` pixels per row.
    #[wasm_bindgen(constructor)]
    pub fn new(width: u32) -> JsMeter {
        Self(Meter::new(width))
    }

    /// Adds the next rows, as `ImageData` stores them.
    pub fn push(&mut self, rgba: Clamped<Vec<u8>>) {
        self.0.push(&rgba.0);
    }

    /// Returns the metrics of all rows.
    ///
    /// # Errors
    /// Never: a struct of numbers can always be converted.
    #[wasm_bindgen(
        unchecked_return_type = "{ underexposure: number; overexposure: number; sharpness: number }"
    )]
    pub fn finish(self) -> Result<JsValue, serde_wasm_bindgen::Error> {
        let ExposureAndSharpness { underexposure, overexposure, sharpness } = self.0.finish();
        serde_wasm_bindgen::to_value(&Metrics { underexposure, overexposure, sharpness })
    }
}

#[derive(Serialize)]
struct Metrics {
    underexposure: f32,
    overexposure: f32,
    sharpness: f32,
}
