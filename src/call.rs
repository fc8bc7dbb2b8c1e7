//! One call from the page to its verdict.

use crate::{
    answer::{set, with_verdict},
    arguments::Arguments,
    bindings::{CallContext, failure_of},
    failure::Failure,
    image,
    operation::Operation,
    request::{Answer, Credentials, Request, settled},
    retry,
    verdict::{self, FaceQuality},
};
use js_sys::{Array, Math, Object};
use perse_protocol::{
    Code,
    answer::{Comparison, Deletion, Detection, Enrollment, EnrollmentList},
    field,
};
use web_sys::FormData;

/// Runs a call. Nothing is sent unless all that can be checked beforehand is in order; a request is
/// repeated once with another token, and where [`retry`] says that it is safe.
pub(crate) async fn run(
    operation: Operation,
    context: &CallContext,
    arguments: &Arguments,
) -> Result<Object, Failure> {
    if let (true, [image]) = (operation.is_local(), arguments.images.as_slice()) {
        return match operation {
            Operation::ImagePrepare => {
                Ok(with_verdict(image::prepare(context, image).await?, true, Code::Success))
            }
            _ => image::quality(context, image).await,
        };
    }
    check_consent(operation, context)?;
    let mut request = None;
    let (mut attempt, mut may_have_happened) = (0, false);
    // The token that the service has rejected, and its words.
    let mut rejected: Option<(String, Failure)> = None;
    loop {
        let token = rejected.as_ref().map(|(token, _)| token.as_str());
        let Some(credentials) = credentials(context, token).await? else {
            return Err(rejected.map_or(Code::Unauthorized.into(), |(_, failure)| failure));
        };
        let request = match &mut request {
            Some(request) => request,
            None => match prepare(operation, context, arguments).await {
                Ok(prepared) => request.insert(prepared),
                // A verdict like the service's, but that no faces were looked for.
                Err(Failure { code: code @ Code::BadImageQuality, detail }) if operation.is_quality() => {
                    let result = quality_result(code, Vec::new(), false);
                    set(&result, "detail", detail.as_deref());
                    return Ok(result);
                }
                Err(failure) => return Err(failure),
            },
        };
        // Consent may have been taken back meanwhile.
        check_consent(operation, context)?;
        let (failure, retry_after) = match request.send(&credentials, &context.signal()).await {
            Ok(answer) => {
                let retry_after = answer.retry_after;
                match judge(operation, answer) {
                    Ok(result) => return Ok(result),
                    Err(failure) => (failure, retry_after),
                }
            }
            Err(failure) => (failure, None),
        };
        match (failure.code, credentials) {
            (Code::Unauthorized, Credentials::Token(token)) if rejected.is_none() => {
                rejected = Some((token, failure));
            }
            // The first attempt did it, and only its answer was lost.
            (Code::UserTokenNotFound, _) if may_have_happened && operation == Operation::EnrollmentDelete => {
                return Ok(deleted());
            }
            (code, _) if attempt < context.retries() && retry::may_repeat(operation, code) => {
                let pause = retry::pause(attempt, retry_after, Math::random());
                if settled(context.pause(pause)).await.is_err() {
                    return Err(failure);
                }
                attempt += 1;
                may_have_happened |= retry::may_have_happened(code);
            }
            _ => return Err(failure),
        }
    }
}

fn check_consent(operation: Operation, context: &CallContext) -> Result<(), Failure> {
    if operation.is_biometric() && !context.enduser_consent() {
        return Err(Code::ConsentRequired.into());
    }
    Ok(())
}

/// The session token, other than a rejected one, or else the API key.
async fn credentials(context: &CallContext, rejected: Option<&str>) -> Result<Option<Credentials>, Failure> {
    let token = settled(context.token(rejected)).await.map_err(failure_of)?;
    let key = || context.api_key().filter(|_| rejected.is_none()).map(Credentials::ApiKey);
    Ok(token.as_string().map(Credentials::Token).or_else(key))
}

/// The request of a call, its images checked.
async fn prepare(
    operation: Operation,
    context: &CallContext,
    arguments: &Arguments,
) -> Result<Request, Failure> {
    let (method, path) = operation.endpoint();
    let mut url = [context.base_url().trim_end_matches('/'), path].concat();
    if let (Operation::EnrollmentDelete, Some(user_token)) = (operation, arguments.user_tokens.first()) {
        #[cfg(feature = "forced-panic")]
        assert_ne!(user_token, "panic", "on purpose");
        // As the last part of the path these are not names, in whatever way they are written.
        if matches!(user_token.as_str(), "." | ".." | "list") {
            return Err(Code::UserTokenNotFound.into());
        }
        url.push('/');
        url.push_str(&String::from(js_sys::encode_uri_component(user_token)));
    }
    let body = if operation.is_biometric() { Some(form(context, arguments).await?) } else { None };
    Ok(Request { method, url, body, longest_answer: operation.longest_answer() })
}

/// The multipart form of a call with images, each of which was made fit.
async fn form(context: &CallContext, arguments: &Arguments) -> Result<FormData, Failure> {
    let form = FormData::new().map_err(|_| Code::InternalError)?;
    let fields: &[&str] = match arguments.images.len() {
        1 => &[field::IMAGE],
        _ => &[field::IMAGE_1, field::IMAGE_2],
    };
    for (name, image) in fields.iter().zip(&arguments.images) {
        if context.precheck() {
            image::precheck(context, image).await?;
        }
        let blob = image::blob_of_prepared(&image::prepare(context, image).await?)?;
        // The file's own name may tell whose photo it is.
        form.append_with_blob_and_filename(name, &blob, "image").map_err(|_| Code::InternalError)?;
    }
    let texts = arguments.user_tokens.iter().map(|token| (field::USER_TOKEN, token.as_str()));
    for (name, text) in texts.chain([(field::ENDUSER_CONSENT, "true")]) {
        form.append_with_str(name, text).map_err(|_| Code::InternalError)?;
    }
    Ok(form)
}

fn judge(operation: Operation, answer: Answer) -> Result<Object, Failure> {
    match operation {
        Operation::Detect => answer.read::<Detection>().map(drop)?,
        Operation::Compare => answer.read::<Comparison>().map(drop)?,
        Operation::IsSimilar => {
            let code = verdict::similarity(&answer.read()?);
            return Ok(with_verdict(Object::new(), code == Code::Similar, code));
        }
        Operation::Quality => return quality(&answer, false),
        Operation::QualityWithSpoofCheck => return quality(&answer, true),
        Operation::EnrollmentCreate | Operation::EnrollmentUpdate => {
            answer.read::<Enrollment>().map(drop)?;
        }
        Operation::EnrollmentRead => answer.read::<EnrollmentList>().map(drop)?,
        Operation::EnrollmentDelete => answer.read::<Deletion>().map(drop)?,
        Operation::ImagePrepare | Operation::ImageQuality => {}
    }
    answer.into_result(Code::Success)
}

fn quality(answer: &Answer, spoof_check: bool) -> Result<Object, Failure> {
    let (code, faces) = match answer.read::<Detection>() {
        Ok(detection) => verdict::quality(&detection, spoof_check),
        // A service may also refuse a photo without a face: the verdict is the same.
        Err(Failure { code: Code::NoFaceDetected, .. }) => (Code::NoFaceDetected, Vec::new()),
        Err(failure) => return Err(failure),
    };
    Ok(quality_result(code, faces, spoof_check))
}

fn quality_result(code: Code, faces: Vec<FaceQuality>, spoof_check: bool) -> Object {
    let result = Object::new();
    set(&result, "totalFaces", faces.len() as f64);
    let detailed: Array = faces.into_iter().map(|face| detailed_face(face, spoof_check)).collect();
    set(&result, "detailedFaces", detailed);
    with_verdict(result, code == Code::Success, code)
}

/// The answer to a deletion whose own answer was lost: the service was not seen to take any time.
fn deleted() -> Object {
    let result = Object::new();
    set(&result, "timeTaken", 0);
    with_verdict(result, true, Code::Success)
}

fn detailed_face(face: FaceQuality, spoof_check: bool) -> Object {
    let object = Object::new();
    set(&object, "isUnderexposed", face.is_underexposed);
    set(&object, "isOverexposed", face.is_overexposed);
    set(&object, "isBlurred", face.is_blurred);
    if spoof_check {
        set(&object, "isSpoofing", face.is_spoofing);
    }
    object
}
