//! One line per request: method, route, status, milliseconds, id.
//!
//! The route is the template, never the path: a path may carry a user token. Headers and bodies carry
//! session tokens, keys and photos, and are never logged.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};

use perse_protocol::Code;

use crate::{metrics::Metrics, request_id::RequestId, serve::CloseConnection};

/// Logs and counts a request once it is answered. Health checks and metrics come every few seconds: they are
/// logged for debugging alone.
pub(crate) async fn log(State(metrics): State<Arc<Metrics>>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let id = request.extensions().get::<RequestId>().cloned();
    let response = next.run(request).await;
    let id = id.as_ref().and_then(|RequestId(id)| id.to_str().ok()).unwrap_or("-");
    let route = route.as_ref().map_or("-", |route| template(route.as_str()));
    let took = start.elapsed();
    let (status, ms) = (response.status().as_u16(), took.as_millis());
    let code = response.extensions().get::<Code>().copied().unwrap_or(Code::Success);
    metrics.add_request(&method, route, code, took);
    if route.starts_with("/health/") || route == "/metrics" {
        tracing::debug!(%method, route, status, ms, id, "answered");
    } else if CloseConnection::is_on(&response) {
        tracing::info!(%method, route, ms, id, "not answered");
    } else if response.status().is_server_error() {
        tracing::warn!(%method, route, status, ms, id, "answered");
    } else {
        tracing::info!(%method, route, status, ms, id, "answered");
    }
    response
}

/// The router names the tail of a folder in its own way; the folder is enough.
fn template(route: &str) -> &str {
    route.split_once("{*").map_or(route, |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_folder_is_logged_as_a_folder() {
        assert_eq!(super::template("/pkg/{*tail}"), "/pkg/");
        assert_eq!(super::template("/v0/face/enrollment/{user_token}"), "/v0/face/enrollment/{user_token}");
    }
}
