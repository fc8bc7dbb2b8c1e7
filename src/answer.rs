//! From the service's answer to what the page gets.

use crate::{failure::Failure, keys::camel_case, request::Answer};
use js_sys::{Array, Object, Reflect};
use perse_protocol::{
    Code,
    json::{Json, Read},
};
use wasm_bindgen::{JsCast, JsValue};

/// Deeper than any answer of the service.
const MAX_DEPTH: usize = 32;

impl Answer {
    /// The answer in its known form, for judging it.
    ///
    /// # Errors
    /// What the error body says, or `invalid_response` for anything that is not of the API.
    pub(crate) fn read<T: Read>(&self) -> Result<T, Failure> {
        self.check()?;
        T::read(&self.body).ok_or_else(|| Code::InvalidResponse.into())
    }

    /// The body's `code` decides, not the HTTP status.
    fn check(&self) -> Result<(), Failure> {
        let is_refused = self.body.get("status").0 == JsValue::FALSE;
        if (200..300).contains(&self.status) && !is_refused {
            return Ok(());
        }
        // An error body's `status` says no more than its code does.
        let refusal = (self.body.field::<String>("code"), self.body.field::<Option<String>>("message"));
        Err(match refusal {
            (Some(code), Some(message)) => {
                Failure::from_body(&code, &message.unwrap_or_default(), self.status)
            }
            _ => Failure::from_http_status(self.status),
        })
    }

    /// The whole answer in camelCase, fields that this version does not know included, with the
    /// verdict `status: true, code`.
    ///
    /// # Errors
    /// `invalid_response`, when it is nested deeper than any answer of the service.
    pub(crate) fn into_result(self, code: Code) -> Result<Object, Failure> {
        let result = camel_keys(&self.body.0, 0).and_then(|body| body.dyn_into().ok());
        Ok(with_verdict(result.ok_or(Code::InvalidResponse)?, true, code))
    }
}

/// Adds `status` and `code` to an object; the facade adds the code's message.
pub(crate) fn with_verdict(object: Object, status: bool, code: Code) -> Object {
    set(&object, "status", status);
    set(&object, "code", code.as_str());
    object
}

/// Sets a property of an object of our own, which cannot fail.
pub(crate) fn set(object: &Object, key: &str, value: impl Into<JsValue>) {
    let _ = Reflect::set(object, &key.into(), &value.into());
}

/// The value with all its keys in camelCase; `None` when it is nested too deep.
fn camel_keys(value: &JsValue, depth: usize) -> Option<JsValue> {
    if depth > MAX_DEPTH {
        return None;
    }
    if let Some(array) = value.dyn_ref::<Array>() {
        return array
            .iter()
            .map(|item| camel_keys(&item, depth + 1))
            .collect::<Option<Array>>()
            .map(Into::into);
    }
    let Some(object) = value.dyn_ref::<Object>() else { return Some(value.clone()) };
    let entries = Object::entries(object);
    let entries = entries.iter().map(|entry| {
        let entry: Array = entry.unchecked_into();
        let key = camel_case(&entry.get(0).as_string().unwrap_or_default());
        Some(Array::of2(&key.into(), &camel_keys(&entry.get(1), depth + 1)?))
    });
    // `fromEntries` defines the keys, so that not even `__proto__` reaches a setter.
    let entries: Array = entries.collect::<Option<_>>()?;
    Object::from_entries(&entries.into()).ok().map(Into::into)
}
