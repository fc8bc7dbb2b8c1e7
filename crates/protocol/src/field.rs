//! Names of the multipart form fields.

/// The image of detect and enrolment, and of a comparison with a user token.
pub const IMAGE: &str = "image_file";
/// The first image of a comparison of two.
pub const IMAGE_1: &str = "image_file1";
/// The second image of a comparison of two.
pub const IMAGE_2: &str = "image_file2";
/// The token of an enrolled user.
pub const USER_TOKEN: &str = "user_token";
/// `true` or `false`: whether the end user agreed to the use of their biometric data.
pub const ENDUSER_CONSENT: &str = "client_declaration_enduser_consent";
