//! What a page has a picture in: a file in any of its forms, or pixels.

use crate::failure::Failure;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use perse_protocol::Code;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::Blob;

/// A picture.
pub(crate) enum Source {
    /// An image file.
    File(Blob),
    /// Something that a browser can draw.
    Pixels(JsValue),
}

impl Source {
    /// Reads an object that should be a picture, of whatever realm; `tag` is its `Object.prototype.toString`.
    pub(crate) fn of_object(value: JsValue, tag: &str) -> Result<Self, Failure> {
        // By its tag and not by `instanceof`: a file picked in an iframe has another `Blob`.
        match name(tag) {
            "Blob" | "File" => Ok(Self::File(value.unchecked_into())),
            "ArrayBuffer" | "SharedArrayBuffer" => Self::of_bytes(&value),
            _ if ArrayBuffer::is_view(&value) => Self::of_bytes(&value),
            "HTMLImageElement" | "SVGImageElement" | "HTMLVideoElement" | "HTMLCanvasElement"
            | "OffscreenCanvas" | "ImageBitmap" | "ImageData" | "VideoFrame" => Ok(Self::Pixels(value)),
            other => Err(not_an_image(other)),
        }
    }

    /// Reads a data URL of base64 (RFC 2397).
    pub(crate) fn of_data_url(url: &str) -> Result<Self, Failure> {
        let unreadable = || {
            Failure::new(
                Code::InvalidFileType,
                "The data URL can't be read: it should be data:image/…;base64,… and complete.",
            )
        };
        let (head, data) = url.split_once(',').ok_or_else(unreadable)?;
        let base64 = head.ends_with(";base64").then_some(data).ok_or_else(unreadable)?;
        let bytes = atob(base64).map_err(|_| unreadable())?;
        let bytes: Vec<u8> = bytes.chars().map(|char| char as u8).collect();
        Self::of_bytes(&Uint8Array::from(bytes.as_slice()))
    }

    /// The copy stays what it is when the page goes on writing. Only the browser looks at the bytes: to
    /// make a view of a buffer that was transferred away throws, which would hold the call.
    fn of_bytes(bytes: &JsValue) -> Result<Self, Failure> {
        let copy = Blob::new_with_u8_array_sequence(&Array::of1(bytes)).map_err(|_| {
            Failure::new(
                Code::InvalidFileType,
                "The bytes can't be read: their buffer was transferred away, or is shared. Pass a copy of them.",
            )
        })?;
        Ok(Self::File(copy))
    }
}

fn name(tag: &str) -> &str {
    tag.strip_prefix("[object ").and_then(|rest| rest.strip_suffix(']')).unwrap_or(tag)
}

/// Names what was given, by its tag or type, and how to make an image of it.
pub(crate) fn not_an_image(tag: &str) -> Failure {
    let what = name(tag);
    let remedy = match what {
        "Array" | "FileList" => "Pass one of them, for example files[0].",
        "HTMLInputElement" => "Pass its file: input.files[0].",
        "MediaStream" => "Pass the video element that shows it.",
        "Promise" => "Await it first.",
        "Response" => "Pass its content: await response.blob().",
        _ => "Pass a file, a Blob, or the element that shows the picture.",
    };
    Failure::new(Code::InvalidFileType, ["A value of type ", what, " is no image. ", remedy].concat())
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch)]
    fn atob(text: &str) -> Result<String, JsValue>;
}
