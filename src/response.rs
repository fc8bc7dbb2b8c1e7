//! Judges a response of the service: an error, or the result of its operation.

use crate::{
    error_detail::ErrorDetail,
    operation::Operation,
    verdict::{self, FaceQuality},
};
use perse_protocol::{
    Code,
    json::{Json, Read},
    response::{Comparison, Deletion, Detection, Enrollment, EnrollmentList},
};

/// The result of an operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The whole response with its keys in camelCase, and the code `success`.
    Response,
    /// A verdict on two faces: `similar` or `not_similar`.
    Similarity(Code),
    /// A verdict on a photo: `success`, `bad_image_quality` or `no_face_detected`, and the faults of each face.
    Quality(Code, Vec<FaceQuality>),
    /// A deletion that an earlier attempt carried out.
    Deleted,
}

/// Judges a response by its HTTP status and its parsed body. The body's `code` decides, not the HTTP status.
/// `may_have_happened`: an earlier attempt of the same call may have been carried out.
///
/// # Errors
/// The error of the body, or `invalid_response` for a body that is not of the API.
pub fn judge(
    operation: Operation,
    http_status: u16,
    body: &impl Json,
    may_have_happened: bool,
) -> Result<Outcome, ErrorDetail> {
    match check(http_status, body) {
        Ok(()) => {}
        // A service may also refuse a photo without a face. The verdict is the same.
        Err(ErrorDetail { code: code @ Code::NoFaceDetected, .. })
            if matches!(operation, Operation::Quality | Operation::QualityWithSpoofCheck) =>
        {
            return Ok(Outcome::Quality(code, Vec::new()));
        }
        // The earlier attempt deleted the user, and only its response was lost.
        Err(ErrorDetail { code: Code::UserTokenNotFound, .. })
            if operation == Operation::EnrollmentDelete && may_have_happened =>
        {
            return Ok(Outcome::Deleted);
        }
        Err(error) => return Err(error),
    }
    match operation {
        Operation::Detect => read::<Detection>(body).map(drop)?,
        Operation::Compare => read::<Comparison>(body).map(drop)?,
        Operation::IsSimilar => return Ok(Outcome::Similarity(verdict::similarity(&read(body)?))),
        Operation::Quality | Operation::QualityWithSpoofCheck => {
            let spoof_check = operation == Operation::QualityWithSpoofCheck;
            let judged = verdict::quality(&read(body)?, spoof_check);
            return judged
                .map(|(code, faces)| Outcome::Quality(code, faces))
                .ok_or(Code::InvalidResponse.into());
        }
        Operation::EnrollmentCreate | Operation::EnrollmentUpdate => read::<Enrollment>(body).map(drop)?,
        Operation::EnrollmentRead => read::<EnrollmentList>(body).map(drop)?,
        Operation::EnrollmentDelete => read::<Deletion>(body).map(drop)?,
        Operation::ImagePrepare | Operation::ImageQuality => {}
    }
    Ok(Outcome::Response)
}

fn check(http_status: u16, body: &impl Json) -> Result<(), ErrorDetail> {
    let is_refused = body.get("status").boolean() == Some(false);
    if (200..300).contains(&http_status) && !is_refused {
        return Ok(());
    }
    Err(match (body.field::<String>("code"), body.field::<Option<String>>("message")) {
        (Some(code), Some(message)) => {
            ErrorDetail::from_body(&code, &message.unwrap_or_default(), http_status)
        }
        _ => ErrorDetail::from_http_status(http_status),
    })
}

fn read<T: Read>(body: &impl Json) -> Result<T, ErrorDetail> {
    T::read(body).ok_or_else(|| Code::InvalidResponse.into())
}
