//! What the page passed to a method, told apart by what it is rather than by where it stands. Its
//! options are the facade's.

use crate::{failure::Failure, operation::Operation};
use js_sys::{Array, Object};
use perse_protocol::Code;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::Blob;

/// The images and user tokens of one call.
#[derive(Default)]
pub(crate) struct Arguments {
    pub(crate) images: Vec<Blob>,
    pub(crate) user_tokens: Vec<String>,
}

impl Arguments {
    /// Reads `(image | userToken)*`.
    ///
    /// An image is a `Blob` or `File` of any realm. Missing values (`null`, `undefined`) are passed
    /// over, so that the operation says what it lacks.
    pub(crate) fn read(operation: Operation, values: &Array) -> Result<Self, Failure> {
        let mut arguments = Self::default();
        for value in values.iter() {
            arguments.add(value)?;
        }
        operation.check(arguments.images.len(), arguments.user_tokens.len())?;
        Ok(arguments)
    }

    fn add(&mut self, value: JsValue) -> Result<(), Failure> {
        if let Some(token) = value.as_string() {
            self.user_tokens.extend(user_token(token.trim())?);
        } else if value.is_object() {
            match object_tag(value.unchecked_ref()).unwrap_or_default().as_str() {
                // By its tag and not by `instanceof`: a file picked in an iframe has another `Blob`.
                "[object Blob]" | "[object File]" => self.images.push(value.unchecked_into()),
                tag => return Err(not_an_image(tag)),
            }
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
    let is_address = ["data:", "blob:", "http:", "https:"].iter().any(|scheme| text.starts_with(scheme));
    if is_address || text.len() > LONGEST_USER_TOKEN {
        return Err(Failure::new(
            Code::InvalidFileType,
            "An image is given as a File or Blob, not as a URL. Make one of it: await (await fetch(url)).blob().",
        ));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Names what was given, by its tag or type, and how to make an image of it.
fn not_an_image(what: &str) -> Failure {
    let what = what.strip_prefix("[object ").and_then(|rest| rest.strip_suffix(']')).unwrap_or(what);
    let remedy = match what {
        "Array" | "FileList" => "Pass one of them, for example files[0].",
        "HTMLInputElement" => "Pass its file: input.files[0].",
        "HTMLCanvasElement" => "Make one of it: canvas.toBlob(…, 'image/jpeg').",
        "ArrayBuffer" | "Uint8Array" => "Make one of it: new Blob([bytes]).",
        "Promise" => "Await it first.",
        _ => "Pass the file itself.",
    };
    Failure::new(
        Code::InvalidFileType,
        format!("An image is given as a File or Blob, not as a value of type {what}. {remedy}"),
    )
}
