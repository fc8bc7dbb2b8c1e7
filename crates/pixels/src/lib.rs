//! Resizes, rotates and measures the pixels of a photo.
//!
//! The 48 MB of pixels of a 12 megapixel photo are never in memory at once: the caller pushes the image in
//! bands, and only the result is kept. On wasm32 the crate is a module of its own, which `js/photo` loads
//! for the first photo to encode.
//!
//! The scaler is our own because of the bands. The library `fast_image_resize` 6 scales 4032 × 3024 to
//! 2304 × 1728 in 41 ms where this takes 70, and is as large (16 kB as gzip), but wants all pixels at
//! once: 94 MB of the module's memory instead of 20. Reading the pixels takes longer than either.

mod coefficients;
mod kernels;
mod orientation;
mod scaler;

#[cfg(target_arch = "wasm32")]
mod bindings;

pub use crate::{orientation::Orientation, scaler::Scaler};
