//! What a session token says of its own life. Its signature is the service's to check.

use base64ct::{Base64UrlUnpadded, Encoding};
use perse_protocol::json::{Json, Read};

/// The claims that bound a token's life, in seconds since 1970 (RFC 7519 §4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Claims {
    /// When it ends.
    pub exp: Option<f64>,
    /// When it was issued.
    pub iat: Option<f64>,
}

/// The claims of a token as JSON text; `None` if it is no JWT.
#[must_use]
pub fn payload(token: &str) -> Option<String> {
    let mut parts = token.as_bytes().split(|&byte| byte == b'.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let mut bytes = payload.to_vec();
    let length = Base64UrlUnpadded::decode_in_place(&mut bytes).ok()?.len();
    bytes.truncate(length);
    String::from_utf8(bytes).ok()
}

impl Read for Claims {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self { exp: json.field("exp")?, iat: json.field("iat")? })
    }
}

impl Claims {
    /// Milliseconds that a token received at `now` (milliseconds since 1970, by the device's clock)
    /// still lives, under 0 if it has ended; `None` if it does not say.
    ///
    /// No token outlives `exp - iat` from its receipt, so a clock that is slow does not lengthen its
    /// life. A clock that is fast makes a new token look ended: one that `is_fresh`, because it was
    /// asked for just now, then has its whole life before it.
    #[must_use]
    pub fn time_left(self, now: f64, is_fresh: bool) -> Option<f64> {
        let by_clock = self.exp? * 1000.0 - now;
        let lifetime =
            self.iat.map(|iat| (self.exp.unwrap_or(iat) - iat) * 1000.0).filter(|life| *life > 0.0);
        match lifetime {
            _ if by_clock <= 0.0 && is_fresh => lifetime,
            Some(lifetime) => Some(by_clock.min(lifetime)),
            None => Some(by_clock),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Claims, payload};

    const NOW: f64 = 1_800_000_000.0;

    fn time_left(exp: f64, iat: Option<f64>, is_fresh: bool) -> Option<f64> {
        Claims { exp: Some(NOW + exp), iat: iat.map(|iat| NOW + iat) }.time_left(NOW * 1000.0, is_fresh)
    }

    #[test]
    fn reads_the_middle_part_and_nothing_else() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjEsImV4cCI6OTAxfQ.c2lnbmF0dXJl";
        assert_eq!(payload(token).as_deref(), Some(r#"{"iat":1,"exp":901}"#));
        for not in ["", "token", "a.b", "a.b.c.d", "a.e30=.c", "a.e3 0.c", "a.////.c", "a._w.c"] {
            assert_eq!(payload(not), None, "{not}");
        }
    }

    #[test]
    fn a_right_clock_counts_to_the_tokens_end() {
        assert_eq!(time_left(900.0, Some(0.0), true), Some(900_000.0));
        assert_eq!(time_left(300.0, Some(-600.0), false), Some(300_000.0));
        assert_eq!(time_left(300.0, None, false), Some(300_000.0));
        assert_eq!(time_left(-1.0, Some(-901.0), false), Some(-1000.0));
    }

    #[test]
    fn a_slow_clock_does_not_lengthen_its_life() {
        assert_eq!(time_left(3600.0 + 900.0, Some(3600.0), true), Some(900_000.0));
        assert_eq!(time_left(3600.0 + 900.0, Some(3600.0), false), Some(900_000.0));
    }

    #[test]
    fn a_fast_clock_does_not_end_a_fresh_token() {
        assert_eq!(time_left(-3600.0 + 900.0, Some(-3600.0), true), Some(900_000.0));
        assert_eq!(time_left(-10.0, None, true), None);
    }

    #[test]
    fn what_it_does_not_say_is_not_known() {
        assert_eq!(Claims::default().time_left(0.0, true), None);
        assert_eq!(Claims { exp: None, iat: Some(1.0) }.time_left(0.0, false), None);
        // Issued after its end: the claim is of no use.
        assert_eq!(time_left(10.0, Some(20.0), false), Some(10_000.0));
    }
}
