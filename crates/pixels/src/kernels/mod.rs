//! The two loops in which scaling spends its time, plain and for `simd128`. Both do the same whole
//! numbers, so that they agree to the bit.
//!
//! Everything unsafe in this crate is below this module: vector loads and stores through references to
//! arrays of the right length.

#[cfg(any(test, not(all(target_arch = "wasm32", target_feature = "simd128"))))]
mod portable;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(crate) use portable::{across, down};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(crate) use simd128::{across, down};

/// Windows across a row are padded to so many pixels, which a vector holds.
pub(crate) const PAD_ACROSS: usize = 4;
/// Windows down the columns are padded to pairs of rows.
pub(crate) const PAD_DOWN: usize = 2;

use crate::filter::PLACES;

/// One half, as weights have it.
const HALF: i32 = 1 << (PLACES - 1);
