//! One call from the page to its verdict.

use crate::{
    answer::{set, with_verdict},
    arguments::Arguments,
    failure::Failure,
    operation::Operation,
    preflight,
    request::{self, Answer, Credentials},
    verdict::{self, FaceQuality},
};
use js_sys::{Array, Object, Uint8Array, WeakMap};
use perse_protocol::{
    Code, ImageType,
    answer::{Comparison, Deletion, Detection, Enrollment, EnrollmentList},
    field,
};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::{Blob, FormData};

/// What a client is set to when a call starts; a later change does not touch the call.
pub(crate) struct Session {
    pub(crate) base_url: String,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) consent: bool,
    pub(crate) timeout: f64,
}

/// Runs a call. Nothing is sent unless all that can be checked beforehand is in order.
pub(crate) async fn run(
    operation: Operation,
    session: &Session,
    arguments: &Arguments,
) -> Result<Object, Failure> {
    if operation.is_biometric() && !arguments.consent.unwrap_or(session.consent) {
        return Err(Code::ConsentRequired.into());
    }
    let credentials = session.credentials.as_ref().ok_or(Code::Unauthorized)?;
    let form = if operation.is_biometric() { Some(form(arguments).await?) } else { None };

    let (method, path) = operation.endpoint();
    let mut url = [session.base_url.trim_end_matches('/'), path].concat();
    if let (Operation::EnrollmentDelete, Some(user_token)) = (operation, arguments.user_tokens.first()) {
        // As the last part of the path these are not names, in whatever way they are written.
        if matches!(user_token.as_str(), "." | ".." | "list") {
            return Err(Code::UserTokenNotFound.into());
        }
        url.push('/');
        url.push_str(&String::from(js_sys::encode_uri_component(user_token)));
    }
    let timeout = arguments.timeout.unwrap_or(session.timeout);
    let answer = request::send(method, &url, credentials, form.as_ref(), timeout).await?;
    judge(operation, answer)
}

/// The multipart form of a call with images, each of which has passed the preflight.
async fn form(arguments: &Arguments) -> Result<FormData, Failure> {
    let form = FormData::new().map_err(|_| Code::InternalError)?;
    let fields: &[&str] = match arguments.images.len() {
        1 => &[field::IMAGE],
        _ => &[field::IMAGE_1, field::IMAGE_2],
    };
    for (name, image) in fields.iter().zip(&arguments.images) {
        let checked = checked(image).await?;
        // The file's own name may tell whose photo it is.
        form.append_with_blob_and_filename(name, &checked, "image").map_err(|_| Code::InternalError)?;
    }
    let texts = arguments.user_tokens.iter().map(|token| (field::USER_TOKEN, token.as_str()));
    for (name, text) in texts.chain([(field::ENDUSER_CONSENT, "true")]) {
        form.append_with_str(name, text).map_err(|_| Code::InternalError)?;
    }
    Ok(form)
}

thread_local! {
    /// Images that have passed the preflight. A `Blob` does not change, and a photo is often judged
    /// first and compared then: reading it costs more than the rest of a call.
    static CHECKED: WeakMap<Blob, Blob> = WeakMap::new_typed();
}

/// The image with the MIME type of its content, if it passes the preflight.
async fn checked(image: &Blob) -> Result<Blob, Failure> {
    if let Some(checked) = CHECKED.with(|images| images.has(image).then(|| images.get(image))) {
        return Ok(checked);
    }
    let unreadable = || {
        Failure::new(
            Code::InvalidFileType,
            "The file could not be read: it was moved or changed after it was chosen. Choose it again.",
        )
    };
    let head =
        image.slice_with_f64_and_f64(0.0, ImageType::SIGNATURE_BYTES as f64).map_err(|_| unreadable())?;
    let head = head.unchecked_ref::<Readable>().array_buffer().map_err(|_| unreadable())?;
    let head = request::settled(&head).await.map_err(|_| unreadable())?;
    let image_type = preflight::check(image.size(), &Uint8Array::new(&head).to_vec())?;
    let checked = match image.type_() == image_type.mime() {
        true => image.clone(),
        false => image
            .slice_with_f64_and_f64_and_content_type(0.0, image.size(), image_type.mime())
            .map_err(|_| unreadable())?,
    };
    CHECKED.with(|images| images.set(image, &checked));
    Ok(checked)
}

#[wasm_bindgen]
extern "C" {
    /// A `Blob` that may lack `arrayBuffer`, as those of older libraries do.
    type Readable;

    #[wasm_bindgen(catch, method, js_name = arrayBuffer)]
    fn array_buffer(this: &Readable) -> Result<JsValue, JsValue>;
}

fn judge(operation: Operation, answer: Answer) -> Result<Object, Failure> {
    match operation {
        Operation::Detect => answer.read::<Detection>().map(drop)?,
        Operation::Compare => answer.read::<Comparison>().map(drop)?,
        Operation::IsSimilar => {
            let code = verdict::similarity(&answer.read()?);
            return Ok(with_verdict(&Object::new(), code == Code::Similar, code, code.message()));
        }
        Operation::Quality => return quality(&answer, false),
        Operation::QualityWithSpoofCheck => return quality(&answer, true),
        Operation::EnrollmentCreate | Operation::EnrollmentUpdate => {
            answer.read::<Enrollment>().map(drop)?;
        }
        Operation::EnrollmentRead => answer.read::<EnrollmentList>().map(drop)?,
        Operation::EnrollmentDelete => answer.read::<Deletion>().map(drop)?,
    }
    answer.into_result(Code::Success)
}

fn quality(answer: &Answer, spoof_check: bool) -> Result<Object, Failure> {
    let (code, faces) = match answer.read::<Detection>() {
        Ok(detection) => verdict::quality(&detection, spoof_check),
        // A service may also refuse a photo without a face: the verdict is the same.
        Err(Failure { code: Code::NoFaceDetected, .. }) => (Code::NoFaceDetected, Vec::new()),
        Err(failure) => return Err(failure),
    };
    let result = Object::new();
    set(&result, "totalFaces", faces.len() as f64);
    let detailed: Array = faces.into_iter().map(|face| detailed_face(face, spoof_check)).collect();
    set(&result, "detailedFaces", detailed);
    Ok(with_verdict(&result, code == Code::Success, code, code.message()))
}

fn detailed_face(face: FaceQuality, spoof_check: bool) -> Object {
    let object = Object::new();
    set(&object, "isUnderexposed", face.is_underexposed);
    set(&object, "isOverexposed", face.is_overexposed);
    set(&object, "isBlurred", face.is_blurred);
    if spoof_check {
        set(&object, "isSpoofing", face.is_spoofing);
    }
    object
}
