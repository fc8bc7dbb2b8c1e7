//! From the service's answer to what the page gets.

use crate::{failure::Failure, keys::camel_case, request::Answer, value};
use js_sys::{Array, Object, Reflect};
use perse_protocol::Code;
use serde::{Deserialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue};

/// Deeper than any answer of the service; what is nested deeper stays as it is.
const MAX_DEPTH: usize = 32;

/// What an error body has to have; its `status` says no more than the code does.
#[derive(Deserialize)]
struct Refusal {
    code: String,
    message: Option<String>,
}

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
        let is_refused =
            Reflect::get(&self.body, &"status".into()).is_ok_and(|status| status == JsValue::FALSE);
        let is_ok = (200..300).contains(&self.status) && !is_refused;
        match value::read::<Refusal>(&self.body) {
            _ if is_ok => Ok(()),
            Ok(Refusal { code, message }) => {
                Err(Failure::from_body(&code, &message.unwrap_or_default(), self.status))
            }
            Err(_) => Err(Failure::from_http_status(self.status)),
        }
    }

    /// The whole answer in camelCase, fields that this version does not know included, with the
    /// verdict `status: true, code, message`.
    pub(crate) fn into_result(self, code: Code) -> Result<Object, Failure> {
        let result: Object = camel_keys(&self.body, 0).dyn_into().map_err(|_| Code::InvalidResponse)?;
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

/// The value with all its keys in camelCase.
fn camel_keys(value: &JsValue, depth: usize) -> JsValue {
    if depth > MAX_DEPTH {
        return value.clone();
    }
    if let Some(array) = value.dyn_ref::<Array>() {
        return array.iter().map(|item| camel_keys(&item, depth + 1)).collect::<Array>().into();
    }
    let Some(object) = value.dyn_ref::<Object>() else { return value.clone() };
    let entries = Object::entries(object);
    let entries = entries.iter().map(|entry| {
        let entry: Array = entry.unchecked_into();
        let key = camel_case(&entry.get(0).as_string().unwrap_or_default());
        Array::of2(&key.into(), &camel_keys(&entry.get(1), depth + 1))
    });
    // `fromEntries` defines the keys, so that not even `__proto__` reaches a setter.
    Object::from_entries(&entries.collect::<Array>()).map_or_else(|_| value.clone(), Into::into)
}
