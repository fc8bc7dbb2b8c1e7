//! The portable loops, compiled a second time for processors with AVX2.

use super::portable;

#[target_feature(enable = "avx2")]
pub(super) fn luma(rgb: &[u8], luma: &mut [u8]) {
    portable::luma(rgb, luma);
}

#[target_feature(enable = "avx2")]
pub(super) fn luma_rgba(rgba: &[u8], luma: &mut [u8]) {
    portable::luma_rgba(rgba, luma);
}

#[target_feature(enable = "avx2")]
pub(super) fn count_dark_bright(luma: &[u8], dark: u8, bright: u8) -> [u8; 2] {
    portable::count_dark_bright(luma, dark, bright)
}

#[target_feature(enable = "avx2")]
pub(super) fn laplacian(rows: [&[u8]; 3]) -> [u32; 2] {
    portable::laplacian(rows)
}

#[target_feature(enable = "avx2")]
pub(super) fn colour(rgb: &[u8]) -> [i32; 4] {
    portable::colour(rgb)
}
