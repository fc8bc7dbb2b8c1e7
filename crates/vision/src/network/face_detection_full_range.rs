//! The full-range face detector: 20 blocks down to a thirty-second of the input and back up to a quarter,
//! where each pixel tells of one box.

use super::{
    face_detection_short_range::separable,
    layer::{Dense, Layer, Separable},
    pool::{add_enlarged, widened},
    tensor::Tensor,
};
use crate::{
    kernels::{Activation, Backend},
    weights::{WeightMap, WeightsError},
};
use std::mem::replace;

/// The input's side in pixels that the network was trained with.
pub const SIDE: usize = 192;
/// The input's sides must be multiples of this.
pub const UNIT: usize = 32;
/// Input pixels under an output pixel, in either direction.
pub const CELL: usize = 4;
/// Subtracted from red, green and blue before dividing by 255.
pub const MEAN: [f32; 3] = [127.5; 3];
/// The network was trained on `(x − 127.5) / 127.5`.
const DIVISOR: f32 = 127.5;
/// Numbers of a box besides its score: offset and size, then six points, in pixels of the input.
pub const BOX_NUMBERS: usize = 16;

/// Input, inner and output channels of the blocks on the way down, and the stride.
const DOWN: [([usize; 3], usize); 15] = [
    ([32, 8, 32], 1),
    ([32, 8, 32], 1),
    ([32, 12, 48], 2),
    ([48, 12, 48], 1),
    ([48, 16, 64], 1),
    ([64, 24, 96], 2),
    ([96, 32, 128], 1),
    ([128, 32, 128], 1),
    ([128, 36, 144], 2),
    ([144, 48, 192], 1),
    ([192, 64, 256], 1),
    ([256, 96, 384], 2),
    ([384, 96, 384], 1),
    ([384, 96, 384], 1),
    ([384, 96, 384], 1),
];
/// The steps on the way up: channels of what comes from below, of what joins in, of both after their 1×1
/// convolutions, and how many blocks follow.
const UP: [([usize; 3], usize); 3] = [([384, 256, 96], 2), ([96, 128, 64], 2), ([64, 64, 48], 1)];

/// Finds faces, also small ones.
pub struct FaceDetectionFullRange {
    first: Dense,
    down: Vec<Block>,
    up: Vec<Step>,
    scores: Dense,
    boxes: Dense,
}

/// Two separable convolutions whose sum with the input goes on.
struct Block {
    stride: usize,
    reduce: Separable,
    expand: Separable,
}

/// Doubles the grid and adds the one of that size from the way down.
struct Step {
    below: Dense,
    beside: Dense,
    blocks: Vec<Block>,
}

/// Output of the network for an image.
pub struct Output {
    /// One channel that counts: the logit of each pixel's box.
    scores: Tensor,
    /// [`BOX_NUMBERS`] channels.
    boxes: Tensor,
}

impl Output {
    /// Returns column, row and logit of every pixel's box.
    pub fn scores(&self) -> impl Iterator<Item = (usize, usize, f32)> {
        let channels = self.scores.channels;
        let row = move |y| self.scores.row(y).chunks_exact(channels).enumerate();
        (0..self.scores.height).flat_map(move |y| row(y).map(move |(x, pixel)| (x, y, pixel[0])))
    }

    /// Returns the centre of a pixel's box, in input pixels.
    ///
    /// # Panics
    /// When there is no such pixel.
    pub fn centre(&self, x: usize, y: usize) -> [f32; 2] {
        let &[dx, dy] = self.numbers(x, y);
        [(x as f32 + 0.5) * CELL as f32 + dx, (y as f32 + 0.5) * CELL as f32 + dy]
    }

    /// Returns the first numbers of a pixel's box, in input pixels: the centre's offset from the pixel's
    /// centre, width and height, then points relative to the pixel's centre (right eye, left eye, …).
    ///
    /// # Panics
    /// When there is no such pixel.
    pub fn numbers<const N: usize>(&self, x: usize, y: usize) -> &[f32; N] {
        let pixel = &self.boxes.row(y)[x * self.boxes.channels..];
        pixel.first_chunk().unwrap_or(&[0.0; N])
    }
}

impl FaceDetectionFullRange {
    /// Unpacks the weights.
    ///
    /// # Errors
    /// When the file is damaged or of another network.
    pub fn new(weights: &[u8]) -> Result<Self, WeightsError> {
        let mut map = WeightMap::new("face_detection_full_range", weights)?;
        let w = &mut map;
        let mut first = Dense::load(w, "conv0", [3, 3, 32], 2, 0)?;
        first.rescale_input(DIVISOR);
        // The file numbers dense and depthwise convolutions in the order in which they run.
        let (mut conv, mut depthwise) = (1, 0);
        let mut down = Vec::new();
        for (channels, stride) in DOWN {
            down.push(Block::load(w, [&mut depthwise, &mut conv], channels, stride)?);
        }
        let mut up = Vec::new();
        for ([below, beside, channels], count) in UP {
            let mut dense = |inputs| {
                conv += 1;
                Dense::load(w, &format!("conv{}", conv - 1), [1, inputs, channels], 1, 0)
            };
            let (below, beside) = (dense(below)?, dense(beside)?);
            let mut blocks = Vec::new();
            for _ in 0..count {
                let channels = [channels, channels / 2, channels];
                blocks.push(Block::load(w, [&mut depthwise, &mut conv], channels, 1)?);
            }
            up.push(Step { below, beside, blocks });
        }
        let scores = Dense::load(w, &format!("conv{conv}"), [1, 48, 1], 1, 0)?;
        let boxes = Dense::load(w, &format!("conv{}", conv + 1), [1, 48, BOX_NUMBERS], 1, 0)?;
        map.finish()?;
        Ok(Self { first, down, up, scores, boxes })
    }

    /// Input: three channels, sides of whole [`UNIT`]s, a border of one.
    pub fn run(&self, backend: Backend, input: &Tensor) -> Output {
        let run = |layer: &Dense, input: &Tensor, stride: usize, border: usize, activation| {
            let (width, height) = (input.width / stride, input.height / stride);
            let mut output = Tensor::new(width, height, layer.channels(), border);
            layer.run(backend, input, &mut output, activation);
            output
        };
        let mut grid = run(&self.first, input, 2, 1, Activation::Relu);
        // The last grid of each size, the coarsest last: all but the finest join in on the way up.
        let mut finer = Vec::new();
        for block in &self.down {
            if block.fits(&grid) {
                block.add(backend, &mut grid);
                continue;
            }
            let next = block.run(backend, &grid);
            let previous = replace(&mut grid, next);
            if block.stride == 2 {
                finer.push(previous);
            }
        }
        for Step { below, beside, blocks } in &self.up {
            let Some(joined) = finer.pop() else { break };
            let small = run(below, &grid, 1, 0, Activation::Relu);
            grid = run(beside, &joined, 1, 1, Activation::Relu);
            add_enlarged(&small, &mut grid);
            for block in blocks {
                block.add(backend, &mut grid);
            }
        }
        let scores = run(&self.scores, &grid, 1, 0, Activation::Linear);
        let boxes = run(&self.boxes, &grid, 1, 0, Activation::Linear);
        Output { scores, boxes }
    }
}

impl Block {
    fn load(
        weights: &mut WeightMap<'_>,
        [depthwise, conv]: [&mut usize; 2],
        [inputs, inner, outputs]: [usize; 3],
        stride: usize,
    ) -> Result<Self, WeightsError> {
        let reduce = separable(weights, [*depthwise, *conv], [inputs, inner], stride)?;
        let expand = separable(weights, [*depthwise + 1, *conv + 1], [inner, outputs], 1)?;
        (*depthwise, *conv) = (*depthwise + 2, *conv + 2);
        Ok(Self { stride, reduce, expand })
    }

    /// Adds to a grid what the convolutions make of it. The sum must fit in the grid's place.
    fn add(&self, backend: Backend, grid: &mut Tensor) {
        let inner = self.inner(backend, grid);
        self.expand.add(backend, &inner, grid, Activation::Relu);
    }

    /// Returns the same sum as a new grid.
    fn run(&self, backend: Backend, grid: &Tensor) -> Tensor {
        let mut sum = widened(grid, self.stride, self.expand.channels());
        self.expand.add(backend, &self.inner(backend, grid), &mut sum, Activation::Relu);
        sum
    }

    fn inner(&self, backend: Backend, grid: &Tensor) -> Tensor {
        let (width, height) = (grid.width / self.stride, grid.height / self.stride);
        let mut inner = Tensor::new(width, height, self.reduce.channels(), 1);
        self.reduce.run(backend, grid, &mut inner, Activation::Relu);
        inner
    }

    /// Whether the sum fits in the grid's place.
    fn fits(&self, grid: &Tensor) -> bool {
        self.stride == 1 && self.expand.channels() == grid.channels
    }
}
