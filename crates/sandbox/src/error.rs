//! Failures in the API's form: `{"message", "code", "status": false}`.
//!
//! A handler fails with a [`Failure`]. Whatever else fails on the way (the router, an extractor, the
//! file server, a panic) passes [`format_errors`], so that no client reads a framework's words.
//!
//! A refusal of hyper before there is a request, such as a malformed head or a URI that is too long, is
//! answered by hyper itself, with a bare status and no body.

use std::{borrow::Cow, fmt, io, path::PathBuf};

use axum::{
    Json,
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use perse_protocol::{Code, response::ErrorBody};

use crate::config::Data;

/// The failure of a request.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    code: Code,
    status: StatusCode,
    message: Cow<'static, str>,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Failure {
    /// A failure whose message says more than the code's own.
    pub(crate) fn because(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), ..code.into() }
    }

    /// Refuses what a session token is not good for.
    pub(crate) fn refused(message: &'static str) -> Self {
        Self::because(Code::RequestRefused, message).with_status(StatusCode::FORBIDDEN)
    }

    /// Refuses a client that asks too often, for a second at least.
    pub(crate) fn rate_limited() -> Self {
        Self::from(Code::RateLimited).retry_after(1)
    }

    /// Refuses a body that did not arrive in time.
    pub(crate) fn body_timeout() -> Self {
        Self::because(Code::InvalidRequest, "The request's body did not arrive in time.")
            .with_status(StatusCode::REQUEST_TIMEOUT)
    }

    /// Refuses a body that is longer than any that makes sense.
    pub(crate) fn body_too_long() -> Self {
        Self::because(Code::InvalidRequest, "The request's body is too long.")
            .with_status(StatusCode::PAYLOAD_TOO_LARGE)
    }

    /// The same with another HTTP status than the code's own.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same with another time to wait, in seconds.
    pub(crate) fn retry_after(self, seconds: u64) -> Self {
        Self { header: Some((header::RETRY_AFTER, seconds.into())), ..self }
    }

    /// The code that the client reads.
    pub(crate) fn code(&self) -> Code {
        self.code
    }

    /// The HTTP status.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// The message that the client reads.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The failure that stands for a bare HTTP status.
    fn of_status(status: StatusCode) -> Self {
        let code = match status {
            StatusCode::NOT_FOUND => Code::RouteNotFound,
            StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
            StatusCode::UNAUTHORIZED => Code::Unauthorized,
            _ if status.is_client_error() => Code::InvalidRequest,
            _ => Code::ServerError,
        };
        Self::from(code).with_status(status)
    }
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        let status = code.http_status().and_then(|status| StatusCode::from_u16(status).ok());
        let header = match code {
            Code::Unauthorized => Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            Code::ServerBusy => Some((header::RETRY_AFTER, HeaderValue::from_static("1"))),
            _ => None,
        };
        Self {
            code,
            status: status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            message: code.message().into(),
            header,
        }
    }
}

/// Marks a response that [`format_errors`] leaves as it is: it is in that form already, or shall not be.
#[derive(Clone, Copy)]
pub(crate) struct AlreadyFormatted;

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = ErrorBody {
            message: self.message.into_owned(),
            code: self.code.as_str().to_owned(),
            status: false,
        };
        let mut response = (self.status, Json(body)).into_response();
        response.extensions_mut().insert(AlreadyFormatted);
        // For the metrics.
        response.extensions_mut().insert(self.code);
        response.headers_mut().extend(self.header);
        response
    }
}

/// Gives every error that is not in the API's form that form; its other headers, such as `Allow`, stay.
pub(crate) async fn format_errors(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || response.extensions().get::<AlreadyFormatted>().is_some() {
        return response;
    }
    let mut told = Failure::of_status(status).into_response();
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            told.headers_mut().insert(name, value.clone());
        }
    }
    told
}

/// Why a server could not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// A weights file is not there or cannot be read.
    Models {
        /// The file.
        path: PathBuf,
        /// Error of the system.
        source: io::Error,
    },
    /// The weights are not those of the networks.
    Weights(perse_vision::WeightsError),
    /// The enrolments cannot be opened.
    Store {
        /// Their place, or nothing for those in memory.
        data: Option<Data>,
        /// Fault of the file or the database, or the error of either or the system.
        reason: String,
    },
    /// The worker threads could not be started.
    Workers(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Models { path, source } if source.kind() == io::ErrorKind::NotFound => write!(
                f,
                "the face engine's weights are missing: no {}. Run `npm run setup` in the project's folder, \
                 or say where they are with --models",
                path.display()
            ),
            Self::Models { path, source } => write!(f, "cannot read {}: {source}", path.display()),
            Self::Weights(error) => write!(f, "the face engine's weights are not the expected ones: {error}"),
            Self::Store { data: Some(Data::File(path)), reason } => {
                write!(f, "cannot open the data file {}: {reason}", path.display())
            }
            // Its URL may hold a password.
            Self::Store { data: Some(Data::Postgres(_)), reason } => {
                write!(f, "cannot open the PostgreSQL database: {reason}")
            }
            Self::Store { data: None, reason } => write!(f, "cannot keep enrolments in memory: {reason}"),
            Self::Workers(error) => write!(f, "cannot start the worker threads: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

#[cfg(test)]
mod tests {
    use axum::{http::StatusCode, response::IntoResponse};
    use perse_protocol::Code;

    use super::Failure;

    #[test]
    fn each_code_of_the_service_has_its_status() {
        for &code in Code::ALL {
            if let Some(status) = code.http_status() {
                assert_eq!(Failure::from(code).into_response().status().as_u16(), status, "{code:?}");
            }
        }
        assert_eq!(Failure::of_status(StatusCode::NOT_FOUND).code(), Code::RouteNotFound);
        assert_eq!(Failure::of_status(StatusCode::RANGE_NOT_SATISFIABLE).code(), Code::InvalidRequest);
        assert_eq!(Failure::of_status(StatusCode::BAD_GATEWAY).code(), Code::ServerError);
    }
}
