//! What can be said of an image file before it is sent.

use crate::failure::Failure;
use perse_protocol::{Code, ImageType, limit};

/// Checks a file by its size in bytes and its first
/// [`SIGNATURE_BYTES`](ImageType::SIGNATURE_BYTES) bytes; gives its type.
///
/// # Errors
/// `empty_file`, `file_too_large` (over [`limit::IMAGE_BYTES`]) or `invalid_file_type`.
pub fn check(size: f64, head: &[u8]) -> Result<ImageType, Failure> {
    if size <= 0.0 {
        return Err(Code::EmptyFile.into());
    }
    match ImageType::sniff(head) {
        Some(image_type) if image_type.is_accepted() => {
            if size <= limit::IMAGE_BYTES as f64 {
                Ok(image_type)
            } else {
                Err(Code::FileTooLarge.into())
            }
        }
        Some(other) => Err(Failure::new(
            Code::InvalidFileType,
            format!("The service does not take {} files. Use a JPEG, PNG or WebP photo.", other.name()),
        )),
        None => Err(Code::InvalidFileType.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use perse_protocol::{Code, ImageType};

    const JPEG: &[u8] = b"\xFF\xD8\xFF\xE0\0\x10JFIF";

    #[test]
    fn takes_a_photo_up_to_the_limit() {
        assert_eq!(check(1.0, JPEG), Ok(ImageType::Jpeg));
        assert_eq!(check(1_000_000.0, JPEG), Ok(ImageType::Jpeg));
        assert_eq!(check(1_000_001.0, JPEG).unwrap_err().code, Code::FileTooLarge);
    }

    #[test]
    fn says_what_is_wrong_with_anything_else() {
        assert_eq!(check(0.0, b"").unwrap_err().code, Code::EmptyFile);
        assert_eq!(check(5.0, b"hello").unwrap_err().code, Code::InvalidFileType);
        let heic = check(2e6, b"\0\0\0\x18ftypheic").unwrap_err();
        assert_eq!(heic.code, Code::InvalidFileType);
        assert!(heic.detail.unwrap().contains("HEIC"));
    }
}
