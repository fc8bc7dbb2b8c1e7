//! The descriptor network: a residual network of 29 convolutions, from 150×150 pixels to 128 numbers.

use super::{
    layer::{Dense, Layer, Target},
    pool::{max_pool, mean_pool},
    tensor::Tensor,
};
use crate::{
    kernels::{Activation, Backend},
    weights::{WeightMap, Weights, WeightsError},
};

/// The input's side in pixels.
pub const SIDE: usize = 150;
/// Numbers that describe a face.
pub const NUMBERS: usize = 128;
/// What is subtracted from red, green and blue before dividing by 255.
pub const MEAN: [f32; 3] = [122.782, 117.001, 104.298];

/// Describes a face.
pub struct FaceRecognition {
    first: Dense,
    blocks: Vec<Residual>,
    last: Dense,
}

/// Two convolutions whose sum with the input goes on; `down` halves the grid.
struct Residual {
    down: bool,
    first: Dense,
    second: Dense,
}

impl FaceRecognition {
    /// Unpacks the weights.
    ///
    /// # Errors
    /// When a file is damaged, or not this network's.
    pub fn new(weights: &Weights<'_>) -> Result<Self, WeightsError> {
        let mut map = WeightMap::new("face_recognition", weights)?;
        let first = scaled(&mut map, "conv32_down", [7, 3, 32], 2, 0)?;
        let mut blocks = Vec::new();
        let mut channels = 32;
        for (name, outputs) in [
            ("conv32_1", 32),
            ("conv32_2", 32),
            ("conv32_3", 32),
            ("conv64_down", 64),
            ("conv64_1", 64),
            ("conv64_2", 64),
            ("conv64_3", 64),
            ("conv128_down", 128),
            ("conv128_1", 128),
            ("conv128_2", 128),
            ("conv256_down", 256),
            ("conv256_1", 256),
            ("conv256_2", 256),
            ("conv256_down_out", 256),
        ] {
            let down = name.contains("down");
            let (stride, padding) = if down { (2, 0) } else { (1, 1) };
            blocks.push(Residual {
                down,
                first: scaled(&mut map, &format!("{name}/conv1"), [3, channels, outputs], stride, padding)?,
                second: scaled(&mut map, &format!("{name}/conv2"), [3, outputs, outputs], 1, 1)?,
            });
            channels = outputs;
        }
        let last = map.take("fc", &[256, NUMBERS])?;
        map.finish()?;
        Ok(Self { first, blocks, last: Dense::pack(&last, &[0.0; NUMBERS], [1, 256, NUMBERS], 1, 0) })
    }

    /// Input: three channels, [`SIDE`] by [`SIDE`], no border.
    pub fn run(&self, backend: Backend, input: &Tensor) -> [f32; NUMBERS] {
        let side = self.first.output_side(input.width);
        let mut full = Tensor::new(side, side, self.first.channels(), 0);
        self.first.run(backend, input, &mut full, Activation::Relu);
        let side = (side - 3) / 2 + 1;
        let mut grid = Tensor::new(side, side, full.channels, 1);
        max_pool(&full, 3, 2, &mut grid);
        for block in &self.blocks {
            grid = block.run(backend, grid);
        }
        let mut pooled = Tensor::new(1, 1, grid.channels, 0);
        pooled.data = grid.mean();
        let mut output = Tensor::new(1, 1, NUMBERS, 0);
        self.last.run(backend, &pooled, &mut output, Activation::Linear);
        let mut numbers = [0.0; NUMBERS];
        for (number, value) in numbers.iter_mut().zip(output.data) {
            *number = value;
        }
        numbers
    }
}

impl Residual {
    fn run(&self, backend: Backend, input: Tensor) -> Tensor {
        let side = self.first.output_side(input.width);
        let mut between = Tensor::new(side, side, self.first.channels(), 1);
        self.first.run(backend, &input, &mut between, Activation::Relu);
        // What is added to is never below zero, so that the rectifier leaves alone what the second
        // convolution does not reach (more rows and columns, where an even side was halved).
        let mut sum = if self.down {
            let half = input.width / 2;
            let mut sum = Tensor::new(half, half, self.second.channels(), 1);
            mean_pool(&input, &mut sum);
            sum
        } else {
            input
        };
        let target = Target { tensor: &mut sum, row: 0, activation: Activation::Relu, accumulate: true };
        self.second.rows(backend, &between, 0..side, target);
        sum
    }
}

/// A convolution whose published form is followed by a scale and a shift of each channel; they are
/// folded into its weights.
fn scaled(
    map: &mut WeightMap,
    name: &str,
    shape: [usize; 3],
    stride: usize,
    padding: usize,
) -> Result<Dense, WeightsError> {
    let [kernel, inputs, outputs] = shape;
    let mut filters = map.take(&format!("{name}/conv/filters"), &[kernel, kernel, inputs, outputs])?;
    let mut bias = map.take(&format!("{name}/conv/bias"), &[outputs])?;
    let scale = map.take(&format!("{name}/scale/weights"), &[outputs])?;
    let shift = map.take(&format!("{name}/scale/biases"), &[outputs])?;
    for values in filters.chunks_exact_mut(outputs) {
        for (value, scale) in values.iter_mut().zip(&scale) {
            *value *= scale;
        }
    }
    for ((bias, scale), shift) in bias.iter_mut().zip(&scale).zip(&shift) {
        *bias = *bias * scale + shift;
    }
    Ok(Dense::pack(&filters, &bias, shape, stride, padding))
}
