//! The descriptor network: a MobileFaceNet of 50 convolutions, from 112×112 pixels to 512 numbers.

use super::{
    layer::{Dense, Depthwise, Layer, Separable},
    tensor::Tensor,
};
use crate::{
    kernels::{Activation, Backend, DepthwiseSize},
    weights::{WeightMap, WeightsError},
};

/// The network's name. Descriptors of networks with different names can't be compared.
pub const NAME: &str = "fr_feature";
/// The input's side in pixels.
pub const SIDE: usize = 112;
/// Numbers that describe a face.
pub const NUMBERS: usize = 512;
/// Subtracted from red, green and blue before dividing by 255.
pub const MEAN: [f32; 3] = [127.5; 3];
/// The network was trained on `(x − 127.5) / 128`.
const DIVISOR: f32 = 128.0;

/// Input, inner and output channels and the stride of each bottleneck.
const BOTTLENECKS: [([usize; 3], usize); 14] = [
    ([64, 128, 64], 1),
    ([64, 128, 64], 1),
    ([64, 128, 64], 1),
    ([64, 128, 64], 1),
    ([64, 256, 128], 2),
    ([128, 256, 128], 1),
    ([128, 256, 128], 1),
    ([128, 256, 128], 1),
    ([128, 256, 128], 1),
    ([128, 256, 128], 1),
    ([128, 256, 128], 1),
    ([128, 512, 128], 2),
    ([128, 256, 128], 1),
    ([128, 256, 128], 1),
];

/// Describes a face.
pub struct FrFeature {
    first: Dense,
    expand: Separable,
    reduce: Separable,
    bottlenecks: Vec<Bottleneck>,
    features: Dense,
    last: Separable,
}

/// Widens the pixels, filters each channel, narrows the pixels again.
struct Bottleneck {
    stride: usize,
    expand: Dense,
    reduce: Separable,
}

impl FrFeature {
    /// Unpacks the weights.
    ///
    /// # Errors
    /// When the file is damaged or of another network.
    pub fn new(weights: &[u8]) -> Result<Self, WeightsError> {
        let mut map = WeightMap::new(NAME, weights)?;
        let w = &mut map;
        // The file numbers dense convolutions, depthwise convolutions and slopes each in their own order.
        let mut first = Dense::load_prelu(w, "conv0", "prelu0", [3, 3, 64], 2, 1)?;
        first.rescale_input(DIVISOR);
        first.reverse_inputs();
        let expand = Separable {
            depthwise: load_depthwise(w, [0, 1], 64, 1)?,
            pointwise: Dense::load_prelu(w, "conv1", "prelu2", [1, 64, 128], 1, 0)?,
        };
        let reduce = Separable {
            depthwise: load_depthwise(w, [1, 3], 128, 2)?,
            pointwise: Dense::load(w, "conv2", [1, 128, 64], 1, 0)?,
        };
        let mut bottlenecks = Vec::new();
        for (i, ([inputs, inner, outputs], stride)) in BOTTLENECKS.into_iter().enumerate() {
            let (conv, slopes) = (3 + 2 * i, 4 + 2 * i);
            let expand = [format!("conv{conv}"), format!("prelu{slopes}")];
            bottlenecks.push(Bottleneck {
                stride,
                expand: Dense::load_prelu(w, &expand[0], &expand[1], [1, inputs, inner], 1, 0)?,
                reduce: Separable {
                    depthwise: load_depthwise(w, [2 + i, slopes + 1], inner, stride)?,
                    pointwise: Dense::load(w, &format!("conv{}", conv + 1), [1, inner, outputs], 1, 0)?,
                },
            });
        }
        let features = Dense::load_prelu(w, "conv31", "prelu32", [1, 128, NUMBERS], 1, 0)?;
        let last = Separable {
            depthwise: Depthwise::load(w, "depthwise16", NUMBERS, DepthwiseSize::Seven, 1, 0)?,
            pointwise: Dense::load(w, "conv32", [1, NUMBERS, NUMBERS], 1, 0)?,
        };
        map.finish()?;
        Ok(Self { first, expand, reduce, bottlenecks, features, last })
    }

    /// Input: three channels, [`SIDE`] by [`SIDE`], a border of one.
    pub fn run(&self, backend: Backend, input: &Tensor) -> [f32; NUMBERS] {
        let run = |layer: &dyn Layer, input: &Tensor, stride: usize, border: usize, activation| {
            let (width, height) = (input.width / stride, input.height / stride);
            let mut output = Tensor::new(width, height, layer.channels(), border);
            layer.run(backend, input, &mut output, activation);
            output
        };
        let grid = run(&self.first, input, 2, 1, Activation::Prelu);
        let grid = run(&self.expand, &grid, 1, 1, Activation::Prelu);
        let mut grid = run(&self.reduce, &grid, 2, 0, Activation::Linear);
        for Bottleneck { stride, expand, reduce } in &self.bottlenecks {
            let wide = run(expand, &grid, 1, 1, Activation::Prelu);
            if *stride == 1 {
                reduce.add(backend, &wide, &mut grid, Activation::Linear);
            } else {
                grid = run(reduce, &wide, *stride, 0, Activation::Linear);
            }
        }
        let grid = run(&self.features, &grid, 1, 0, Activation::Prelu);
        let output = run(&self.last, &grid, grid.width, 0, Activation::Linear);
        let mut numbers = [0.0; NUMBERS];
        for (number, value) in numbers.iter_mut().zip(output.data) {
            *number = value;
        }
        numbers
    }
}

/// Loads a 3×3 depthwise convolution with the slopes of its activation, by their two numbers in the file.
fn load_depthwise(
    weights: &mut WeightMap<'_>,
    [number, slopes]: [usize; 2],
    channels: usize,
    stride: usize,
) -> Result<Depthwise, WeightsError> {
    Depthwise::load(weights, &format!("depthwise{number}"), channels, DepthwiseSize::Three, stride, 1)?.prelu(
        weights,
        &format!("prelu{slopes}"),
        channels,
    )
}
