//! Reads on, for a little while, what a refused client still sends.
//!
//! A server that closes a connection while the client is sending makes the system tear it down, and
//! the client may lose the response that says what was wrong (RFC 9112 §9.6). So the rest of an
//! unread body is read and thrown away while the response travels, up to a limit in bytes and time.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    middleware::Next,
    response::Response,
};
use futures_util::StreamExt;
use tokio::{runtime::Handle, time::timeout};

/// More than a camera's photo, which is what is sent by mistake.
const BYTES: usize = 16_000_000;
const TIME: Duration = Duration::from_secs(2);

/// Lets the bodies of all requests linger.
pub(crate) async fn linger(request: Request, next: Next) -> Response {
    next.run(request.map(|body| Body::new(Lingering(body)))).await
}

/// A body that is drained when it is dropped before its end.
struct Lingering(Body);

impl HttpBody for Lingering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.0).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.0.size_hint()
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        if self.0.is_end_stream() {
            return;
        }
        let Ok(runtime) = Handle::try_current() else { return };
        let mut rest = std::mem::take(&mut self.0).into_data_stream();
        let drain = async move {
            let mut read = 0;
            while let Some(Ok(chunk)) = rest.next().await {
                read += chunk.len();
                if read > BYTES {
                    break;
                }
            }
        };
        runtime.spawn(timeout(TIME, drain));
    }
}
