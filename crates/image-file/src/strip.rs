use std::{error, fmt};

use perse_protocol::ImageType;

use crate::{Removed, jpeg, png, webp};

/// A file without metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stripped {
    /// The bytes of the new file.
    pub bytes: Vec<u8>,
    /// The kinds that were removed; none if the file was only completed.
    pub removed: Removed,
}

/// Describes why a file cannot be stripped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StripError {
    /// The file is not JPEG, PNG or WebP.
    Unsupported,
    /// The file contradicts its format, or ends too early.
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

/// Options of [`strip`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StripOptions {
    /// Keeps an orientation other than upright, as the only entry of an EXIF block; `true` by default.
    /// Without it every decoder shows the image as it is stored.
    pub keep_orientation: bool,
}

impl Default for StripOptions {
    fn default() -> Self {
        Self { keep_orientation: true }
    }
}

/// Removes locations, cameras, times, texts, thumbnails, data of programs, and all bytes after the end of the
/// image. Returns `None` if the file stays the same. The new file is at most 64 bytes larger.
///
/// Pixels, colour profile, density, transparency and the frames of an animation keep their bytes.
///
/// A JPEG that ends within its pixels keeps the pixels that it has, and gets the missing end: some decoders refuse
/// a file without it. A JPEG that ends before its pixels, and an incomplete PNG or WebP, is an error. Checksums are
/// not verified.
///
/// # Errors
///
/// [`StripError::Unsupported`] for other types, [`StripError::Corrupt`] for a damaged file.
pub fn strip(bytes: &[u8], options: StripOptions) -> Result<Option<Stripped>, StripError> {
    match ImageType::sniff(bytes) {
        Some(ImageType::Jpeg) => jpeg::strip(bytes, options),
        Some(ImageType::Png) => png::strip(bytes, options),
        Some(ImageType::WebP) => webp::strip(bytes, options),
        _ => return Err(StripError::Unsupported),
    }
    .ok_or(StripError::Corrupt)
}

/// Hides the EXIF of a JPEG, and its orientation, from decoders, given the beginning of the file. No byte
/// moves, so the rest of the file can follow unchanged. The metadata stays in the file: decode it, do not send it.
pub fn hide_exif(beginning: &mut [u8]) {
    if ImageType::sniff(beginning) == Some(ImageType::Jpeg) {
        jpeg::hide_exif(beginning);
    }
}
