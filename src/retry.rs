//! When a failed request may be repeated, and after how long.

use crate::operation::Operation;
use perse_protocol::Code;

/// The first pause is at most so many milliseconds, each further one twice as many.
const FIRST_PAUSE: f64 = 500.0;
/// No pause of our own is longer, in milliseconds.
const LONGEST_PAUSE: f64 = 8_000.0;

/// Whether repeating the request may help and can do no harm.
///
/// An enrolment that failed in any way but a clear refusal may have been stored, and would be stored
/// twice. All other operations end in the same state however often they arrive.
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

/// Whether a request that failed with this code may have been carried out all the same.
#[must_use]
pub fn may_have_happened(code: Code) -> bool {
    matches!(code, Code::ServerError | Code::NetworkError | Code::Offline)
}

/// Milliseconds to wait before repeating for the time number `attempt`, counted from 0; `random` is in
/// 0..1. Back-off with full jitter (M. Brooker, "Exponential Backoff And Jitter", 2015), after the
/// time that the service asked for, if it did.
#[must_use]
pub fn pause(attempt: u32, retry_after: Option<f64>, random: f64) -> f64 {
    let longest = (FIRST_PAUSE * f64::from(2_u32.saturating_pow(attempt))).min(LONGEST_PAUSE);
    match retry_after {
        // All who were turned away must not come back at the same moment.
        Some(asked) => asked + random * FIRST_PAUSE,
        None => random * longest,
    }
}

#[cfg(test)]
mod tests {
    use super::{may_have_happened, may_repeat, pause};
    use crate::operation::Operation;
    use perse_protocol::Code;

    #[test]
    fn an_enrolment_that_may_be_stored_is_not_sent_again() {
        for &code in Code::ALL {
            let create = may_repeat(Operation::EnrollmentCreate, code);
            assert_eq!(create, code == Code::RateLimited, "{code:?}");
            let detect = may_repeat(Operation::Detect, code);
            assert!(detect || !create);
            assert!(detect || !may_have_happened(code), "{code:?}");
        }
    }

    #[test]
    fn what_a_repeat_cannot_mend_is_not_repeated() {
        for code in [Code::Unauthorized, Code::NoFaceDetected, Code::InvalidResponse, Code::Timeout] {
            assert!(!may_repeat(Operation::Detect, code), "{code:?}");
        }
    }

    #[test]
    fn pauses_double_up_to_a_limit_and_are_spread_from_nothing() {
        let longest = |attempt| pause(attempt, None, 1.0);
        assert_eq!([0, 1, 2].map(longest), [500.0, 1000.0, 2000.0]);
        assert_eq!([10, 40, u32::MAX].map(longest), [8000.0; 3]);
        assert_eq!(pause(3, None, 0.0), 0.0);
    }

    #[test]
    fn the_services_own_time_is_kept() {
        assert_eq!(pause(0, Some(3000.0), 0.0), 3000.0);
        assert!(pause(5, Some(3000.0), 0.99) <= 3500.0);
    }
}
