//! A file into upright RGB pixels.
//!
//! Nothing is allocated for pixels before the header's size is known to be within limits.

use std::io::Cursor;

use bytes::Bytes;
use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage, metadata::Orientation,
};
use perse_protocol::{Code, ImageType};

use crate::error::Failure;

/// The most pixels that are decoded: more than a 24-megapixel camera's.
const MAX_PIXELS: u64 = 25_000_000;
/// The most pixels on a side.
const MAX_SIDE: u32 = 16_384;
/// The most bytes of decoded pixels, and what a decoder may allocate besides: four channels of 8 bits. A
/// picture of 16 bits may have half as many pixels.
const MAX_BYTES: u64 = MAX_PIXELS * 4;

/// An image file whose signature is of a type that the API accepts.
#[derive(Clone, Debug)]
pub(crate) struct Photo {
    bytes: Bytes,
    format: ImageFormat,
}

impl Photo {
    /// Knows a file by its first bytes; its name and declared type do not matter.
    pub(crate) fn new(bytes: Bytes) -> Result<Self, Failure> {
        if bytes.is_empty() {
            return Err(Code::EmptyFile.into());
        }
        let format = match ImageType::sniff(&bytes) {
            Some(ImageType::Jpeg) => ImageFormat::Jpeg,
            Some(ImageType::Png) => ImageFormat::Png,
            Some(ImageType::WebP) => ImageFormat::WebP,
            Some(other) => {
                let name = other.name();
                return Err(not_taken(format!(
                    "The service does not take {name} images. Use a JPEG, PNG or WebP photo."
                )));
            }
            None => return Err(Code::InvalidFileType.into()),
        };
        Ok(Self { bytes, format })
    }

    /// Returns the pixels, upright as the file says, without transparency.
    pub(crate) fn decode(&self) -> Result<RgbImage, Failure> {
        if self.format == ImageFormat::Jpeg && !is_whole_jpeg(&self.bytes) {
            return Err(broken());
        }
        let mut reader = ImageReader::with_format(Cursor::new(&self.bytes), self.format);
        let mut limits = Limits::no_limits();
        limits.max_alloc = Some(MAX_BYTES);
        reader.limits(limits);
        let decoder = reader.into_decoder().map_err(refused)?;
        let (width, height) = decoder.dimensions();
        if width.max(height) > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
            return Err(too_many_pixels());
        }
        if decoder.total_bytes() > MAX_BYTES {
            return Err(too_many_pixels());
        }
        let image = opaque(DynamicImage::from_decoder(decoder).map_err(refused)?);
        let mut upright = DynamicImage::from(image);
        upright.apply_orientation(self.orientation());
        Ok(upright.into_rgb8())
    }

    /// Returns the orientation that the file says. Not by the decoder, which would allocate as much as the
    /// file claims its metadata to have. A broken one is no reason to refuse the picture.
    fn orientation(&self) -> Orientation {
        perse_image_file::read_header(&self.bytes)
            .ok()
            .and_then(|header| Orientation::from_exif(header.orientation.exif()))
            .unwrap_or(Orientation::NoTransforms)
    }
}

/// Lays a picture on white, as a page would, and drops the alpha channel.
fn opaque(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let image = image.into_rgba8();
    let over_white = |channel: u8, alpha: u8| {
        let alpha = u32::from(alpha);
        // At most 255: a weighted mean of two bytes.
        ((u32::from(channel) * alpha + 255 * (255 - alpha) + 127) / 255) as u8
    };
    let mut opaque = RgbImage::new(image.width(), image.height());
    for (to, from) in opaque.pixels_mut().zip(image.pixels()) {
        let [red, green, blue, alpha] = from.0;
        to.0 = [over_white(red, alpha), over_white(green, alpha), over_white(blue, alpha)];
    }
    opaque
}

/// Whether a JPEG has its end marker after its first scan. The decoder fills what is missing with
/// grey, in which no face will be found or, worse, half of one.
fn is_whole_jpeg(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(2..).unwrap_or_default();
    loop {
        rest = match rest {
            [0xFF, 0xFF, ..] => rest.get(1..).unwrap_or_default(),
            [0xFF, 0xDA, scan @ ..] => return scan.windows(2).any(|pair| pair == [0xFF, 0xD9]),
            [0xFF, _, high, low, ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                rest.get(2 + length..).unwrap_or_default()
            }
            // Cut short or odd before any scan: the decoder's to judge.
            _ => return true,
        };
    }
}

fn refused(error: ImageError) -> Failure {
    match error {
        ImageError::Limits(_) => too_many_pixels(),
        _ => broken(),
    }
}

fn broken() -> Failure {
    not_taken("The image file is damaged or incomplete. Choose another photo.")
}

fn too_many_pixels() -> Failure {
    let megapixels = MAX_PIXELS / 1_000_000;
    not_taken(format!(
        "The image has too many pixels: at most {megapixels} megapixels and {MAX_SIDE} on a side are taken. \
         Send a smaller photo."
    ))
}

fn not_taken(message: impl Into<std::borrow::Cow<'static, str>>) -> Failure {
    Failure::because(Code::InvalidFileType, message)
}
