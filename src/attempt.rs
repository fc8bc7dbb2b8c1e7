//! One attempt: builds the form, sends the request, reads and judges the response.

use crate::{
    error_detail::ErrorDetail,
    js_value::{Value, bare_object, camel_keys, object, set},
    operation::{Operation, check_credential, user_token},
    perse::{AttemptOptions, Settings},
    photo,
    response::{self, Outcome},
    retry::{self, Retry},
    verdict::FaceQuality,
};
use gloo_net::http::{Headers, Response};
use js_sys::{Array, Date, JsString, Math, Object, Promise, Reflect};
use perse_protocol::{Code, field, route};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, FormData};

/// A refused attempt, and what its caller needs to repeat it.
pub(crate) struct Refusal {
    pub(crate) error: ErrorDetail,
    pub(crate) retry: Retry,
}

impl<T: Into<ErrorDetail>> From<T> for Refusal {
    /// Nothing was sent, and a repetition would not help.
    fn from(error: T) -> Self {
        Self { error: error.into(), retry: Retry::default() }
    }
}

/// Sends one request, unless a check fails before.
pub(crate) async fn run(
    operation: Operation,
    settings: &Settings,
    values: &[JsValue],
    options: &AttemptOptions,
) -> Result<JsValue, Refusal> {
    let (images, user_tokens) = arguments(operation, values)?;
    operation.check_consent(options.enduser_consent.unwrap_or(settings.enduser_consent))?;
    let request = Request {
        operation,
        url: operation.url(&settings.base_url, &user_tokens)?,
        headers: headers(settings)?,
    };
    if let (Operation::EnrollmentCreate, Some(key)) = (operation, &options.idempotency_key) {
        set(&request.headers, route::IDEMPOTENCY_KEY, key);
    }
    let body = if operation.is_biometric() {
        Some(form(&images, &user_tokens, options.prepared).await?)
    } else {
        None
    };
    let response = request.send(settings, options, body).await;
    let (judged, retry_after_ms) = match response {
        Ok(Received { status, body, retry_after_ms }) => {
            let outcome = response::judge(operation, status, &body, options.may_have_happened);
            (outcome.and_then(|outcome| result(outcome, body.0, operation)), retry_after_ms)
        }
        Err(_) => (Err(if is_offline() { Code::Offline } else { Code::NetworkError }.into()), None),
    };
    judged.map_err(|error| {
        let retry = Retry::judge(operation, error.code, options.attempt, retry_after_ms, Math::random());
        Refusal { error, retry }
    })
}

/// Separates the images of a call from its user tokens, and checks their number.
pub(crate) fn arguments(
    operation: Operation,
    values: &[JsValue],
) -> Result<(Vec<&JsValue>, Vec<String>), ErrorDetail> {
    let mut images = Vec::new();
    let mut user_tokens = Vec::new();
    for value in values {
        if let Some(text) = value.as_string() {
            user_tokens.extend(user_token(&text)?);
        } else if value.is_object() {
            images.push(value);
        } else if !(value.is_null() || value.is_undefined()) {
            return Err(photo::not_an_image(&tag_of(value)));
        }
    }
    operation.check(images.len(), user_tokens.len())?;
    Ok((images, user_tokens))
}

/// The headers of a request. They go out as a plain object: a wrapper of `fetch` that copies them by spread
/// would lose those of a `Headers` instance.
fn headers(settings: &Settings) -> Result<JsValue, ErrorDetail> {
    match (&settings.token, &settings.api_key) {
        (Some(token), _) => {
            check_credential(token)?;
            Ok(object([(route::AUTHORIZATION, ["Bearer ", token].concat().into())]))
        }
        (None, Some(key)) => {
            check_credential(key)?;
            Ok(object([(route::API_KEY, key.into())]))
        }
        (None, None) => Err(Code::Unauthorized.into()),
    }
}

/// Builds the multipart form of a biometric operation.
async fn form(images: &[&JsValue], user_tokens: &[String], prepared: bool) -> Result<FormData, ErrorDetail> {
    let form = FormData::new().map_err(|_| Code::InternalError)?;
    let names: &[&str] = match images.len() {
        1 => &[field::IMAGE],
        _ => &[field::IMAGE_1, field::IMAGE_2],
    };
    for (name, image) in names.iter().zip(images) {
        let blob = file_of(image, prepared).await?;
        // The file's own name may identify the person.
        form.append_with_blob_and_filename(name, &blob, "image").map_err(|_| Code::InternalError)?;
    }
    let texts = user_tokens.iter().map(|token| (field::USER_TOKEN, token.as_str()));
    for (name, text) in texts.chain([(field::ENDUSER_CONSENT, "true")]) {
        form.append_with_str(name, text).map_err(|_| Code::InternalError)?;
    }
    Ok(form)
}

/// Returns the file to send: an image that its caller prepared goes out unchanged.
#[cfg(feature = "standalone")]
async fn file_of(image: &JsValue, prepared: bool) -> Result<Blob, ErrorDetail> {
    if prepared { Ok(image.clone().unchecked_into()) } else { crate::raw_image::strip(image).await }
}

/// Returns the file to send, which the facade has prepared.
#[cfg(not(feature = "standalone"))]
async fn file_of(image: &JsValue, _prepared: bool) -> Result<Blob, ErrorDetail> {
    Ok(image.clone().unchecked_into())
}

/// A request without its body.
struct Request {
    operation: Operation,
    url: String,
    headers: JsValue,
}

/// A response of the service: the body as the browser parsed it, `undefined` where it is not JSON.
struct Received {
    status: u16,
    body: Value,
    retry_after_ms: Option<f64>,
}

impl Request {
    /// Sends the request and reads the whole response, unless the signal aborts either.
    async fn send(
        self,
        settings: &Settings,
        options: &AttemptOptions,
        body: Option<FormData>,
    ) -> Result<Received, JsValue> {
        let (method, _) = self.operation.endpoint();
        // `fetch` also reads inherited fields, so the object has no prototype. No cookies, no referrer, no cache. A redirect is an error, because it could carry the credentials to
        // another server.
        let init = bare_object([
            ("method", method.into()),
            ("headers", self.headers),
            ("body", body.map(Into::into).unwrap_or_default()),
            ("signal", options.signal.clone()),
            ("credentials", "omit".into()),
            ("redirect", "error".into()),
            ("referrerPolicy", "no-referrer".into()),
            ("cache", "no-store".into()),
        ]);
        let sent = match &settings.fetch {
            Some(fetch) => fetch.call2(&JsValue::UNDEFINED, &self.url.into(), &init),
            None => fetch(&self.url, &init),
        };
        let raw: web_sys::Response = settled(sent).await?.unchecked_into();
        let text = settled(raw.text().map(Into::into)).await?;
        let length = text.dyn_ref::<JsString>().map_or(0, JsString::length);
        let body = if length > self.operation.max_response_chars() { None } else { parse(&text).ok() };
        let response = Response::from(raw);
        Ok(Received {
            status: response.status(),
            body: Value(body.unwrap_or_default()),
            retry_after_ms: retry_after_ms(&response),
        })
    }
}

fn retry_after_ms(response: &Response) -> Option<f64> {
    let raw = response.headers().into_raw();
    // `gloo_net` throws where the headers of a page's own response are another object.
    let is_real = tag_of(&raw) == "Headers";
    let text = is_real.then(|| Headers::from_raw(raw).get("Retry-After"))??;
    retry::retry_after_ms(&text, Date::now(), Date::parse)
}

/// Returns the name in a value's `[object Name]`; empty where a page's own `Symbol.toStringTag` throws.
pub(crate) fn tag_of(value: &JsValue) -> String {
    let tag = object_tag(value).unwrap_or_default();
    tag.strip_prefix("[object ").and_then(|rest| rest.strip_suffix(']')).unwrap_or(&tag).to_owned()
}

/// Awaits a value that should be a promise. A page may have replaced the function that returned it, and an
/// exception thrown through WebAssembly would keep the call pending for ever.
pub(crate) async fn settled(value: Result<JsValue, JsValue>) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::resolve(&value?)).await
}

/// Returns whether the browser knows that there is no network.
fn is_offline() -> bool {
    NAVIGATOR.with(|navigator| {
        navigator.as_ref().is_some_and(|navigator| {
            Reflect::get(navigator, &"onLine".into())
                .is_ok_and(|is_online| is_online.as_bool() == Some(false))
        })
    })
}

/// Converts an outcome to what the call resolves to: its result without a message.
pub(crate) fn result(outcome: Outcome, body: JsValue, operation: Operation) -> Result<JsValue, ErrorDetail> {
    let (result, is_good, code) = match outcome {
        Outcome::Response => {
            let result = camel_keys(body, 0).filter(JsValue::is_object).ok_or(Code::InvalidResponse)?;
            (result, true, Code::Success)
        }
        Outcome::Similarity(code) => (Object::new().into(), code == Code::Similar, code),
        Outcome::Quality(code, faces) => {
            let has_spoof_check = operation == Operation::QualityWithSpoofCheck;
            let detailed = Array::new();
            for face in &faces {
                detailed.push(&detailed_face(face, has_spoof_check));
            }
            let result = object([("totalFaces", faces.len().into()), ("detailedFaces", detailed.into())]);
            (result, code == Code::Success, code)
        }
        Outcome::Deleted => (object([("timeTaken", 0.into())]), true, Code::Success),
    };
    set(&result, "status", is_good);
    set(&result, "code", code.as_str());
    Ok(result)
}

fn detailed_face(face: &FaceQuality, has_spoof_check: bool) -> JsValue {
    let object = object([
        ("isUnderexposed", face.is_underexposed.into()),
        ("isOverexposed", face.is_overexposed.into()),
        ("isBlurred", face.is_blurred.into()),
    ]);
    if has_spoof_check {
        set(&object, "isSpoofing", face.is_spoofing);
    }
    object
}

#[wasm_bindgen]
extern "C" {
    /// The global `fetch` of a window, a worker or a server.
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = JSON)]
    fn parse(text: &JsValue) -> Result<JsValue, JsValue>;

    /// Returns `[object File]` and the like; throws where a page's own `Symbol.toStringTag` throws.
    #[wasm_bindgen(catch, js_namespace = ["Object", "prototype", "toString"], js_name = call)]
    fn object_tag(value: &JsValue) -> Result<String, JsValue>;

    #[wasm_bindgen(thread_local_v2, js_name = navigator)]
    static NAVIGATOR: Option<Object>;
}
