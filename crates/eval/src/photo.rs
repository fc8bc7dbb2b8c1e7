//! Photos on disk: finds them, and decodes them with the sandbox's decoder.
//!
//! The sandbox also refuses photos of more than 25 megapixels and JPEGs that are cut off; here they are measured.

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
/// Limit of a decoder's memory in bytes, as in the sandbox.
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

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageEncoder, Rgb, codecs::jpeg::JpegEncoder};

    /// EXIF of one tag: orientation 6, "rotate by 90° to the right".
    const ROTATED: &[u8] = b"MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";

    #[test]
    fn photo_is_upright_by_its_exif_orientation() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rotated.jpg");
        // The left half is red: the upper half when upright.
        let pixels =
            RgbImage::from_fn(32, 16, |x, _| if x < 16 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) });
        let mut encoder = JpegEncoder::new_with_quality(File::create(&path).unwrap(), 95);
        encoder.set_exif_metadata(ROTATED.to_vec()).unwrap();
        encoder.encode_image(&pixels).unwrap();
        let upright = decode(&path).unwrap();
        assert_eq!(upright.dimensions(), (16, 32));
        assert!(upright.get_pixel(8, 4)[0] > 200 && upright.get_pixel(8, 28)[2] > 200);
    }

    #[test]
    fn transparency_is_laid_on_white() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clear.png");
        RgbaImage::from_pixel(4, 4, Rgba([0, 0, 0, 0])).save(&path).unwrap();
        assert_eq!(decode(&path).unwrap().get_pixel(1, 1), &Rgb([255; 3]));
    }

    #[test]
    fn folders_are_searched_for_photos_only() {
        let folder = tempfile::tempdir().unwrap();
        assert!(list(folder.path()).unwrap_err().to_string().contains("No photos in"));
        std::fs::create_dir(folder.path().join("b")).unwrap();
        for name in ["b/2.JPG", "a.png", "notes.txt"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let found = list(folder.path()).unwrap();
        assert_eq!(found, ["a.png", "b/2.JPG"].map(|name| folder.path().join(name)));
    }
}
