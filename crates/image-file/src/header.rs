use std::{error, fmt};

use perse_protocol::ImageType;

use crate::{Orientation, bmff, bytes, exif, jpeg, png, webp};

/// The facts about an image that stand before its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The type, by content.
    pub image_type: ImageType,
    /// Columns as stored, at least 1.
    pub width: u32,
    /// Rows as stored, at least 1.
    pub height: u32,
    /// The rotation that makes the image upright.
    pub orientation: Orientation,
    /// The orientation was found, or the file has none. Otherwise it may stand behind the bytes that were read.
    pub is_orientation_known: bool,
}

impl Header {
    /// Width and height of the picture when it is upright.
    #[must_use]
    pub fn upright_size(&self) -> (u32, u32) {
        if self.orientation.swaps_sides() { (self.height, self.width) } else { (self.width, self.height) }
    }

    /// Returns the number of pixels that a decoder would have to make.
    #[must_use]
    pub fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// Why a file has no [`Header`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderError {
    /// There are no bytes.
    Empty,
    /// The bytes are not those of an image of a known type.
    NotAnImage,
    /// The bytes end before the size of the picture is said.
    Truncated,
    /// The header contradicts its format.
    Corrupt,
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the file is empty",
            Self::NotAnImage => "the file is not an image",
            Self::Truncated => "the image ends before its size is said",
            Self::Corrupt => "the image's header is damaged",
        })
    }
}

impl error::Error for HeaderError {}

/// Reads type, size and orientation, without decoding.
///
/// The beginning of a file is enough for type and size: less than 100 bytes of it, but in JPEG all that comes before
/// the frame, and in AVIF and HEIC the `meta` box. The orientation of a PNG or WebP can stand at the end of the file.
///
/// Every [`ImageType`] is read. Of AVIF and HEIC it is the primary item's size and turn; a sequence
/// without a primary item is [`Truncated`](HeaderError::Truncated).
///
/// # Errors
///
/// Those of [`HeaderError`].
pub fn read_header(bytes: &[u8]) -> Result<Header, HeaderError> {
    if bytes.is_empty() {
        return Err(HeaderError::Empty);
    }
    let image_type = ImageType::sniff(bytes).ok_or(HeaderError::NotAnImage)?;
    let known = |(width, height, orientation)| (width, height, Some(orientation));
    let (width, height, orientation) = match image_type {
        ImageType::Jpeg => known(jpeg::header(bytes)?),
        ImageType::Png => png::header(bytes)?,
        ImageType::WebP => webp::header(bytes)?,
        ImageType::Gif => known(gif(bytes).ok_or(HeaderError::Truncated)?),
        ImageType::Bmp => known(bmp(bytes)?),
        ImageType::Tiff => known(exif::tiff_header(bytes).ok_or(HeaderError::Truncated)?),
        ImageType::Avif | ImageType::Heic => known(bmff::header(bytes)?),
    };
    if width == 0 || height == 0 {
        return Err(HeaderError::Corrupt);
    }
    Ok(Header {
        image_type,
        width,
        height,
        orientation: orientation.unwrap_or_default(),
        is_orientation_known: orientation.is_some(),
    })
}

/// Width, height, orientation.
pub(crate) type Size = (u32, u32, Orientation);

/// GIF89a §18: the logical screen.
fn gif(bytes: &[u8]) -> Option<Size> {
    Some((bytes::le16(bytes, 6)?.into(), bytes::le16(bytes, 8)?.into(), Orientation::NoTransforms))
}

/// The header of Windows or of OS/2, identified by its own size.
fn bmp(bytes: &[u8]) -> Result<Size, HeaderError> {
    let side = |at| bytes::le32(bytes, at).ok_or(HeaderError::Truncated);
    let short_side = |at| bytes::le16(bytes, at).map(u32::from).ok_or(HeaderError::Truncated);
    match side(14)? {
        12 => Ok((short_side(18)?, short_side(20)?, Orientation::NoTransforms)),
        // A negative height means that the rows come from the top.
        16..=256 => Ok((side(18)?, side(22)?.cast_signed().unsigned_abs(), Orientation::NoTransforms)),
        _ => Err(HeaderError::Corrupt),
    }
}
