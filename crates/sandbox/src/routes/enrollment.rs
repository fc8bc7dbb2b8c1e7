//! `/face/enrollment`: faces that are kept under a user token.

use std::{sync::Arc, time::Instant};

use axum::{
    Json,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, header},
};
use perse_protocol::{
    Code,
    response::{Deletion, Enrollment, EnrollmentList},
    route,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::time_taken;
use crate::{
    app::App,
    auth::{self, RequireToken},
    decode::Photo,
    error::Failure,
    face::to_values,
    store::{Enrolled, IdempotencyKey, Position},
};

/// The longest `Idempotency-Key`.
const MAX_KEY_CHARS: usize = 255;
/// The longest part of the list of users.
pub(crate) const MAX_PART: u32 = 1_000;

/// A response that also says its HTTP status, as those about enrolments do.
#[derive(Serialize)]
pub(crate) struct WithStatus<T> {
    #[serde(flatten)]
    answer: T,
    status: u16,
}

impl<T> WithStatus<T> {
    fn ok(answer: T) -> Json<Self> {
        Json(Self { answer, status: 200 })
    }
}

/// The user of a path, by name: the path may have other parts that vary.
#[derive(Deserialize)]
pub(crate) struct User {
    user_token: String,
}

type Answer<T> = Result<Json<WithStatus<T>>, Failure>;

pub(crate) async fn create(
    State(app): State<Arc<App>>,
    token: RequireToken<auth::Enrol>,
    request: Request,
) -> Answer<Enrollment> {
    token.check_user(None)?;
    let key = idempotency_key(request.headers())?;
    let form = app.form(request, token.account(), 1).await?;
    let photo = form.photo()?;
    let start = Instant::now();
    if let Some(key) = &key
        && let Some(user_token) = app.store.find_repeated(key.clone()).await?
    {
        return Ok(WithStatus::ok(Enrollment { user_token, time_taken: time_taken(start) }));
    }
    let user_token = app.store.create(token.account(), enrolled(&app, photo).await?, key).await?;
    Ok(WithStatus::ok(Enrollment { user_token, time_taken: time_taken(start) }))
}

pub(crate) async fn update(
    State(app): State<Arc<App>>,
    token: RequireToken<auth::Users>,
    request: Request,
) -> Answer<Enrollment> {
    let form = app.form(request, token.account(), 1).await?;
    let start = Instant::now();
    let user_token = form.user_token().ok_or(Code::FormKeyMissing)?;
    token.check_user(Some(&user_token))?;
    let photo = form.photo()?;
    // Asked before the work is done, and again by the update itself: the user may be gone by then.
    if !app.store.contains(token.account(), &user_token).await? {
        return Err(Code::ImageIdInvalid.into());
    }
    let face = enrolled(&app, photo).await?;
    if !app.store.update(token.account(), &user_token, face).await? {
        return Err(Code::ImageIdInvalid.into());
    }
    Ok(WithStatus::ok(Enrollment { user_token, time_taken: time_taken(start) }))
}

/// Which part of the list is asked for: all of it, or at most `limit` users after a `cursor`.
#[derive(Deserialize)]
pub(crate) struct Part {
    limit: Option<String>,
    cursor: Option<String>,
}

/// A part of the list. The API's own list has no parts.
#[derive(Serialize)]
pub(crate) struct ListPart {
    #[serde(flatten)]
    list: EnrollmentList,
    /// The cursor of the next part; there is none at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

pub(crate) async fn list(
    State(app): State<Arc<App>>,
    token: RequireToken<auth::Users>,
    Query(part): Query<Part>,
) -> Answer<ListPart> {
    token.check_user(None)?;
    let limit = part.limit.map(|limit| {
        let limit = limit.parse().ok().filter(|limit| (1..=MAX_PART).contains(limit));
        let message = format!("The limit is a whole number from 1 to {MAX_PART}.");
        limit.ok_or_else(|| Failure::because(Code::InvalidRequest, message))
    });
    let cursor = part.cursor.map(|cursor| {
        let message = "The cursor is the next_cursor of an earlier part of the list.";
        cursor.parse::<Position>().map_err(|_| Failure::because(Code::InvalidRequest, message))
    });
    let start = Instant::now();
    let page = app.store.list(token.account(), cursor.transpose()?, limit.transpose()?).await?;
    Ok(WithStatus::ok(ListPart {
        list: EnrollmentList {
            total_users: u32::try_from(page.total).unwrap_or(u32::MAX),
            user_tokens: page.user_tokens,
            time_taken: time_taken(start),
        },
        next_cursor: page.next.map(|position| position.to_string()),
    }))
}

pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    token: RequireToken<auth::Users>,
    Path(User { user_token }): Path<User>,
) -> Answer<Deletion> {
    token.check_user(Some(&user_token))?;
    let start = Instant::now();
    if !app.store.delete(token.account(), &user_token).await? {
        return Err(Code::UserTokenNotFound.into());
    }
    Ok(WithStatus::ok(Deletion { time_taken: time_taken(start) }))
}

/// Returns the key of a request that may be sent twice, with its credentials.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Failure> {
    let Some(key) = headers.get(route::IDEMPOTENCY_KEY) else { return Ok(None) };
    let is_sane = (1..=MAX_KEY_CHARS).contains(&key.len()) && key.as_bytes().iter().all(u8::is_ascii_graphic);
    if !is_sane {
        let message = format!("The Idempotency-Key has 1 to {MAX_KEY_CHARS} visible ASCII characters.");
        return Err(Failure::because(Code::InvalidRequest, message));
    }
    let credentials = headers.get(header::AUTHORIZATION).or_else(|| headers.get(route::API_KEY));
    let credentials = credentials.map_or(&b""[..], |value| value.as_bytes());
    Ok(Some(IdempotencyKey::new(key.as_bytes(), credentials)))
}

/// The largest face of a photo, if it is fit to be kept.
async fn enrolled(app: &App, photo: Photo) -> Result<Enrolled, Failure> {
    let permit = app.pool.acquire_job()?;
    let face = app.compute_descriptor(&permit, photo).await?;
    face.is_fit_to_enrol()?;
    Ok(Enrolled { image_token: Uuid::new_v4().to_string(), descriptor: to_values(&face.descriptor) })
}
