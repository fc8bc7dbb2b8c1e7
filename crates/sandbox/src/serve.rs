//! A router on a socket, until it is told to stop.

use std::{io, time::Duration};

use axum::{Router, response::Response};
use hyper::{
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

/// How long a client may take to send a request's head, and how long a connection may lie idle.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// How long the requests under way may take once it is told to stop.
const FAREWELL_TIME: Duration = Duration::from_secs(10);

/// Marks an answer that is not sent: the connection is closed instead, without a word.
#[derive(Clone, Copy)]
pub(crate) struct HangUp;

impl HangUp {
    pub(crate) fn is_on(response: &Response) -> bool {
        response.extensions().get::<Self>().is_some()
    }
}

/// Answers on the socket until `stop` is ready; then takes no more connections, lets the requests
/// under way end, for 10 seconds at most, and returns.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME);
    let connections = GracefulShutdown::new();
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request| {
        let answer = router.call(request);
        async {
            let Ok(response) = answer.await;
            // hyper's way to close a connection without an answer is a service that fails.
            if HangUp::is_on(&response) {
                Err(io::Error::from(io::ErrorKind::ConnectionAborted))
            } else {
                Ok(response)
            }
        }
    });
    let mut stop = std::pin::pin!(stop);
    loop {
        let stream = tokio::select! {
            stream = accept(&listener) => stream,
            () = &mut stop => break,
        };
        let connection = http.serve_connection(TokioIo::new(stream), service.clone());
        let connection = connections.watch(connection);
        // A connection fails when its client goes away or talks no HTTP; that is nobody's concern here.
        tokio::spawn(async { drop(connection.await) });
    }
    drop(listener);
    if timeout(FAREWELL_TIME, connections.shutdown()).await.is_err() {
        tracing::warn!("some requests were cut off");
    }
}

/// The next connection. Where one cannot be taken, as when the process has too many files open, the
/// others go on, and it tries again a little later.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Answers are sent whole: waiting for more to send would only delay them.
                let _ = stream.set_nodelay(true);
                return stream;
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot take connections");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
