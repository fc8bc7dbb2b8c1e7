//! The sums over rows of pixels, in one version per kind of processor. All versions return the same integers.
//!
//! Everything unsafe in this crate is below this module, and is one of two things: a vector load or
//! store through a reference to an array of the right length, and the call of a function compiled
//! for a processor whose features were checked first.

mod portable;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;

/// Selects a version of the kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Backend(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    #[cfg_attr(all(target_arch = "wasm32", target_feature = "simd128"), allow(dead_code))]
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Simd128,
}

impl Backend {
    /// Returns the plain loops.
    #[cfg_attr(all(target_arch = "wasm32", target_feature = "simd128"), allow(dead_code))]
    pub(crate) fn portable() -> Self {
        Self(Kind::Portable)
    }

    /// Returns the fastest version that this machine runs.
    pub(crate) fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return Self(Kind::Avx2);
        }
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        return Self(Kind::Simd128);
        #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
        Self::portable()
    }

    /// Writes the BT.601 luma of each RGB pixel, rounded down.
    pub(crate) fn luma(self, rgb: &[u8], luma: &mut [u8]) {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `Kind::Avx2` is only made by `best`, after it found AVX2.
            Kind::Avx2 => unsafe { avx2::luma(rgb, luma) },
            _ => portable::luma(rgb, luma),
        }
    }

    /// Writes the BT.601 luma of each RGBA pixel, rounded down. The fourth byte is ignored.
    pub(crate) fn luma_rgba(self, rgba: &[u8], luma: &mut [u8]) {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `Kind::Avx2` is only made by `best`, after it found AVX2.
            Kind::Avx2 => unsafe { avx2::luma_rgba(rgba, luma) },
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Kind::Simd128 => simd128::luma_rgba(rgba, luma),
            Kind::Portable => portable::luma_rgba(rgba, luma),
        }
    }

    /// Counts the bytes below `dark` and those of `bright` or more, in at most 255 bytes.
    pub(crate) fn count_dark_bright(self, luma: &[u8], dark: u8, bright: u8) -> [u8; 2] {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `Kind::Avx2` is only made by `best`, after it found AVX2.
            Kind::Avx2 => unsafe { avx2::count_dark_bright(luma, dark, bright) },
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Kind::Simd128 => simd128::count_dark_bright(luma, dark, bright),
            Kind::Portable => portable::count_dark_bright(luma, dark, bright),
        }
    }

    /// Returns the sum and the sum of squares of the clamped 3×3 Laplacian of all but the outermost columns.
    pub(crate) fn laplacian(self, rows: [&[u8]; 3]) -> [u32; 2] {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `Kind::Avx2` is only made by `best`, after it found AVX2.
            Kind::Avx2 => unsafe { avx2::laplacian(rows) },
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Kind::Simd128 => simd128::laplacian(rows),
            Kind::Portable => portable::laplacian(rows),
        }
    }

    /// Returns the sums of `R − G`, its square, `R + G − 2 B` and its square, over at most 8192 pixels.
    pub(crate) fn colour(self, rgb: &[u8]) -> [i32; 4] {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `Kind::Avx2` is only made by `best`, after it found AVX2.
            Kind::Avx2 => unsafe { avx2::colour(rgb) },
            _ => portable::colour(rgb),
        }
    }
}
