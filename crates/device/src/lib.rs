//! The face engine in the tab: follows the face before a camera, and finds and compares the faces of photos.
//!
//! On wasm32 the crate is compiled twice, to a module with each of its features, which `js/device` runs in
//! workers. Pixels go in as RGBA and reports come out as lists of floats: a module that formats nothing is a
//! third smaller.

#[cfg(all(target_arch = "wasm32", feature = "camera"))]
mod camera_bindings;
#[cfg(all(target_arch = "wasm32", feature = "photos"))]
mod photo_bindings;

#[cfg(feature = "camera")]
mod camera;
#[cfg(feature = "photos")]
mod photos;
#[cfg(test)]
mod test_support;

#[cfg(feature = "camera")]
pub use camera::CameraEngine;
#[cfg(feature = "photos")]
pub use photos::{DescribedFace, PhotoEngine};

use perse_vision::Image;

/// Drops the fourth channel of RGBA pixels. `None` when they do not fill whole rows.
fn opaque<'a>(rgba: &[u8], width: u32, rgb: &'a mut Vec<u8>) -> Option<Image<'a>> {
    let (pixels, rest) = rgba.as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    rgb.clear();
    rgb.extend(pixels.iter().flat_map(|[red, green, blue, _]| [red, green, blue]));
    let height = (pixels.len() as u32).checked_div(width)?;
    Image::new(width, height, rgb).ok()
}

/// Splits two files, each after its length; `None` when there are fewer or more.
fn two_files(files: &[u8]) -> Option<[&[u8]; 2]> {
    let (first, rest) = first_file(files)?;
    let (second, rest) = first_file(rest)?;
    rest.is_empty().then_some([first, second])
}

/// Splits the first file from the others.
fn first_file(files: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = files.split_first_chunk()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}
