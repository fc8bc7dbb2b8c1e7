//! The two hot loops of the scaler, portable and for `simd128`. Both use the same integers and return the
//! same bytes.
//!
//! Everything unsafe in this crate is below this module: vector loads and stores through references to
//! arrays of the right length.

#[cfg(any(test, not(all(target_arch = "wasm32", target_feature = "simd128"))))]
mod portable;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(crate) use portable::{horizontal, vertical};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(crate) use simd128::{horizontal, vertical};

/// Horizontal windows are padded to a multiple of this, the pixels of a vector.
pub(crate) const HORIZONTAL_PAD: usize = 4;
/// Vertical windows are padded to pairs of rows.
pub(crate) const VERTICAL_PAD: usize = 2;

use crate::coefficients::PRECISION_BITS;

/// One half in the fixed point of the weights.
const HALF: i32 = 1 << (PRECISION_BITS - 1);
