//! Layers with weights: dense and separable convolutions, packed for the kernels.

use super::tensor::{Tensor, blocks};
use crate::{
    kernels::{Activation, Backend, Convolution, Depthwise, LANES, Window},
    weights::{WeightMap, WeightsError},
};
use std::ops::Range;

/// So many pixels go through all of a layer's weights before the next ones: their input stays in
/// the cache meanwhile.
const PIXELS_AT_A_TIME: usize = 96;

/// Where a layer's results go, and how.
pub(crate) struct Target<'a> {
    pub(crate) tensor: &'a mut Tensor,
    /// The row of `tensor` that takes the first row.
    pub(crate) row: usize,
    pub(crate) activation: Activation,
    /// Adds what is there already, before the activation.
    pub(crate) accumulate: bool,
}

/// A layer that can compute any of its rows from its whole input.
pub(crate) trait Layer {
    /// Output channels, rounded up to whole vectors.
    fn channels(&self) -> usize;

    /// Computes `rows` of the output.
    fn rows(&self, backend: Backend, input: &Tensor, rows: Range<usize>, target: Target<'_>);

    /// Computes all of the output into `output`, whose size says how many rows there are.
    fn run(&self, backend: Backend, input: &Tensor, output: &mut Tensor, activation: Activation) {
        let rows = 0..output.height;
        self.rows(backend, input, rows, Target { tensor: output, row: 0, activation, accumulate: false });
    }
}

/// A dense convolution.
pub(crate) struct Dense {
    kernel: usize,
    stride: usize,
    /// Pixels of border at the top and left that the first window covers.
    padding: usize,
    inputs: usize,
    weights: Vec<[f32; LANES]>,
    bias: Vec<[f32; LANES]>,
}

impl Dense {
    /// Takes `name` from `weights`: filters of `[kernel, kernel, inputs, outputs]`, or of `[inputs,
    /// outputs]` where the layer is fully connected.
    pub(crate) fn pack(
        filters: &[f32],
        bias: &[f32],
        [kernel, inputs, outputs]: [usize; 3],
        stride: usize,
        padding: usize,
    ) -> Self {
        let taps = kernel * kernel * inputs;
        let mut weights = vec![[0.0; LANES]; blocks(outputs) * taps];
        for (tap, values) in filters.chunks_exact(outputs).enumerate() {
            for (output, value) in values.iter().enumerate() {
                weights[output / LANES * taps + tap][output % LANES] = *value;
            }
        }
        Self { kernel, stride, padding, inputs, weights, bias: vectors(bias) }
    }

    /// A convolution with a bias, as the detector and the landmark network name theirs.
    pub(crate) fn load(
        weights: &mut WeightMap,
        name: &str,
        shape: [usize; 3],
        stride: usize,
        padding: usize,
    ) -> Result<Self, WeightsError> {
        let [kernel, inputs, outputs] = shape;
        let filters = weights.take(&format!("{name}/filters"), &[kernel, kernel, inputs, outputs])?;
        let bias = weights.take(&format!("{name}/bias"), &[outputs])?;
        Ok(Self::pack(&filters, &bias, shape, stride, padding))
    }

    /// Columns, and rows, of the output for so many of the input.
    pub(crate) fn output_side(&self, side: usize) -> usize {
        (side + 2 * self.padding).saturating_sub(self.kernel) / self.stride + 1
    }
}

impl Layer for Dense {
    fn channels(&self) -> usize {
        self.bias.len() * LANES
    }

    fn rows(&self, backend: Backend, input: &Tensor, rows: Range<usize>, target: Target<'_>) {
        let output = target.tensor;
        let job = Convolution {
            input: &input.data,
            window: Window { rows: self.kernel, run: self.kernel * self.inputs, stride: input.stride() },
            weights: &self.weights,
            bias: &self.bias,
            activation: target.activation,
            accumulate: target.accumulate,
        };
        let inset = input.border - self.padding;
        let width = output.width.min(self.output_side(input.width + 2 * inset));
        let (mut starts, mut targets) = (Vec::new(), Vec::new());
        for y in rows.clone() {
            for x in 0..width {
                starts.push(input.corner(x * self.stride + inset, y * self.stride + inset));
                targets.push(output.at(x, y - rows.start + target.row));
            }
            if starts.len() >= PIXELS_AT_A_TIME || y + 1 == rows.end {
                for (starts, targets) in starts.chunks(PIXELS_AT_A_TIME).zip(targets.chunks(PIXELS_AT_A_TIME))
                {
                    backend.convolve(&job, starts, &mut output.data, targets);
                }
                starts.clear();
                targets.clear();
            }
        }
    }
}

/// A 3×3 convolution of each channel for itself, then a 1×1 convolution over all of them.
pub(crate) struct Separable {
    stride: usize,
    /// Pixels of border at the top and left that the first window covers.
    padding: usize,
    depthwise: Vec<[[f32; LANES]; 9]>,
    pointwise: Dense,
}

impl Separable {
    /// A separable convolution with a bias; a stride of 2 pads only at the bottom and right.
    pub(crate) fn load(
        weights: &mut WeightMap,
        name: &str,
        [inputs, outputs]: [usize; 2],
        stride: usize,
    ) -> Result<Self, WeightsError> {
        let filters = weights.take(&format!("{name}/depthwise_filter"), &[3, 3, inputs, 1])?;
        let mut depthwise = vec![[[0.0; LANES]; 9]; blocks(inputs)];
        for (tap, values) in filters.chunks_exact(inputs).enumerate() {
            for (channel, value) in values.iter().enumerate() {
                depthwise[channel / LANES][tap][channel % LANES] = *value;
            }
        }
        let filters = weights.take(&format!("{name}/pointwise_filter"), &[1, 1, inputs, outputs])?;
        let bias = weights.take(&format!("{name}/bias"), &[outputs])?;
        let pointwise = Dense::pack(&filters, &bias, [1, inputs, outputs], 1, 0);
        Ok(Self { stride, padding: usize::from(stride == 1), depthwise, pointwise })
    }
}

impl Layer for Separable {
    fn channels(&self) -> usize {
        self.pointwise.channels()
    }

    fn rows(&self, backend: Backend, input: &Tensor, rows: Range<usize>, target: Target<'_>) {
        let width = target.tensor.width;
        let at_a_time = PIXELS_AT_A_TIME.div_ceil(width.max(1));
        let mut filtered = Tensor::new(width, at_a_time.min(rows.len()), input.channels, 0);
        let inset = input.border - self.padding;
        let mut from = rows.start;
        while from < rows.end {
            let to = rows.end.min(from + at_a_time);
            for y in from..to {
                let job = Depthwise {
                    input: &input.data,
                    start: input.corner(inset, y * self.stride + inset),
                    step: self.stride * input.channels,
                    stride: input.stride(),
                    channels: input.channels,
                    weights: &self.depthwise,
                };
                backend.depthwise(&job, filtered.row_mut(y - from));
            }
            let row = target.row + from - rows.start;
            let (activation, accumulate) = (target.activation, target.accumulate);
            let part = Target { tensor: &mut *target.tensor, row, activation, accumulate };
            self.pointwise.rows(backend, &filtered, 0..to - from, part);
            from = to;
        }
    }
}

/// Cuts a list into vectors, the last one filled up with zeros.
fn vectors(values: &[f32]) -> Vec<[f32; LANES]> {
    let fill = |chunk: &[f32]| {
        let mut vector = [0.0; LANES];
        vector[..chunk.len()].copy_from_slice(chunk);
        vector
    };
    values.chunks(LANES).map(fill).collect()
}
