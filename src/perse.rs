//! The class that JavaScript sees. It converts values and starts attempts; it decides nothing.

use crate::{
    attempt::{self, Refusal},
    error_detail::ErrorDetail,
    js_value::{Value, object},
    operation::Operation,
    photo::{self, Inspection, Limits},
    response,
    verdict::{ImageMetrics, ImageQuality},
};
use js_sys::{Array, Function, Promise, Uint8Array};
use perse_protocol::{Code, json::Json, route};
use std::{cell::RefCell, panic};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::future_to_promise;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Settings of a {@link Perse}. */
export interface PerseSettings {
    /** Base URL of the API; `https://api.getperse.com/v0` by default. */
    readonly baseUrl?: string;
    /** API key of an older deployment, sent when there is no session token. */
    readonly apiKey?: string | undefined;
    /** The end user agreed to the use of their biometric data; `false` by default. */
    readonly enduserConsent?: boolean;
    /** Replaces the global `fetch`. */
    readonly fetch?: typeof fetch | undefined;
}

/** Options of one attempt. */
export interface AttemptOptions {
    /** Overrides the setting. */
    readonly enduserConsent?: boolean;
    /** Aborts the request. */
    readonly signal?: AbortSignal;
    /** The images are Blobs that were inspected and go out unchanged; `false` by default. */
    readonly prepared?: boolean;
    /** Number of this attempt at the same call, from 0; `0` by default. */
    readonly attempt?: number;
    /** An earlier attempt at the same call may have been carried out; `false` by default. */
    readonly mayHaveHappened?: boolean;
    /** One per call, the same for all of its attempts: under one key the service enrols one user. */
    readonly idempotencyKey?: string | undefined;
}

/** The rejection of an attempt. */
export interface Refusal {
    readonly status: false;
    readonly code: Exclude<Code, "success" | "similar">;
    /** Message in English: what happened and what to do; `undefined` where the code's message says everything. */
    readonly detail: string | undefined;
    /** Milliseconds to wait before the next attempt; `undefined` when it must not be repeated. */
    readonly retryAfterMs: number | undefined;
    /** Whether the service may have carried the request out. */
    readonly mayHaveHappened: boolean;
}

/** The next step for a photo, and what its file holds. */
export interface Inspection {
    readonly next: "readMore" | "send" | "encode";
    /** MIME type, by content. */
    readonly type: string;
    /** Pixels in a row, upright. */
    readonly width: number;
    /** Rows, upright. */
    readonly height: number;
    /** EXIF orientation that the pixels are stored in, 1 to 8. */
    readonly orientation: number;
    /** Kinds of metadata that were found. */
    readonly removed: ("exif" | "gps" | "xmp" | "iptc" | "comment" | "thumbnail" | "trailing" | "other")[];
    /** Replaces the inspected bytes. */
    readonly bytes: Uint8Array<ArrayBuffer> | undefined;
    /** Message for a browser that can't decode the file. */
    readonly undecodable: string | undefined;
}

/** The verdict on a whole image. */
export interface ImageVerdict {
    readonly status: boolean;
    readonly code: "success" | "bad_image_quality";
    readonly detail: string | undefined;
    readonly metrics: { underexposure: number; overexposure: number; sharpness: number };
    readonly isUnderexposed: boolean;
    readonly isOverexposed: boolean;
    readonly isBlurred: boolean;
    /** No service could find a good face in the image. */
    readonly isHopeless: boolean;
}
"#;

/// A client of the service. Each method makes one attempt.
///
/// Images are Blobs, or their bytes. Methods resolve to `{ status, code, … }` without a message, and reject
/// with a `Refusal`.
#[wasm_bindgen]
pub struct Perse(RefCell<Settings>);

/// Settings that a client sends with its requests.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub(crate) base_url: String,
    pub(crate) api_key: Option<String>,
    pub(crate) enduser_consent: bool,
    pub(crate) fetch: Option<Function>,
    pub(crate) token: Option<String>,
}

impl Settings {
    /// Reads `PerseSettings`; `None` when one is of a wrong type.
    fn read(settings: &Value) -> Option<Self> {
        if !(settings.0.is_object() || settings.is_null()) {
            return None;
        }
        let base_url: Option<String> = settings.field("baseUrl")?;
        Some(Self {
            base_url: base_url.unwrap_or_else(|| route::BASE_URL.to_owned()),
            api_key: settings.field("apiKey")?,
            enduser_consent: settings.field::<Option<bool>>("enduserConsent")?.unwrap_or_default(),
            fetch: settings.get("fetch").0.dyn_into().ok(),
            token: None,
        })
    }
}

/// Options of one attempt.
pub(crate) struct AttemptOptions {
    pub(crate) enduser_consent: Option<bool>,
    pub(crate) prepared: bool,
    pub(crate) attempt: u32,
    pub(crate) may_have_happened: bool,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) signal: JsValue,
}

impl AttemptOptions {
    /// Reads `AttemptOptions`; `None` when one is of a wrong type.
    fn read(options: &Value) -> Option<Self> {
        Some(Self {
            enduser_consent: options.field("enduserConsent")?,
            prepared: options.field::<Option<bool>>("prepared")?.unwrap_or_default(),
            attempt: options.field::<Option<u32>>("attempt")?.unwrap_or_default(),
            may_have_happened: options.field::<Option<bool>>("mayHaveHappened")?.unwrap_or_default(),
            idempotency_key: options.field("idempotencyKey")?,
            signal: options.get("signal").0,
        })
    }
}

fn invalid_options() -> ErrorDetail {
    ErrorDetail::new(Code::InvalidRequest, "An option has a wrong type. Check the options.")
}

#[wasm_bindgen]
impl Perse {
    /// Creates a client.
    ///
    /// # Errors
    /// `invalid_request` for settings of a wrong type.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_optional_param_type = "PerseSettings")] settings: JsValue,
    ) -> Result<Perse, JsValue> {
        let perse = Self(RefCell::default());
        perse.configure(settings)?;
        Ok(perse)
    }

    /// Replaces the settings; those that are not named get their default. The session token stays.
    ///
    /// # Errors
    /// `invalid_request` for settings of a wrong type.
    pub fn configure(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "PerseSettings")] settings: JsValue,
    ) -> Result<(), JsValue> {
        let settings = Settings::read(&Value(settings)).ok_or_else(|| refused(invalid_options()))?;
        let token = self.0.take().token;
        self.0.replace(Settings { token, ..settings });
        Ok(())
    }

    /// Sets the session token of the next attempts; nothing or an empty string forgets it.
    #[wasm_bindgen(js_name = setToken)]
    pub fn set_token(&self, token: Option<String>) {
        self.0.borrow_mut().token = token.filter(|token| !token.is_empty());
    }

    /// Finds the faces of an image.
    #[wasm_bindgen(unchecked_return_type = "Promise<Detection & { status: true; code: 'success' }>")]
    pub fn detect(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Blob | BufferSource")] image: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "AttemptOptions")] options: JsValue,
    ) -> Promise {
        self.start(Operation::Detect, vec![image], options)
    }

    /// Compares two images, or an image and an enrolled user, in either order.
    #[wasm_bindgen(unchecked_return_type = "Promise<Comparison & { status: true; code: 'success' }>")]
    pub fn compare(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Blob | BufferSource | string")] a: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Blob | BufferSource | string")] b: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "AttemptOptions")] options: JsValue,
    ) -> Promise {
        self.start(Operation::Compare, vec![a, b], options)
    }

    /// Compares as `compare` does, and judges the similarity by the response's own threshold.
    #[wasm_bindgen(js_name = isSimilar, unchecked_return_type = "Promise<{ status: boolean; code: 'similar' | 'not_similar' }>")]
    pub fn is_similar(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Blob | BufferSource | string")] a: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Blob | BufferSource | string")] b: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "AttemptOptions")] options: JsValue,
    ) -> Promise {
        self.start(Operation::IsSimilar, vec![a, b], options)
    }

    /// Judges the exposure and sharpness of each face of an image.
    #[wasm_bindgen(
        unchecked_return_type = "Promise<{ status: boolean; code: Code; totalFaces: number; detailedFaces: object[] }>"
    )]
    pub fn quality(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Blob | BufferSource")] image: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "AttemptOptions")] options: JsValue,
    ) -> Promise {
        self.start(Operation::Quality, vec![image], options)
    }

    /// Judges as `quality` does, and whether a face may be a picture of a person.
    #[wasm_bindgen(js_name = qualityWithSpoofCheck, unchecked_return_type = "Promise<{ status: boolean; code: Code; totalFaces: number; detailedFaces: object[] }>")]
    pub fn quality_with_spoof_check(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Blob | BufferSource")] image: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "AttemptOptions")] options: JsValue,
    ) -> Promise {
        self.start(Operation::QualityWithSpoofCheck, vec![image], options)
    }

    /// Enrols the person of an image.
    #[wasm_bindgen(js_name = enrollmentCreate, unchecked_return_type = "Promise<Enrollment & { status: true; code: 'success' }>")]
    pub fn enrollment_create(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Blob | BufferSource")] image: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "AttemptOptions")] options: JsValue,
    ) -> Promise {
        self.start(Operation::EnrollmentCreate, vec![image], options)
    }

    /// Lists the enrolled users.
    #[wasm_bindgen(js_name = enrollmentRead, unchecked_return_type = "Promise<EnrollmentList & { status: true; code: 'success' }>")]
    pub fn enrollment_read(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "AttemptOptions")] options: JsValue,
    ) -> Promise {
        self.start(Operation::EnrollmentRead, vec![], options)
    }

    /// Replaces an enrolled user's image; image and user token in either order.
    #[wasm_bindgen(js_name = enrollmentUpdate, unchecked_return_type = "Promise<Enrollment & { status: true; code: 'success' }>")]
    pub fn enrollment_update(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Blob | BufferSource | string")] a: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Blob | BufferSource | string")] b: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "AttemptOptions")] options: JsValue,
    ) -> Promise {
        self.start(Operation::EnrollmentUpdate, vec![a, b], options)
    }

    /// Deletes an enrolled user.
    #[wasm_bindgen(js_name = enrollmentDelete, unchecked_return_type = "Promise<Deletion & { status: true; code: 'success' }>")]
    pub fn enrollment_delete(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] user_token: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "AttemptOptions")] options: JsValue,
    ) -> Promise {
        self.start(Operation::EnrollmentDelete, vec![user_token], options)
    }

    /// Measures and judges RGBA pixels, `width` per row, of an image whose shorter side was reduced to 128.
    #[cfg(feature = "standalone")]
    #[wasm_bindgen(js_name = imageQuality, unchecked_return_type = "ImageVerdict")]
    pub fn image_quality(&self, rgba: &[u8], width: u32) -> JsValue {
        image_verdict(ImageMetrics::measure(rgba, width))
    }

    fn start(&self, operation: Operation, values: Vec<JsValue>, options: JsValue) -> Promise {
        let settings = self.0.borrow().clone();
        future_to_promise(async move {
            let options = AttemptOptions::read(&Value(options)).ok_or_else(|| refused(invalid_options()))?;
            attempt::run(operation, &settings, &values, &options).await.map_err(refused)
        })
    }
}

/// Converts a refusal to the rejection of an attempt.
fn refused(refusal: impl Into<Refusal>) -> JsValue {
    let Refusal { error, retry } = refusal.into();
    object([
        ("status", false.into()),
        ("code", error.code.as_str().into()),
        ("detail", error.detail.as_deref().into()),
        ("retryAfterMs", retry.after_ms.into()),
        ("mayHaveHappened", retry.may_have_happened.into()),
    ])
}

/// Checks a call before its photos are prepared: the number of images and user tokens, and the consent.
/// Any object counts as an image.
///
/// # Errors
/// A `Refusal`.
#[wasm_bindgen(js_name = checkCall)]
pub fn check_call(operation: Operation, values: &Array, enduser_consent: bool) -> Result<(), JsValue> {
    let values: Vec<_> = (0..values.length()).map(|index| values.get(index)).collect();
    let check = || {
        attempt::arguments(operation, &values)?;
        operation.check_consent(enduser_consent)
    };
    check().map_err(refused)
}

/// Judges a detection at hand, as `quality` judges a photo, with `spoofCheck` as `qualityWithSpoofCheck`.
///
/// # Errors
/// A `Refusal` with `invalid_request` for a value that is no detection.
#[wasm_bindgen(
    js_name = judgeDetection,
    unchecked_return_type = "{ status: boolean; code: Code; totalFaces: number; detailedFaces: object[] }"
)]
pub fn judge_detection(detection: JsValue, spoof_check: bool) -> Result<JsValue, JsValue> {
    let operation = if spoof_check { Operation::QualityWithSpoofCheck } else { Operation::Quality };
    response::judge(operation, 200, &Value(detection), false)
        .ok()
        .and_then(|outcome| attempt::result(outcome, JsValue::UNDEFINED, operation).ok())
        .ok_or_else(|| {
            refused(ErrorDetail::new(Code::InvalidRequest, "qualityOf expects a result of face.detect."))
        })
}

/// Inspects the first bytes of a photo's file of `fileBytes` bytes, or all of them. A photo whose longer side has
/// more than `maxSide` pixels, or whose file has more than `maxBytes` bytes, is encoded again; with a `maxSide` of
/// 0 it can only be sent as it is, except for its metadata.
///
/// # Errors
/// A `Refusal` with `empty_file`, `invalid_file_type` or `file_too_large`.
#[wasm_bindgen(js_name = inspectPhoto, unchecked_return_type = "Inspection")]
pub fn inspect_photo(
    bytes: &[u8],
    file_bytes: f64,
    max_side: u32,
    max_bytes: u32,
) -> Result<JsValue, JsValue> {
    let limits = (max_side > 0).then_some(Limits { side: max_side, bytes: max_bytes });
    let (next, photo) = match photo::inspect(bytes, file_bytes, limits).map_err(refused)? {
        Inspection::ReadMore => ("readMore", None),
        Inspection::Send(photo) => ("send", Some(photo)),
        Inspection::Encode(photo) => ("encode", Some(photo)),
    };
    let Some(photo) = photo else { return Ok(object([("next", next.into())])) };
    let undecodable = photo::undecodable(photo.image_type).and_then(|error| error.detail);
    let removed = Array::new();
    for kind in photo.removed {
        removed.push(&kind.name().into());
    }
    Ok(object([
        ("next", next.into()),
        ("type", photo.image_type.mime().into()),
        ("width", photo.width.into()),
        ("height", photo.height.into()),
        ("orientation", photo.orientation.into()),
        ("removed", removed.into()),
        ("bytes", photo.bytes.as_deref().map(Uint8Array::from).into()),
        ("undecodable", undecodable.as_deref().into()),
    ]))
}

/// Judges the metrics of a whole image whose shorter side was reduced to 128 pixels.
#[wasm_bindgen(js_name = judgeImage, unchecked_return_type = "ImageVerdict")]
pub fn judge_image(underexposure: f64, overexposure: f64, sharpness: f64) -> JsValue {
    image_verdict(ImageMetrics { underexposure, overexposure, sharpness })
}

fn image_verdict(metrics: ImageMetrics) -> JsValue {
    let quality = ImageQuality::judge(metrics);
    let code = quality.code();
    object([
        (
            "metrics",
            object([
                ("underexposure", metrics.underexposure.into()),
                ("overexposure", metrics.overexposure.into()),
                ("sharpness", metrics.sharpness.into()),
            ]),
        ),
        ("isUnderexposed", quality.is_underexposed.into()),
        ("isOverexposed", quality.is_overexposed.into()),
        ("isBlurred", quality.is_blurred.into()),
        ("isHopeless", quality.is_hopeless().into()),
        ("detail", quality.detail().into()),
        ("status", (code == Code::Success).into()),
        ("code", code.as_str().into()),
    ])
}

/// Reports a panic's source file and line to `onPanic`, and replaces the instance before the next call. Calls
/// that are pending then never settle by themselves.
#[wasm_bindgen]
pub fn start(on_panic: Function) {
    panic::set_hook(Box::new(move |info| {
        wasm_bindgen::handler::schedule_reinit();
        let (file, line) = info.location().map(|at| (at.file(), at.line())).unwrap_or_default();
        let _ = on_panic.call2(&JsValue::UNDEFINED, &file.into(), &line.into());
    }));
}

/// Replaces the instance before the next call, after an error inside it that was no panic.
#[wasm_bindgen]
pub fn discard() {
    wasm_bindgen::handler::schedule_reinit();
}
