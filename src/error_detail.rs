//! The one error type of the core.

use perse_protocol::Code;
use std::borrow::Cow;

/// Describes why a call failed. The facade turns it into the page's `{status: false, code, message}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorDetail {
    /// The error's code, which has a message in each language.
    pub code: Code,
    /// Message in English: what happened and what to do; `None` where the code's message says everything.
    pub detail: Option<Cow<'static, str>>,
}

impl ErrorDetail {
    /// Creates an error that says more than its code's message.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: Some(detail.into()) }
    }

    /// Converts an error body. A code that this version does not know becomes `server_error` (HTTP status
    /// 500 and above) or `request_refused`; the body's message stays part of the detail.
    #[must_use]
    pub fn from_body(code: &str, message: &str, http_status: u16) -> Self {
        // An error body with a code of success must not become a success.
        let known = Code::parse(code).filter(|code| !matches!(code, Code::Success | Code::Similar));
        match known {
            Some(known) if message.is_empty() => known.into(),
            Some(known) => Self::new(known, message.to_owned()),
            None => {
                let code = if http_status >= 500 { Code::ServerError } else { Code::RequestRefused };
                let said = if message.is_empty() { "no reason given" } else { message };
                Self::new(code, [code.message(), " It said: ", said].concat())
            }
        }
    }

    /// Converts an HTTP status without a readable error body, as a proxy sends it.
    #[must_use]
    pub fn from_http_status(status: u16) -> Self {
        Code::of_http_status(status).into()
    }
}

impl From<Code> for ErrorDetail {
    fn from(code: Code) -> Self {
        Self { code, detail: None }
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, ErrorDetail};

    #[test]
    fn a_known_code_keeps_the_message_of_the_body() {
        let error = ErrorDetail::from_body("no_face_detected", "No face in image 2.", 402);
        assert_eq!(error, ErrorDetail::new(Code::NoFaceDetected, "No face in image 2."));
        assert_eq!(ErrorDetail::from_body("empty_file", "", 400), Code::EmptyFile.into());
    }

    #[test]
    fn an_unknown_code_becomes_a_known_one() {
        let error = ErrorDetail::from_body("hat_detected", "Take off your hat.", 422);
        assert_eq!(error.code, Code::RequestRefused);
        assert!(error.detail.unwrap().ends_with("Take off your hat."));
        assert_eq!(ErrorDetail::from_body("meltdown", "", 500).code, Code::ServerError);
        for success in ["success", "similar"] {
            assert_eq!(ErrorDetail::from_body(success, "", 200).code, Code::RequestRefused);
        }
    }

    #[test]
    fn a_status_without_a_body_has_its_own_code() {
        let codes = [401, 413, 429, 503, 502, 404].map(|status| ErrorDetail::from_http_status(status).code);
        assert_eq!(
            codes,
            [
                Code::Unauthorized,
                Code::FileTooLarge,
                Code::RateLimited,
                Code::ServerBusy,
                Code::ServerError,
                Code::InvalidResponse
            ]
        );
    }
}
