//! The API once more, below `/faults/{script}/v0/`, where it fails as the script in the path says: what
//! tests of a client's robustness ask of a server. It exists only with [`Config::faults`](crate::Config).
//!
//! A script is `NAME:STEP,STEP,…`. The name, 1 to 64 of `A-Z a-z 0-9 _ -`, tells tests apart. Each of its
//! requests takes the next step, and once there are none left, the last one again; CORS preflights take none.
//!
//! | step | what the client meets |
//! | --- | --- |
//! | `ok` | the usual response |
//! | `delay-MS` | the same, begun so many milliseconds later; 600,000 at most |
//! | `drop-before` | the connection ends before anything is read or done |
//! | `drop-after` | the work is done (an enrolment is kept), then the connection ends without a response |
//! | `drop-inside` | the work is done, and the connection ends in the middle of the response's body, which Firefox takes for its end |
//! | `hang` | the request is read, and no response ever comes |
//! | `stall` | the work is done, half of the response comes, and no more |
//! | `truncated` | the work is done; 200, half of the response's JSON, of matching `Content-Length` |
//! | `garbage` | 200, `application/json`, bytes that are no JSON |
//! | `html`, `html-502` | a proxy's page instead of the service's response, with status 200 or 502 |
//! | `empty`, `shape`, `null` | 200 with no body, with `{}`, with `null` |
//! | `401`, `500`, `502`, `503`, `504`, `429` | a refusal in the API's form, without `Retry-After` |
//! | `503-N`, `429-N` | the same with `Retry-After: N` (seconds) |
//! | `redirect` | 307 to the same path on the other of `localhost` and `127.0.0.1`, named `NAME-redirected` |
//! | `hostile-KIND` | 200 and JSON that does harm; the kinds are in [`adversarial_json`] |
//!
//! The steps whose responses name no work do none, and read no body. Every connection ends with its response,
//! because Chromium and Firefox send even a POST again, by themselves, when a connection that served before
//! is dropped.
//!
//! `GET /faults/{name}` returns the counts of a name: `{"requests", "tokens", "authorized"}`, which are all its
//! requests, the different values of `Authorization` among them, and those that had one at all.

mod adversarial_json;
mod canned;
mod recorder;
mod scenario;

use std::{future::pending, sync::Arc};

use axum::{
    Json, Router,
    body::{Body, Bytes, to_bytes},
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::{Stream, StreamExt, stream};
use perse_protocol::{Code, route};
use serde::Deserialize;
use tokio::time::sleep;
use tower_http::set_header::SetResponseHeaderLayer;

use self::{
    recorder::{Counts, Recorder},
    scenario::{Scenario, Step},
};
use crate::{
    app::App,
    error::{AlreadyFormatted, Failure},
    routes,
    serve::CloseConnection,
};

/// Path under which the faults are served.
const PREFIX: &str = "/faults/";

/// No response of the API is longer.
const ANSWER_BYTES: usize = 1_000_000;

/// The API below `/faults/{script}/v0`, and `/faults/{name}`.
pub(crate) fn router() -> Router<Arc<App>> {
    let names = Arc::new(Recorder::default());
    let api = routes::api().layer(from_fn_with_state(Arc::clone(&names), play));
    let told = get(tell).with_state(names);
    // The router wants one name for one place in a path, whatever stands there.
    Router::new()
        .nest(&format!("{PREFIX}{{script}}{}", route::PREFIX), api)
        .route(&format!("{PREFIX}{{script}}"), told)
        .layer(SetResponseHeaderLayer::overriding(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
}

/// Ends the connection with the response, for all that is here.
pub(crate) async fn closing(request: Request, next: Next) -> Response {
    let is_here = request.uri().path().starts_with(PREFIX);
    let mut response = next.run(request).await;
    if is_here {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The part of the path that varies: a script, or only its name.
#[derive(Deserialize)]
struct Varying {
    script: String,
}

async fn tell(
    State(names): State<Arc<Recorder>>,
    Path(Varying { script: name }): Path<Varying>,
) -> Result<Json<Counts>, Failure> {
    if !scenario::is_name(&name) {
        return Err(Failure::because(Code::InvalidRequest, scenario::NAME_HELP));
    }
    Ok(Json(names.counts(&name)))
}

/// Lets a request meet the next step of its script.
async fn play(
    State(names): State<Arc<Recorder>>,
    Path(Varying { script }): Path<Varying>,
    request: Request,
    next: Next,
) -> Response {
    let script = match script.parse::<Scenario>() {
        Ok(script) => script,
        Err(message) => return Failure::because(Code::InvalidRequest, message).into_response(),
    };
    // With `--cors` preflights don't even come here.
    if request.method() == Method::OPTIONS {
        return next.run(request).await;
    }
    let number = names.record(&script.name, request.headers().get(header::AUTHORIZATION));
    let mut response = match script.step(number) {
        Step::Ok => next.run(request).await,
        Step::Delay(time) => {
            sleep(time).await;
            next.run(request).await
        }
        Step::DropBefore => CloseConnection.into_response(),
        Step::DropAfter => {
            next.run(request).await;
            CloseConnection.into_response()
        }
        Step::DropInside => half(next.run(request).await, stream::once(broken())).await,
        Step::Stall => half(next.run(request).await, stream::pending()).await,
        Step::Hang => {
            read_over(request).await;
            pending().await
        }
        Step::Truncated => truncated(next.run(request).await).await,
        Step::Redirect => redirect(&script.name, &request),
        Step::Hostile(kind) => canned::json(kind.body(number)),
        Step::Canned(answer) => answer.into_response(),
    };
    response.extensions_mut().insert(AlreadyFormatted);
    response
}

impl IntoResponse for CloseConnection {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(self);
        response
    }
}

/// The end of a body that hyper does not survive. It comes a moment later, so that what was written
/// before it is sent.
async fn broken() -> Result<Bytes, std::io::Error> {
    tokio::task::yield_now().await;
    Err(std::io::ErrorKind::ConnectionAborted.into())
}

async fn read_over(request: Request) {
    let mut body = request.into_body().into_data_stream();
    while let Some(Ok(_)) = body.next().await {}
}

/// The head of the response, half of its body, and then that.
async fn half(
    response: Response,
    rest: impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static,
) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = whole(body).await;
    parts.headers.insert(header::CONTENT_LENGTH, body.len().into());
    let first = body.slice(..body.len() / 2);
    Response::from_parts(parts, Body::from_stream(stream::iter([Ok(first)]).chain(rest)))
}

async fn truncated(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = whole(body).await;
    parts.status = StatusCode::OK;
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body.slice(..body.len() / 2)))
}

/// The API's responses are in memory already: reading one does not fail.
async fn whole(body: Body) -> Bytes {
    to_bytes(body, ANSWER_BYTES).await.unwrap_or_default()
}

/// To the same path on another origin, which is this server too.
fn redirect(name: &str, request: &Request) -> Response {
    let path = request.uri().path_and_query().map_or("", |path| path.as_str());
    let host = other_host(request.headers());
    let location = format!("http://{host}{PREFIX}{name}{}:ok{}{path}", scenario::REDIRECTED, route::PREFIX);
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)]).into_response()
}

/// The other name of this machine, with the port that was asked.
fn other_host(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let asked = host.parse::<axum::http::uri::Authority>().ok();
    let port = asked.as_ref().and_then(|asked| asked.port_u16());
    let other = match &asked {
        Some(asked) if asked.host() == "localhost" => "127.0.0.1",
        _ => "localhost",
    };
    port.map_or_else(|| other.to_owned(), |port| format!("{other}:{port}"))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::other_host;

    #[test]
    fn the_other_host_is_always_this_machine() {
        for (asked, other) in [
            ("127.0.0.1:8788", "localhost:8788"),
            ("localhost:8788", "127.0.0.1:8788"),
            ("localhost", "127.0.0.1"),
            ("[::1]:8788", "localhost:8788"),
            ("evil.test:80", "localhost:80"),
            ("a b", "localhost"),
        ] {
            let headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(asked))]);
            assert_eq!(other_host(&headers), other);
        }
    }
}
