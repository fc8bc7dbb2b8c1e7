//! WebAssembly `simd128`: a pair of pixels with a pair of weights is one instruction.

use super::HALF;
use crate::coefficients::{Coefficients, PRECISION_BITS};
use core::arch::wasm32::*;

/// Resamples one row horizontally. `row` has room for the padding of the last window.
pub(crate) fn horizontal(row: &[u8], coefficients: &Coefficients, out: &mut [u8]) {
    for (index, out) in out.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let weights = coefficients.weights_of(index).as_chunks::<4>().0;
        let pixels = row[coefficients.starts[index] * 4..][..weights.len() * 16].as_chunks::<16>().0;
        let mut sums = i32x4_splat(HALF);
        for (pixels, &[a, b, c, d]) in pixels.iter().zip(weights) {
            // Red of two pixels, green of two, …: first of the left pair, then of the right.
            let pixels = load(pixels);
            let pairs = i8x16_shuffle::<0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15>(pixels, pixels);
            let left = i32x4_dot_i16x8(u16x8_extend_low_u8x16(pairs), pair(a, b));
            let right = i32x4_dot_i16x8(u16x8_extend_high_u8x16(pairs), pair(c, d));
            sums = i32x4_add(sums, i32x4_add(left, right));
        }
        let words = i16x8_narrow_i32x4(i32x4_shr(sums, PRECISION_BITS), sums);
        *out = (i32x4_extract_lane::<0>(u8x16_narrow_i16x8(words, words)) as u32).to_le_bytes();
    }
}

/// Resamples one row vertically. There are as many weights as rows, and a zero for an odd number of rows.
pub(crate) fn vertical(rows: &[&[u8]], weights: &[i16], out: &mut [u8]) {
    let (chunks, rest) = out.as_chunks_mut::<16>();
    let done = chunks.len() * 16;
    let weights = weights.as_chunks::<2>().0;
    for (chunk, out) in chunks.iter_mut().enumerate() {
        let mut sums = [i32x4_splat(HALF); 4];
        for (rows, &[a, b]) in rows.chunks(2).zip(weights) {
            let above = load_at(rows[0], chunk * 16);
            let below = load_at(rows[rows.len() - 1], chunk * 16);
            let weights = pair(a, b);
            let low = i8x16_shuffle::<0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23>(above, below);
            let high =
                i8x16_shuffle::<8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31>(above, below);
            let pairs = [
                u16x8_extend_low_u8x16(low),
                u16x8_extend_high_u8x16(low),
                u16x8_extend_low_u8x16(high),
                u16x8_extend_high_u8x16(high),
            ];
            for (sum, pair) in sums.iter_mut().zip(pairs) {
                *sum = i32x4_add(*sum, i32x4_dot_i16x8(pair, weights));
            }
        }
        let [a, b, c, d] = sums.map(|sum| i32x4_shr(sum, PRECISION_BITS));
        store(out, u8x16_narrow_i16x8(i16x8_narrow_i32x4(a, b), i16x8_narrow_i32x4(c, d)));
    }
    for (at, out) in rest.iter_mut().enumerate() {
        let weights = weights.as_flattened();
        let products =
            rows.iter().zip(weights).map(|(row, &weight)| i32::from(row[done + at]) * i32::from(weight));
        *out = ((HALF + products.sum::<i32>()) >> PRECISION_BITS).clamp(0, 255) as u8;
    }
}

/// Two weights, four times.
#[inline(always)]
fn pair(a: i16, b: i16) -> v128 {
    i32x4_splat(i32::from(a as u16) | i32::from(b) << 16)
}

/// Sixteen bytes from `at` on; zeros where the row ends before that.
#[inline(always)]
fn load_at(row: &[u8], at: usize) -> v128 {
    row.get(at..).and_then(|row| row.first_chunk()).map_or(i32x4_splat(0), load)
}

#[inline(always)]
fn load(bytes: &[u8; 16]) -> v128 {
    // SAFETY: the reference is to sixteen bytes, and the load asks for no alignment.
    unsafe { v128_load(bytes.as_ptr().cast()) }
}

#[inline(always)]
fn store(bytes: &mut [u8; 16], x: v128) {
    // SAFETY: the reference is to sixteen bytes, and the store asks for no alignment.
    unsafe { v128_store(bytes.as_mut_ptr().cast(), x) }
}
