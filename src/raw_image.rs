//! Reads the images that a caller without the facade passes, and removes their metadata.

use crate::{
    attempt::{settled, tag_of},
    error_detail::ErrorDetail,
    js_value::set,
    photo::{self, Inspection},
};
use js_sys::{Array, Object, Reflect, Uint8Array};
use perse_protocol::{Code, limit};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::Blob;

/// Inspects an image that the facade did not prepare, and removes its metadata.
pub(crate) async fn strip(image: &JsValue) -> Result<Blob, ErrorDetail> {
    let bytes = read(image).await?;
    match photo::inspect(&bytes, bytes.len() as f64, None)? {
        Inspection::Send(photo) => {
            let bytes = Uint8Array::from(photo.bytes.as_ref().unwrap_or(&bytes).as_slice());
            blob_of(&bytes, photo.image_type.mime())
        }
        _ => Err(photo::unreadable()),
    }
}

/// Reads the bytes of a `Blob`, an `ArrayBuffer` or a view of one, of any realm.
async fn read(image: &JsValue) -> Result<Vec<u8>, ErrorDetail> {
    // By its tag and not by `instanceof`: a file picked in an iframe has another `Blob`.
    let tag = tag_of(image);
    let blob = match tag.as_str() {
        "Blob" | "File" => image.clone().unchecked_into(),
        "ArrayBuffer" | "DataView" => blob_of(image, "")?,
        _ if tag.ends_with("Array") && tag != "Array" => blob_of(image, "")?,
        _ => return Err(photo::not_an_image(&tag)),
    };
    // A page's own getter may throw, which would keep the call pending.
    let size = Reflect::get(&blob, &"size".into()).map_err(|_| photo::unreadable())?;
    if size.as_f64().is_none_or(|bytes| bytes > MAX_READ_BYTES) {
        return Err(Code::FileTooLarge.into());
    }
    let buffer = settled(array_buffer(&blob)).await.map_err(|_| photo::unreadable())?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// The largest file that is read, in bytes: metadata may take as much as the limit of what is sent.
const MAX_READ_BYTES: f64 = 2.0 * limit::IMAGE_BYTES as f64;

/// Copies bytes into a `Blob`. A view of a transferred buffer would throw, which would keep the call pending.
fn blob_of(bytes: &JsValue, mime: &str) -> Result<Blob, ErrorDetail> {
    let options = Object::new();
    set(&options, "type", mime);
    let parts = Array::new();
    parts.set(0, bytes.clone());
    Blob::new_with_u8_array_sequence_and_options(&parts, options.unchecked_ref())
        .map_err(|_| photo::unreadable())
}

#[wasm_bindgen]
extern "C" {
    /// A `Blob` that may lack `arrayBuffer`, as old libraries make it.
    #[wasm_bindgen(catch, js_namespace = ["Blob", "prototype", "arrayBuffer"], js_name = call)]
    fn array_buffer(blob: &Blob) -> Result<JsValue, JsValue>;
}
