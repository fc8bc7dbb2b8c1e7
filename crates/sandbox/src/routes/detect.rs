//! `POST /face/detect`: all faces of an image.

use std::{sync::Arc, time::Instant};

use axum::{
    Json,
    extract::{Request, State},
};
use perse_protocol::response::Detection;
use uuid::Uuid;

use super::time_taken;
use crate::{
    app::App,
    auth::{self, RequireToken},
    error::Failure,
    face::{self, Detections},
};

/// A picture without a face is answered too, so that the client can look at its metrics.
pub(crate) async fn detect(
    State(app): State<Arc<App>>,
    token: RequireToken<auth::Detect>,
    request: Request,
) -> Result<Json<Detection>, Failure> {
    let form = app.form(request, token.account(), 1).await?;
    let photo = form.photo()?;
    let permit = app.pool.acquire_job()?;
    let start = Instant::now();
    let engine = Arc::clone(&app.engine);
    let Detections { faces, image_metrics } = permit.run(move || face::detect(&engine, &photo)).await??;
    Ok(Json(Detection {
        total_faces: u32::try_from(faces.len()).unwrap_or(u32::MAX),
        faces,
        image_metrics,
        image_token: Uuid::new_v4().to_string(),
        default_thresholds: face::detection_thresholds(),
        time_taken: time_taken(start),
    }))
}
