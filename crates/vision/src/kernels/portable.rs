//! Plain loops over arrays of [`LANES`] floats.

use super::{Convolution, Depthwise, LANES, slopes_of, vector, vector_mut};

pub(super) fn convolve(job: &Convolution<'_>, starts: &[usize], output: &mut [f32], targets: &[usize]) {
    for block in 0..job.bias.len() {
        let (mut starts, mut targets) = (starts, targets);
        while let (Some((s, s_rest)), Some((t, t_rest))) =
            (starts.split_first_chunk(), targets.split_first_chunk())
        {
            tile::<2>(job, block, s, output, t);
            (starts, targets) = (s_rest, t_rest);
        }
        for (&s, &t) in starts.iter().zip(targets) {
            tile::<1>(job, block, &[s], output, &[t]);
        }
    }
}

/// `P` pixels of one block of output channels.
fn tile<const P: usize>(
    job: &Convolution<'_>,
    block: usize,
    starts: &[usize; P],
    output: &mut [f32],
    targets: &[usize; P],
) {
    let run = job.window.run;
    let mut sums = [[0.0; LANES]; P];
    for row in 0..job.window.rows {
        let pixels = starts.map(|start| job.input_of(start, row));
        let weights = job.weights_of(block, row);
        for i in 0..run {
            let w = weights[i];
            for p in 0..P {
                sums[p] = multiply_add(pixels[p][i], &w, &sums[p]);
            }
        }
    }
    for (sum, target) in sums.iter().zip(targets) {
        let Some(out) = vector_mut(output, target + block * LANES) else { return };
        let slopes = slopes_of(job.activation, job.slopes, block);
        for (((out, sum), bias), slope) in out.iter_mut().zip(sum).zip(&job.bias[block]).zip(slopes) {
            let kept = if job.accumulate { *out } else { 0.0 };
            *out = activate(sum + bias + kept, slope);
        }
    }
}

pub(super) fn depthwise(job: &Depthwise<'_>, output: &mut [f32]) {
    let side = job.size.side();
    for (pixel, output) in output.chunks_exact_mut(job.channels).enumerate() {
        let blocks = job.weights.chunks_exact(side * side).zip(output.as_chunks_mut::<LANES>().0);
        for (block, (weights, out)) in blocks.enumerate() {
            let start = job.start + pixel * job.step + block * LANES;
            let mut sum = job.bias[block];
            for (row, weights) in weights.chunks_exact(side).enumerate() {
                for (column, w) in weights.iter().enumerate() {
                    let x = vector(job.input, start + row * job.stride + column * job.channels);
                    for ((sum, x), w) in sum.iter_mut().zip(x).zip(w) {
                        *sum += x * w;
                    }
                }
            }
            let slopes = slopes_of(job.activation, job.slopes, block);
            *out = std::array::from_fn(|lane| activate(sum[lane], slopes[lane]));
        }
    }
}

#[inline(always)]
fn activate(x: f32, slope: f32) -> f32 {
    x.max(0.0) + slope * x.min(0.0)
}

#[inline(always)]
fn multiply_add(x: f32, w: &[f32; LANES], sum: &[f32; LANES]) -> [f32; LANES] {
    std::array::from_fn(|lane| sum[lane] + x * w[lane])
}
