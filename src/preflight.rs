//! What is said of an image by its file alone, before anything is decoded or sent.

use crate::failure::Failure;
use perse_image_file::{Header, HeaderError};
use perse_protocol::{Code, ImageType, limit};

/// The largest file that is looked at, in bytes. A phone's photo has up to 25 million.
pub const FILE_BYTES: f64 = 64_000_000.0;
/// The most pixels that are decoded: half a gigabyte of memory. A phone's photo has up to 108 million.
pub const PIXELS: u64 = 120_000_000;

/// Checks the size of a file, in bytes.
///
/// # Errors
/// `empty_file`, or `file_too_large` over [`FILE_BYTES`].
pub fn check_size(bytes: f64) -> Result<(), Failure> {
    if bytes <= 0.0 {
        return Err(Code::EmptyFile.into());
    }
    if bytes > FILE_BYTES {
        return Err(Failure::new(
            Code::FileTooLarge,
            "The file is over 64 MB, more than any photo. Choose another one.",
        ));
    }
    Ok(())
}

/// Checks what a file's header says, so that what would be too much is not decoded.
///
/// # Errors
/// `invalid_file_type`, or `file_too_large` over [`PIXELS`].
pub fn check_header(header: Result<Header, HeaderError>) -> Result<Header, Failure> {
    let header = header.map_err(|error| match error {
        HeaderError::Empty => Code::EmptyFile.into(),
        HeaderError::NotAnImage => Code::InvalidFileType.into(),
        HeaderError::Truncated | HeaderError::Corrupt => damaged(),
    })?;
    if header.pixels() > PIXELS {
        return Err(Failure::new(
            Code::FileTooLarge,
            format!(
                "The picture is {} by {} pixels, and 120 megapixels are the most. Use a smaller photo.",
                header.width, header.height
            ),
        ));
    }
    Ok(header)
}

/// How a file can go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// As it is, but for its metadata.
    AsItIs,
    /// Decoded, turned upright, scaled down as far as needed, and encoded.
    Encoded,
}

/// How a file of these many bytes, once its metadata is gone, can go out; without `prepare` only as it is.
///
/// # Errors
/// `file_too_large` or `invalid_file_type`, when it cannot.
pub fn plan(header: &Header, stripped_bytes: usize, prepare: bool) -> Result<Plan, Failure> {
    let is_small = stripped_bytes <= limit::IMAGE_BYTES;
    let is_upright = header.orientation.exif() == 1;
    match header.image_type.is_accepted() {
        true if is_small && (is_upright || !prepare) => Ok(Plan::AsItIs),
        _ if prepare => Ok(Plan::Encoded),
        true => Err(Code::FileTooLarge.into()),
        false => Err(not_taken(header.image_type)),
    }
}

/// The service takes no files of that type, and this browser cannot make another of it.
#[must_use]
pub fn not_taken(image_type: ImageType) -> Failure {
    let remedy = match image_type {
        // What an iPhone's camera writes, and only Safari reads.
        ImageType::Heic => {
            "Take the photo with this page's camera, or set the phone's camera to write JPEG (iPhone: \
             Settings, Camera, Formats, Most Compatible)."
        }
        _ => "Use a JPEG, PNG or WebP photo.",
    };
    Failure::new(
        Code::InvalidFileType,
        ["The photo is a ", image_type.name(), " file, which can't be used here. ", remedy].concat(),
    )
}

/// A file that contradicts its format.
#[must_use]
pub fn damaged() -> Failure {
    Failure::new(
        Code::InvalidFileType,
        "The image file is damaged or incomplete. Choose another photo, or save it anew.",
    )
}

#[cfg(test)]
mod tests {
    use super::{Plan, check_header, check_size, damaged, not_taken, plan};
    use perse_image_file::{Header, HeaderError, Orientation};
    use perse_protocol::{Code, ImageType};

    fn header(image_type: ImageType, exif: u16) -> Header {
        let orientation = Orientation::from_exif(exif).unwrap();
        Header { image_type, width: 4000, height: 3000, orientation }
    }

    #[test]
    fn what_is_no_photo_is_refused_by_its_size_or_header() {
        assert_eq!(check_size(0.0).unwrap_err().code, Code::EmptyFile);
        assert_eq!(check_size(64_000_000.0), Ok(()));
        assert_eq!(check_size(64_000_001.0).unwrap_err().code, Code::FileTooLarge);
        assert_eq!(check_header(Err(HeaderError::NotAnImage)), Err(Code::InvalidFileType.into()));
        assert_eq!(check_header(Err(HeaderError::Truncated)), Err(damaged()));
        let bomb = Header { width: 100_000, height: 100_000, ..header(ImageType::Png, 1) };
        assert_eq!(check_header(Ok(bomb)).unwrap_err().code, Code::FileTooLarge);
        let largest = Header { width: 12_000, height: 10_000, ..header(ImageType::Jpeg, 1) };
        assert_eq!(check_header(Ok(largest)), Ok(largest));
    }

    #[test]
    fn what_fits_goes_out_as_it_is() {
        let jpeg = header(ImageType::Jpeg, 1);
        for prepare in [true, false] {
            assert_eq!(plan(&jpeg, 1_000_000, prepare), Ok(Plan::AsItIs));
        }
        assert_eq!(plan(&jpeg, 1_000_001, true), Ok(Plan::Encoded));
        assert_eq!(plan(&jpeg, 1_000_001, false), Err(Code::FileTooLarge.into()));
    }

    #[test]
    fn what_lies_on_its_side_is_turned_unless_the_page_does_not_want_it() {
        let turned = header(ImageType::Jpeg, 6);
        assert_eq!(plan(&turned, 1000, true), Ok(Plan::Encoded));
        assert_eq!(plan(&turned, 1000, false), Ok(Plan::AsItIs));
    }

    #[test]
    fn what_the_service_does_not_take_is_converted() {
        for image_type in [ImageType::Gif, ImageType::Bmp, ImageType::Avif, ImageType::Heic] {
            assert_eq!(plan(&header(image_type, 1), 1000, true), Ok(Plan::Encoded));
            assert_eq!(plan(&header(image_type, 1), 1000, false), Err(not_taken(image_type)));
        }
        assert!(not_taken(ImageType::Heic).detail.unwrap().contains("Most Compatible"));
    }
}
