//! A router on a socket, until it is told to stop.

use std::{io, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
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

/// Answers on the socket until `stop` is ready; then takes no more connections, lets the requests
/// under way end, for 10 seconds at most, and returns.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME);
    let connections = GracefulShutdown::new();
    let service = TowerToHyperService::new(router);
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
