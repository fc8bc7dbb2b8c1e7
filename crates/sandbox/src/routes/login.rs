//! `POST /login`: the private key for a session token.

use std::sync::Arc;

use axum::{Extension, Json, body::Body, extract::State};
use futures_util::StreamExt;
use perse_protocol::Code;
use serde::Serialize;
use serde_json::Value;

use crate::{app::App, auth::Grant, error::Failure, serve::PeerAddress, upload::within};

/// The longest body that is read: a key and its braces are a hundred bytes.
const BODY_BYTES: usize = 16 * 1024;
/// The one field that a body needs.
const PRIVATE_KEY: &str = "privateKey";
/// Restricts the token to some calls.
const SCOPE: &str = "scope";
/// Restricts the token to one user.
const USER_TOKEN: &str = "userToken";

/// The response.
#[derive(Serialize)]
pub(crate) struct Session {
    token: String,
}

pub(crate) async fn login(
    State(app): State<Arc<App>>,
    peer: Option<Extension<PeerAddress>>,
    body: Body,
) -> Result<Json<Session>, Failure> {
    let body = within(app.body_timeout, read(body)).await?;
    let body: Value = serde_json::from_slice(&body)
        .map_err(|_| Failure::because(Code::InvalidRequest, "The request's body is not JSON."))?;
    let key = text(&body, PRIVATE_KEY)?.ok_or_else(|| {
        Failure::because(Code::FormKeyMissing, format!("The request is missing its field {PRIVATE_KEY}."))
    })?;
    let account = app.auth.check_login(&key, peer.map(|Extension(PeerAddress(address))| address)).await?;
    let grant = Grant::new(account, text(&body, SCOPE)?, text(&body, USER_TOKEN)?)?;
    Ok(Json(Session { token: app.auth.issue(grant)?.jwt }))
}

/// Returns a field's text, if there is such a field.
fn text(body: &Value, field: &str) -> Result<Option<String>, Failure> {
    match body.get(field) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Failure::because(Code::InvalidRequest, format!("The field {field} is not a string."))),
    }
}

async fn read(body: Body) -> Result<Vec<u8>, Failure> {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await {
        bytes.extend_from_slice(&chunk.map_err(|_| Code::InvalidRequest)?);
        if bytes.len() > BODY_BYTES {
            return Err(Failure::body_too_long());
        }
    }
    Ok(bytes)
}
