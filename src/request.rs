//! One HTTP request and its answer, by the browser's own `fetch`.

use crate::{failure::Failure, value::Value};
use js_sys::{Date, JsString, Promise, Reflect};
use perse_protocol::{Code, route};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, FormData, Headers, ReferrerPolicy, RequestCache, RequestCredentials, RequestInit,
    RequestRedirect, Response,
};

/// The caller's right to use the service.
pub(crate) enum Credentials {
    /// A session token.
    Token(String),
    /// An API key, as older deployments take it.
    ApiKey(String),
}

/// A request that can be sent again.
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) url: String,
    pub(crate) body: Option<FormData>,
    /// The most UTF-16 units that its answer may have.
    pub(crate) longest_answer: u32,
}

/// An answer of the service: its HTTP status, its body as the browser parsed it (`undefined` where it
/// is not JSON), and the milliseconds after which it asked to be asked again.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) retry_after: Option<f64>,
}

impl Request {
    /// Sends it and reads the whole answer, unless `signal` ends both. Nothing but the credentials and
    /// the body goes with it: no cookies, no referrer; a redirect is not followed, because it could
    /// carry the credentials elsewhere.
    ///
    /// # Errors
    /// `offline` or `network_error`, also when the signal ended it.
    pub(crate) async fn send(
        &self,
        credentials: &Credentials,
        signal: &AbortSignal,
    ) -> Result<Answer, Failure> {
        let init = RequestInit::new();
        init.set_method(self.method);
        init.set_headers(headers(credentials)?.as_ref());
        init.set_credentials(RequestCredentials::Omit);
        init.set_redirect(RequestRedirect::Error);
        init.set_referrer_policy(ReferrerPolicy::NoReferrer);
        init.set_cache(RequestCache::NoStore);
        init.set_signal(Some(signal));
        if let Some(body) = &self.body {
            init.set_body(body);
        }
        self.exchange(&init)
            .await
            .map_err(|_| if is_offline() { Code::Offline } else { Code::NetworkError }.into())
    }

    async fn exchange(&self, init: &RequestInit) -> Result<Answer, JsValue> {
        let response: Response = settled(fetch(&self.url, init)).await?.unchecked_into();
        let text = settled(response.text().map(Into::into)).await?;
        let length = text.dyn_ref::<JsString>().map_or(0, JsString::length);
        let body = if length > self.longest_answer { None } else { parse(&text).ok() };
        Ok(Answer {
            status: response.status(),
            body: Value(body.unwrap_or_default()),
            retry_after: response
                .headers()
                .get(RETRY_AFTER)
                .ok()
                .flatten()
                .and_then(|text| milliseconds(&text)),
        })
    }
}

const RETRY_AFTER: &str = "Retry-After";

/// `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), as milliseconds from now.
fn milliseconds(retry_after: &str) -> Option<f64> {
    let milliseconds = match retry_after.trim().parse::<u32>() {
        Ok(seconds) => f64::from(seconds) * 1000.0,
        Err(_) => Date::parse(retry_after) - Date::now(),
    };
    milliseconds.is_finite().then_some(milliseconds.max(0.0))
}

/// What becomes of what should have given a promise. A page may have put something else in its place,
/// and an exception thrown through WebAssembly would hold the call for ever.
pub(crate) fn settled(given: Result<JsValue, JsValue>) -> JsFuture {
    JsFuture::from(match given {
        Ok(value) => Promise::resolve(&value),
        Err(thrown) => Promise::reject(&thrown),
    })
}

fn headers(credentials: &Credentials) -> Result<Headers, Failure> {
    let headers = Headers::new().map_err(|_| Code::InternalError)?;
    match credentials {
        Credentials::Token(token) => headers.set(route::AUTHORIZATION, &["Bearer ", token].concat()),
        Credentials::ApiKey(key) => headers.set(route::API_KEY, key),
    }
    // A header takes no line break and nothing outside Latin-1; no real token has any.
    .map_err(|_| Code::Unauthorized)?;
    Ok(headers)
}

/// Whether the browser knows that there is no network; it says so only where it is sure.
fn is_offline() -> bool {
    Reflect::get(&js_sys::global(), &"navigator".into())
        .and_then(|navigator| Reflect::get(&navigator, &"onLine".into()))
        .is_ok_and(|is_online| is_online == JsValue::FALSE)
}

#[wasm_bindgen]
extern "C" {
    /// The global `fetch`, of a window, a worker or a server alike.
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &RequestInit) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = JSON)]
    fn parse(text: &JsValue) -> Result<JsValue, JsValue>;
}
