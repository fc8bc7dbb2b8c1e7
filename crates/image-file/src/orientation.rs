/// How a picture has to be turned to be upright, with the numbers of EXIF's tag of this name (0x0112).
///
/// Mirroring comes first, then turning clockwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Orientation {
    /// Upright as stored; also what a file means that says nothing.
    #[default]
    Normal = 1,
    /// Left and right change places.
    Mirrored = 2,
    /// Turned by 180°.
    Rotated180 = 3,
    /// Top and bottom change places.
    MirroredRotated180 = 4,
    /// Mirrored left to right, then turned by 270°: rows become columns.
    MirroredRotated270 = 5,
    /// Turned by 90°.
    Rotated90 = 6,
    /// Mirrored left to right, then turned by 90°.
    MirroredRotated90 = 7,
    /// Turned by 270°.
    Rotated270 = 8,
}

impl Orientation {
    /// The orientation of EXIF's number for it, 1 to 8.
    #[must_use]
    pub fn from_exif(number: u16) -> Option<Self> {
        Some(match number {
            1 => Self::Normal,
            2 => Self::Mirrored,
            3 => Self::Rotated180,
            4 => Self::MirroredRotated180,
            5 => Self::MirroredRotated270,
            6 => Self::Rotated90,
            7 => Self::MirroredRotated90,
            8 => Self::Rotated270,
            _ => return None,
        })
    }

    /// EXIF's number for it, 1 to 8.
    #[must_use]
    pub fn exif(self) -> u8 {
        self as u8
    }

    /// Whether width and height change places when the picture is turned upright.
    #[must_use]
    pub fn swaps_sides(self) -> bool {
        self.exif() >= 5
    }
}
