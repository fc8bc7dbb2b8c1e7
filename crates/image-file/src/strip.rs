use std::{error, fmt};

use perse_protocol::ImageType;

use crate::{Removed, jpeg, png, webp};

/// A file with nothing but its picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stripped {
    /// The file.
    pub bytes: Vec<u8>,
    /// What is no longer in it; at least one kind.
    pub removed: Removed,
}

/// Why a file cannot be stripped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StripError {
    /// It is none of JPEG, PNG and WebP.
    Unsupported,
    /// It contradicts its format, or ends too early.
    Corrupt,
}

impl fmt::Display for StripError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unsupported => "only JPEG, PNG and WebP can be stripped",
            Self::Corrupt => "the image file is damaged",
        })
    }
}

impl error::Error for StripError {}

/// Removes what tells more than the picture, without touching the picture: places, cameras, times,
/// texts, thumbnails, whatever programs have added, and all that follows after its end. `None` if
/// there was nothing to remove. What comes out is not larger than the file by more than 64 bytes.
///
/// What decoders need stays byte for byte: pixels, colour profile, density, transparency, frames of an
/// animation. An [orientation](crate::Orientation) other than upright stays as the only entry of an
/// EXIF block.
///
/// A JPEG that ends within its pixels keeps those that are there, as every decoder does; one that
/// ends before, and a PNG or WebP that is not complete, is an error. Checksums are not looked at.
///
/// # Errors
///
/// Those of [`StripError`].
pub fn strip(bytes: &[u8]) -> Result<Option<Stripped>, StripError> {
    match ImageType::sniff(bytes) {
        Some(ImageType::Jpeg) => jpeg::strip(bytes),
        Some(ImageType::Png) => png::strip(bytes),
        Some(ImageType::WebP) => webp::strip(bytes),
        _ => return Err(StripError::Unsupported),
    }
    .ok_or(StripError::Corrupt)
}
