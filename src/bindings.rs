//! The surface that JavaScript sees: conversions only, no decisions.

use crate::{
    answer::with_verdict,
    arguments::Arguments,
    call::{self, Session},
    failure::Failure,
    operation::Operation,
    request::Credentials,
};
use js_sys::{Array, Function, Object};
use std::panic;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

#[wasm_bindgen(typescript_custom_section)]
const SESSION: &str = r#"
/** What a client is set to when a call starts. */
export interface Session {
    readonly baseUrl: string;
    readonly token: string | undefined;
    readonly apiKey: string | undefined;
    readonly enduserConsent: boolean;
    /** Milliseconds. */
    readonly timeout: number;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// What a client is set to when a call starts, as the facade keeps it.
    #[wasm_bindgen(typescript_type = "Session")]
    pub type JsSession;

    #[wasm_bindgen(method, getter, js_name = baseUrl)]
    fn base_url(this: &JsSession) -> String;
    #[wasm_bindgen(method, getter)]
    fn token(this: &JsSession) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = apiKey)]
    fn api_key(this: &JsSession) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = enduserConsent)]
    fn enduser_consent(this: &JsSession) -> bool;
    #[wasm_bindgen(method, getter)]
    fn timeout(this: &JsSession) -> f64;
}

impl From<&JsSession> for Session {
    fn from(session: &JsSession) -> Self {
        let token = session.token().map(Credentials::Token);
        Self {
            base_url: session.base_url(),
            credentials: token.or_else(|| session.api_key().map(Credentials::ApiKey)),
            consent: session.enduser_consent(),
            timeout: session.timeout(),
        }
    }
}

/// Tells `on_panic` of a panic and where it was. Nothing of the instance may be used after it: a
/// pending call will not settle by itself.
#[wasm_bindgen]
pub fn start(on_panic: Function) {
    panic::set_hook(Box::new(move |info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let _ = on_panic.call1(&JsValue::UNDEFINED, &place.into());
    }));
}

/// Runs a method with the values that the page passed to it. Resolves to its result; rejects with
/// `{status: false, code, message}`.
#[wasm_bindgen]
pub async fn call(operation: Operation, session: JsSession, values: Array) -> Result<Object, Object> {
    let result = match Arguments::read(operation, &values) {
        Ok(arguments) => call::run(operation, &Session::from(&session), &arguments).await,
        Err(failure) => Err(failure),
    };
    result.map_err(|Failure { code, message }| with_verdict(&Object::new(), false, code, &message))
}
