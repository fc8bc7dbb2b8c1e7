//! The paths of the API.

mod compare;
mod detect;
mod enrollment;
mod login;
mod operation;

use std::{sync::Arc, time::Instant};

use axum::{
    Router,
    http::{HeaderValue, header},
    routing::{delete, get, post},
};
use perse_protocol::{Code, route};
use tower_http::set_header::SetResponseHeaderLayer;

pub(crate) use self::{enrollment::MAX_PART, operation::operation};
use crate::{app::App, error::Failure, openapi};

/// All of them, below [`route::PREFIX`].
pub(crate) fn api() -> Router<Arc<App>> {
    Router::new()
        .route(route::LOGIN, post(login::login))
        .route(route::DETECT, post(detect::detect))
        .route(route::COMPARE, post(compare::compare))
        .route(route::ENROLLMENT, post(enrollment::create).put(enrollment::update))
        .route(route::ENROLLMENT_LIST, get(enrollment::list))
        .route(&format!("{}/{{user_token}}", route::ENROLLMENT), delete(enrollment::delete))
        .merge(openapi::router())
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        // Answers are about one person, at one moment.
        .layer(SetResponseHeaderLayer::overriding(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
}

/// Responds 404 `route_not_found`.
pub(crate) async fn not_found() -> Failure {
    Code::RouteNotFound.into()
}

/// Responds 405 `method_not_allowed`.
pub(crate) async fn method_not_allowed() -> Failure {
    Code::MethodNotAllowed.into()
}

/// Seconds since then, in microseconds.
fn time_taken(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 1e6).round() / 1e6
}
