//! JSON as the browser parsed it.

use js_sys::{Array, Reflect};
use perse_protocol::json::Json;
use wasm_bindgen::{JsCast, JsValue};

/// A parsed JSON value; `undefined` is a `null`, too.
pub(crate) struct Value(pub(crate) JsValue);

impl Json for Value {
    fn get(&self, key: &str) -> Self {
        Self(Reflect::get(&self.0, &key.into()).unwrap_or_default())
    }

    fn is_null(&self) -> bool {
        self.0.is_null() || self.0.is_undefined()
    }

    fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    fn elements(&self) -> Option<Vec<Self>> {
        self.0.dyn_ref::<Array>().map(|array| array.iter().map(Value).collect())
    }
}
