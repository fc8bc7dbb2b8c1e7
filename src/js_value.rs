//! Conversions between JavaScript's values and the core's.

use crate::camel_case::camel_case;
use js_sys::{Array, Object, Reflect};
use perse_protocol::json::Json;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

/// The deepest response that is converted, in levels; real ones have five.
const MAX_DEPTH: usize = 32;

/// JSON as the browser parsed it, a result of this crate, or options of a page; `undefined` reads as `null`. Only own
/// properties count: any library may pollute `Object.prototype`.
pub(crate) struct Value(pub(crate) JsValue);

impl Json for Value {
    fn get(&self, key: &str) -> Self {
        if has_own(&self.0, key).unwrap_or_default() {
            Self(Reflect::get(&self.0, &key.into()).unwrap_or_default())
        } else if key.contains('_') {
            // A result has the keys of JavaScript.
            self.get(&camel_case(key))
        } else {
            Self(JsValue::UNDEFINED)
        }
    }

    fn is_null(&self) -> bool {
        self.0.is_null() || self.0.is_undefined()
    }

    fn boolean(&self) -> Option<bool> {
        self.0.as_bool()
    }

    fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    fn elements(&self) -> Option<Vec<Self>> {
        let array = self.0.dyn_ref::<Array>()?;
        Some((0..array.length()).map(|index| Self(array.get(index))).collect())
    }
}

/// Converts all keys of a parsed JSON value to camelCase, its arrays in place; `None` when it is nested too deep.
pub(crate) fn camel_keys(value: JsValue, depth: usize) -> Option<JsValue> {
    if depth > MAX_DEPTH {
        return None;
    }
    if let Some(array) = value.dyn_ref::<Array>() {
        for index in 0..array.length() {
            array.set(index, camel_keys(array.get(index), depth + 1)?);
        }
    } else if value.is_object() {
        let entries = Object::entries(value.unchecked_ref());
        for index in 0..entries.length() {
            let entry: Array = entries.get(index).unchecked_into();
            entry.set(0, camel_case(&entry.get(0).as_string().unwrap_or_default()).into());
            entry.set(1, camel_keys(entry.get(1), depth + 1)?);
        }
        // `fromEntries` defines the keys: a key `__proto__` calls no setter.
        return Object::from_entries(&entries).ok().map(Into::into);
    }
    Some(value)
}

/// Sets a property of a plain object that the core made, which cannot fail.
pub(crate) fn set(object: &JsValue, key: &str, value: impl Into<JsValue>) {
    let _ = Reflect::set(object, &key.into(), &value.into());
}

/// Creates a plain object. `serde-wasm-bindgen` would do it for 1.9 kB more, compressed.
pub(crate) fn object<const N: usize>(entries: [(&str, JsValue); N]) -> JsValue {
    with_entries(Object::new().into(), entries)
}

/// Creates an object without a prototype, for functions of the browser that also read inherited fields.
pub(crate) fn bare_object<const N: usize>(entries: [(&str, JsValue); N]) -> JsValue {
    with_entries(Object::<JsValue>::create(JsValue::NULL.unchecked_ref()).into(), entries)
}

fn with_entries<const N: usize>(object: JsValue, entries: [(&str, JsValue); N]) -> JsValue {
    for (key, value) in entries {
        set(&object, key, value);
    }
    object
}

#[wasm_bindgen]
extern "C" {
    /// Throws for `undefined` and `null`, and where a page's own trap throws.
    #[wasm_bindgen(catch, js_namespace = Object, js_name = hasOwn)]
    fn has_own(value: &JsValue, key: &str) -> Result<bool, JsValue>;
}
