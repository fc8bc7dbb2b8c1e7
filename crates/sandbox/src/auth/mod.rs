//! Authenticates calls: session tokens, and the private key that they are exchanged for.

mod grant;
mod guess_limit;
mod hs256;

use std::{
    fmt,
    net::IpAddr,
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
use uuid::Uuid;

pub(crate) use self::grant::{Compare, Detect, Enrol, Grant, Needs, Users};
use crate::{
    app::App,
    config::Secret,
    error::Failure,
    serve::PeerAddress,
    store::{Account, Store},
};

/// Issues and verifies session tokens.
pub(crate) struct Auth {
    private_key: Secret,
    store: Store,
    signing: EncodingKey,
    verifying: DecodingKey,
    validation: Validation,
    token_ttl: Duration,
}

/// A session token and its expiry.
pub(crate) struct Token {
    /// The JWT.
    pub(crate) jwt: String,
    /// Seconds since 1970.
    pub(crate) expires_at: u64,
}

/// The claims of a session token.
#[derive(Serialize, Deserialize)]
struct Claims {
    iat: u64,
    exp: u64,
    /// Makes each token another one: a client does not repeat a request with a token that was refused. Not read, so that
    /// tokens that others sign with the secret may hold anything there.
    #[serde(skip_deserializing)]
    jti: String,
    /// Read by the validation alone; this server issues none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<u64>,
    #[serde(flatten)]
    grant: Grant,
}

impl Auth {
    pub(crate) fn new(private_key: Secret, jwt_secret: &Secret, token_ttl: Duration, store: Store) -> Self {
        // The process keeps the first provider; every one that is installed here is the same.
        let _ = hs256::PROVIDER.install_default();
        let secret = jwt_secret.reveal().as_bytes();
        let mut validation = Validation::new(Algorithm::HS256);
        // A token expires exactly at its `exp`, so that a short lifetime can be relied on.
        validation.leeway = 0;
        validation.reject_tokens_expiring_in_less_than = 1;
        validation.validate_nbf = true;
        Self {
            private_key,
            store,
            signing: EncodingKey::from_secret(secret),
            verifying: DecodingKey::from_secret(secret),
            validation,
            token_ttl,
        }
    }

    /// Returns the account that a key opens: the configured key the default one, a generated key its own.
    async fn account_of_key(&self, key: &str) -> Result<Option<Account>, Failure> {
        // Takes equally long wherever they differ.
        if self.private_key.reveal().as_bytes().ct_eq(key.as_bytes()).into() {
            return Ok(Some(Account::default()));
        }
        self.store.account_of_key(key).await
    }

    /// Issues a session token, which lives for its whole lifetime and less than a second longer.
    pub(crate) fn issue(&self, grant: Grant) -> Result<Token, Failure> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| Code::ServerError)?;
        let expiry = now.saturating_add(self.token_ttl);
        let expires_at = expiry.as_secs().saturating_add(u64::from(expiry.subsec_nanos() > 0));
        let jti = Uuid::new_v4().to_string();
        let claims = Claims { iat: now.as_secs(), exp: expires_at, jti, nbf: None, grant };
        let jwt = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
            .map_err(|_| Code::ServerError)?;
        Ok(Token { jwt, expires_at })
    }

    /// Accepts a request by its session token, or by a private key in the older header.
    async fn authenticate(&self, headers: &HeaderMap, address: Option<IpAddr>) -> Result<Grant, Failure> {
        let grant = match (headers.get(header::AUTHORIZATION), headers.get(route::API_KEY)) {
            (Some(value), _) => value.to_str().ok().and_then(bearer).and_then(|jwt| self.verify(jwt)),
            (None, Some(key)) => {
                let account = self.accept_key(key.to_str().unwrap_or_default(), address).await?;
                account.map(Grant::of_account)
            }
            (None, None) => None,
        };
        grant.ok_or_else(|| Code::Unauthorized.into())
    }

    /// Returns the account of a private key. The older header is no faster way to guess one than a login.
    async fn accept_key(&self, key: &str, address: Option<IpAddr>) -> Result<Option<Account>, Failure> {
        guess_limit::check(&self.store, address).await?;
        let account = self.account_of_key(key).await?;
        if account.is_none() {
            guess_limit::punish(&self.store, address).await?;
        }
        Ok(account)
    }

    /// Checks the private key of a login, and returns its account.
    ///
    /// # Errors
    ///
    /// [`Code::RateLimited`] after too many wrong keys, before this one is looked at; [`Code::Unauthorized`] for a wrong
    /// one.
    pub(crate) async fn check_login(&self, key: &str, address: Option<IpAddr>) -> Result<Account, Failure> {
        self.accept_key(key, address)
            .await?
            .ok_or_else(|| Failure::because(Code::Unauthorized, "The private key is not the right one."))
    }

    /// Returns what a session token is good for, if it is valid now.
    fn verify(&self, jwt: &str) -> Option<Grant> {
        let token = jsonwebtoken::decode::<Claims>(jwt, &self.verifying, &self.validation).ok()?;
        Some(token.claims.grant)
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("token_ttl", &self.token_ttl).finish_non_exhaustive()
    }
}

/// Returns the token of `Bearer <token>`; the scheme's case does not matter (RFC 9110 §11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim_start())
}

/// Proof that a request may use a route of this scope. A handler extracts it before anything else, so
/// that no body is read without it.
pub(crate) struct RequireToken<N> {
    grant: Grant,
    needs: std::marker::PhantomData<N>,
}

impl<N> RequireToken<N> {
    /// The account whose users the request may reach.
    pub(crate) fn account(&self) -> &Account {
        self.grant.account()
    }

    /// Checks that the token is good for this user; `None` stands for all users, or a new one.
    pub(crate) fn check_user(&self, user_token: Option<&str>) -> Result<(), Failure> {
        self.grant.check_user(user_token)
    }
}

impl<N: Needs> FromRequestParts<Arc<App>> for RequireToken<N> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let address = parts.extensions.get().map(|&PeerAddress(address)| address);
        let grant = app.auth.authenticate(&parts.headers, address).await?;
        grant.check_scope(N::SCOPE)?;
        Ok(Self { grant, needs: std::marker::PhantomData })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::{HeaderMap, HeaderValue, header};
    use jsonwebtoken::{Algorithm, EncodingKey, Header};

    use super::{Auth, Claims, Grant, bearer};
    use crate::{
        config::{Config, Secret},
        face,
        store::Store,
    };

    async fn auth(ttl: Duration) -> Auth {
        let store = Store::open(&Config::default(), face::NETWORK, Default::default()).await.unwrap();
        Auth::new("key".parse().unwrap(), &"secret".parse::<Secret>().unwrap(), ttl, store)
    }

    #[tokio::test]
    async fn a_token_is_the_one_that_any_other_library_would_make() {
        // The example of RFC 7515 A.1 with its key is binary; this one was made with Python's hmac.
        let claims = serde_json::json!({ "sub": "1" });
        auth(Duration::from_secs(1)).await;
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

    #[tokio::test]
    async fn a_token_ends_at_its_time() {
        let auth = auth(Duration::from_secs(60)).await;
        let token = |exp| {
            let claims = Claims { iat: 0, exp, jti: String::new(), nbf: None, grant: Grant::default() };
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &auth.signing).unwrap()
        };
        let is_valid = |jwt: &str| auth.verify(jwt).is_some();
        let now = jsonwebtoken::get_current_timestamp();
        assert!(is_valid(&token(now + 5)));
        assert!(!is_valid(&token(now)));
        assert!(!is_valid(&token(0)));
        let issued = auth.issue(Grant::default()).unwrap();
        assert!(is_valid(&issued.jwt));
        assert_ne!(issued.jwt, auth.issue(Grant::default()).unwrap().jwt, "tokens of one second differ");
        assert!((now + 60..=now + 62).contains(&issued.expires_at));
    }

    #[tokio::test]
    async fn a_token_before_its_nbf_is_refused() {
        let auth = auth(Duration::from_secs(60)).await;
        let now = jsonwebtoken::get_current_timestamp();
        let token = |nbf| {
            let claims = Claims { iat: now, exp: now + 60, jti: String::new(), nbf, grant: Grant::default() };
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &auth.signing).unwrap()
        };
        assert!(auth.verify(&token(None)).is_some());
        assert!(auth.verify(&token(Some(now))).is_some());
        assert!(auth.verify(&token(Some(now + 30))).is_none());
    }

    #[test]
    fn the_bearer_scheme_is_read_as_http_writes_it() {
        assert_eq!(bearer("Bearer a.b.c"), Some("a.b.c"));
        assert_eq!(bearer("bearer  a.b.c "), Some("a.b.c"));
        for not in ["a.b.c", "Basic a.b.c", "Bearer", ""] {
            assert_eq!(bearer(not), None, "{not}");
        }
    }

    #[tokio::test]
    async fn a_wrong_token_is_not_helped_by_the_right_key() {
        let auth = auth(Duration::from_secs(60)).await;
        let mut headers = HeaderMap::new();
        assert!(auth.authenticate(&headers, None).await.is_err());
        headers.insert("x-api-key", HeaderValue::from_static("key"));
        assert!(auth.authenticate(&headers, None).await.is_ok());
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer nonsense"));
        assert!(auth.authenticate(&headers, None).await.is_err());
        headers.remove(header::AUTHORIZATION);
        headers.insert("x-api-key", HeaderValue::from_static("kex"));
        assert!(auth.authenticate(&headers, None).await.is_err());
    }
}
