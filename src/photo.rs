//! Inspects a photo's file before it is decoded or sent: its type, size, metadata, and the way it can go out.

use crate::error_detail::ErrorDetail;
use perse_image_file::{Header, HeaderError, MetadataKind, StripOptions, hide_exif, read_header, strip};
use perse_protocol::{Code, ImageType, limit};

/// The largest file that is read, in bytes. A phone's photo has up to 25 million.
pub const MAX_FILE_BYTES: f64 = 64_000_000.0;
/// The most pixels that are decoded: half a gigabyte of memory. A phone's photo has up to 108 million.
pub const MAX_PIXELS: u64 = 120_000_000;

/// The next step for a photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inspection {
    /// Read the whole file and inspect it again: its header, or its orientation, is not in the bytes.
    ReadMore,
    /// Send the file, with these bytes in its place if there are any.
    Send(Photo),
    /// Decode the file, rotate it upright, resize and encode it.
    Encode(Photo),
}

/// A photo's file, as its header describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    /// The type, by content.
    pub image_type: ImageType,
    /// Pixels in a row, upright.
    pub width: u32,
    /// Rows, upright.
    pub height: u32,
    /// The EXIF orientation that the pixels are stored in, 1 to 8. For a file to encode whose type the
    /// service does not accept it is 1, because the browser rotates those types.
    pub orientation: u8,
    /// The kinds of metadata that were found, and removed from what goes out.
    pub removed: Vec<MetadataKind>,
    /// Replaces the bytes that were inspected: without metadata to send, without orientation to decode.
    pub bytes: Option<Vec<u8>>,
}

/// The limits of a photo that is sent. A photo over them is encoded again.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of the longer side, in pixels.
    pub side: u32,
    /// Of the file, in bytes; the service's own limit holds, too.
    pub bytes: u32,
}

/// Inspects the first bytes of a file of `file_bytes` bytes, or all of them. Without `limits` a photo can
/// only be sent as it is, except for its metadata.
///
/// # Errors
/// `empty_file`, `invalid_file_type` or `file_too_large`, with what to do.
pub fn inspect(bytes: &[u8], file_bytes: f64, limits: Option<Limits>) -> Result<Inspection, ErrorDetail> {
    check_size(file_bytes)?;
    let is_whole = bytes.len() as f64 >= file_bytes;
    let header = match read_header(bytes) {
        Err(_) if !is_whole => return Ok(Inspection::ReadMore),
        header => check_header(header)?,
    };
    if !header.is_orientation_known && !is_whole {
        return Ok(Inspection::ReadMore);
    }
    let Header { image_type, orientation, .. } = header;
    let is_accepted = image_type.is_accepted();

    let stripped = match image_type {
        _ if is_whole && is_accepted => strip(bytes, StripOptions::default()).map_err(|_| damaged())?,
        // Only to report the metadata: the bytes may end before the pixels.
        ImageType::Jpeg => strip(bytes, StripOptions::default()).unwrap_or_default(),
        _ => None,
    };
    let removed = stripped.as_ref().map(|stripped| stripped.removed.iter().collect()).unwrap_or_default();
    let bytes_left = match &stripped {
        Some(stripped) if is_whole => stripped.bytes.len() as f64,
        _ => file_bytes,
    };
    let (width, height) = header.upright_size();
    let photo = Photo { image_type, width, height, orientation: orientation.exif(), removed, bytes: None };
    if !must_encode(&header, bytes_left, limits)? {
        return Ok(Inspection::Send(Photo { bytes: stripped.map(|stripped| stripped.bytes), ..photo }));
    }
    if !is_accepted {
        return Ok(Inspection::Encode(Photo { orientation: 1, ..photo }));
    }
    if photo.orientation == 1 {
        return Ok(Inspection::Encode(photo));
    }
    // Browsers differ in what they do with an orientation, so the decoder must not see it.
    let bare = match image_type {
        ImageType::Jpeg => {
            let mut bare = bytes.to_vec();
            hide_exif(&mut bare);
            Some(bare)
        }
        _ if !is_whole => return Ok(Inspection::ReadMore),
        _ => strip(bytes, StripOptions { keep_orientation: false })
            .map_err(|_| damaged())?
            .map(|stripped| stripped.bytes),
    };
    Ok(Inspection::Encode(Photo { bytes: bare, ..photo }))
}

/// Checks the size of a file, in bytes.
fn check_size(bytes: f64) -> Result<(), ErrorDetail> {
    if bytes <= 0.0 {
        return Err(Code::EmptyFile.into());
    }
    if bytes > MAX_FILE_BYTES {
        return Err(ErrorDetail::new(
            Code::FileTooLarge,
            "The file is over 64 MB, more than any photo. Choose another one.",
        ));
    }
    Ok(())
}

/// Checks a header, so that an image too large for the device's memory is not decoded.
fn check_header(header: Result<Header, HeaderError>) -> Result<Header, ErrorDetail> {
    let header = header.map_err(|error| match error {
        HeaderError::Empty => Code::EmptyFile.into(),
        HeaderError::NotAnImage => Code::InvalidFileType.into(),
        HeaderError::Truncated | HeaderError::Corrupt => damaged(),
    })?;
    if header.pixels() > MAX_PIXELS {
        return Err(ErrorDetail::new(
            Code::FileTooLarge,
            [
                &["The photo has ", &header.width.to_string(), " × ", &header.height.to_string()].concat(),
                " pixels; the limit is 120 megapixels. Choose a smaller photo.",
            ]
            .concat(),
        ));
    }
    Ok(header)
}

/// Returns whether a file of `stripped_bytes` bytes without metadata has to be encoded again.
fn must_encode(header: &Header, stripped_bytes: f64, limits: Option<Limits>) -> Result<bool, ErrorDetail> {
    let is_sendable = header.image_type.is_accepted() && stripped_bytes <= limit::IMAGE_BYTES as f64;
    match limits {
        Some(Limits { side, bytes }) => {
            let fits = stripped_bytes <= f64::from(bytes) && header.width.max(header.height) <= side;
            Ok(!(is_sendable && fits && header.orientation.exif() == 1))
        }
        None if is_sendable => Ok(false),
        None if header.image_type.is_accepted() => Err(Code::FileTooLarge.into()),
        None => Err(not_accepted(header.image_type)),
    }
}

/// Describes a file whose type the service does not accept, and that this browser cannot decode.
#[must_use]
pub fn not_accepted(image_type: ImageType) -> ErrorDetail {
    let remedy = match image_type {
        // The format of an iPhone's camera, which only Safari decodes.
        ImageType::Heic => {
            "Take the photo with this page's camera, or set the phone's camera to write JPEG (iPhone: \
             Settings, Camera, Formats, Most Compatible)."
        }
        _ => "Choose a JPEG, PNG or WebP photo.",
    };
    ErrorDetail::new(
        Code::InvalidFileType,
        ["This browser can't open ", image_type.name(), " photos. ", remedy].concat(),
    )
}

/// Describes a file of a type that not every browser can decode; `None` for a type that all can.
#[must_use]
pub fn undecodable(image_type: ImageType) -> Option<ErrorDetail> {
    matches!(image_type, ImageType::Avif | ImageType::Heic | ImageType::Tiff)
        .then(|| not_accepted(image_type))
}

/// Describes a file that contradicts its format.
fn damaged() -> ErrorDetail {
    ErrorDetail::new(
        Code::InvalidFileType,
        "The photo is damaged or incomplete. Choose another photo, or save it again.",
    )
}

/// Describes a value that is neither an image nor a user token.
#[must_use]
pub fn not_an_image(type_name: &str) -> ErrorDetail {
    ErrorDetail::new(
        Code::InvalidFileType,
        ["Expected an image, got a value of type ", type_name, ". Pass a file, a Blob or its bytes."]
            .concat(),
    )
}

/// Describes a file or buffer whose bytes can't be read any more.
#[must_use]
pub fn unreadable() -> ErrorDetail {
    ErrorDetail::new(
        Code::InvalidFileType,
        "The photo can't be read: it was moved or changed after it was chosen. Choose it again.",
    )
}

#[cfg(test)]
mod tests {
    use super::{
        Inspection, Limits, check_header, check_size, damaged, inspect, must_encode, not_accepted,
        undecodable,
    };
    use perse_image_file::{Header, HeaderError, Orientation};
    use perse_protocol::{Code, ImageType};

    const LIMITS: Option<Limits> = Some(Limits { side: 4000, bytes: 900_000 });

    fn header(image_type: ImageType, exif: u16) -> Header {
        let orientation = Orientation::from_exif(exif).unwrap();
        Header { image_type, width: 4000, height: 3000, orientation, is_orientation_known: true }
    }

    #[test]
    fn a_file_that_is_no_photo_is_refused_by_its_size_or_header() {
        assert_eq!(check_size(0.0).unwrap_err().code, Code::EmptyFile);
        assert_eq!(check_size(64_000_000.0), Ok(()));
        assert_eq!(check_size(64_000_001.0).unwrap_err().code, Code::FileTooLarge);
        assert_eq!(check_header(Err(HeaderError::NotAnImage)), Err(Code::InvalidFileType.into()));
        assert_eq!(check_header(Err(HeaderError::Truncated)), Err(damaged()));
        assert_eq!(check_header(Err(HeaderError::Empty)), Err(Code::EmptyFile.into()));
        let bomb = Header { width: 100_000, height: 100_000, ..header(ImageType::Png, 1) };
        assert_eq!(check_header(Ok(bomb)).unwrap_err().code, Code::FileTooLarge);
        let largest = Header { width: 12_000, height: 10_000, ..header(ImageType::Jpeg, 1) };
        assert_eq!(check_header(Ok(largest)), Ok(largest));
    }

    #[test]
    fn a_file_that_fits_is_sent_as_it_is() {
        let jpeg = header(ImageType::Jpeg, 1);
        assert_eq!(must_encode(&jpeg, 900_000.0, LIMITS), Ok(false));
        assert_eq!(must_encode(&jpeg, 900_001.0, LIMITS), Ok(true));
        assert_eq!(must_encode(&jpeg, 1_000_000.0, None), Ok(false));
        assert_eq!(must_encode(&jpeg, 1_000_001.0, None), Err(Code::FileTooLarge.into()));
        let wide = Header { width: 4001, ..jpeg };
        assert_eq!(must_encode(&wide, 1000.0, LIMITS), Ok(true));
        assert_eq!(must_encode(&wide, 1000.0, None), Ok(false));
        let tall = Header { height: 4001, ..jpeg };
        assert_eq!(must_encode(&tall, 1000.0, LIMITS), Ok(true));
        // The service's limit holds whatever a page allows.
        let generous = Some(Limits { side: 4000, bytes: 2_000_000 });
        assert_eq!(must_encode(&jpeg, 1_000_001.0, generous), Ok(true));
    }

    #[test]
    fn a_rotated_photo_is_encoded_unless_prepare_is_off() {
        let rotated = header(ImageType::Jpeg, 6);
        assert_eq!(must_encode(&rotated, 1000.0, LIMITS), Ok(true));
        assert_eq!(must_encode(&rotated, 1000.0, None), Ok(false));
    }

    #[test]
    fn a_type_that_the_service_does_not_accept_is_encoded() {
        for image_type in [ImageType::Gif, ImageType::Bmp, ImageType::Avif, ImageType::Heic] {
            assert_eq!(must_encode(&header(image_type, 1), 1000.0, LIMITS), Ok(true));
            assert_eq!(must_encode(&header(image_type, 1), 1000.0, None), Err(not_accepted(image_type)));
        }
        assert!(not_accepted(ImageType::Heic).detail.unwrap().contains("Most Compatible"));
        assert_eq!(undecodable(ImageType::Avif), Some(not_accepted(ImageType::Avif)));
        assert_eq!(undecodable(ImageType::Gif), None, "a damaged GIF is not of a wrong type");
    }

    /// A JPEG of 640 × 480: EXIF with this orientation, a comment, a frame, a scan.
    fn jpeg(orientation: u8) -> Vec<u8> {
        let mut exif =
            b"\xFF\xE1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0".to_vec();
        exif[29] = orientation;
        [
            &b"\xFF\xD8"[..],
            &exif,
            b"\xFF\xFE\0\x06note",
            b"\xFF\xC0\0\x0B\x08\x01\xE0\x02\x80\x01\x01\x11\0",
            b"\xFF\xDA\0\x08\x01\x01\0\0\x3F\0\x12\x34\xFF\xD9",
        ]
        .concat()
    }

    #[test]
    fn an_upright_jpeg_is_sent_without_its_metadata() {
        let file = jpeg(1);
        let Ok(Inspection::Send(photo)) = inspect(&file, file.len() as f64, LIMITS) else { panic!() };
        assert_eq!((photo.width, photo.height, photo.orientation), (640, 480, 1));
        let names: Vec<_> = photo.removed.iter().map(|kind| kind.name()).collect();
        assert_eq!(names, ["exif", "comment"]);
        let sent = photo.bytes.unwrap();
        assert!(!sent.windows(4).any(|window| window == b"note" || window == b"Exif"));
    }

    #[test]
    fn a_rotated_jpeg_is_decoded_without_its_orientation() {
        let file = jpeg(6);
        let Ok(Inspection::Encode(photo)) = inspect(&file, file.len() as f64, LIMITS) else { panic!() };
        assert_eq!((photo.width, photo.height, photo.orientation), (480, 640, 6));
        let bare = photo.bytes.unwrap();
        assert_eq!(bare.len(), file.len(), "the rest of the file can follow unchanged");
        assert!(!bare.windows(4).any(|window| window == b"Exif"));
        let Ok(Inspection::Send(photo)) = inspect(&file, file.len() as f64, None) else { panic!() };
        assert_eq!(photo.orientation, 6, "without prepare it stays rotated");
    }

    #[test]
    fn a_large_photo_is_judged_by_its_first_bytes() {
        let file = jpeg(6);
        let Ok(Inspection::Encode(photo)) = inspect(&file[..60], 2_500_000.0, LIMITS) else { panic!() };
        assert_eq!(photo.bytes.unwrap().len(), 60);
        assert_eq!(inspect(&file[..20], 2_500_000.0, LIMITS), Ok(Inspection::ReadMore));
        assert_eq!(inspect(&file[..20], 20.0, LIMITS), Err(damaged()));
        assert_eq!(inspect(b"", 0.0, LIMITS).unwrap_err().code, Code::EmptyFile);
        assert_eq!(inspect(b"x", 1.0, LIMITS).unwrap_err().code, Code::InvalidFileType);
    }

    /// A PNG of 640 × 480 with this EXIF orientation.
    fn png(orientation: u8) -> Vec<u8> {
        let mut exif =
            b"\0\0\0\x1AeXIfMM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
        exif[27] = orientation;
        [
            &b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\x02\x80\0\0\x01\xE0\x08\x02\0\0\0\0\0\0\0"[..],
            &exif,
            b"\0\0\0\x02IDAT\0\0\0\0\0\0\0\0\0\0IEND\0\0\0\0",
        ]
        .concat()
    }

    #[test]
    fn a_rotated_png_is_read_as_a_whole() {
        let file = png(6);
        assert_eq!(inspect(&file[..file.len() - 20], 2_500_000.0, LIMITS), Ok(Inspection::ReadMore));
        let Ok(Inspection::Encode(photo)) = inspect(&file, file.len() as f64, LIMITS) else { panic!() };
        assert_eq!((photo.width, photo.orientation), (480, 6));
        assert!(!photo.bytes.unwrap().windows(4).any(|window| window == b"eXIf"));
    }

    #[test]
    fn a_gif_keeps_the_browsers_own_orientation() {
        let gif = b"GIF89a\x80\x02\xE0\x01";
        let Ok(Inspection::Encode(photo)) = inspect(gif, gif.len() as f64, LIMITS) else { panic!() };
        assert_eq!((photo.width, photo.height, photo.orientation, photo.bytes), (640, 480, 1, None));
    }
}
