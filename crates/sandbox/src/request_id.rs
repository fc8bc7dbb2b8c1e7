//! An id for each request, in its response and in the log: the client's own, or a random one.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use perse_protocol::route;
use uuid::Uuid;

/// The header's name.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static(route::REQUEST_ID);
/// Long enough for every usual id, and too short for a session token, which must not reach the log.
const MAX_CHARS: usize = 64;

/// The id of a request, among its extensions.
#[derive(Clone)]
pub(crate) struct RequestId(pub(crate) HeaderValue);

/// Gives a request its id, and its response the same.
pub(crate) async fn set_request_id(mut request: Request, next: Next) -> Response {
    let id = client_id(request.headers()).unwrap_or_else(random_id);
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// Returns the client's id, if it is one of letters, digits, `-` and `_`. A dot is missing here on purpose:
/// each JWT has two.
fn client_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let id = headers.get(REQUEST_ID)?;
    let is_sane = (1..=MAX_CHARS).contains(&id.len())
        && id.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    is_sane.then(|| id.clone())
}

fn random_id() -> HeaderValue {
    // A UUID is letters and dashes: the fallback is never reached.
    HeaderValue::try_from(Uuid::new_v4().to_string()).unwrap_or_else(|_| HeaderValue::from_static("-"))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};

    use super::{REQUEST_ID, client_id};

    #[test]
    fn only_a_sane_id_is_taken_over() {
        let taken = |id: &str| {
            let headers = HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_str(id).unwrap())]);
            client_id(&headers).is_some()
        };
        for id in ["a", "0c5e6f8a-0000-4000-8000-1234567890ab", "trace_7", &"x".repeat(64)] {
            assert!(taken(id), "{id}");
        }
        for id in ["", "a b", "a.b.c", "a\"b", "é", "a/b", &"x".repeat(65)] {
            assert!(!taken(id), "{id}");
        }
        assert!(client_id(&HeaderMap::new()).is_none());
    }
}
