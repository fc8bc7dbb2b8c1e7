//! Photos on disk: finds them, decodes them as the sandbox does.

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use image::{
    DynamicImage, ImageDecoder, ImageReader, Limits, RgbImage, Rgba, RgbaImage, imageops,
    metadata::Orientation,
};
use walkdir::WalkDir;

/// The extensions of photos that the service takes, in lower case.
pub(crate) const EXTENSIONS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];
/// Limit of a decoder's memory in bytes: eight for each of 25 million pixels, as in the sandbox.
const MAX_DECODER_BYTES: u64 = 200_000_000;

/// Decodes a photo: upright by its EXIF orientation, 8-bit RGB, transparency laid on white.
///
/// # Errors
/// When the file cannot be read, is no JPEG, PNG or WebP, is damaged, or is too large.
pub(crate) fn decode(path: &Path) -> Result<RgbImage> {
    let file = BufReader::new(File::open(path)?);
    let mut reader = ImageReader::new(file).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    // A broken orientation is no reason to refuse the photo.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    if !image.color().has_alpha() {
        return Ok(image.into_rgb8());
    }
    let mut opaque = RgbaImage::from_pixel(image.width(), image.height(), Rgba([255; 4]));
    imageops::overlay(&mut opaque, &image.into_rgba8(), 0, 0);
    Ok(DynamicImage::ImageRgba8(opaque).into_rgb8())
}

/// Lists the photos in a folder and the folders below it, sorted.
///
/// # Errors
/// When the folder cannot be read or holds no photo.
pub(crate) fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut photos = Vec::new();
    for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
        let entry = entry.with_context(|| format!("Cannot list the photos in {}.", folder.display()))?;
        if entry.file_type().is_file() && has_extension(entry.path()) {
            photos.push(entry.into_path());
        }
    }
    if photos.is_empty() {
        bail!("No photos in {}. It should hold {} files.", folder.display(), EXTENSIONS.join(", "));
    }
    Ok(photos)
}

fn has_extension(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| EXTENSIONS.contains(&extension.to_ascii_lowercase().as_str()))
}
