//! What the page passed to a method, told apart by what it is rather than by where it stands.

use crate::{failure::Failure, operation::Operation};
use js_sys::{Array, Object};
use perse_protocol::Code;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::Blob;

/// The images, user tokens and options of one call.
#[derive(Default)]
pub(crate) struct Arguments {
    pub(crate) images: Vec<Blob>,
    pub(crate) user_tokens: Vec<String>,
    /// `enduserConsent`, positional or in the options.
    pub(crate) consent: Option<bool>,
    /// `timeout` in milliseconds.
    pub(crate) timeout: Option<f64>,
}

impl Arguments {
    /// Reads `(image | userToken)*, enduserConsent?: boolean, options?: object`.
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
        if let Some(consent) = value.as_bool() {
            self.consent = Some(consent);
        } else if let Some(token) = value.as_string() {
            self.user_tokens.extend(user_token(token.trim())?);
        } else if value.is_object() {
            let object = value.unchecked_ref::<Object>();
            match object_tag(object).unwrap_or_default().as_str() {
                // By its tag and not by `instanceof`: a file picked in an iframe has another `Blob`.
                "[object Blob]" | "[object File]" => self.images.push(value.unchecked_into()),
                "[object Object]" => self.add_options(object)?,
                tag => return Err(not_an_image(tag)),
            }
        } else if !(value.is_null() || value.is_undefined()) {
            return Err(not_an_image(&value.js_typeof().as_string().unwrap_or_default()));
        }
        Ok(())
    }

    fn add_options(&mut self, options: &Object) -> Result<(), Failure> {
        let entries = entries(options).map_err(|_| {
            Failure::new(Code::InvalidRequest, "The options could not be read. Pass a plain object.")
        })?;
        for entry in entries.iter() {
            let entry: Array = entry.unchecked_into();
            let (name, value) = (entry.get(0).as_string().unwrap_or_default(), entry.get(1));
            if value.is_undefined() {
                continue;
            }
            match name.as_str() {
                "enduserConsent" => {
                    self.consent = Some(value.as_bool().ok_or_else(|| wrong_option(&name, "true or false"))?);
                }
                "timeout" => {
                    let milliseconds = value.as_f64().filter(|milliseconds| *milliseconds > 0.0);
                    self.timeout =
                        Some(milliseconds.ok_or_else(|| wrong_option(&name, "milliseconds, over 0"))?);
                }
                _ => {
                    let known = "enduserConsent and timeout";
                    return Err(Failure::new(
                        Code::InvalidRequest,
                        format!("A call has no option {name}. Its options are {known}."),
                    ));
                }
            }
        }
        Ok(())
    }
}

#[wasm_bindgen]
extern "C" {
    /// Throws where a getter of the page's does.
    #[wasm_bindgen(catch, js_namespace = Object)]
    fn entries(object: &Object) -> Result<Array, JsValue>;

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

fn wrong_option(name: &str, takes: &str) -> Failure {
    Failure::new(Code::InvalidRequest, format!("The option {name} takes {takes}."))
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
