//! Layers without weights: maxima of neighbouring pixels, and enlarging.

use super::{
    layer::{Layer, Target},
    tensor::Tensor,
};
use crate::kernels::{Activation, Backend};

/// The maximum of each `size × size` window, `stride` pixels apart. Windows that reach over the
/// bottom or right edge are cut there. Further channels of the output stay as they are.
pub(crate) fn max_pool(input: &Tensor, size: usize, stride: usize, output: &mut Tensor) {
    for y in 0..output.height {
        let first = y * stride;
        max_rows(input, first..(first + size).min(input.height), size, stride, y, output);
    }
}

/// Copies a grid into one with at least as many channels and a border of one, the further channels zero.
/// A stride of 2 takes the maximum of each 2×2 window.
pub(crate) fn widened(input: &Tensor, stride: usize, channels: usize) -> Tensor {
    let mut output = Tensor::new(input.width / stride, input.height / stride, channels, 1);
    max_pool(input, stride, stride, &mut output);
    output
}

/// Adds a grid of half the size, enlarged by bilinear interpolation between the centres of its pixels.
pub(crate) fn add_enlarged(small: &Tensor, sum: &mut Tensor) {
    let channels = sum.channels;
    // Every output lies a quarter of a pixel from one input and three quarters from the next.
    let neighbours = |at: usize, length: usize| {
        let near = at / 2;
        let far = if at.is_multiple_of(2) { near.saturating_sub(1) } else { (near + 1).min(length - 1) };
        [near, far]
    };
    for y in 0..sum.height {
        let rows = neighbours(y, small.height).map(|y| small.row(y));
        for (x, pixel) in sum.row_mut(y).chunks_exact_mut(channels).enumerate() {
            let columns = neighbours(x, small.width);
            let [[a, b], [c, d]] = rows.map(|row| columns.map(|x| &row[x * channels..][..channels]));
            for (i, value) in pixel.iter_mut().enumerate() {
                *value += 0.75 * (0.75 * a[i] + 0.25 * b[i]) + 0.25 * (0.75 * c[i] + 0.25 * d[i]);
            }
        }
    }
}

/// Runs a layer and halves its output by 2×2 maxima, two rows at a time, so that the layer's full
/// output never exists. `size` is that of the full output.
pub(crate) fn run_and_halve(
    layer: &impl Layer,
    backend: Backend,
    input: &Tensor,
    [width, height]: [usize; 2],
    border: usize,
    activation: Activation,
) -> Tensor {
    let channels = layer.channels();
    let mut output = Tensor::new(width.div_ceil(2), height.div_ceil(2), channels, border);
    let mut strip = Tensor::new(width, 2, channels, 0);
    for y in 0..output.height {
        let rows = 2 * y..height.min(2 * y + 2);
        let count = rows.len();
        layer.rows(
            backend,
            input,
            rows,
            Target { tensor: &mut strip, row: 0, activation, accumulate: false },
        );
        max_rows(&strip, 0..count, 2, 2, y, &mut output);
    }
    output
}

/// One row of maxima over the given rows of the input.
fn max_rows(
    input: &Tensor,
    rows: std::ops::Range<usize>,
    size: usize,
    stride: usize,
    y: usize,
    output: &mut Tensor,
) {
    let (inputs, outputs) = (input.channels, output.channels);
    for (i, row) in rows.enumerate() {
        let row = input.row(row);
        for (x, best) in output.row_mut(y).chunks_exact_mut(outputs).enumerate() {
            let window = row.chunks_exact(inputs).skip(x * stride).take(size);
            for (column, pixel) in window.enumerate() {
                if i == 0 && column == 0 {
                    best[..inputs].copy_from_slice(pixel);
                    continue;
                }
                for (best, &value) in best.iter_mut().zip(pixel) {
                    *best = if value > *best { value } else { *best };
                }
            }
        }
    }
}
