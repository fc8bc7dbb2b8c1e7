//! The operations of the SDK: arguments, endpoints and limits of responses.

use crate::error_detail::ErrorDetail;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use perse_protocol::{Code, route};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen::prelude::wasm_bindgen;

/// Identifies a method of the SDK.
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
    /// Returns whether the operation runs on the device alone, without the service.
    #[must_use]
    pub fn is_local(self) -> bool {
        matches!(self, Self::ImagePrepare | Self::ImageQuality)
    }

    /// Returns the HTTP method and the path below the base URL; empty for a local operation.
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

    /// Returns whether the operation sends an image, and so needs the end user's consent.
    #[must_use]
    pub fn is_biometric(self) -> bool {
        !matches!(self, Self::EnrollmentRead | Self::EnrollmentDelete) && !self.is_local()
    }

    /// Returns the limit of a response's length in UTF-16 code units, far above any real response.
    #[must_use]
    pub fn max_response_chars(self) -> u32 {
        match self {
            // A million users, 40 characters each, and room for more.
            Self::EnrollmentRead => 64_000_000,
            _ => 1_000_000,
        }
    }

    /// Checks the number of images and user tokens of a call.
    ///
    /// # Errors
    /// `form_key_missing`, which names the operation's arguments.
    pub fn check(self, images: usize, user_tokens: usize) -> Result<(), ErrorDetail> {
        let (is_enough, expected) = match self {
            Self::Compare | Self::IsSimilar => {
                (matches!((images, user_tokens), (2, 0) | (1, 1)), "two images, or an image and a user token")
            }
            Self::EnrollmentRead => ((images, user_tokens) == (0, 0), "no image and no user token"),
            Self::EnrollmentUpdate => ((images, user_tokens) == (1, 1), "an image and a user token"),
            Self::EnrollmentDelete => ((images, user_tokens) == (0, 1), "a user token"),
            _ => ((images, user_tokens) == (1, 0), "one image"),
        };
        if is_enough {
            return Ok(());
        }
        Err(ErrorDetail::new(
            Code::FormKeyMissing,
            [
                ["Expected ", expected, ", got "].concat(),
                [&images.to_string(), " image(s) and ", &user_tokens.to_string(), " user token(s)."].concat(),
            ]
            .concat(),
        ))
    }

    /// Checks the end user's consent.
    ///
    /// # Errors
    /// `consent_required` for a biometric operation without consent.
    pub fn check_consent(self, enduser_consent: bool) -> Result<(), ErrorDetail> {
        if self.is_biometric() && !enduser_consent { Err(Code::ConsentRequired.into()) } else { Ok(()) }
    }

    /// Returns the URL of a request; a deletion names its user token in the path.
    ///
    /// # Errors
    /// `user_token_not_found` for a token that names another path, such as `..` or `list`.
    pub fn url(self, base_url: &str, user_tokens: &[String]) -> Result<String, ErrorDetail> {
        let (_, path) = self.endpoint();
        let url = [base_url.trim_end_matches('/'), path].concat();
        let (Self::EnrollmentDelete, Some(user_token)) = (self, user_tokens.first()) else { return Ok(url) };
        #[cfg(feature = "forced-panic")]
        assert_ne!(user_token, "panic", "on purpose");
        if matches!(user_token.as_str(), "." | ".." | "list") {
            return Err(Code::UserTokenNotFound.into());
        }
        let mut url = url + "/";
        url.extend(utf8_percent_encode(user_token, PATH_SEGMENT));
        Ok(url)
    }
}

/// The characters that a path segment escapes: all but those of RFC 3986 §2.3.
const PATH_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The longest string that can be a user token; the service's own have 36 characters.
const MAX_USER_TOKEN_CHARS: usize = 256;

/// Reads a string as a user token, trimmed; `None` for an empty one.
///
/// # Errors
/// `invalid_file_type` for the URL of an image.
pub fn user_token(text: &str) -> Result<Option<String>, ErrorDetail> {
    let text = text.trim();
    let is_url = ["blob:", "data:", "http:", "https:"].iter().any(|scheme| text.starts_with(scheme));
    if is_url || text.len() > MAX_USER_TOKEN_CHARS {
        return Err(ErrorDetail::new(
            Code::InvalidFileType,
            "Expected an image, got its URL. Fetch it first: await (await fetch(url)).blob().",
        ));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Checks that a credential can be the value of a header: visible ASCII and spaces.
///
/// # Errors
/// `unauthorized`, because no credential of the service has other characters.
pub fn check_credential(text: &str) -> Result<(), ErrorDetail> {
    let is_valid = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    if is_valid { Ok(()) } else { Err(Code::Unauthorized.into()) }
}

#[cfg(test)]
mod tests {
    use super::{Code, Operation, check_credential, user_token};

    #[test]
    fn an_operation_accepts_exactly_its_images_and_user_tokens() {
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

    #[test]
    fn only_biometric_operations_need_consent() {
        for operation in [Operation::Detect, Operation::Compare, Operation::EnrollmentUpdate] {
            assert_eq!(operation.check_consent(false), Err(Code::ConsentRequired.into()));
            assert_eq!(operation.check_consent(true), Ok(()));
        }
        for operation in [Operation::EnrollmentRead, Operation::EnrollmentDelete, Operation::ImageQuality] {
            assert_eq!(operation.check_consent(false), Ok(()));
        }
    }

    #[test]
    fn a_deletion_names_its_user_token_in_the_path() {
        let url = |token: &str| Operation::EnrollmentDelete.url("https://x/v0/", &[token.to_owned()]);
        assert_eq!(url("a-1").as_deref(), Ok("https://x/v0/face/enrollment/a-1"));
        assert_eq!(url("a/../é?").as_deref(), Ok("https://x/v0/face/enrollment/a%2F..%2F%C3%A9%3F"));
        for token in [".", "..", "list"] {
            assert_eq!(url(token), Err(Code::UserTokenNotFound.into()));
        }
        let compare = Operation::Compare.url("https://x/v0", &["..".to_owned()]);
        assert_eq!(compare.as_deref(), Ok("https://x/v0/face/compare"));
    }

    #[test]
    fn a_string_is_a_user_token_unless_it_is_a_url() {
        assert_eq!(user_token(" a-1 "), Ok(Some("a-1".to_owned())));
        assert_eq!(user_token(" "), Ok(None));
        let long = "x".repeat(257);
        for text in ["blob:null/1", "https://example.com/a.jpg", "data:image/png;base64,AAAA", &long] {
            assert_eq!(user_token(text).unwrap_err().code, Code::InvalidFileType, "{text:.20}");
        }
    }

    #[test]
    fn a_credential_has_no_line_break() {
        assert_eq!(check_credential("eyJ.a-b_c.d 1"), Ok(()));
        for text in ["line\nbreak", "é", "\u{7f}"] {
            assert_eq!(check_credential(text), Err(Code::Unauthorized.into()), "{text:?}");
        }
    }
}
