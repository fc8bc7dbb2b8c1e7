//! Serves a router on a socket until it is stopped.

use std::{io, net::IpAddr, time::Duration};

use axum::{Router, response::Response};
use hyper::{
    body::Incoming,
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
use tokio_io_timeout::TimeoutStream;

/// Time limit for a client to send a request's head, and for an idle connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Time limit for a client that reads nothing of its response.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// Time limit for pending requests once the server stops.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// The address of a request's client, among its extensions.
#[derive(Clone, Copy)]
pub(crate) struct PeerAddress(pub(crate) IpAddr);

/// Marks a response that is not sent: the connection is closed without a word.
#[derive(Clone, Copy)]
pub(crate) struct CloseConnection;

impl CloseConnection {
    pub(crate) fn is_on(response: &Response) -> bool {
        response.extensions().get::<Self>().is_some()
    }
}

/// Responds on the socket until `stop` is ready; then accepts no more connections, lets the requests
/// pending end, for 10 seconds at most, and returns.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    let connections = GracefulShutdown::new();
    let router = TowerToHyperService::new(router);
    let mut stop = std::pin::pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = &mut stop => break,
        };
        let router = router.clone();
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(PeerAddress(peer));
            let response = router.call(request);
            async {
                let Ok(response) = response.await;
                // hyper's way to close a connection without a response is a service that fails.
                if CloseConnection::is_on(&response) {
                    Err(io::Error::from(io::ErrorKind::ConnectionAborted))
                } else {
                    Ok(response)
                }
            }
        });
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_TIMEOUT));
        let connection = http.serve_connection(TokioIo::new(Box::pin(stream)), service);
        let connection = connections.watch(connection);
        // A connection fails when its client goes away or does not speak HTTP: nothing to log.
        tokio::spawn(async { drop(connection.await) });
    }
    drop(listener);
    if timeout(SHUTDOWN_TIMEOUT, connections.shutdown()).await.is_err() {
        tracing::warn!("some requests were cut off");
    }
}

/// Returns the next connection. Where one cannot be accepted, as when the process has too many files open,
/// the others go on, and it tries again a little later.
async fn accept(listener: &TcpListener) -> (TcpStream, IpAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Responses are sent whole: waiting for more to send would only delay them.
                let _ = stream.set_nodelay(true);
                return (stream, peer.ip());
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept connections");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
