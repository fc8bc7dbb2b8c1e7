//! What is done with a photo's pixels before it is sent: scaled down, turned upright, measured.
//!
//! A photo of twelve megapixels is 48 MB of pixels. They never are here all at once: the caller reads
//! the picture in strips and pushes one after the other, and only the result is kept. The crate knows
//! nothing of files, browsers or limits; on wasm32 it is a module of its own, which `js/image` loads
//! when there is a photo to prepare.
//!
//! The scaler is our own because of the strips. The library `fast_image_resize` 6 scales 4032 × 3024 to
//! 2304 × 1728 in 41 ms where this takes 70, and is as large (16 kB as gzip), but wants all pixels at
//! once: 94 MB of the module's memory instead of 20. Reading the pixels takes longer than either.

mod filter;
mod kernels;
mod scaler;
mod turn;

#[cfg(target_arch = "wasm32")]
mod bindings;

pub use crate::{scaler::Scaler, turn::Orientation};
