//! WebAssembly `simd128`: four pixels by eight channels at a time, in two vectors of four; sums over rows
//! sixteen or eight pixels at a time, in whole numbers, so that they are those of the plain loops.

// Arrays of vectors are registers here: loops over constant indices unroll, iterators may not.
#![allow(clippy::needless_range_loop)]

use super::{Activation, Convolution, Depthwise, LANES, rows, vector, vector_mut};
use core::arch::wasm32::*;

/// Eight floats.
type Pair = [v128; 2];

pub(super) fn convolve(job: &Convolution<'_>, starts: &[usize], output: &mut [f32], targets: &[usize]) {
    for block in 0..job.bias.len() {
        let (mut starts, mut targets) = (starts, targets);
        while let (Some((s, s_rest)), Some((t, t_rest))) =
            (starts.split_first_chunk(), targets.split_first_chunk())
        {
            tile::<4>(job, block, s, output, t);
            (starts, targets) = (s_rest, t_rest);
        }
        for (&s, &t) in starts.iter().zip(targets) {
            tile::<1>(job, block, &[s], output, &[t]);
        }
    }
}

/// `P` pixels of one block of output channels.
#[inline]
fn tile<const P: usize>(
    job: &Convolution<'_>,
    block: usize,
    starts: &[usize; P],
    output: &mut [f32],
    targets: &[usize; P],
) {
    let run = job.window.run;
    let mut sums = [[f32x4_splat(0.0); 2]; P];
    for row in 0..job.window.rows {
        let pixels = starts.map(|start| job.input_of(start, row));
        let weights = job.weights_of(block, row);
        for i in 0..run {
            let w = load(&weights[i]);
            for p in 0..P {
                sums[p] = multiply_add(f32x4_splat(pixels[p][i]), w, sums[p]);
            }
        }
    }
    let bias = load(&job.bias[block]);
    for (sum, target) in sums.iter().zip(targets) {
        let Some(out) = vector_mut(output, target + block * LANES) else { return };
        let mut x = add(*sum, bias);
        if job.accumulate {
            x = add(x, load(out));
        }
        store(out, x.map(|x| activate(x, job.activation)));
    }
}

pub(super) fn depthwise(job: &Depthwise<'_>, output: &mut [f32]) {
    for (block, weights) in job.weights.iter().enumerate() {
        for (pixel, output) in output.chunks_exact_mut(job.channels).enumerate() {
            let start = job.start + pixel * job.step + block * LANES;
            let mut sum = [f32x4_splat(0.0); 2];
            for row in 0..3 {
                let input = &job.input[start + row * job.stride..][..2 * job.channels + LANES];
                for column in 0..3 {
                    let (x, w) =
                        (load(vector(input, column * job.channels)), load(&weights[row * 3 + column]));
                    sum =
                        [f32x4_add(sum[0], f32x4_mul(x[0], w[0])), f32x4_add(sum[1], f32x4_mul(x[1], w[1]))];
                }
            }
            let Some(out) = vector_mut(output, block * LANES) else { return };
            store(out, sum);
        }
    }
}

#[inline(always)]
fn multiply_add(x: v128, w: Pair, sum: Pair) -> Pair {
    [f32x4_add(sum[0], f32x4_mul(x, w[0])), f32x4_add(sum[1], f32x4_mul(x, w[1]))]
}

#[inline(always)]
fn add(a: Pair, b: Pair) -> Pair {
    [f32x4_add(a[0], b[0]), f32x4_add(a[1], b[1])]
}

#[inline(always)]
fn activate(x: v128, activation: Activation) -> v128 {
    match activation {
        Activation::Linear => x,
        Activation::Relu => f32x4_pmax(x, f32x4_splat(0.0)),
        Activation::Leaky => f32x4_pmax(x, f32x4_mul(x, f32x4_splat(0.1))),
    }
}

#[inline(always)]
fn load(values: &[f32; LANES]) -> Pair {
    let at = values.as_ptr();
    // SAFETY: the reference is to eight floats, and the loads ask for no alignment.
    unsafe { [v128_load(at.cast()), v128_load(at.add(4).cast())] }
}

#[inline(always)]
fn store(values: &mut [f32; LANES], x: Pair) {
    let at = values.as_mut_ptr();
    // SAFETY: the reference is to eight floats, and the stores ask for no alignment.
    unsafe {
        v128_store(at.cast(), x[0]);
        v128_store(at.add(4).cast(), x[1]);
    }
}

pub(super) fn luma_rgba(rgba: &[u8], luma: &mut [u8]) {
    let (pixels, rest) = rgba.as_chunks::<64>();
    let (out, rest_out) = luma.as_chunks_mut::<16>();
    for (pixels, out) in pixels.iter().zip(out) {
        let [a, b, c, d] = [0, 1, 2, 3].map(|quarter| luma_of_four(load_bytes(pixels, quarter * 16)));
        store_bytes(out, u8x16_narrow_i16x8(i16x8_narrow_i32x4(a, b), i16x8_narrow_i32x4(c, d)));
    }
    rows::luma_rgba(rest, rest_out);
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

pub(super) fn tails(luma: &[u8], dark: u8, bright: u8) -> [u8; 2] {
    let (chunks, rest) = luma.as_chunks::<16>();
    let mut counts = [u8x16_splat(0); 2];
    for chunk in chunks {
        let chunk = load_bytes(chunk, 0);
        // What is true is all ones: minus one.
        counts[0] = u8x16_sub(counts[0], u8x16_lt(chunk, u8x16_splat(dark)));
        counts[1] = u8x16_sub(counts[1], u8x16_ge(chunk, u8x16_splat(bright)));
    }
    let [low, high] =
        counts.map(|counts| sum_i32(u32x4_extadd_pairwise_u16x8(u16x8_extadd_pairwise_u8x16(counts))));
    let [rest_low, rest_high] = rows::tails(rest, dark, bright);
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
    let [rest, rest_squares] = rows::laplacian(lines.map(|line| &line[done..]));
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
