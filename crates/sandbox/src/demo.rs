//! The demo page, and the part of the page's own backend: giving the page a session token.
//!
//! Everything here hands out access without a key, so it exists only when it is asked for, and only
//! for the page itself.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    middleware::{Next, from_fn},
    response::Response,
    routing::post,
};
use perse_protocol::{Code, Scope};
use serde::Serialize;
use tower_http::{
    services::{ServeDir, ServeFile},
    set_header::SetResponseHeaderLayer,
};

use crate::{app::App, auth::Grant, config::Demo, error::Failure};

/// The sample photos, the only files of their folder that are served.
const SAMPLES: [&str; 6] =
    ["sample1.jpg", "sample2.jpg", "sample3.jpg", "sample4.jpg", "sample5.jpg", "sample6.jpg"];

/// The longest path of a file, and the longest name in it, in bytes; Linux allows 4,096 and 255.
const MAX_PATH_BYTES: usize = 1024;
const MAX_NAME_BYTES: usize = 255;

/// Only the page's own files, WebAssembly, the SDK's worker, which it starts from a blob, and pictures
/// that the page holds itself.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
    worker-src 'self' blob:; img-src 'self' blob: data:; media-src 'self' blob:; style-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page at `/`, the package at `/pkg/`, the samples at `/samples/`, a token at `/demo/session`.
pub(crate) fn router(demo: &Demo) -> Router<Arc<App>> {
    let mut files = Router::new().nest_service("/pkg", ServeDir::new(&demo.pkg));
    for sample in SAMPLES {
        files = files.route_service(&format!("/samples/{sample}"), ServeFile::new(demo.samples.join(sample)));
    }
    let header = |name, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    files
        .fallback_service(ServeDir::new(&demo.www))
        .layer(from_fn(refuse_long_path))
        // Asks each time whether the file is still the same: what was built last is what is seen.
        .layer(header(header::CACHE_CONTROL, "no-cache"))
        .layer(header(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .layer(header(header::HeaderName::from_static("permissions-policy"), "camera=(self)"))
        .layer(header(header::REFERRER_POLICY, "no-referrer"))
        .route("/demo/session", post(session))
}

/// Responds 404 to a path that no file system has, where the file server would fail with 500.
async fn refuse_long_path(request: Request, next: Next) -> Result<Response, Failure> {
    let path = request.uri().path();
    if path.len() > MAX_PATH_BYTES || path.split('/').any(|name| name.len() > MAX_NAME_BYTES) {
        return Err(Code::RouteNotFound.into());
    }
    Ok(next.run(request).await)
}

/// Response of the page's backend to the page.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Session {
    token: String,
    /// Milliseconds since 1970, as `Date.now()` counts.
    expires_at: u64,
}

async fn session(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<([(header::HeaderName, &'static str); 1], Json<Session>), Failure> {
    if !is_own_page(&headers) {
        return Err(Failure::because(
            Code::RequestRefused,
            "Only the demo page itself gets a session here. Open it at http://localhost and the port.",
        )
        .with_status(StatusCode::FORBIDDEN));
    }
    // By name, so that a scope that is added later is not the page's by default.
    let token = app.auth.issue(Grant::of(&[Scope::Detect, Scope::Compare, Scope::Enrol, Scope::Users]))?;
    let session = Session { token: token.jwt, expires_at: token.expires_at.saturating_mul(1000) };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(session)))
}

/// Whether a request comes from the page that this server serves, or from no page at all.
fn is_own_page(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or_default());
    let Some(host) = text(header::HOST) else { return false };
    let same_origin = match (text(header::HeaderName::from_static("sec-fetch-site")), text(header::ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin.split_once("://").is_some_and(|(_, authority)| authority == host),
        (None, None) => true,
    };
    same_origin && is_this_machine(host)
}

/// Whether a host is an address or `localhost`. Any other name might be one that its owner pointed at
/// this machine to make a foreign page look like ours (DNS rebinding).
fn is_this_machine(host: &str) -> bool {
    let Ok(host) = host.parse::<Uri>() else { return false };
    let Some(name) = host.host() else { return false };
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || name.ends_with(".localhost") || bare.parse::<std::net::IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    use super::is_own_page;

    fn asked(headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers
            .iter()
            .map(|&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        is_own_page(&HeaderMap::from_iter(headers))
    }

    #[test]
    fn only_the_page_itself_is_let_in() {
        assert!(asked(&[("host", "localhost:8787"), ("sec-fetch-site", "same-origin")]));
        assert!(asked(&[("host", "127.0.0.1:8787"), ("origin", "http://127.0.0.1:8787")]));
        assert!(asked(&[("host", "[::1]:8787"), ("origin", "http://[::1]:8787")]));
        assert!(asked(&[("host", "localhost")]));

        assert!(!asked(&[("host", "localhost:8787"), ("sec-fetch-site", "cross-site")]));
        assert!(!asked(&[("host", "localhost:8787"), ("sec-fetch-site", "same-site")]));
        assert!(!asked(&[("host", "localhost:8787"), ("origin", "http://localhost:3000")]));
        assert!(!asked(&[("host", "localhost:8787"), ("origin", "null")]));
        assert!(!asked(&[("host", "evil.test:8787"), ("sec-fetch-site", "same-origin")]));
        assert!(!asked(&[("host", "localhost.evil.test")]));
        assert!(!asked(&[]));
    }
}
