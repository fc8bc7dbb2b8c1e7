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

/// Finds large faces, and verifies that a crop shows a face.
pub struct FaceDetectionShortRange {
    first: Dense,
    blocks: Vec<Block>,
    heads: [Head; 2],
}

/// A convolution that is added to its input, or to the input's maxima where it halves the grid.
struct Block {
    convolution: Separable,
    stride: usize,
}

impl Block {
    fn run(&self, backend: Backend, input: &Tensor) -> Tensor {
        let mut sum = widened(input, self.stride, self.convolution.channels());
        self.convolution.add(backend, input, &mut sum, Activation::Relu);
        sum
    }
}

/// The layers that read the boxes of one grid.
struct Head {
    scores: Dense,
    boxes: Dense,
}

/// A place where a face may be, in input pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The place's centre.
    pub centre: [f32; 2],
    /// Width and height.
    pub size: [f32; 2],
    /// Logit of the probability that a face is there.
    pub logit: f32,
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
            let convolution = separable(w, [i, i + 1], [inputs, outputs], stride)?;
            blocks.push(Block { convolution, stride });
        }
        let mut head = |[scores, boxes]: [usize; 2], inputs, count| {
            Ok(Head {
                scores: Dense::load(w, &format!("conv{scores}"), [1, inputs, count], 1, 0)?,
                boxes: Dense::load(w, &format!("conv{boxes}"), [1, inputs, count * BOX_NUMBERS], 1, 0)?,
            })
        };
        let heads = [head([17, 19], 88, BOXES[0])?, head([18, 20], 96, BOXES[1])?];
        map.finish()?;
        Ok(Self { first, blocks, heads })
    }

    /// Input: three channels, [`SIDE`] by [`SIDE`], a border of two. Returns the logit of the best box.
    pub fn run(&self, backend: Backend, input: &Tensor) -> f32 {
        let grids = self.grids(backend, input);
        let heads = self.heads.iter().zip(&grids).zip(BOXES);
        let logits = heads.flat_map(|((head, grid), boxes)| {
            let scores = run(&head.scores, backend, grid);
            let cells = scores.data.chunks_exact(scores.channels);
            cells.flat_map(|cell| &cell[..boxes]).copied().collect::<Vec<f32>>()
        });
        logits.fold(f32::NEG_INFINITY, f32::max)
    }

    /// Takes the same input, and returns all boxes whose logit is at least `min_logit`.
    pub fn candidates(&self, backend: Backend, input: &Tensor, min_logit: f32) -> Vec<Candidate> {
        let grids = self.grids(backend, input);
        let mut found = Vec::new();
        for ((head, grid), count) in self.heads.iter().zip(&grids).zip(BOXES) {
            let (scores, boxes) = (run(&head.scores, backend, grid), run(&head.boxes, backend, grid));
            let cell = input.width as f32 / grid.width as f32;
            let pixels =
                scores.data.chunks_exact(scores.channels).zip(boxes.data.chunks_exact(boxes.channels));
            for (at, (logits, numbers)) in pixels.enumerate() {
                let corner = [at % grid.width, at / grid.width];
                let boxes = numbers.as_chunks::<BOX_NUMBERS>().0;
                for (&logit, &[dx, dy, width, height, ..]) in logits[..count].iter().zip(boxes) {
                    if logit >= min_logit {
                        let [x, y] = corner.map(|at| (at as f32 + 0.5) * cell);
                        found.push(Candidate { centre: [x + dx, y + dy], size: [width, height], logit });
                    }
                }
            }
        }
        found
    }

    /// Returns the finer and the coarser grid, from which the boxes are read.
    fn grids(&self, backend: Backend, input: &Tensor) -> [Tensor; 2] {
        let mut grid = Tensor::new(input.width / 2, input.height / 2, self.first.channels(), 1);
        self.first.run(backend, input, &mut grid, Activation::Relu);
        let (finer, coarser) = self.blocks.split_at(FINE + 1);
        let fine = finer.iter().fold(grid, |grid, block| block.run(backend, &grid));
        let coarse = coarser.iter().fold(fine.clone(), |grid, block| block.run(backend, &grid));
        [fine, coarse]
    }
}

/// The output of a 1×1 convolution without activation.
fn run(layer: &Dense, backend: Backend, grid: &Tensor) -> Tensor {
    let mut output = Tensor::new(grid.width, grid.height, layer.channels(), 0);
    layer.run(backend, grid, &mut output, Activation::Linear);
    output
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
