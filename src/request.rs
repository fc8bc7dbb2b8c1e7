//! One HTTP request and its answer, by the browser's own `fetch`.

use crate::failure::Failure;
use gloo_timers::callback::Timeout;
use js_sys::Promise;
use perse_protocol::{Code, route};
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, FormData, Headers, ReferrerPolicy, RequestCache, RequestCredentials, RequestInit,
    RequestRedirect, Response,
};

/// The caller's right to use the service.
pub(crate) enum Credentials {
    /// A session token.
    Token(String),
    /// An API key, as older deployments take it.
    ApiKey(String),
}

/// An answer of the service: its HTTP status, and its body as the browser parsed it (`undefined`
/// where it is not JSON).
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: JsValue,
}

/// Sends a request and reads the whole answer within `timeout` milliseconds. Nothing but the
/// credentials and the body goes with it: no cookies, no referrer; a redirect is not followed,
/// because it could carry the credentials elsewhere.
///
/// # Errors
/// `timeout` or `network_error`.
pub(crate) async fn send(
    method: &str,
    url: &str,
    credentials: &Credentials,
    body: Option<&FormData>,
    timeout: f64,
) -> Result<Answer, Failure> {
    let controller = AbortController::new().map_err(|_| Code::InternalError)?;
    let init = RequestInit::new();
    init.set_method(method);
    init.set_headers(headers(credentials)?.as_ref());
    init.set_credentials(RequestCredentials::Omit);
    init.set_redirect(RequestRedirect::Error);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    init.set_cache(RequestCache::NoStore);
    init.set_signal(Some(&controller.signal()));
    if let Some(body) = body {
        init.set_body(body);
    }

    let timed_out = Rc::new(Cell::new(false));
    let _timer = Timeout::new(timeout.min(f64::from(i32::MAX)) as u32, {
        let timed_out = Rc::clone(&timed_out);
        move || {
            timed_out.set(true);
            controller.abort();
        }
    });
    exchange(url, &init)
        .await
        .map_err(|_| if timed_out.get() { Code::Timeout } else { Code::NetworkError }.into())
}

async fn exchange(url: &str, init: &RequestInit) -> Result<Answer, JsValue> {
    let response: Response = settled(&fetch(url, init)?).await?.unchecked_into();
    let text = settled(response.text()?.as_ref()).await?;
    Ok(Answer { status: response.status(), body: parse(&text).unwrap_or_default() })
}

/// Awaits what should be a promise. A page may have put something else in its place, and an exception
/// thrown through WebAssembly would hold the call for ever.
pub(crate) async fn settled(value: &JsValue) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::resolve(value)).await
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

#[wasm_bindgen]
extern "C" {
    /// The global `fetch`, of a window, a worker or a server alike.
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &RequestInit) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = JSON)]
    fn parse(text: &JsValue) -> Result<JsValue, JsValue>;
}
