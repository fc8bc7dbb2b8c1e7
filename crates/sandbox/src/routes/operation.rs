//! `GET /health/live`, `/health/ready` and `/metrics`: for those who operate the server, without a key.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, header},
    response::IntoResponse,
    routing::get,
};
use perse_protocol::Code;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::{app::App, error::Failure};

/// The format that [`Metrics::write`](crate::metrics::Metrics::write) writes.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The health checks, and the metrics where they are published.
pub(crate) fn operation(has_metrics: bool) -> Router<Arc<App>> {
    let router = Router::new().route("/health/live", get(live)).route("/health/ready", get(ready));
    let router = if has_metrics { router.route("/metrics", get(metrics)) } else { router };
    router.layer(SetResponseHeaderLayer::overriding(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-store"),
    ))
}

/// The process serves requests.
async fn live() -> &'static str {
    "live\n"
}

/// It can also do its work: the engine was loaded before the first request, and the store responds.
async fn ready(State(app): State<Arc<App>>) -> Result<&'static str, Failure> {
    app.store.check().await.map_err(|_| Code::ServerBusy)?;
    Ok("ready\n")
}

async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let text = app.metrics.write(app.pool.pending(), app.pool.capacity());
    ([(header::CONTENT_TYPE, OPEN_METRICS)], text)
}
