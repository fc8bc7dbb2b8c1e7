//! Settings with their defaults.

use std::{fmt, num::NonZeroUsize, path::PathBuf, str::FromStr, thread, time::Duration};

use axum::http::{HeaderValue, Uri};
use ipnet::IpNet;
use perse_protocol::limit;
use uuid::Uuid;

use crate::store::DataKey;

/// Settings of a server.
#[derive(Clone, Debug)]
pub struct Config {
    /// The key that `POST /login` and the header `x-api-key` accept.
    pub private_key: Secret,
    /// Signs session tokens.
    pub jwt_secret: Secret,
    /// Lifetime of a session token.
    pub token_ttl: Duration,
    /// The place of the enrolments; they are in memory without one.
    pub data: Option<Data>,
    /// Connections to PostgreSQL that may be open at once.
    pub database_connections: NonZeroUsize,
    /// Keys that seal descriptors: the first seals, all of them open. None are sealed without.
    pub data_keys: Vec<DataKey>,
    /// Which other origins' pages may call.
    pub cors: Cors,
    /// Networks of the proxies before the server, whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The folder of the face engine's weights.
    pub models: PathBuf,
    /// Serves the demo page and plays its backend.
    pub demo: Option<Demo>,
    /// Serves the API a second time, below `/faults/`, where it fails as the path says.
    pub faults: bool,
    /// Threads that decode and look at images.
    pub workers: NonZeroUsize,
    /// Complete uploads that may wait for a worker; one more is answered with `server_busy`. So is one
    /// that begins while four times as many as may wait and be worked on are pending.
    pub queue: usize,
    /// Uploads of one account that may be pending at once; any number without.
    pub account_limit: Option<NonZeroUsize>,
    /// Publishes `GET /metrics`.
    pub metrics: bool,
    /// Time limit for a client to send a body.
    pub body_timeout: Duration,
    /// The least similarity, 0..=100, of one person's photos: published with each comparison.
    pub similarity_threshold: f64,
}

impl Config {
    /// Folder of the packed weights, from the project's root.
    pub const MODELS: &str = "models";
    /// Enough for 32 comparisons at once and as many other calls.
    pub const QUEUE: usize = 64;
    /// A database of a hundred connections serves ten servers.
    pub const DATABASE_CONNECTIONS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9);
}

impl Default for Config {
    /// Random keys, enrolments in memory, one worker per core, no other origin, no demo, no faults.
    fn default() -> Self {
        Self {
            private_key: Secret(Uuid::new_v4().to_string()),
            jwt_secret: Secret(format!("{}{}", Uuid::new_v4(), Uuid::new_v4())),
            token_ttl: Duration::from_secs(limit::TOKEN_SECONDS),
            data: None,
            database_connections: Self::DATABASE_CONNECTIONS,
            data_keys: Vec::new(),
            cors: Cors::Off,
            trusted_proxies: Vec::new(),
            models: Self::MODELS.into(),
            demo: None,
            faults: false,
            workers: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            queue: Self::QUEUE,
            account_limit: None,
            metrics: false,
            body_timeout: Duration::from_secs(30),
            similarity_threshold: perse_vision::SIMILARITY_THRESHOLD.into(),
        }
    }
}

/// The place of the enrolments.
#[derive(Clone, Debug)]
pub enum Data {
    /// A SQLite file.
    File(PathBuf),
    /// The URL of a PostgreSQL database, which may hold a password.
    Postgres(Secret),
}

impl FromStr for Data {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_url = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
        Ok(if is_url { Self::Postgres(text.parse()?) } else { Self::File(text.into()) })
    }
}

/// Folders that the demo page is served from.
#[derive(Clone, Debug)]
pub struct Demo {
    /// The page, at `/`.
    pub www: PathBuf,
    /// The built package, at `/pkg/`.
    pub pkg: PathBuf,
    /// The folder of `sample1.jpg` to `sample6.jpg`, which alone are served, at `/samples/`.
    pub samples: PathBuf,
}

impl Demo {
    /// Folder of the page, from the project's root.
    pub const WWW: &str = "www";
    /// Folder of the built package, from the project's root.
    pub const PKG: &str = "pkg";
    /// Folder of the installed sample photos, from the project's root.
    pub const SAMPLES: &str = "node_modules/@vladmandic/face-api/demo";
}

impl Default for Demo {
    fn default() -> Self {
        Self { www: Self::WWW.into(), pkg: Self::PKG.into(), samples: Self::SAMPLES.into() }
    }
}

/// A key that is never shown: its `Debug` form says only that there is one.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The key itself. Don't log it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = &'static str;

    fn from_str(key: &str) -> Result<Self, Self::Err> {
        if key.is_empty() { Err("a key cannot be empty") } else { Ok(Self(key.to_owned())) }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Which pages of other origins may call the API from a browser.
#[derive(Clone, Debug, Default)]
pub enum Cors {
    /// None: a page on the server's own origin needs no leave.
    #[default]
    Off,
    /// Any page. Session tokens travel in a header, never in a cookie, so this gives no page more
    /// than it has a token for.
    Any,
    /// Pages of these origins.
    Origins(Vec<HeaderValue>),
}

impl Cors {
    /// Reads origins such as `http://localhost:5173`, or `*` for any.
    ///
    /// # Errors
    ///
    /// Says which of them is not an origin, and what one looks like.
    pub fn parse<S: AsRef<str>>(origins: &[S]) -> Result<Self, String> {
        if origins.is_empty() {
            return Ok(Self::Off);
        }
        if origins.iter().any(|origin| origin.as_ref() == "*") {
            return Ok(Self::Any);
        }
        origins
            .iter()
            .map(|origin| parse_origin(origin.as_ref()))
            .collect::<Result<_, _>>()
            .map(Self::Origins)
    }
}

/// An origin is a scheme, a host and a port, and nothing else: browsers compare it as text.
fn parse_origin(origin: &str) -> Result<HeaderValue, String> {
    let bare = origin.parse::<Uri>().is_ok_and(|uri| match (uri.scheme_str(), uri.authority()) {
        (Some(scheme), Some(authority)) => origin == format!("{scheme}://{authority}"),
        _ => false,
    });
    match HeaderValue::from_str(origin) {
        Ok(value) if bare => Ok(value),
        _ => Err(format!("`{origin}` is not an origin: write it like http://localhost:5173, without a path")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, Cors, Data, Secret};

    #[test]
    fn a_database_is_a_url_and_all_else_a_file() {
        for url in ["postgres://u:geheim@db/perse", "postgresql:///perse"] {
            let data: Data = url.parse().unwrap();
            assert!(matches!(&data, Data::Postgres(secret) if secret.reveal() == url));
            assert!(!format!("{data:?}").contains("geheim"));
        }
        assert!(
            matches!("/data/users.sqlite".parse(), Ok(Data::File(path)) if path.ends_with("users.sqlite"))
        );
    }

    #[test]
    fn an_origin_has_no_path() {
        for good in ["http://localhost:5173", "https://example.com"] {
            assert!(matches!(Cors::parse(&[good]), Ok(Cors::Origins(origins)) if origins == [good]));
        }
        for bad in ["http://localhost:5173/", "localhost:5173", "https://example.com/a", "null", ""] {
            assert!(Cors::parse(&[bad]).is_err(), "{bad}");
        }
        assert!(matches!(Cors::parse::<&str>(&[]), Ok(Cors::Off)));
        assert!(matches!(Cors::parse(&["http://a.test", "*"]), Ok(Cors::Any)));
    }

    #[test]
    fn secrets_are_random_and_not_shown() {
        let config = Config::default();
        assert_ne!(config.private_key.reveal(), Config::default().private_key.reveal());
        let shown = format!("{config:?}");
        assert!(!shown.contains(config.private_key.reveal()) && !shown.contains(config.jwt_secret.reveal()));
        assert!("".parse::<Secret>().is_err());
    }
}
