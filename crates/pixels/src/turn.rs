//! Where a pixel goes when a picture is turned upright.

/// How a picture lies, as the `Orientation` of Exif says: 1 is upright, 6 must be turned a quarter
/// clockwise, 2 is mirrored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orientation(u8);

impl Orientation {
    /// The orientation of a number; one that is not among 1 to 8 counts as upright, as viewers have it.
    pub fn new(number: u8) -> Self {
        Self(if (1..=8).contains(&number) { number } else { 1 })
    }

    /// Whether width and height change places.
    pub fn swaps_sides(self) -> bool {
        self.0 >= 5
    }

    /// The places of a picture of `width × height` pixels.
    pub(crate) fn places(self, width: usize, height: usize) -> Places {
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
        Places { origin, column, row }
    }
}

/// The pixel at column `x` and row `y` goes to `origin + x * column + y * row`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places {
    pub(crate) origin: isize,
    pub(crate) column: isize,
    pub(crate) row: isize,
}
