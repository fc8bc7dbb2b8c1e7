//! Resizes an image and makes it upright while its rows come in.
//!
//! Each row is resampled horizontally as it comes. A row of the result is resampled vertically as soon as its
//! source rows are complete. Rows are written in blocks, because the rows of a rotated image become columns,
//! and writing a single column misses the cache at every pixel.

use crate::{Orientation, coefficients::Coefficients, kernels, orientation::PixelMap};

const CHANNELS: usize = 4;
/// Rows that are written together.
const BLOCK: usize = 8;

/// Resizes RGBA pixels and makes them upright, row by row.
///
/// ```
/// use perse_pixels::{Orientation, Scaler};
///
/// let mut scaler = Scaler::new([4, 2], [2, 1], Orientation::new(6)).unwrap();
/// scaler.push(&[255; 16]);
/// scaler.push(&[255; 16]);
/// assert_eq!(scaler.size(), [1, 2]);
/// assert_eq!(scaler.pixels(), [255; 8]);
/// ```
pub struct Scaler {
    source: [usize; 2],
    target: [usize; 2],
    orientation: Orientation,
    horizontal: Coefficients,
    vertical: Coefficients,
    /// One source row, with room for the padding of the last window.
    row: Vec<u8>,
    /// Horizontally resampled rows that are still needed; row `n` is at `n % down.count`.
    ring: Vec<u8>,
    /// Source rows that were pushed.
    read: usize,
    /// Rows of the result that were computed.
    made: usize,
    /// Computed rows that are not in the result yet.
    block: Vec<u8>,
    pixel_map: PixelMap,
    pixels: Vec<u8>,
}

impl Scaler {
    /// Creates a scaler from `source` to `target` (width, height), before the rotation. Returns `None` when a
    /// side of `target` is zero or larger than in `source`.
    pub fn new(source: [u32; 2], target: [u32; 2], orientation: Orientation) -> Option<Self> {
        let [source, target] = [source, target].map(|size| size.map(|side| side as usize));
        if target.contains(&0) || target[0] > source[0] || target[1] > source[1] {
            return None;
        }
        let length = target[0].checked_mul(target[1])?.checked_mul(CHANNELS)?;
        let horizontal = Coefficients::new(source[0], target[0], kernels::HORIZONTAL_PAD);
        let vertical = Coefficients::new(source[1], target[1], kernels::VERTICAL_PAD);
        Some(Self {
            row: vec![0; (source[0] + kernels::HORIZONTAL_PAD) * CHANNELS],
            ring: vec![0; vertical.count * target[0] * CHANNELS],
            read: 0,
            made: 0,
            block: vec![0; BLOCK * target[0] * CHANNELS],
            pixel_map: orientation.pixel_map(target[0], target[1]),
            pixels: vec![0; length],
            source,
            target,
            orientation,
            horizontal,
            vertical,
        })
    }

    /// Adds the next rows of the source from the top, four bytes a pixel. An incomplete row, and rows after the
    /// last one, are ignored.
    pub fn push(&mut self, rgba: &[u8]) {
        let length = self.source[0] * CHANNELS;
        for row in rgba.chunks_exact(length).take(self.source[1] - self.read) {
            self.row[..length].copy_from_slice(row);
            let line = self.target[0] * CHANNELS;
            let slot = self.read % self.vertical.count * line;
            kernels::horizontal(&self.row, &self.horizontal, &mut self.ring[slot..][..line]);
            self.read += 1;
            while self.made < self.target[1]
                && self.vertical.starts[self.made] + self.vertical.count <= self.read
            {
                self.write_row();
            }
        }
    }

    fn write_row(&mut self) {
        let line = self.target[0] * CHANNELS;
        let out = &mut self.block[self.made % BLOCK * line..][..line];
        let weights = self.vertical.weights_of(self.made);
        let count = self.vertical.count;
        let first = self.vertical.starts[self.made];
        let rows: Vec<&[u8]> =
            (first..first + count).map(|row| &self.ring[row % count * line..][..line]).collect();
        kernels::vertical(&rows, weights, out);
        self.made += 1;
        if self.made.is_multiple_of(BLOCK) || self.made == self.target[1] {
            self.write_block();
        }
    }

    /// Copies the rows of the block to the result.
    fn write_block(&mut self) {
        let first = (self.made - 1) / BLOCK * BLOCK;
        let rows = self.made - first;
        let PixelMap { origin, column, row } = self.pixel_map;
        let block = self.block.as_chunks::<CHANNELS>().0;
        let pixels = self.pixels.as_chunks_mut::<CHANNELS>().0;
        let width = self.target[0];
        if column == 1 {
            for y in 0..rows {
                let start = (origin + (first + y) as isize * row) as usize;
                pixels[start..][..width].copy_from_slice(&block[y * width..][..width]);
            }
            return;
        }
        for x in 0..width {
            let start = origin + x as isize * column + first as isize * row;
            for y in 0..rows {
                pixels[(start + y as isize * row) as usize] = block[y * width + x];
            }
        }
    }

    /// Returns the upright width and height of the result.
    pub fn size(&self) -> [u32; 2] {
        let [width, height] = self.target.map(|side| side as u32);
        if self.orientation.swaps_sides() { [height, width] } else { [width, height] }
    }

    /// Returns the upright result; transparent black where rows are missing.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}
