//! Why a call failed, in a form that reaches a person.

use perse_protocol::Code;
use std::borrow::Cow;

/// A failed call: what the page gets as `{status: false, code, message}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which failure it is. It has a message in each language.
    pub code: Code,
    /// What happened and what to do in English, where there is more to say than the code's message.
    pub detail: Option<Cow<'static, str>>,
}

impl Failure {
    /// A failure that says more than its code's own message.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: Some(detail.into()) }
    }

    /// What an error body says. A code that this version does not know becomes `server_error` (HTTP
    /// status 500 and above) or `request_refused`, and stays readable in the message.
    #[must_use]
    pub fn from_body(code: &str, message: &str, http_status: u16) -> Self {
        // A refusal that calls itself a success must not read like one.
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

    /// What an HTTP status without a readable error body means, as from a proxy in between.
    #[must_use]
    pub fn from_http_status(status: u16) -> Self {
        match status {
            401 => Code::Unauthorized,
            413 => Code::FileTooLarge,
            429 => Code::RateLimited,
            503 => Code::ServerBusy,
            500.. => Code::ServerError,
            _ => Code::InvalidResponse,
        }
        .into()
    }
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Self { code, detail: None }
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, Failure};

    #[test]
    fn the_body_decides_and_its_words_are_kept() {
        let failure = Failure::from_body("no_face_detected", "No face in image 2.", 402);
        assert_eq!(failure, Failure::new(Code::NoFaceDetected, "No face in image 2."));
        assert_eq!(Failure::from_body("empty_file", "", 400), Code::EmptyFile.into());
    }

    #[test]
    fn an_unknown_code_stays_within_the_closed_set() {
        let failure = Failure::from_body("hat_detected", "Take off your hat.", 422);
        assert_eq!(failure.code, Code::RequestRefused);
        assert!(failure.detail.unwrap().ends_with("Take off your hat."));
        assert_eq!(Failure::from_body("meltdown", "", 500).code, Code::ServerError);
        for success in ["success", "similar"] {
            assert_eq!(Failure::from_body(success, "", 200).code, Code::RequestRefused);
        }
    }

    #[test]
    fn a_status_without_a_body_is_told_apart() {
        let codes = [401, 413, 429, 503, 502, 404].map(|status| Failure::from_http_status(status).code);
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
