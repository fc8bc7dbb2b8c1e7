//! Borrowed pixels whose length is checked once.

use std::fmt;

/// Borrowed 8-bit RGB pixels: row-major, tightly packed, upright.
#[derive(Clone, Copy)]
pub struct Image<'a> {
    width: u32,
    height: u32,
    rgb: &'a [u8],
}

impl<'a> Image<'a> {
    /// Wraps `width × height` pixels of three bytes each (red, green, blue).
    ///
    /// # Errors
    /// When a side is zero, or `rgb` is not exactly `width * height * 3` bytes long.
    pub fn new(width: u32, height: u32, rgb: &'a [u8]) -> Result<Self, ImageError> {
        if width == 0 || height == 0 {
            return Err(ImageError::Empty { width, height });
        }
        let expected =
            u64::from(width).checked_mul(u64::from(height)).and_then(|pixels| pixels.checked_mul(3));
        if expected != Some(rgb.len() as u64) {
            return Err(ImageError::Length { width, height, actual: rgb.len() });
        }
        Ok(Self { width, height, rgb })
    }

    /// Pixels in a row; never zero.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows; never zero.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The bytes, `width * height * 3` of them.
    pub fn rgb(&self) -> &'a [u8] {
        self.rgb
    }

    /// Returns one pixel; black outside the image.
    pub fn pixel(&self, x: i64, y: i64) -> [u8; 3] {
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else { return [0; 3] };
        if x >= self.width {
            return [0; 3];
        }
        let at = (y as usize * self.width as usize + x as usize) * 3;
        self.rgb.get(at..).and_then(|rgb| rgb.first_chunk()).copied().unwrap_or_default()
    }

    /// Returns the bytes of one row; empty beyond the last.
    pub fn row(&self, y: usize) -> &'a [u8] {
        let stride = self.width as usize * 3;
        self.rgb.get(y * stride..(y + 1) * stride).unwrap_or_default()
    }
}

impl fmt::Debug for Image<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({} × {})", self.width, self.height)
    }
}

/// Why a buffer is not an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageError {
    /// A side is zero.
    Empty {
        /// The width asked for.
        width: u32,
        /// The height asked for.
        height: u32,
    },
    /// The buffer is not `width * height * 3` bytes long.
    Length {
        /// The width asked for.
        width: u32,
        /// The height asked for.
        height: u32,
        /// The bytes there were.
        actual: usize,
    },
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { width, height } => write!(f, "an image of {width} × {height} pixels is empty"),
            Self::Length { width, height, actual } => {
                write!(f, "{actual} bytes are not {width} × {height} RGB pixels")
            }
        }
    }
}

impl std::error::Error for ImageError {}
