//! AVX2 with FMA: six pixels by sixteen channels at a time, which is what sixteen registers hold.

// Arrays of vectors are registers here: loops over constant indices unroll, iterators may not.
#![allow(clippy::needless_range_loop)]

use super::{Activation, Convolution, Depthwise, LANES, vector, vector_mut};
use std::arch::x86_64::*;

#[target_feature(enable = "avx2,fma")]
pub(super) fn convolve(job: &Convolution<'_>, starts: &[usize], output: &mut [f32], targets: &[usize]) {
    let blocks = job.bias.len();
    for block in (0..blocks).step_by(2) {
        if block + 1 < blocks {
            strip::<2>(job, block, starts, output, targets);
        } else {
            strip::<1>(job, block, starts, output, targets);
        }
    }
}

/// All pixels of `B` blocks of output channels, in tiles as wide as there are pixels for.
#[target_feature(enable = "avx2,fma")]
fn strip<const B: usize>(
    job: &Convolution<'_>,
    block: usize,
    mut starts: &[usize],
    output: &mut [f32],
    mut targets: &[usize],
) {
    while let (Some((s, s_rest)), Some((t, t_rest))) =
        (starts.split_first_chunk(), targets.split_first_chunk())
    {
        tile::<6, B>(job, block, s, output, t);
        (starts, targets) = (s_rest, t_rest);
    }
    if let (Some((s, s_rest)), Some((t, t_rest))) = (starts.split_first_chunk(), targets.split_first_chunk())
    {
        tile::<4, B>(job, block, s, output, t);
        (starts, targets) = (s_rest, t_rest);
    }
    if let (Some((s, s_rest)), Some((t, t_rest))) = (starts.split_first_chunk(), targets.split_first_chunk())
    {
        tile::<2, B>(job, block, s, output, t);
        (starts, targets) = (s_rest, t_rest);
    }
    if let (Some((s, _)), Some((t, _))) = (starts.split_first_chunk(), targets.split_first_chunk()) {
        tile::<1, B>(job, block, s, output, t);
    }
}

/// `P` pixels by `B` blocks of output channels.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn tile<const P: usize, const B: usize>(
    job: &Convolution<'_>,
    block: usize,
    starts: &[usize; P],
    output: &mut [f32],
    targets: &[usize; P],
) {
    let run = job.window.run;
    let mut sums = [[_mm256_setzero_ps(); B]; P];
    for row in 0..job.window.rows {
        let mut pixels: [&[f32]; P] = [&[]; P];
        for p in 0..P {
            pixels[p] = job.input_of(starts[p], row);
        }
        let mut weights: [&[[f32; LANES]]; B] = [&[]; B];
        for b in 0..B {
            weights[b] = job.weights_of(block + b, row);
        }
        for i in 0..run {
            let mut w = [_mm256_setzero_ps(); B];
            for b in 0..B {
                w[b] = load(&weights[b][i]);
            }
            for p in 0..P {
                let x = _mm256_set1_ps(pixels[p][i]);
                for b in 0..B {
                    sums[p][b] = _mm256_fmadd_ps(x, w[b], sums[p][b]);
                }
            }
        }
    }
    for b in 0..B {
        let bias = load(&job.bias[block + b]);
        for p in 0..P {
            let Some(out) = vector_mut(output, targets[p] + (block + b) * LANES) else { return };
            let mut x = _mm256_add_ps(sums[p][b], bias);
            if job.accumulate {
                x = _mm256_add_ps(x, load(out));
            }
            store(out, activate(x, job.activation));
        }
    }
}

#[target_feature(enable = "avx2,fma")]
pub(super) fn depthwise(job: &Depthwise<'_>, output: &mut [f32]) {
    for (block, weights) in job.weights.iter().enumerate() {
        let mut w = [_mm256_setzero_ps(); 9];
        for tap in 0..9 {
            w[tap] = load(&weights[tap]);
        }
        for (pixel, output) in output.chunks_exact_mut(job.channels).enumerate() {
            let start = job.start + pixel * job.step + block * LANES;
            let mut sum = _mm256_setzero_ps();
            for row in 0..3 {
                let input = &job.input[start + row * job.stride..][..2 * job.channels + LANES];
                for column in 0..3 {
                    let x = load(vector(input, column * job.channels));
                    sum = _mm256_fmadd_ps(x, w[row * 3 + column], sum);
                }
            }
            let Some(out) = vector_mut(output, block * LANES) else { return };
            store(out, sum);
        }
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn activate(x: __m256, activation: Activation) -> __m256 {
    match activation {
        Activation::Linear => x,
        Activation::Relu => _mm256_max_ps(x, _mm256_setzero_ps()),
        Activation::Leaky => _mm256_max_ps(x, _mm256_mul_ps(x, _mm256_set1_ps(0.1))),
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn load(values: &[f32; LANES]) -> __m256 {
    // SAFETY: the reference is to eight floats, and the load asks for no alignment.
    unsafe { _mm256_loadu_ps(values.as_ptr()) }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn store(values: &mut [f32; LANES], x: __m256) {
    // SAFETY: the reference is to eight floats, and the store asks for no alignment.
    unsafe { _mm256_storeu_ps(values.as_mut_ptr(), x) }
}
