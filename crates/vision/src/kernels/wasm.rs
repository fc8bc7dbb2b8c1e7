//! WebAssembly `simd128`: four pixels by eight channels at a time, in two vectors of four.

// Arrays of vectors are registers here: loops over constant indices unroll, iterators may not.
#![allow(clippy::needless_range_loop)]

use super::{Convolution, Depthwise, DepthwiseSize, LANES, slopes_of, vector, vector_mut};
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
    let (bias, slopes) = (load(&job.bias[block]), load(&slopes_of(job.activation, job.slopes, block)));
    for (sum, target) in sums.iter().zip(targets) {
        let Some(out) = vector_mut(output, target + block * LANES) else { return };
        let mut x = add(*sum, bias);
        if job.accumulate {
            x = add(x, load(out));
        }
        store(out, activate(x, slopes));
    }
}

pub(super) fn depthwise(job: &Depthwise<'_>, output: &mut [f32]) {
    match job.size {
        DepthwiseSize::Three => depthwise_of::<3, 9>(job, output),
        DepthwiseSize::Seven => depthwise_of::<7, 49>(job, output),
    }
}

#[inline]
fn depthwise_of<const SIDE: usize, const TAPS: usize>(job: &Depthwise<'_>, output: &mut [f32]) {
    for (block, weights) in job.weights.as_chunks::<TAPS>().0.iter().enumerate() {
        let (bias, slopes) = (load(&job.bias[block]), load(&slopes_of(job.activation, job.slopes, block)));
        for (pixel, output) in output.chunks_exact_mut(job.channels).enumerate() {
            let start = job.start + pixel * job.step + block * LANES;
            let mut sum = bias;
            for row in 0..SIDE {
                let input = &job.input[start + row * job.stride..][..(SIDE - 1) * job.channels + LANES];
                for column in 0..SIDE {
                    let x = load(vector(input, column * job.channels));
                    let w = load(&weights[row * SIDE + column]);
                    sum =
                        [f32x4_add(sum[0], f32x4_mul(x[0], w[0])), f32x4_add(sum[1], f32x4_mul(x[1], w[1]))];
                }
            }
            let Some(out) = vector_mut(output, block * LANES) else { return };
            store(out, activate(sum, slopes));
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
fn activate(x: Pair, slopes: Pair) -> Pair {
    let zero = f32x4_splat(0.0);
    [0, 1].map(|half| {
        let below = f32x4_mul(f32x4_pmin(x[half], zero), slopes[half]);
        f32x4_add(f32x4_pmax(x[half], zero), below)
    })
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
