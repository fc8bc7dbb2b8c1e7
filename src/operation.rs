//! What the SDK can do, and what each operation needs and sends.

use crate::failure::Failure;
use perse_protocol::{Code, route};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen::prelude::wasm_bindgen;

/// A method of the SDK.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `face.detect`
    Detect,
    /// `face.compare`
    Compare,
    /// `face.isSimilar`
    IsSimilar,
    /// `face.quality`
    Quality,
    /// `face.qualityWithSpoofCheck`
    QualityWithSpoofCheck,
    /// `face.enrollment.create`
    EnrollmentCreate,
    /// `face.enrollment.read`
    EnrollmentRead,
    /// `face.enrollment.update`
    EnrollmentUpdate,
    /// `face.enrollment.delete`
    EnrollmentDelete,
    /// `image.prepare`
    ImagePrepare,
    /// `image.quality`
    ImageQuality,
}

impl Operation {
    /// Whether it is done on the device alone, without the service.
    #[must_use]
    pub fn is_local(self) -> bool {
        matches!(self, Self::ImagePrepare | Self::ImageQuality)
    }

    /// Whether its verdict is one on the quality of a photo.
    #[must_use]
    pub fn is_quality(self) -> bool {
        matches!(self, Self::Quality | Self::QualityWithSpoofCheck)
    }

    /// HTTP method and path below the base URL.
    #[must_use]
    pub fn endpoint(self) -> (&'static str, &'static str) {
        match self {
            Self::Detect | Self::Quality | Self::QualityWithSpoofCheck => ("POST", route::DETECT),
            Self::Compare | Self::IsSimilar => ("POST", route::COMPARE),
            Self::EnrollmentCreate => ("POST", route::ENROLLMENT),
            Self::EnrollmentRead => ("GET", route::ENROLLMENT_LIST),
            Self::EnrollmentUpdate => ("PUT", route::ENROLLMENT),
            Self::EnrollmentDelete => ("DELETE", route::ENROLLMENT),
            Self::ImagePrepare | Self::ImageQuality => ("", ""),
        }
    }

    /// Whether it sends an image, and so needs the end user's consent.
    #[must_use]
    pub fn is_biometric(self) -> bool {
        !matches!(self, Self::EnrollmentRead | Self::EnrollmentDelete) && !self.is_local()
    }

    /// The most UTF-16 units that an answer may have: far more than any real one.
    #[must_use]
    pub fn longest_answer(self) -> u32 {
        match self {
            // 40 characters for each of a million users and more.
            Self::EnrollmentRead => 64_000_000,
            _ => 1_000_000,
        }
    }

    /// Checks how many images and user tokens a call gave.
    ///
    /// # Errors
    /// `form_key_missing`, naming what the operation takes.
    pub fn check(self, images: usize, user_tokens: usize) -> Result<(), Failure> {
        let (enough, takes) = match self {
            Self::Compare | Self::IsSimilar => {
                (matches!((images, user_tokens), (2, 0) | (1, 1)), "two images, or an image and a user token")
            }
            Self::EnrollmentRead => ((images, user_tokens) == (0, 0), "no image and no user token"),
            Self::EnrollmentUpdate => ((images, user_tokens) == (1, 1), "an image and a user token"),
            Self::EnrollmentDelete => ((images, user_tokens) == (0, 1), "a user token"),
            _ => ((images, user_tokens) == (1, 0), "one image"),
        };
        if enough {
            return Ok(());
        }
        Err(Failure::new(
            Code::FormKeyMissing,
            format!(
                "The call takes {takes}; it was given {images} image(s) and {user_tokens} user token(s)."
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, Operation};

    #[test]
    fn each_operation_takes_just_what_it_needs() {
        use Operation::{
            Compare, Detect, EnrollmentCreate, EnrollmentDelete, EnrollmentRead, EnrollmentUpdate,
            ImagePrepare, ImageQuality, IsSimilar, Quality, QualityWithSpoofCheck,
        };
        let takes: [(Operation, &[(usize, usize)]); 11] = [
            (Detect, &[(1, 0)]),
            (Compare, &[(2, 0), (1, 1)]),
            (IsSimilar, &[(2, 0), (1, 1)]),
            (Quality, &[(1, 0)]),
            (QualityWithSpoofCheck, &[(1, 0)]),
            (EnrollmentCreate, &[(1, 0)]),
            (EnrollmentRead, &[(0, 0)]),
            (EnrollmentUpdate, &[(1, 1)]),
            (EnrollmentDelete, &[(0, 1)]),
            (ImagePrepare, &[(1, 0)]),
            (ImageQuality, &[(1, 0)]),
        ];
        for (operation, accepted) in takes {
            for given in (0..4).flat_map(|images| (0..3).map(move |tokens| (images, tokens))) {
                let result = operation.check(given.0, given.1);
                assert_eq!(result.is_ok(), accepted.contains(&given), "{operation:?} {given:?}");
                if let Err(failure) = result {
                    assert_eq!(failure.code, Code::FormKeyMissing);
                }
            }
        }
    }
}
