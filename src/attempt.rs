//! One attempt: builds the form, sends the request, reads and judges the response.

use crate::{
    error_detail::ErrorDetail,
    js_value::{Value, camel_keys, set, to_object},
    operation::{Operation, check_credential, user_token},
    perse::{AttemptOptions, Settings},
    photo::{self, Inspection},
    response::{self, Outcome},
    retry::{self, Retry},
    verdict::FaceQuality,
};
use gloo_net::http::Response;
use js_sys::{Array, ArrayBuffer, Date, JsString, Math, Object, Promise, Reflect, Uint8Array};
use perse_protocol::{Code, field, limit, route};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, FormData};

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
    let request =
        Request { operation, url: url(operation, settings, &user_tokens)?, headers: headers(settings)? };
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
            return Err(photo::not_an_image(&value.js_typeof().as_string().unwrap_or_default()));
        }
    }
    operation.check(images.len(), user_tokens.len())?;
    Ok((images, user_tokens))
}

fn url(operation: Operation, settings: &Settings, user_tokens: &[String]) -> Result<String, ErrorDetail> {
    let (_, path) = operation.endpoint();
    let mut url = [settings.base_url.trim_end_matches('/'), path].concat();
    if let (Operation::EnrollmentDelete, Some(user_token)) = (operation, user_tokens.first()) {
        operation.check_path_token(user_token)?;
        url.push('/');
        url.push_str(&String::from(js_sys::encode_uri_component(user_token)));
    }
    Ok(url)
}

/// The headers of a request. They go out as a plain object: a wrapper of `fetch` that copies them by spread
/// would lose those of a `Headers` instance.
fn headers(settings: &Settings) -> Result<Object, ErrorDetail> {
    let headers = Object::new();
    match (&settings.token, &settings.api_key) {
        (Some(token), _) => {
            check_credential(token)?;
            set(&headers, route::AUTHORIZATION, ["Bearer ", token].concat());
        }
        (None, Some(key)) => {
            check_credential(key)?;
            set(&headers, route::API_KEY, key);
        }
        (None, None) => return Err(Code::Unauthorized.into()),
    }
    Ok(headers)
}

/// Builds the multipart form of a biometric operation.
async fn form(images: &[&JsValue], user_tokens: &[String], prepared: bool) -> Result<FormData, ErrorDetail> {
    let form = FormData::new().map_err(|_| Code::InternalError)?;
    let names: &[&str] = match images.len() {
        1 => &[field::IMAGE],
        _ => &[field::IMAGE_1, field::IMAGE_2],
    };
    for (name, image) in names.iter().zip(images) {
        let blob = if prepared { image.unchecked_ref::<Blob>().clone() } else { strip(image).await? };
        // The file's own name may identify the person.
        form.append_with_blob_and_filename(name, &blob, "image").map_err(|_| Code::InternalError)?;
    }
    let texts = user_tokens.iter().map(|token| (field::USER_TOKEN, token.as_str()));
    for (name, text) in texts.chain([(field::ENDUSER_CONSENT, "true")]) {
        form.append_with_str(name, text).map_err(|_| Code::InternalError)?;
    }
    Ok(form)
}

/// Inspects an image that the facade did not prepare, and removes its metadata.
async fn strip(image: &JsValue) -> Result<Blob, ErrorDetail> {
    let bytes = read(image).await?;
    match photo::inspect(&bytes, bytes.len() as f64, false)? {
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
    let tag = object_tag(image.unchecked_ref()).unwrap_or_default();
    let blob = match tag.as_str() {
        "[object Blob]" | "[object File]" => image.clone().unchecked_into(),
        "[object ArrayBuffer]" => blob_of(image, "")?,
        _ if ArrayBuffer::is_view(image) => blob_of(image, "")?,
        _ => return Err(photo::not_an_image(&tag)),
    };
    if blob.size() > MAX_READ_BYTES {
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
    Blob::new_with_u8_array_sequence_and_options(&Array::of1(bytes), options.unchecked_ref())
        .map_err(|_| photo::unreadable())
}

/// A request without its body.
struct Request {
    operation: Operation,
    url: String,
    headers: Object,
}

/// The options of `fetch` that are the same for every request: no cookies, no referrer, no cache. A redirect
/// is an error, because it could carry the credentials to another server.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestInit {
    method: &'static str,
    credentials: &'static str,
    redirect: &'static str,
    referrer_policy: &'static str,
    cache: &'static str,
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
        let init = to_object(&RequestInit {
            method,
            credentials: "omit",
            redirect: "error",
            referrer_policy: "no-referrer",
            cache: "no-store",
        });
        set(&init, "headers", self.headers);
        set(&init, "signal", &options.signal);
        if let Some(body) = body {
            set(&init, "body", body);
        }
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
            retry_after_ms: retry_after_ms(response),
        })
    }
}

fn retry_after_ms(response: Response) -> Option<f64> {
    // `gloo_net` throws where the headers of a page's own response are something else.
    let raw: web_sys::Response = response.into();
    let headers = Reflect::get(&raw, &"headers".into()).ok().filter(JsValue::is_object)?;
    let is_real = object_tag(headers.unchecked_ref()).is_ok_and(|tag| tag == "[object Headers]");
    let text = is_real.then(|| Response::from(raw).headers().get("Retry-After"))??;
    retry::retry_after_ms(&text, Date::now(), Date::parse)
}

/// Awaits a value that should be a promise. A page may have replaced the function that returned it, and an
/// exception thrown through WebAssembly would keep the call pending for ever.
async fn settled(value: Result<JsValue, JsValue>) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::resolve(&value?)).await
}

/// Returns whether the browser knows that there is no network.
fn is_offline() -> bool {
    NAVIGATOR.with(|navigator| {
        navigator.as_ref().is_some_and(|navigator| {
            Reflect::get(navigator, &"onLine".into()).is_ok_and(|is_online| is_online.as_bool() == Some(false))
        })
    })
}

/// The result of a call without its message.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    #[serde(skip_serializing_if = "Option::is_none")]
    total_faces: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detailed_faces: Option<Vec<DetailedFace>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_taken: Option<f64>,
    status: bool,
    code: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DetailedFace {
    is_underexposed: bool,
    is_overexposed: bool,
    is_blurred: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_spoofing: Option<bool>,
}

/// Converts an outcome to what the call resolves to.
fn result(outcome: Outcome, body: JsValue, operation: Operation) -> Result<JsValue, ErrorDetail> {
    let verdict = |status: bool, code: Code| Verdict {
        total_faces: None,
        detailed_faces: None,
        time_taken: None,
        status,
        code: code.as_str(),
    };
    let verdict = match outcome {
        Outcome::Response => {
            let result = camel_keys(body, 0).filter(JsValue::is_object).ok_or(Code::InvalidResponse)?;
            set(&result, "status", true);
            set(&result, "code", Code::Success.as_str());
            return Ok(result);
        }
        Outcome::Similarity(code) => verdict(code == Code::Similar, code),
        Outcome::Quality(code, faces) => Verdict {
            total_faces: Some(faces.len()),
            detailed_faces: Some(detailed_faces(&faces, operation)),
            ..verdict(code == Code::Success, code)
        },
        Outcome::Deleted => Verdict { time_taken: Some(0.0), ..verdict(true, Code::Success) },
    };
    Ok(to_object(&verdict))
}

fn detailed_faces(faces: &[FaceQuality], operation: Operation) -> Vec<DetailedFace> {
    let has_spoof_check = operation == Operation::QualityWithSpoofCheck;
    let detailed = |face: &FaceQuality| DetailedFace {
        is_underexposed: face.is_underexposed,
        is_overexposed: face.is_overexposed,
        is_blurred: face.is_blurred,
        is_spoofing: has_spoof_check.then_some(face.is_spoofing),
    };
    faces.iter().map(detailed).collect()
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
    fn object_tag(object: &Object) -> Result<String, JsValue>;

    #[wasm_bindgen(thread_local_v2, js_name = navigator)]
    static NAVIGATOR: Option<Object>;

    /// A `Blob` that may lack `arrayBuffer`, as old libraries make it.
    #[wasm_bindgen(catch, js_namespace = ["Blob", "prototype", "arrayBuffer"], js_name = call)]
    fn array_buffer(blob: &Blob) -> Result<JsValue, JsValue>;
}
