//! `POST /login`: the private key for a session token.

use std::sync::Arc;

use axum::{Json, body::Body, extract::State, http::StatusCode};
use futures_util::StreamExt;
use perse_protocol::Code;
use serde::Serialize;
use serde_json::Value;

use crate::{app::App, error::Failure, upload::within};

/// The longest body that is read: a key and its braces are a hundred bytes.
const BODY_BYTES: usize = 16 * 1024;
/// The one field of the body.
const PRIVATE_KEY: &str = "privateKey";

/// The answer.
#[derive(Serialize)]
pub(crate) struct Session {
    token: String,
}

pub(crate) async fn login(State(app): State<Arc<App>>, body: Body) -> Result<Json<Session>, Failure> {
    let body = within(app.body_timeout, read(body)).await?;
    let body: Value = serde_json::from_slice(&body)
        .map_err(|_| Failure::because(Code::InvalidRequest, "The request's body is not JSON."))?;
    match body.get(PRIVATE_KEY) {
        Some(Value::String(key)) if app.auth.is_private_key(key) => {
            Ok(Json(Session { token: app.auth.token()?.jwt }))
        }
        Some(Value::String(_)) => {
            Err(Failure::because(Code::Unauthorized, "The private key is not the right one."))
        }
        Some(_) => {
            Err(Failure::because(Code::InvalidRequest, format!("The field {PRIVATE_KEY} is not a string.")))
        }
        None => Err(Failure::because(
            Code::FormKeyMissing,
            format!("The request is missing its field {PRIVATE_KEY}."),
        )),
    }
}

async fn read(body: Body) -> Result<Vec<u8>, Failure> {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await {
        bytes.extend_from_slice(&chunk.map_err(|_| Code::InvalidRequest)?);
        if bytes.len() > BODY_BYTES {
            return Err(Failure::because(Code::InvalidRequest, "The request's body is too long.")
                .with_status(StatusCode::PAYLOAD_TOO_LARGE));
        }
    }
    Ok(bytes)
}
