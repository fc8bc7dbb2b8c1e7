//! Layers with weights: dense, depthwise and separable convolutions, packed for the kernels.

use super::tensor::{Tensor, blocks};
use crate::{
    kernels::{Activation, Backend, Convolution, DepthwiseSize, LANES, Window},
    weights::{WeightMap, WeightsError},
};
use std::ops::Range;

/// Number of pixels that go through all of a layer's weights before the next ones: their input stays in
/// the cache meanwhile.
const PIXELS_AT_A_TIME: usize = 96;

/// Destination of a layer's results.
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

    /// Adds all of the output to what `sum` holds, then applies the activation.
    fn add(&self, backend: Backend, input: &Tensor, sum: &mut Tensor, activation: Activation) {
        let rows = 0..sum.height;
        self.rows(backend, input, rows, Target { tensor: sum, row: 0, activation, accumulate: true });
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
    slopes: Vec<[f32; LANES]>,
}

impl Dense {
    /// Packs filters of `[kernel, kernel, inputs, outputs]`, or of `[inputs, outputs]` where the layer is
    /// fully connected.
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
        Self { kernel, stride, padding, inputs, weights, bias: vectors(bias), slopes: Vec::new() }
    }

    /// Loads a convolution with a bias.
    pub(crate) fn load(
        weights: &mut WeightMap<'_>,
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

    /// Loads a convolution, also the slopes of its activation.
    pub(crate) fn load_prelu(
        weights: &mut WeightMap<'_>,
        name: &str,
        slopes: &str,
        shape: [usize; 3],
        stride: usize,
        padding: usize,
    ) -> Result<Self, WeightsError> {
        let slopes = vectors(&weights.take(slopes, &[shape[2]])?);
        Ok(Self { slopes, ..Self::load(weights, name, shape, stride, padding)? })
    }

    /// Makes a first layer take pixels as [`Crop::sample`](crate::sampling::Crop::sample) gives them,
    /// `(rgb − mean) / 255`, where the network was trained on `(rgb − mean) / divisor`.
    pub(crate) fn rescale_input(&mut self, divisor: f32) {
        let factor = 255.0 / divisor;
        self.weights.as_flattened_mut().iter_mut().for_each(|weight| *weight *= factor);
    }

    /// Makes a first layer take red, green, blue where the network was trained on blue, green, red.
    pub(crate) fn reverse_inputs(&mut self) {
        for taps in self.weights.chunks_exact_mut(self.inputs) {
            taps.reverse();
        }
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
            slopes: &self.slopes,
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

/// A convolution of each channel for itself.
pub(crate) struct Depthwise {
    size: DepthwiseSize,
    stride: usize,
    /// Pixels of border at the top and left that the first window covers.
    padding: usize,
    weights: Vec<[f32; LANES]>,
    bias: Vec<[f32; LANES]>,
    slopes: Vec<[f32; LANES]>,
    activation: Activation,
}

impl Depthwise {
    /// Packs filters of `[side, side, channels]`, without a bias.
    fn pack(filters: &[f32], channels: usize, size: DepthwiseSize, stride: usize, padding: usize) -> Self {
        let taps = size.side() * size.side();
        let mut weights = vec![[0.0; LANES]; blocks(channels) * taps];
        for (tap, values) in filters.chunks_exact(channels).enumerate() {
            for (channel, value) in values.iter().enumerate() {
                weights[channel / LANES * taps + tap][channel % LANES] = *value;
            }
        }
        let bias = vec![[0.0; LANES]; blocks(channels)];
        Self { size, stride, padding, weights, bias, slopes: Vec::new(), activation: Activation::Linear }
    }

    /// Loads a convolution with a bias.
    pub(crate) fn load(
        weights: &mut WeightMap<'_>,
        name: &str,
        channels: usize,
        size: DepthwiseSize,
        stride: usize,
        padding: usize,
    ) -> Result<Self, WeightsError> {
        let side = size.side();
        let filters = weights.take(&format!("{name}/filters"), &[side, side, channels])?;
        let bias = vectors(&weights.take(&format!("{name}/bias"), &[channels])?);
        Ok(Self { bias, ..Self::pack(&filters, channels, size, stride, padding) })
    }

    /// Adds an activation whose slopes are in the weights.
    pub(crate) fn prelu(
        mut self,
        weights: &mut WeightMap<'_>,
        name: &str,
        channels: usize,
    ) -> Result<Self, WeightsError> {
        self.slopes = vectors(&weights.take(name, &[channels])?);
        self.activation = Activation::Prelu;
        Ok(self)
    }

    /// Filters what is under one row of the output.
    fn row(&self, backend: Backend, input: &Tensor, y: usize, output: &mut [f32]) {
        let inset = input.border - self.padding;
        let job = crate::kernels::Depthwise {
            input: &input.data,
            start: input.corner(inset, y * self.stride + inset),
            step: self.stride * input.channels,
            stride: input.stride(),
            channels: input.channels,
            size: self.size,
            weights: &self.weights,
            bias: &self.bias,
            slopes: &self.slopes,
            activation: self.activation,
        };
        backend.depthwise(&job, output);
    }
}

/// A depthwise convolution, then a 1×1 convolution over all channels.
pub(crate) struct Separable {
    pub(crate) depthwise: Depthwise,
    pub(crate) pointwise: Dense,
}

impl Separable {
    /// Loads a 3×3 separable convolution with one bias, as the networks of `@vladmandic/face-api` name
    /// theirs; a stride of 2 pads only at the bottom and right.
    pub(crate) fn load(
        weights: &mut WeightMap<'_>,
        name: &str,
        [inputs, outputs]: [usize; 2],
        stride: usize,
    ) -> Result<Self, WeightsError> {
        let filters = weights.take(&format!("{name}/depthwise_filter"), &[3, 3, inputs, 1])?;
        let padding = usize::from(stride == 1);
        let depthwise = Depthwise::pack(&filters, inputs, DepthwiseSize::Three, stride, padding);
        let filters = weights.take(&format!("{name}/pointwise_filter"), &[1, 1, inputs, outputs])?;
        let bias = weights.take(&format!("{name}/bias"), &[outputs])?;
        Ok(Self { depthwise, pointwise: Dense::pack(&filters, &bias, [1, inputs, outputs], 1, 0) })
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
        let mut from = rows.start;
        while from < rows.end {
            let to = rows.end.min(from + at_a_time);
            for y in from..to {
                self.depthwise.row(backend, input, y, filtered.row_mut(y - from));
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
