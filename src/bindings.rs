//! The surface that JavaScript sees: conversions only, no decisions.

use crate::{
    answer::{set, with_verdict},
    arguments::Arguments,
    call,
    failure::Failure,
    jwt::{self, Claims},
    operation::Operation,
    value::Value,
};
use js_sys::{Array, Function, JSON, Object, Reflect};
use perse_protocol::{Code, json::Read};
use std::panic;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::AbortSignal;

#[wasm_bindgen(typescript_custom_section)]
const CONTEXT: &str = r#"
/** What a call runs under: the client's settings, and what the facade does for the core. */
export interface CallContext {
    readonly baseUrl: string;
    readonly apiKey: string | undefined;
    /** Read anew before each request: consent can be taken back. */
    readonly enduserConsent: boolean;
    /** How often a request may be repeated. */
    readonly retries: number;
    /** Aborted when the call is over. */
    readonly signal: AbortSignal;
    /** A session token other than the one that was rejected; `undefined` if there is none. Rejects with a failure. */
    token(rejected: string | undefined): Promise<string | undefined>;
    /** Resolves after so many milliseconds; rejects at once if the call will be over by then. */
    pause(milliseconds: number): Promise<void>;
    /** Whether a photo may be made fit. */
    readonly prepare: boolean;
    /** Whether a photo is looked at before it is sent. */
    readonly precheck: boolean;
    /** Makes an upright JPEG of at most so many bytes; a file has no orientation of its own. Rejects with a failure. */
    encode(picture: object, orientation: number, maxBytes: number): Promise<{ blob: Blob; width: number; height: number }>;
    /** Measures a picture, its shorter side reduced to so many pixels. Rejects with a failure. */
    measure(picture: object, shorterSide: number): Promise<Measured>;
}

/** The metrics of a whole picture, and its size. */
export interface Measured {
    readonly width: number;
    readonly height: number;
    readonly underexposure: number;
    readonly overexposure: number;
    readonly sharpness: number;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// What a call runs under, as the facade keeps it.
    #[wasm_bindgen(typescript_type = "CallContext")]
    pub type CallContext;

    #[wasm_bindgen(method, getter, js_name = baseUrl)]
    pub(crate) fn base_url(this: &CallContext) -> String;
    #[wasm_bindgen(method, getter, js_name = apiKey)]
    pub(crate) fn api_key(this: &CallContext) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = enduserConsent)]
    pub(crate) fn enduser_consent(this: &CallContext) -> bool;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn retries(this: &CallContext) -> u32;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn signal(this: &CallContext) -> AbortSignal;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn token(this: &CallContext, rejected: Option<&str>) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn pause(this: &CallContext, milliseconds: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn prepare(this: &CallContext) -> bool;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn precheck(this: &CallContext) -> bool;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn encode(
        this: &CallContext,
        picture: &JsValue,
        orientation: u8,
        max_bytes: u32,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn measure(this: &CallContext, picture: &JsValue, side: u32) -> Result<JsValue, JsValue>;
}

/// What the facade rejected a promise with, `{code, detail}`.
pub(crate) fn failure_of(cause: JsValue) -> Failure {
    let text = |key: &str| Reflect::get(&cause, &key.into()).ok().and_then(|value| value.as_string());
    let code = text("code").and_then(|code| Code::parse(&code)).unwrap_or(Code::InternalError);
    Failure { code, detail: text("detail").map(Into::into) }
}

/// Tells `on_panic` of a panic and where it was. Nothing of the instance may be used after it: a
/// pending call will not settle by itself.
#[wasm_bindgen]
pub fn start(on_panic: Function) {
    panic::set_hook(Box::new(move |info| {
        let place = info.location().map(|at| [at.file(), ":", &at.line().to_string()].concat());
        let _ = on_panic.call1(&JsValue::UNDEFINED, &place.unwrap_or_default().into());
    }));
}

/// Runs a method with the images and user tokens that the page passed to it. Resolves to its result
/// without its message, `{status, code, …}`; rejects with `{code, detail}`.
#[wasm_bindgen]
pub async fn call(operation: Operation, context: CallContext, values: Array) -> Result<Object, Object> {
    let result = match Arguments::read(operation, &values) {
        Ok(arguments) => call::run(operation, &context, &arguments).await,
        Err(failure) => Err(failure),
    };
    result.map_err(|Failure { code, detail }| {
        let object = with_verdict(Object::new(), false, code);
        set(&object, "detail", detail.as_deref());
        object
    })
}

/// Milliseconds that a session token received at `now` still lives, as [`Claims::time_left`] judges;
/// `undefined` if it does not say.
#[wasm_bindgen(js_name = timeLeft)]
pub fn time_left(token: &str, now: f64, is_fresh: bool) -> Option<f64> {
    let claims = JSON::parse(&jwt::payload(token)?).ok()?;
    Claims::read(&Value(claims))?.time_left(now, is_fresh)
}
