//! Metrics of a face, by the formulas of `perse-metrics` on a copy reduced to a height of 64 pixels.

use crate::{face::Rect, image::Image, sampling::reduced};
use perse_metrics::measure_ellipse;
pub use perse_metrics::{
    Metrics, OVEREXPOSURE_THRESHOLD, SHARPNESS_THRESHOLD, UNDEREXPOSURE_THRESHOLD, measure,
};

/// A taller face is measured at this height in pixels. Sharpness depends on the size at which one
/// looks: at this one the published limit parts the faces on sharp photos (0.19 and more) from those
/// blurred by 2 % of their height (0.13 and less), whatever the photo's resolution.
const FACE_HEIGHT: f32 = 64.0;

/// Measures a face: the ellipse inside its bounding box, at a height of [`FACE_HEIGHT`] pixels.
pub(crate) fn measure_face(image: Image<'_>, face: &Rect) -> Metrics {
    let height = face.height.round().clamp(1.0, FACE_HEIGHT);
    let width = (face.width * height / face.height).round().max(1.0);
    let rgb = reduced(image, face, [width as usize, height as usize]);
    match Image::new(width as u32, height as u32, &rgb) {
        Ok(face) => measure_ellipse(face),
        Err(_) => measure_ellipse(image),
    }
}
