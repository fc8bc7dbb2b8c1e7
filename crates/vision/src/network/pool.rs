//! Layers without weights: maxima and means of neighbouring pixels.

use super::{
    layer::{Layer, Target},
    tensor::Tensor,
};
use crate::kernels::{Activation, Backend};

/// The maximum of each `size × size` window, `stride` pixels apart. Windows that reach over the
/// bottom or right edge are cut there.
pub(crate) fn max_pool(input: &Tensor, size: usize, stride: usize, output: &mut Tensor) {
    for y in 0..output.height {
        let first = y * stride;
        max_rows(input, first..(first + size).min(input.height), size, stride, y, output);
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
    let channels = output.channels;
    for (i, row) in rows.enumerate() {
        let row = input.row(row);
        for (x, best) in output.row_mut(y).chunks_exact_mut(channels).enumerate() {
            let window = row.chunks_exact(channels).skip(x * stride).take(size);
            for (column, pixel) in window.enumerate() {
                if i == 0 && column == 0 {
                    best.copy_from_slice(pixel);
                    continue;
                }
                for (best, &value) in best.iter_mut().zip(pixel) {
                    *best = if value > *best { value } else { *best };
                }
            }
        }
    }
}

/// The mean of each 2×2 window; what is beyond the last whole one is left out. The output may have
/// more channels, rows and columns than that: they stay as they are.
pub(crate) fn mean_pool(input: &Tensor, output: &mut Tensor) {
    let (inputs, outputs) = (input.channels, output.channels);
    for y in 0..output.height.min(input.height / 2) {
        let (top, bottom) = (input.row(2 * y), input.row(2 * y + 1));
        let windows = top.chunks_exact(2 * inputs).zip(bottom.chunks_exact(2 * inputs));
        for (mean, (top, bottom)) in output.row_mut(y).chunks_exact_mut(outputs).zip(windows) {
            for (c, mean) in mean.iter_mut().take(inputs).enumerate() {
                *mean = (top[c] + top[c + inputs] + bottom[c] + bottom[c + inputs]) * 0.25;
            }
        }
    }
}
