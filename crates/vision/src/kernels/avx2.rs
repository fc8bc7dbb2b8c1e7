//! AVX2 with FMA: twelve sums of eight channels at a time (six pixels by two vectors of channels, or eight
//! by one), which is what sixteen registers hold beside the factors.

// Arrays of vectors are registers here: loops over constant indices unroll, iterators may not.
#![allow(clippy::needless_range_loop)]

use super::{Convolution, Depthwise, DepthwiseSize, LANES, slopes_of, vector_mut};
use std::arch::x86_64::*;

#[target_feature(enable = "avx2,fma")]
pub(super) fn convolve(job: &Convolution<'_>, starts: &[usize], output: &mut [f32], targets: &[usize]) {
    let blocks = job.bias.len();
    for block in (0..blocks).step_by(2) {
        if block + 1 < blocks {
            let rest = tiles::<6, 2>(job, block, (starts, targets), output);
            strip::<2>(job, block, rest, output);
        } else {
            let rest = tiles::<8, 1>(job, block, (starts, targets), output);
            strip::<1>(job, block, rest, output);
        }
    }
}

/// Offsets of some pixels' windows in the input, and of their channels in the output.
type Pixels<'a> = (&'a [usize], &'a [usize]);

/// The last pixels of `B` blocks of output channels.
#[target_feature(enable = "avx2,fma")]
fn strip<const B: usize>(job: &Convolution<'_>, block: usize, pixels: Pixels<'_>, output: &mut [f32]) {
    let rest = tiles::<4, B>(job, block, pixels, output);
    let rest = tiles::<2, B>(job, block, rest, output);
    tiles::<1, B>(job, block, rest, output);
}

/// As many tiles of `P` pixels by `B` blocks of output channels as there are pixels for; returns the other
/// pixels.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn tiles<'a, const P: usize, const B: usize>(
    job: &Convolution<'_>,
    block: usize,
    (starts, targets): Pixels<'a>,
    output: &mut [f32],
) -> Pixels<'a> {
    let (starts, starts_left) = starts.as_chunks::<P>();
    let (targets, targets_left) = targets.as_chunks::<P>();
    for (starts, targets) in starts.iter().zip(targets) {
        tile::<P, B>(job, block, starts, output, targets);
    }
    (starts_left, targets_left)
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
        let slopes = load(&slopes_of(job.activation, job.slopes, block + b));
        for p in 0..P {
            let Some(out) = vector_mut(output, targets[p] + (block + b) * LANES) else { return };
            let mut x = _mm256_add_ps(sums[p][b], bias);
            if job.accumulate {
                x = _mm256_add_ps(x, load(out));
            }
            store(out, activate(x, slopes));
        }
    }
}

#[target_feature(enable = "avx2,fma")]
pub(super) fn depthwise(job: &Depthwise<'_>, output: &mut [f32]) {
    match job.size {
        DepthwiseSize::Three => depthwise_of::<3, 9>(job, output),
        DepthwiseSize::Seven => depthwise_of::<7, 49>(job, output),
    }
}

/// Four output pixels at a time where they follow each other closely, so that each input is loaded once
/// for all windows of a row.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn depthwise_of<const SIDE: usize, const TAPS: usize>(job: &Depthwise<'_>, output: &mut [f32]) {
    // In whole vectors, which are what is loaded and stored.
    let input = job.input.as_chunks::<LANES>().0;
    let output = output.as_chunks_mut::<LANES>().0;
    let [start, step, stride, channels] =
        [job.start, job.step, job.stride, job.channels].map(|floats| floats / LANES);
    let pixels = output.len() / channels.max(1);
    for (block, weights) in job.weights.as_chunks::<TAPS>().0.iter().enumerate() {
        let mut w = [_mm256_setzero_ps(); TAPS];
        for tap in 0..TAPS {
            w[tap] = load(&weights[tap]);
        }
        let (bias, slopes) = (load(&job.bias[block]), load(&slopes_of(job.activation, job.slopes, block)));
        let mut pixel = 0;
        if step == channels && SIDE == 3 {
            while pixel + 4 <= pixels {
                let mut sums = [bias; 4];
                for row in 0..3 {
                    let at = start + pixel * channels + block + row * stride;
                    let mut x = [_mm256_setzero_ps(); 6];
                    for column in 0..6 {
                        x[column] = load(&input[at + column * channels]);
                    }
                    for p in 0..4 {
                        for column in 0..3 {
                            sums[p] = _mm256_fmadd_ps(x[p + column], w[row * 3 + column], sums[p]);
                        }
                    }
                }
                for p in 0..4 {
                    let out = &mut output[(pixel + p) * channels + block];
                    store(out, activate(sums[p], slopes));
                }
                pixel += 4;
            }
        }
        while pixel < pixels {
            let mut sum = bias;
            for row in 0..SIDE {
                let at = start + pixel * step + block + row * stride;
                for column in 0..SIDE {
                    sum = _mm256_fmadd_ps(load(&input[at + column * channels]), w[row * SIDE + column], sum);
                }
            }
            store(&mut output[pixel * channels + block], activate(sum, slopes));
            pixel += 1;
        }
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn activate(x: __m256, slopes: __m256) -> __m256 {
    let zero = _mm256_setzero_ps();
    _mm256_fmadd_ps(_mm256_min_ps(x, zero), slopes, _mm256_max_ps(x, zero))
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
