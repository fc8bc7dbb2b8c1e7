//! Answers that are not what was asked for, whatever was asked.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use perse_protocol::Code;

use crate::error::Failure;

/// Looks random, and begins as no JSON does.
const GARBAGE: &[u8] =
    b"\x9e\x1f\xc3\x07}\xb2\x00\xfd\x5a{\xe8\x13\x80\xaa\"\x91\xff\xfe\x0c\xd7[\x44\xbe\x6b\x02\xc9\x3d\xf1\x88\x27\xa5\x10";

const PAGE: &str = "<!doctype html>\n<html>\n<head><title>Bad Gateway</title></head>\n\
    <body><h1>Bad Gateway</h1><p>The proxy could not reach the server.</p></body>\n</html>\n";

/// Responses that take the place of the service's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Canned {
    Garbage,
    Html(StatusCode),
    Empty,
    Shape,
    Null,
    Unauthorized,
    /// `server_error` with that status.
    Failed(StatusCode),
    /// `server_busy`, and after how many seconds to try again.
    Busy(Option<u32>),
    /// The same of `rate_limited`.
    RateLimited(Option<u32>),
}

impl IntoResponse for Canned {
    fn into_response(self) -> Response {
        match self {
            Self::Garbage => json(GARBAGE),
            Self::Html(status) => (status, Html(PAGE)).into_response(),
            Self::Empty => StatusCode::OK.into_response(),
            Self::Shape => json("{}"),
            Self::Null => json("null"),
            Self::Unauthorized => Failure::from(Code::Unauthorized).into_response(),
            Self::Failed(status) => Failure::from(Code::ServerError).with_status(status).into_response(),
            Self::Busy(seconds) => later(Failure::from(Code::ServerBusy).into_response(), seconds),
            Self::RateLimited(seconds) => later(Failure::from(Code::RateLimited).into_response(), seconds),
        }
    }
}

/// Says when to try again, or nothing about it.
fn later(mut response: Response, seconds: Option<u32>) -> Response {
    match seconds {
        Some(seconds) => response.headers_mut().insert(header::RETRY_AFTER, seconds.into()),
        None => response.headers_mut().remove(header::RETRY_AFTER),
    };
    response
}

/// 200 and a body that is said to be JSON.
pub(super) fn json(body: impl IntoResponse) -> Response {
    let mut response = body.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
