//! The landmark network: four blocks of four densely connected separable convolutions.

use super::{
    layer::{Dense, Layer, Separable, Target},
    tensor::Tensor,
};
use crate::{
    kernels::{Activation, Backend},
    weights::{WeightMap, WeightsError},
};

/// The input's side in pixels.
pub const SIDE: usize = 112;
/// Points on a face.
pub const POINTS: usize = 68;
/// Subtracted from red, green and blue before dividing by 255.
pub const MEAN: [f32; 3] = [122.782, 117.001, 104.298];

/// Finds 68 points on a face.
pub struct FaceLandmark68 {
    first: First,
    others: [Block; 3],
    points: Dense,
}

/// The first block, whose first convolution is dense.
struct First {
    down: Dense,
    more: [Separable; 3],
}

/// Halves the grid, then adds three more convolutions of the sum so far.
struct Block {
    down: Separable,
    more: [Separable; 3],
}

impl FaceLandmark68 {
    /// Unpacks the weights.
    ///
    /// # Errors
    /// When a file is damaged, or not this network's.
    pub fn new(weights: &[u8]) -> Result<Self, WeightsError> {
        let mut map = WeightMap::new("face_landmark_68", weights)?;
        let w = &mut map;
        let first =
            First { down: Dense::load(w, "dense0/conv0", [3, 3, 32], 2, 0)?, more: more(w, "dense0", 32)? };
        let others =
            [block(w, "dense1", 32, 64)?, block(w, "dense2", 64, 128)?, block(w, "dense3", 128, 256)?];
        let filters = map.take("fc/weights", &[256, 2 * POINTS])?;
        let bias = map.take("fc/bias", &[2 * POINTS])?;
        map.finish()?;
        Ok(Self { first, others, points: Dense::pack(&filters, &bias, [1, 256, 2 * POINTS], 1, 0) })
    }

    /// Input: three channels, [`SIDE`] by [`SIDE`], a border of one. Output: the points, 0..1 over
    /// the input's side.
    pub fn run(&self, backend: Backend, input: &Tensor) -> [[f32; 2]; POINTS] {
        let mut grid = densely(&self.first.down, &self.first.more, backend, input);
        for Block { down, more } in &self.others {
            grid = densely(down, more, backend, &grid);
        }
        let mut pooled = Tensor::new(1, 1, grid.channels, 0);
        pooled.data = grid.mean();
        let mut output = Tensor::new(1, 1, self.points.channels(), 0);
        self.points.run(backend, &pooled, &mut output, Activation::Linear);
        let mut points = [[0.0; 2]; POINTS];
        for (point, xy) in points.iter_mut().zip(output.data.as_chunks::<2>().0) {
            *point = *xy;
        }
        points
    }
}

fn block(w: &mut WeightMap<'_>, name: &str, inputs: usize, outputs: usize) -> Result<Block, WeightsError> {
    let down = Separable::load(w, &format!("{name}/conv0"), [inputs, outputs], 2)?;
    Ok(Block { down, more: more(w, name, outputs)? })
}

fn more(w: &mut WeightMap<'_>, name: &str, channels: usize) -> Result<[Separable; 3], WeightsError> {
    let mut load = |i| Separable::load(w, &format!("{name}/conv{i}"), [channels; 2], 1);
    Ok([load(1)?, load(2)?, load(3)?])
}

/// `sum = down(input)`, then three times `sum += convolution(relu(sum))`; the result is `relu(sum)`.
fn densely(down: &impl Layer, more: &[Separable; 3], backend: Backend, input: &Tensor) -> Tensor {
    let (width, height) = (input.width / 2, input.height / 2);
    let mut sum = Tensor::new(width, height, down.channels(), 0);
    down.run(backend, input, &mut sum, Activation::Relu);
    let mut active = Tensor::new(width, height, down.channels(), 1);
    active.copy_positive(&sum);
    for layer in more {
        let target = Target { tensor: &mut sum, row: 0, activation: Activation::Linear, accumulate: true };
        layer.rows(backend, &active, 0..height, target);
        active.copy_positive(&sum);
    }
    active
}
