//! Who may call: session tokens, and the private key that they are bought with.

mod hs256;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use perse_protocol::{Code, route};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::{app::App, config::Secret, error::Failure};

/// Gives out session tokens and knows them again.
pub(crate) struct Auth {
    private_key: Secret,
    signing: EncodingKey,
    verifying: DecodingKey,
    validation: Validation,
    token_ttl: Duration,
}

/// A session token, and when it ends.
pub(crate) struct Token {
    /// The JWT.
    pub(crate) jwt: String,
    /// Seconds since 1970.
    pub(crate) expires_at: u64,
}

/// What a session token says: nothing about anyone.
#[derive(Serialize, Deserialize)]
struct Claims {
    iat: u64,
    exp: u64,
}

impl Auth {
    pub(crate) fn new(private_key: Secret, jwt_secret: &Secret, token_ttl: Duration) -> Self {
        // The process keeps the first provider; every one that is installed here is the same.
        let _ = hs256::PROVIDER.install_default();
        let secret = jwt_secret.reveal().as_bytes();
        let mut validation = Validation::new(Algorithm::HS256);
        // A token ends exactly at its `exp`, so that a short life can be relied on.
        validation.leeway = 0;
        validation.reject_tokens_expiring_in_less_than = 1;
        Self {
            private_key,
            signing: EncodingKey::from_secret(secret),
            verifying: DecodingKey::from_secret(secret),
            validation,
            token_ttl,
        }
    }

    /// Whether that is the private key; takes equally long wherever they differ.
    pub(crate) fn is_private_key(&self, key: &str) -> bool {
        self.private_key.reveal().as_bytes().ct_eq(key.as_bytes()).into()
    }

    /// A new session token. It lives for its whole time and less than a second longer.
    pub(crate) fn token(&self) -> Result<Token, Failure> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| Code::ServerError)?;
        let end = now.saturating_add(self.token_ttl);
        let expires_at = end.as_secs().saturating_add(u64::from(end.subsec_nanos() > 0));
        let claims = Claims { iat: now.as_secs(), exp: expires_at };
        let jwt = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
            .map_err(|_| Code::ServerError)?;
        Ok(Token { jwt, expires_at })
    }

    /// Lets a request in by its session token, or by the private key in the older header.
    fn admit(&self, headers: &HeaderMap) -> Result<(), Failure> {
        let admitted = match headers.get(header::AUTHORIZATION) {
            Some(value) => value.to_str().ok().and_then(bearer).is_some_and(|jwt| self.is_valid(jwt)),
            None => headers
                .get(route::API_KEY)
                .and_then(|key| key.to_str().ok())
                .is_some_and(|key| self.is_private_key(key)),
        };
        if admitted { Ok(()) } else { Err(Code::Unauthorized.into()) }
    }

    fn is_valid(&self, jwt: &str) -> bool {
        jsonwebtoken::decode::<Claims>(jwt, &self.verifying, &self.validation).is_ok()
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("token_ttl", &self.token_ttl).finish_non_exhaustive()
    }
}

/// The token of `Bearer <token>`; the scheme's case does not matter (RFC 9110 §11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim_start())
}

/// The proof that a request may use the API. A handler takes it before it looks at anything else.
pub(crate) struct Admitted;

impl FromRequestParts<Arc<App>> for Admitted {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        app.auth.admit(&parts.headers).map(|()| Self)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::{HeaderMap, HeaderValue, header};
    use jsonwebtoken::{Algorithm, EncodingKey, Header};

    use super::{Auth, Claims, bearer};
    use crate::config::Secret;

    fn auth(ttl: Duration) -> Auth {
        Auth::new("key".parse().unwrap(), &"secret".parse::<Secret>().unwrap(), ttl)
    }

    #[test]
    fn a_token_is_the_one_that_any_other_library_would_make() {
        // The example of RFC 7515 A.1 with its key is binary; this one was made with Python's hmac.
        let claims = serde_json::json!({ "sub": "1" });
        auth(Duration::from_secs(1));
        let jwt = jsonwebtoken::encode(
            &Header::new(Algorithm::HS256),
            &claims,
            &EncodingKey::from_secret(b"secret"),
        )
        .unwrap();
        assert_eq!(jwt, EXAMPLE);
    }

    const EXAMPLE: &str =
        "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.FasJnVFa0htLRI3VajVhbweHTHfeKTXV0y6emUBiFGs";

    #[test]
    fn a_token_ends_at_its_time() {
        let auth = auth(Duration::from_secs(60));
        let token = |exp| {
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &Claims { iat: 0, exp }, &auth.signing)
                .unwrap()
        };
        let now = jsonwebtoken::get_current_timestamp();
        assert!(auth.is_valid(&token(now + 5)));
        assert!(!auth.is_valid(&token(now)));
        assert!(!auth.is_valid(&token(0)));
        let issued = auth.token().unwrap();
        assert!(auth.is_valid(&issued.jwt));
        assert!((now + 60..=now + 62).contains(&issued.expires_at));
    }

    #[test]
    fn the_bearer_scheme_is_read_as_http_writes_it() {
        assert_eq!(bearer("Bearer a.b.c"), Some("a.b.c"));
        assert_eq!(bearer("bearer  a.b.c "), Some("a.b.c"));
        for not in ["a.b.c", "Basic a.b.c", "Bearer", ""] {
            assert_eq!(bearer(not), None, "{not}");
        }
    }

    #[test]
    fn a_wrong_token_is_not_helped_by_the_right_key() {
        let auth = auth(Duration::from_secs(60));
        let mut headers = HeaderMap::new();
        assert!(auth.admit(&headers).is_err());
        headers.insert("x-api-key", HeaderValue::from_static("key"));
        assert!(auth.admit(&headers).is_ok());
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer nonsense"));
        assert!(auth.admit(&headers).is_err());
        headers.remove(header::AUTHORIZATION);
        headers.insert("x-api-key", HeaderValue::from_static("kex"));
        assert!(auth.admit(&headers).is_err());
    }
}
