//! Plain loops over arrays of [`LANES`] floats.

use super::{Activation, Convolution, Depthwise, LANES, vector, vector_mut};

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
        for ((out, sum), bias) in out.iter_mut().zip(sum).zip(&job.bias[block]) {
            let kept = if job.accumulate { *out } else { 0.0 };
            let x = sum + bias + kept;
            *out = match job.activation {
                Activation::Linear => x,
                Activation::Relu => x.max(0.0),
                Activation::Leaky => x.max(0.1 * x),
            };
        }
    }
}

pub(super) fn depthwise(job: &Depthwise<'_>, output: &mut [f32]) {
    for (pixel, output) in output.chunks_exact_mut(job.channels).enumerate() {
        for (block, (weights, out)) in job.weights.iter().zip(output.as_chunks_mut::<LANES>().0).enumerate() {
            let mut sum = [0.0; LANES];
            for (tap, w) in weights.iter().enumerate() {
                let at = job.start
                    + pixel * job.step
                    + tap / 3 * job.stride
                    + tap % 3 * job.channels
                    + block * LANES;
                for ((sum, x), w) in sum.iter_mut().zip(vector(job.input, at)).zip(w) {
                    *sum += x * w;
                }
            }
            *out = sum;
        }
    }
}

#[inline(always)]
fn multiply_add(x: f32, w: &[f32; LANES], sum: &[f32; LANES]) -> [f32; LANES] {
    std::array::from_fn(|lane| sum[lane] + x * w[lane])
}
