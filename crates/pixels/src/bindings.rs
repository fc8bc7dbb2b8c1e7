//! The module's surface for `js/image`. Nothing is decided here.

// What is exported is reachable from JavaScript.
#![allow(unreachable_pub)]

use crate::{Orientation, Scaler};
use perse_metrics::{ExposureAndSharpness, Meter};
use serde::Serialize;
use wasm_bindgen::{Clamped, prelude::*};

/// The module's memory, where results are.
#[wasm_bindgen(js_name = moduleMemory)]
pub fn module_memory() -> JsValue {
    wasm_bindgen::memory()
}

/// Replaces the instance before the next call: a module never returns memory to the browser.
#[wasm_bindgen]
pub fn reset() {
    wasm_bindgen::handler::schedule_reinit();
}

/// Scales a picture down and turns it upright, strip by strip.
#[wasm_bindgen(js_name = Scaler)]
pub struct JsScaler(Scaler);

#[wasm_bindgen(js_class = Scaler)]
impl JsScaler {
    /// For a picture of a size that becomes `width × height`, and is then turned as an Exif
    /// orientation says. `undefined` when a side is zero, or larger than before.
    pub fn create(
        source_width: u32,
        source_height: u32,
        width: u32,
        height: u32,
        orientation: u8,
    ) -> Option<JsScaler> {
        Scaler::new([source_width, source_height], [width, height], Orientation::new(orientation)).map(Self)
    }

    /// The next rows of the source, as `ImageData` has them.
    pub fn push(&mut self, rgba: Clamped<Vec<u8>>) {
        self.0.push(&rgba.0);
    }

    /// The result's width, upright.
    #[wasm_bindgen(getter)]
    pub fn width(&self) -> u32 {
        self.0.size()[0]
    }

    /// The result's height, upright.
    #[wasm_bindgen(getter)]
    pub fn height(&self) -> u32 {
        self.0.size()[1]
    }

    /// Where in the module's memory the result is: four bytes a pixel.
    #[wasm_bindgen(getter)]
    pub fn pixels(&self) -> *const u8 {
        self.0.pixels().as_ptr()
    }

    /// Some rows of another result as the next rows of the source: for when that is still too large.
    #[wasm_bindgen(js_name = pushResult)]
    pub fn push_result(&mut self, other: &JsScaler, first: usize, end: usize) {
        let line = other.width() as usize * 4;
        let rows = other.0.pixels().chunks_exact(line).skip(first).take(end.saturating_sub(first));
        rows.for_each(|row| self.0.push(row));
    }
}

/// Measures a picture, strip by strip.
#[wasm_bindgen(js_name = Meter)]
pub struct JsMeter(Meter);

#[wasm_bindgen(js_class = Meter)]
impl JsMeter {
    /// For a picture of that width.
    #[wasm_bindgen(constructor)]
    pub fn new(width: u32) -> JsMeter {
        Self(Meter::new(width))
    }

    /// The next rows, as `ImageData` has them.
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
