//! From the service's answer to what the page gets.

use crate::{failure::Failure, keys::camel_case, request::Answer, value};
use js_sys::{Array, Object, Reflect};
use perse_protocol::{Code, answer::ErrorBody};
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};

/// Deeper than any answer of the service; an object nested deeper is refused, not followed.
const MAX_DEPTH: usize = 32;

impl Answer {
    /// The answer in its known form, for judging it.
    ///
    /// # Errors
    /// What the error body says, or `invalid_response` for anything that is not of the API.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        self.check()?;
        value::read(&self.body).map_err(|_| Code::InvalidResponse.into())
    }

    /// The body's `code` decides, not the HTTP status.
    fn check(&self) -> Result<(), Failure> {
        match value::read::<ErrorBody>(&self.body) {
            Ok(error) if !error.status => Err(Failure::from_body(&error.code, &error.message, self.status)),
            _ if (200..300).contains(&self.status) => Ok(()),
            _ => Err(Failure::from_http_status(self.status)),
        }
    }

    /// The whole answer in camelCase, fields that this version does not know included, with the
    /// verdict `status: true, code, message`.
    pub(crate) fn into_result(self, code: Code) -> Result<Object, Failure> {
        let result: Object =
            camel_keys(&self.body, 0).and_then(|value| value.dyn_into().ok()).ok_or(Code::InvalidResponse)?;
        Ok(with_verdict(&result, true, code, code.message()))
    }
}

/// Adds `status`, `code` and `message` to an object.
pub(crate) fn with_verdict(object: &Object, status: bool, code: Code, message: &str) -> Object {
    set(object, "status", status);
    set(object, "code", code.as_str());
    set(object, "message", message);
    object.clone()
}

/// Sets a property of an object of our own, which cannot fail.
pub(crate) fn set(object: &Object, key: &str, value: impl Into<JsValue>) {
    let _ = Reflect::set(object, &key.into(), &value.into());
}

/// The value with all its keys in camelCase; `None` where it is nested too deeply.
fn camel_keys(value: &JsValue, depth: usize) -> Option<JsValue> {
    if depth > MAX_DEPTH {
        return None;
    }
    if let Some(array) = value.dyn_ref::<Array>() {
        let items = array.iter().map(|item| camel_keys(&item, depth + 1));
        return items.collect::<Option<Array>>().map(Into::into);
    }
    let Some(object) = value.dyn_ref::<Object>() else { return Some(value.clone()) };
    let entries = Object::entries(object);
    let entries = entries.iter().map(|entry| {
        let entry: Array = entry.unchecked_into();
        let key = camel_case(&entry.get(0).as_string()?);
        Some(Array::of2(&key.into(), &camel_keys(&entry.get(1), depth + 1)?))
    });
    // `fromEntries` defines the keys, so that not even `__proto__` reaches a setter.
    let entries = entries.collect::<Option<Array>>()?;
    Object::from_entries(&entries).ok().map(Into::into)
}
