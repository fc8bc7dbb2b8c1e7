//! The short-range face detector: a BlazeFace of 16 blocks, from 128×128 pixels to the scores of 896
//! boxes.

use super::{
    layer::{Dense, Depthwise, Layer, Separable},
    pool::widened,
    tensor::Tensor,
};
use crate::{
    kernels::{Activation, Backend, DepthwiseSize},
    weights::{WeightMap, WeightsError},
};

/// The input's side in pixels.
pub const SIDE: usize = 128;
/// Subtracted from red, green and blue before dividing by 255.
pub const MEAN: [f32; 3] = [127.5; 3];
/// The network was trained on `(x − 127.5) / 127.5`.
const DIVISOR: f32 = 127.5;

/// Input and output channels of each block, and the stride.
const BLOCKS: [([usize; 2], usize); 16] = [
    ([24, 24], 1),
    ([24, 28], 1),
    ([28, 32], 2),
    ([32, 36], 1),
    ([36, 42], 1),
    ([42, 48], 2),
    ([48, 56], 1),
    ([56, 64], 1),
    ([64, 72], 1),
    ([72, 80], 1),
    ([80, 88], 1),
    ([88, 96], 2),
    ([96, 96], 1),
    ([96, 96], 1),
    ([96, 96], 1),
    ([96, 96], 1),
];
/// The block after which the finer grid is read.
const FINE: usize = 10;
/// Boxes in a cell of the finer and of the coarser grid.
const BOXES: [usize; 2] = [2, 6];
/// Numbers of a box besides its score: offset, size, six points.
const BOX_NUMBERS: usize = 16;

/// Verifies that a crop shows a face.
pub struct FaceDetectionShortRange {
    first: Dense,
    blocks: Vec<(Separable, usize)>,
    scores: [Dense; 2],
}

impl FaceDetectionShortRange {
    /// Unpacks the weights.
    ///
    /// # Errors
    /// When the file is damaged or of another network.
    pub fn new(weights: &[u8]) -> Result<Self, WeightsError> {
        let mut map = WeightMap::new("face_detection_short_range", weights)?;
        let w = &mut map;
        let mut first = Dense::load(w, "conv0", [5, 3, 24], 2, 1)?;
        first.rescale_input(DIVISOR);
        let mut blocks = Vec::new();
        for (i, ([inputs, outputs], stride)) in BLOCKS.into_iter().enumerate() {
            blocks.push((separable(w, [i, i + 1], [inputs, outputs], stride)?, stride));
        }
        let scores = [
            Dense::load(w, "conv17", [1, 88, BOXES[0]], 1, 0)?,
            Dense::load(w, "conv18", [1, 96, BOXES[1]], 1, 0)?,
        ];
        // The places of the boxes are not checked here.
        Dense::load(w, "conv19", [1, 88, BOXES[0] * BOX_NUMBERS], 1, 0)?;
        Dense::load(w, "conv20", [1, 96, BOXES[1] * BOX_NUMBERS], 1, 0)?;
        map.finish()?;
        Ok(Self { first, blocks, scores })
    }

    /// Input: three channels, [`SIDE`] by [`SIDE`], a border of two. Returns the logit of the best box.
    pub fn run(&self, backend: Backend, input: &Tensor) -> f32 {
        let mut grid = Tensor::new(input.width / 2, input.height / 2, self.first.channels(), 1);
        self.first.run(backend, input, &mut grid, Activation::Relu);
        let mut best = f32::NEG_INFINITY;
        for (i, (block, stride)) in self.blocks.iter().enumerate() {
            let mut sum = widened(&grid, *stride, block.channels());
            block.add(backend, &grid, &mut sum, Activation::Relu);
            grid = sum;
            if i == FINE {
                best = best.max(self.best(backend, 0, &grid));
            }
        }
        best.max(self.best(backend, 1, &grid))
    }

    fn best(&self, backend: Backend, head: usize, grid: &Tensor) -> f32 {
        let mut output = Tensor::new(grid.width, grid.height, self.scores[head].channels(), 0);
        self.scores[head].run(backend, grid, &mut output, Activation::Linear);
        let cells = output.data.chunks_exact(output.channels);
        cells.flat_map(|cell| &cell[..BOXES[head]]).copied().fold(f32::NEG_INFINITY, f32::max)
    }
}

/// Loads a 3×3 separable convolution by the two numbers of its parts in the file. A stride of 2 pads
/// only at the bottom and right.
pub(super) fn separable(
    weights: &mut WeightMap<'_>,
    [depthwise, conv]: [usize; 2],
    [inputs, outputs]: [usize; 2],
    stride: usize,
) -> Result<Separable, WeightsError> {
    let (size, padding) = (DepthwiseSize::Three, usize::from(stride == 1));
    Ok(Separable {
        depthwise: Depthwise::load(weights, &format!("depthwise{depthwise}"), inputs, size, stride, padding)?,
        pointwise: Dense::load(weights, &format!("conv{conv}"), [1, inputs, outputs], 1, 0)?,
    })
}
