/// The transformation that makes a stored image upright, numbered as in EXIF's tag 0x0112.
///
/// Rotations are clockwise; a flip follows its rotation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Orientation {
    /// Upright as stored; the value of a file without the tag.
    #[default]
    NoTransforms = 1,
    /// Flip left to right.
    FlipHorizontal = 2,
    /// Rotate by 180°.
    Rotate180 = 3,
    /// Flip top to bottom.
    FlipVertical = 4,
    /// Rotate by 90°, then flip left to right.
    Rotate90FlipH = 5,
    /// Rotate by 90°.
    Rotate90 = 6,
    /// Rotate by 270°, then flip left to right.
    Rotate270FlipH = 7,
    /// Rotate by 270°.
    Rotate270 = 8,
}

impl Orientation {
    /// Converts EXIF's number, 1 to 8.
    #[must_use]
    pub fn from_exif(number: u16) -> Option<Self> {
        Some(match number {
            1 => Self::NoTransforms,
            2 => Self::FlipHorizontal,
            3 => Self::Rotate180,
            4 => Self::FlipVertical,
            5 => Self::Rotate90FlipH,
            6 => Self::Rotate90,
            7 => Self::Rotate270FlipH,
            8 => Self::Rotate270,
            _ => return None,
        })
    }

    /// Returns EXIF's number, 1 to 8.
    #[must_use]
    pub fn exif(self) -> u8 {
        self as u8
    }

    /// Returns whether making the image upright swaps its width and height.
    #[must_use]
    pub fn swaps_sides(self) -> bool {
        self.exif() >= 5
    }
}
