//! `POST /face/compare`: the largest faces of two images, or of an image and an enrolled user.

use std::{sync::Arc, time::Instant};

use axum::{
    Json,
    extract::{Request, State},
};
use perse_protocol::{
    Code, field,
    response::{Comparison, ComparisonThresholds},
};
use perse_vision::Descriptor;
use uuid::Uuid;

use super::time_taken;
use crate::{
    app::App,
    auth::{self, RequireToken},
    error::Failure,
    face::{self, FaceDescriptor},
};

pub(crate) async fn compare(
    State(app): State<Arc<App>>,
    token: RequireToken<auth::Compare>,
    request: Request,
) -> Result<Json<Comparison>, Failure> {
    let form = app.form(request, token.account(), 2).await?;
    token.check_user(form.user_token().as_deref())?;
    let start = Instant::now();
    let image_token = Uuid::new_v4().to_string();
    let answer = |one: &Descriptor, other: &Descriptor, image_tokens| {
        Json(Comparison {
            similarity: face::compare(one, other),
            image_tokens,
            default_thresholds: ComparisonThresholds { similarity: app.similarity_threshold },
            time_taken: time_taken(start),
        })
    };

    if let Some(user_token) = form.user_token() {
        let photo = form.photo()?;
        let user = app.store.find(token.account(), &user_token).await?.ok_or(Code::NoFaceBiometricData)?;
        let enrolled = face::from_values(&user.descriptor)?;
        let permit = app.pool.acquire_job()?;
        let face = app.compute_descriptor(&permit, photo).await?;
        return Ok(answer(&face.descriptor, &enrolled, [image_token, user.image_token]));
    }
    let [one, other] = form.photos([field::IMAGE_1, field::IMAGE_2])?;
    let permit = app.pool.acquire_job()?;
    // Two jobs: on an idle machine they are done at the same time.
    let (one, other): (FaceDescriptor, FaceDescriptor) =
        tokio::try_join!(app.compute_descriptor(&permit, one), app.compute_descriptor(&permit, other))?;
    Ok(answer(&one.descriptor, &other.descriptor, [image_token, Uuid::new_v4().to_string()]))
}
