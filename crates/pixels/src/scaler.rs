//! Scales a picture down and turns it upright while its rows come in.
//!
//! Each row is scaled across as it comes; as soon as all rows are there that one of the result needs,
//! that is scaled down the columns. Results are written in blocks of some rows, because a turned
//! picture's rows are columns, and a column at a time would miss the cache at every pixel.

use crate::{Orientation, filter::Windows, kernels, turn::Places};

const CHANNELS: usize = 4;
/// Rows that are written together.
const BLOCK: usize = 8;

/// A picture of RGBA pixels that becomes smaller and upright, row by row.
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
    across: Windows,
    down: Windows,
    /// One source row, with room for the padding of the last window.
    row: Vec<u8>,
    /// The rows, scaled across, that results still need; row `n` is at `n % down.count`.
    ring: Vec<u8>,
    /// Source rows that have come.
    read: usize,
    /// Rows of the result that are done.
    made: usize,
    /// Those of them that are not yet at their place.
    block: Vec<u8>,
    places: Places,
    pixels: Vec<u8>,
}

impl Scaler {
    /// For a picture of `source` size (width, height) that becomes `target`, before it is turned.
    /// `None` when a side is zero, or larger than before.
    pub fn new(source: [u32; 2], target: [u32; 2], orientation: Orientation) -> Option<Self> {
        let [source, target] = [source, target].map(|size| size.map(|side| side as usize));
        if target.contains(&0) || target[0] > source[0] || target[1] > source[1] {
            return None;
        }
        let length = target[0].checked_mul(target[1])?.checked_mul(CHANNELS)?;
        let across = Windows::new(source[0], target[0], kernels::PAD_ACROSS);
        let down = Windows::new(source[1], target[1], kernels::PAD_DOWN);
        Some(Self {
            row: vec![0; (source[0] + kernels::PAD_ACROSS) * CHANNELS],
            ring: vec![0; down.count * target[0] * CHANNELS],
            read: 0,
            made: 0,
            block: vec![0; BLOCK * target[0] * CHANNELS],
            places: orientation.places(target[0], target[1]),
            pixels: vec![0; length],
            source,
            target,
            orientation,
            across,
            down,
        })
    }

    /// The next rows of the source, from the top, of four bytes a pixel. What is not a whole row, and
    /// what comes after the last one, is passed over.
    pub fn push(&mut self, rgba: &[u8]) {
        let length = self.source[0] * CHANNELS;
        for row in rgba.chunks_exact(length).take(self.source[1] - self.read) {
            self.row[..length].copy_from_slice(row);
            let line = self.target[0] * CHANNELS;
            let slot = self.read % self.down.count * line;
            kernels::across(&self.row, &self.across, &mut self.ring[slot..][..line]);
            self.read += 1;
            while self.made < self.target[1] && self.down.starts[self.made] + self.down.count <= self.read {
                self.make_row();
            }
        }
    }

    fn make_row(&mut self) {
        let line = self.target[0] * CHANNELS;
        let out = &mut self.block[self.made % BLOCK * line..][..line];
        let weights = self.down.weights_of(self.made);
        let count = self.down.count;
        let first = self.down.starts[self.made];
        let rows: Vec<&[u8]> =
            (first..first + count).map(|row| &self.ring[row % count * line..][..line]).collect();
        kernels::down(&rows, weights, out);
        self.made += 1;
        if self.made.is_multiple_of(BLOCK) || self.made == self.target[1] {
            self.place_block();
        }
    }

    /// Puts the rows of the block where they belong.
    fn place_block(&mut self) {
        let first = (self.made - 1) / BLOCK * BLOCK;
        let rows = self.made - first;
        let Places { origin, column, row } = self.places;
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

    /// Width and height of the result, upright.
    pub fn size(&self) -> [u32; 2] {
        let [width, height] = self.target.map(|side| side as u32);
        if self.orientation.swaps_sides() { [height, width] } else { [width, height] }
    }

    /// The result, upright; black and transparent where rows are still to come.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}
