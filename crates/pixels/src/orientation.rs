//! Maps the pixels of a stored image to those of the upright one.

/// An EXIF orientation, 1 to 8: 1 is upright, 6 needs a rotation by 90° clockwise, 2 a horizontal flip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orientation(u8);

impl Orientation {
    /// Creates an orientation; a number outside 1 to 8 is upright, as in image viewers.
    pub fn new(number: u8) -> Self {
        Self(if (1..=8).contains(&number) { number } else { 1 })
    }

    /// Returns whether making the image upright swaps its width and height.
    pub fn swaps_sides(self) -> bool {
        self.0 >= 5
    }

    /// Returns the map of an image of `width × height` pixels.
    pub(crate) fn pixel_map(self, width: usize, height: usize) -> PixelMap {
        let line = if self.swaps_sides() { height } else { width };
        let (x, y, line) = (width as isize - 1, height as isize - 1, line as isize);
        let (origin, column, row) = match self.0 {
            2 => (x, -1, line),
            3 => (x + y * line, -1, -line),
            4 => (y * line, 1, -line),
            5 => (0, line, 1),
            6 => (y, line, -1),
            7 => (y + x * line, -line, -1),
            8 => (x * line, -line, 1),
            _ => (0, 1, line),
        };
        PixelMap { origin, column, row }
    }
}

/// The pixel at column `x` and row `y` goes to `origin + x * column + y * row`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PixelMap {
    pub(crate) origin: isize,
    pub(crate) column: isize,
    pub(crate) row: isize,
}
