//! The detector: six convolutions, each halving the grid but the last, and a head that gives each
//! cell of 32×32 input pixels five boxes.

use super::{
    layer::{Dense, Layer, Separable},
    pool::{max_pool, run_and_halve},
    tensor::Tensor,
};
use crate::{
    kernels::{Activation, Backend},
    weights::{WeightMap, WeightsError},
};

/// Input pixels under a cell, in either direction.
pub const CELL: usize = 32;
/// Boxes of a cell.
pub const ANCHORS: usize = 5;
/// Output of the network for a box: offsets x and y, log sizes, score and class (of one, so unused).
pub const BOX_NUMBERS: usize = 5;
/// Subtracted from red, green and blue before dividing by 255.
pub const MEAN: [f32; 3] = [117.001, 114.697, 97.404];

/// Finds faces.
pub struct TinyFaceDetector {
    first: Dense,
    middle: [Separable; 5],
    head: Dense,
}

impl TinyFaceDetector {
    /// Unpacks the weights.
    ///
    /// # Errors
    /// When a file is damaged, or not this network's.
    pub fn new(weights: &[u8]) -> Result<Self, WeightsError> {
        let mut map = WeightMap::new("tiny_face_detector", weights)?;
        let w = &mut map;
        let network = Self {
            first: Dense::load(w, "conv0", [3, 3, 16], 1, 0)?,
            middle: [
                Separable::load(w, "conv1", [16, 32], 1)?,
                Separable::load(w, "conv2", [32, 64], 1)?,
                Separable::load(w, "conv3", [64, 128], 1)?,
                Separable::load(w, "conv4", [128, 256], 1)?,
                Separable::load(w, "conv5", [256, 512], 1)?,
            ],
            head: Dense::load(w, "conv8", [1, 512, ANCHORS * BOX_NUMBERS], 1, 0)?,
        };
        map.finish()?;
        Ok(network)
    }

    /// Input: three channels, no border, sides of whole cells. Output: a pixel for each cell, its
    /// channels [`BOX_NUMBERS`] for each of [`ANCHORS`], then padding.
    pub fn run(&self, backend: Backend, input: &Tensor) -> Tensor {
        let full = [self.first.output_side(input.width), self.first.output_side(input.height)];
        let mut grid = run_and_halve(&self.first, backend, input, full, 1, Activation::Leaky);
        let [halving @ .., last] = &self.middle;
        for layer in halving {
            let size = [grid.width, grid.height];
            grid = run_and_halve(layer, backend, &grid, size, 1, Activation::Leaky);
        }
        let mut features = Tensor::new(grid.width, grid.height, last.channels(), 0);
        last.run(backend, &grid, &mut features, Activation::Leaky);
        let mut pooled = Tensor::new(grid.width, grid.height, last.channels(), 0);
        max_pool(&features, 2, 1, &mut pooled);
        let mut output = Tensor::new(grid.width, grid.height, self.head.channels(), 0);
        self.head.run(backend, &pooled, &mut output, Activation::Linear);
        output
    }
}
