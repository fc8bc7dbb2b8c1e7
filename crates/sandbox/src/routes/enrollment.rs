//! `/face/enrollment`: faces that are kept under a user token.

use std::{sync::Arc, time::Instant};

use axum::{
    Json,
    extract::{Path, Request, State},
};
use perse_protocol::{
    Code,
    answer::{Deletion, Enrollment, EnrollmentList},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::time_taken;
use crate::{app::App, auth::Admitted, decode::Photo, error::Failure, face::to_values, store::Enrolled};

/// An answer that also says its HTTP status, as those about enrolments do.
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

/// Whom a path is about. By name: the path may have other parts that vary.
#[derive(Deserialize)]
pub(crate) struct User {
    user_token: String,
}

type Answer<T> = Result<Json<WithStatus<T>>, Failure>;

pub(crate) async fn create(State(app): State<Arc<App>>, _: Admitted, request: Request) -> Answer<Enrollment> {
    let form = app.form(request, 1).await?;
    let photo = form.photo()?;
    let start = Instant::now();
    let user_token = app.store.create(enrolled(&app, photo).await?).await?;
    Ok(WithStatus::ok(Enrollment { user_token, time_taken: time_taken(start) }))
}

pub(crate) async fn update(State(app): State<Arc<App>>, _: Admitted, request: Request) -> Answer<Enrollment> {
    let form = app.form(request, 1).await?;
    let start = Instant::now();
    let user_token = form.user_token().ok_or(Code::FormKeyMissing)?;
    let photo = form.photo()?;
    // Asked before the work is done, and again by the update itself: the user may be gone by then.
    if !app.store.contains(user_token.clone()).await? {
        return Err(Code::ImageIdInvalid.into());
    }
    let face = enrolled(&app, photo).await?;
    if !app.store.update(user_token.clone(), face).await? {
        return Err(Code::ImageIdInvalid.into());
    }
    Ok(WithStatus::ok(Enrollment { user_token, time_taken: time_taken(start) }))
}

pub(crate) async fn list(State(app): State<Arc<App>>, _: Admitted) -> Answer<EnrollmentList> {
    let start = Instant::now();
    let user_tokens = app.store.list().await?;
    Ok(WithStatus::ok(EnrollmentList {
        total_users: u32::try_from(user_tokens.len()).unwrap_or(u32::MAX),
        user_tokens,
        time_taken: time_taken(start),
    }))
}

pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    _: Admitted,
    Path(User { user_token }): Path<User>,
) -> Answer<Deletion> {
    let start = Instant::now();
    if !app.store.delete(user_token).await? {
        return Err(Code::UserTokenNotFound.into());
    }
    Ok(WithStatus::ok(Deletion { time_taken: time_taken(start) }))
}

/// The largest face of a photo, if it is fit to be kept.
async fn enrolled(app: &App, photo: Photo) -> Result<Enrolled, Failure> {
    let place = app.pool.place()?;
    let face = app.describe(&place, photo).await?;
    face.is_fit_to_enrol()?;
    Ok(Enrolled { image_token: Uuid::new_v4().to_string(), descriptor: to_values(&face.descriptor) })
}
