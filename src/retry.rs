//! Decides whether a refused attempt may be repeated, and after how long.

use crate::operation::Operation;
use perse_protocol::Code;

/// Upper bound of the first back-off, in milliseconds; doubles with each attempt.
const FIRST_BACKOFF_MS: f64 = 500.0;
/// Upper bound of every back-off, in milliseconds.
const MAX_BACKOFF_MS: f64 = 8_000.0;

/// Facts that a caller needs to repeat a refused attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Retry {
    /// Milliseconds to wait before the next attempt; `None` when it must not be repeated.
    pub after_ms: Option<f64>,
    /// Whether the service may have carried the request out all the same.
    pub may_have_happened: bool,
}

impl Retry {
    /// Judges a refused attempt: number `attempt`, counted from 0. `retry_after_ms` is the time that the
    /// service asked for, `random` is in 0..1.
    #[must_use]
    pub fn judge(
        operation: Operation,
        code: Code,
        attempt: u32,
        retry_after_ms: Option<f64>,
        random: f64,
    ) -> Self {
        Self {
            after_ms: may_repeat(operation, code).then(|| backoff_ms(attempt, retry_after_ms, random)),
            may_have_happened: may_have_happened(code),
        }
    }
}

/// Returns whether repeating the request may help and can do no harm.
///
/// An enrolment that failed without a clear refusal may have been stored, and would be stored twice.
/// Every other operation leaves the same state however often it is sent.
#[must_use]
pub fn may_repeat(operation: Operation, code: Code) -> bool {
    match code {
        Code::RateLimited => true,
        Code::ServerBusy | Code::ServerError | Code::NetworkError | Code::Offline => {
            operation != Operation::EnrollmentCreate
        }
        _ => false,
    }
}

/// Returns whether the service may have carried out a request that failed with this code.
#[must_use]
pub fn may_have_happened(code: Code) -> bool {
    matches!(code, Code::ServerError | Code::NetworkError | Code::Offline)
}

/// Returns the milliseconds to wait before the next attempt: back-off with full jitter (M. Brooker,
/// "Exponential Backoff And Jitter", 2015), or the time that the service asked for plus jitter.
fn backoff_ms(attempt: u32, retry_after_ms: Option<f64>, random: f64) -> f64 {
    let bound = (FIRST_BACKOFF_MS * f64::from(2_u32.saturating_pow(attempt))).min(MAX_BACKOFF_MS);
    match retry_after_ms {
        // Clients that were refused together must not return together.
        Some(asked) => asked + random * FIRST_BACKOFF_MS,
        None => random * bound,
    }
}

/// Reads `Retry-After` (RFC 9110 §10.2.3) as milliseconds from `now_ms`, at least 0. `parse_date` reads an
/// HTTP date as milliseconds since 1970, NaN if it is none.
#[must_use]
pub fn retry_after_ms(text: &str, now_ms: f64, parse_date: impl Fn(&str) -> f64) -> Option<f64> {
    let milliseconds = match text.trim().parse::<u32>() {
        Ok(seconds) => f64::from(seconds) * 1000.0,
        Err(_) => parse_date(text) - now_ms,
    };
    milliseconds.is_finite().then_some(milliseconds.max(0.0))
}

#[cfg(test)]
mod tests {
    use super::{Retry, backoff_ms, may_have_happened, may_repeat, retry_after_ms};
    use crate::operation::Operation;
    use perse_protocol::Code;

    #[test]
    fn an_enrolment_that_may_be_stored_is_not_repeated() {
        for &code in Code::ALL {
            let create = may_repeat(Operation::EnrollmentCreate, code);
            assert_eq!(create, code == Code::RateLimited, "{code:?}");
            let detect = may_repeat(Operation::Detect, code);
            assert!(detect || !create);
            assert!(detect || !may_have_happened(code), "{code:?}");
        }
    }

    #[test]
    fn an_error_that_a_repeat_cannot_fix_is_not_repeated() {
        for code in [Code::Unauthorized, Code::NoFaceDetected, Code::InvalidResponse, Code::Timeout] {
            assert!(!may_repeat(Operation::Detect, code), "{code:?}");
        }
    }

    #[test]
    fn backoff_doubles_up_to_its_bound() {
        let longest = |attempt| backoff_ms(attempt, None, 1.0);
        assert_eq!([0, 1, 2].map(longest), [500.0, 1000.0, 2000.0]);
        assert_eq!([10, 40, u32::MAX].map(longest), [8000.0; 3]);
        assert_eq!(backoff_ms(3, None, 0.0), 0.0);
    }

    #[test]
    fn the_service_may_ask_for_a_time() {
        assert_eq!(backoff_ms(0, Some(3000.0), 0.0), 3000.0);
        assert!(backoff_ms(5, Some(3000.0), 0.99) <= 3500.0);
        let retry = Retry::judge(Operation::Detect, Code::RateLimited, 0, Some(3000.0), 0.0);
        assert_eq!(retry, Retry { after_ms: Some(3000.0), may_have_happened: false });
        let refused = Retry::judge(Operation::EnrollmentCreate, Code::NetworkError, 0, None, 0.5);
        assert_eq!(refused, Retry { after_ms: None, may_have_happened: true });
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let parse = |text: &str| if text == "a date" { 5000.0 } else { f64::NAN };
        assert_eq!(retry_after_ms(" 3 ", 1000.0, parse), Some(3000.0));
        assert_eq!(retry_after_ms("a date", 1000.0, parse), Some(4000.0));
        assert_eq!(retry_after_ms("a date", 9000.0, parse), Some(0.0));
        for text in ["", "soon", "-1", "1.5"] {
            assert_eq!(retry_after_ms(text, 0.0, parse), None, "{text}");
        }
    }
}
