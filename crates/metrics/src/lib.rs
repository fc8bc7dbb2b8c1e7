//! Exposure, sharpness and colour of pixels, by the formulas of the service.
//!
//! [`measure`] takes a whole RGB image. [`Meter`] takes RGBA rows in bands, as a browser reads them.
//! [`measure_ellipse`] measures the ellipse of a face crop. The formulas are documented in [`Metrics`]'s module.
//!
//! The crate does no I/O and decodes no file. Results are the same on every processor, and no input panics.

mod image;
mod kernels;
mod meter;
mod metrics;

pub use crate::{
    image::{Image, ImageError},
    meter::{ExposureAndSharpness, Meter},
    metrics::{
        Metrics, OVEREXPOSURE_THRESHOLD, SHARPNESS_THRESHOLD, UNDEREXPOSURE_THRESHOLD, measure,
        measure_ellipse,
    },
};
