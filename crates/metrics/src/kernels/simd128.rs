//! WebAssembly `simd128`: sixteen or eight pixels at a time. Sums are integers, so they equal the portable ones.

use super::portable;
use core::arch::wasm32::*;

pub(super) fn luma_rgba(rgba: &[u8], luma: &mut [u8]) {
    let (pixels, rest) = rgba.as_chunks::<64>();
    let (out, rest_out) = luma.as_chunks_mut::<16>();
    for (pixels, out) in pixels.iter().zip(out) {
        let [a, b, c, d] = [0, 1, 2, 3].map(|quarter| luma_of_four(load_bytes(pixels, quarter * 16)));
        store_bytes(out, u8x16_narrow_i16x8(i16x8_narrow_i32x4(a, b), i16x8_narrow_i32x4(c, d)));
    }
    portable::luma_rgba(rest, rest_out);
}

/// Four pixels of four bytes.
#[inline(always)]
fn luma_of_four(pixels: v128) -> v128 {
    let weights = i16x8(299, 587, 114, 0, 299, 587, 114, 0);
    // Of each pixel first the part of red and green, then that of blue.
    let left = i32x4_dot_i16x8(u16x8_extend_low_u8x16(pixels), weights);
    let right = i32x4_dot_i16x8(u16x8_extend_high_u8x16(pixels), weights);
    let sums = i32x4_add(i32x4_shuffle::<0, 2, 4, 6>(left, right), i32x4_shuffle::<1, 3, 5, 7>(left, right));
    // A thousandth is an eighth of a 125th; 67,109 / 2²³ is a 125th, exact enough for up to 31,875.
    u32x4_shr(i32x4_mul(u32x4_shr(sums, 3), u32x4_splat(67_109)), 23)
}

pub(super) fn count_dark_bright(luma: &[u8], dark: u8, bright: u8) -> [u8; 2] {
    let (chunks, rest) = luma.as_chunks::<16>();
    let mut counts = [u8x16_splat(0); 2];
    for chunk in chunks {
        let chunk = load_bytes(chunk, 0);
        // True is all ones: minus one.
        counts[0] = u8x16_sub(counts[0], u8x16_lt(chunk, u8x16_splat(dark)));
        counts[1] = u8x16_sub(counts[1], u8x16_ge(chunk, u8x16_splat(bright)));
    }
    let [low, high] =
        counts.map(|counts| sum_i32(u32x4_extadd_pairwise_u16x8(u16x8_extadd_pairwise_u8x16(counts))));
    let [rest_low, rest_high] = portable::count_dark_bright(rest, dark, bright);
    [low as u8 + rest_low, high as u8 + rest_high]
}

pub(super) fn laplacian(lines: [&[u8]; 3]) -> [u32; 2] {
    const STEP: usize = 8;
    let inner = lines[1].len().saturating_sub(2);
    let done = inner / STEP * STEP;
    let mut sums = [i32x4_splat(0); 2];
    for x in (0..done).step_by(STEP) {
        // A column's three rows are summed once for each of the windows that it is in; loads are cheap.
        let lines = lines.map(|line| &line[x..x + STEP + 2]);
        let column = |at: usize| {
            let [a, b, c] = lines.map(|line| load_eight(line, at));
            i16x8_add(i16x8_add(a, b), c)
        };
        let all = i16x8_add(i16x8_add(column(0), column(1)), column(2));
        let middle = load_eight(lines[1], 1);
        let value = i16x8_sub(all, i16x8_add(i16x8_shl(middle, 3), middle));
        let value = i16x8_min(i16x8_max(value, i16x8_splat(0)), i16x8_splat(255));
        sums[0] = i32x4_add(sums[0], i32x4_extadd_pairwise_i16x8(value));
        sums[1] = i32x4_add(sums[1], i32x4_dot_i16x8(value, value));
    }
    let [sum, squares] = sums.map(sum_i32);
    let [rest, rest_squares] = portable::laplacian(lines.map(|line| &line[done..]));
    [sum as u32 + rest, squares as u32 + rest_squares]
}

#[inline(always)]
fn sum_i32(x: v128) -> i32 {
    let x = i32x4_add(x, i32x4_shuffle::<2, 3, 0, 1>(x, x));
    i32x4_extract_lane::<0>(i32x4_add(x, i32x4_shuffle::<1, 0, 3, 2>(x, x)))
}

/// Sixteen bytes from `at` on; zeros where the array ends before that.
#[inline(always)]
fn load_bytes<const LENGTH: usize>(bytes: &[u8; LENGTH], at: usize) -> v128 {
    let Some(bytes) = bytes[at..].first_chunk::<16>() else { return u8x16_splat(0) };
    // SAFETY: the reference is to sixteen bytes, and the load asks for no alignment.
    unsafe { v128_load(bytes.as_ptr().cast()) }
}

/// Eight bytes from `at` on, as words; zeros where the slice ends before that.
#[inline(always)]
fn load_eight(bytes: &[u8], at: usize) -> v128 {
    let Some(bytes) = bytes[at..].first_chunk::<8>() else { return u8x16_splat(0) };
    // SAFETY: the reference is to eight bytes, and the load asks for no alignment.
    unsafe { i16x8_load_extend_u8x8(bytes.as_ptr()) }
}

#[inline(always)]
fn store_bytes(bytes: &mut [u8; 16], x: v128) {
    // SAFETY: the reference is to sixteen bytes, and the store asks for no alignment.
    unsafe { v128_store(bytes.as_mut_ptr().cast(), x) }
}
