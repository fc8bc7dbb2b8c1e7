//! Numbers on a grid: rows of pixels of channels, channels innermost, with a border of zeros.

use crate::kernels::LANES;

/// A grid of `width × height` pixels of `channels` floats each. Around it lies a border of pixels
/// that no layer writes, so that they stay zero: a convolution's padding.
#[derive(Clone)]
pub struct Tensor {
    /// Pixels in a row, without the border.
    pub width: usize,
    /// Rows, without the border.
    pub height: usize,
    /// Floats in a pixel.
    pub channels: usize,
    pub(crate) border: usize,
    pub(crate) data: Vec<f32>,
}

impl Tensor {
    /// All zeros.
    pub fn new(width: usize, height: usize, channels: usize, border: usize) -> Self {
        let data = vec![0.0; (width + 2 * border) * (height + 2 * border) * channels];
        Self { width, height, channels, border, data }
    }

    /// Floats from one row to the next.
    pub(crate) fn stride(&self) -> usize {
        (self.width + 2 * self.border) * self.channels
    }

    /// Returns the offset of a pixel; the border's coordinates are counted in, so (0, 0) is the first float.
    pub(crate) fn corner(&self, x: usize, y: usize) -> usize {
        y * self.stride() + x * self.channels
    }

    /// Returns the offset of a pixel.
    pub(crate) fn at(&self, x: usize, y: usize) -> usize {
        self.corner(x + self.border, y + self.border)
    }

    /// One row without its border.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn row(&self, y: usize) -> &[f32] {
        let at = self.at(0, y);
        &self.data[at..at + self.width * self.channels]
    }

    /// One row without its border, for writing.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn row_mut(&mut self, y: usize) -> &mut [f32] {
        let at = self.at(0, y);
        let length = self.width * self.channels;
        &mut self.data[at..at + length]
    }

    /// Copies `other` in, nothing below zero.
    pub(crate) fn copy_positive(&mut self, other: &Tensor) {
        for y in 0..self.height.min(other.height) {
            for (to, &from) in self.row_mut(y).iter_mut().zip(other.row(y)) {
                *to = if from > 0.0 { from } else { 0.0 };
            }
        }
    }

    /// The mean of each channel.
    pub(crate) fn mean(&self) -> Vec<f32> {
        let mut sums = vec![0.0; self.channels];
        for y in 0..self.height {
            for pixel in self.row(y).chunks_exact(self.channels) {
                for (sum, x) in sums.iter_mut().zip(pixel) {
                    *sum += x;
                }
            }
        }
        let pixels = (self.width * self.height) as f32;
        sums.iter().map(|sum| sum / pixels).collect()
    }
}

/// Returns the number of vectors that hold so many channels.
pub(crate) fn blocks(channels: usize) -> usize {
    channels.div_ceil(LANES)
}
