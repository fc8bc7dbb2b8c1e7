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
    edited(bytes, true)
}

/// As [`strip`], and the orientation does not stay either: what is left shows the picture as it is
/// stored, in every decoder.
///
/// # Errors
///
/// Those of [`StripError`].
pub fn strip_with_orientation(bytes: &[u8]) -> Result<Option<Stripped>, StripError> {
    edited(bytes, false)
}

fn edited(bytes: &[u8], keeps_orientation: bool) -> Result<Option<Stripped>, StripError> {
    match ImageType::sniff(bytes) {
        Some(ImageType::Jpeg) => jpeg::strip(bytes, keeps_orientation),
        Some(ImageType::Png) => png::strip(bytes, keeps_orientation),
        Some(ImageType::WebP) => webp::strip(bytes, keeps_orientation),
        _ => return Err(StripError::Unsupported),
    }
    .ok_or(StripError::Corrupt)
}

/// Hides the EXIF of a JPEG from decoders, and with it the orientation, given the beginning of the
/// file; nothing moves, so that the rest of the file can follow as it is. What was in it is still there:
/// this is for a file that is decoded and not sent.
pub fn hide_exif(beginning: &mut [u8]) {
    if ImageType::sniff(beginning) == Some(ImageType::Jpeg) {
        jpeg::hide_exif(beginning);
    }
}
