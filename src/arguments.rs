//! What the page passed to a method, told apart by what it is rather than by where it stands. Its
//! options are the facade's.

use crate::{
    failure::Failure,
    operation::Operation,
    source::{Source, not_an_image},
};
use js_sys::{Array, Object};
use perse_protocol::Code;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

/// The images and user tokens of one call.
#[derive(Default)]
pub(crate) struct Arguments {
    pub(crate) images: Vec<Source>,
    pub(crate) user_tokens: Vec<String>,
}

impl Arguments {
    /// Reads `(image | userToken)*`.
    ///
    /// An image is whatever a [`Source`] can be, a string a user token unless it is a data URL. Missing
    /// values (`null`, `undefined`) are passed over, so that the operation says what it lacks.
    pub(crate) fn read(operation: Operation, values: &Array) -> Result<Self, Failure> {
        let mut arguments = Self::default();
        for value in values.iter() {
            arguments.add(value)?;
        }
        operation.check(arguments.images.len(), arguments.user_tokens.len())?;
        Ok(arguments)
    }

    fn add(&mut self, value: JsValue) -> Result<(), Failure> {
        if let Some(text) = value.as_string() {
            match text.trim() {
                url if url.starts_with("data:") => self.images.push(Source::of_data_url(url)?),
                token => self.user_tokens.extend(user_token(token)?),
            }
        } else if value.is_object() {
            let tag = object_tag(value.unchecked_ref()).unwrap_or_default();
            self.images.push(Source::of_object(value, &tag)?);
        } else if !(value.is_null() || value.is_undefined()) {
            return Err(not_an_image(&value.js_typeof().as_string().unwrap_or_default()));
        }
        Ok(())
    }
}

#[wasm_bindgen]
extern "C" {
    /// `[object File]` and the like; throws where a page's own `Symbol.toStringTag` does.
    #[wasm_bindgen(catch, js_namespace = ["Object", "prototype", "toString"], js_name = call)]
    fn object_tag(object: &Object) -> Result<String, JsValue>;
}

/// The longest string that can be a user token; the service's own have 36 characters.
const LONGEST_USER_TOKEN: usize = 256;

/// A string stands for a user; an empty one for nobody.
fn user_token(text: &str) -> Result<Option<String>, Failure> {
    let is_address = ["blob:", "http:", "https:"].iter().any(|scheme| text.starts_with(scheme));
    if is_address || text.len() > LONGEST_USER_TOKEN {
        return Err(Failure::new(
            Code::InvalidFileType,
            "An image is given itself, not by its URL. Fetch it: await (await fetch(url)).blob().",
        ));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}
