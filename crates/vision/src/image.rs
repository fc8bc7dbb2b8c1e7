//! Borrowed pixels, as `perse-metrics` checks them.

pub use perse_metrics::{Image, ImageError};
