//! Sends requests to servers as fast as they respond, and prints what came of it as a line of JSON:
//! `requests CONNECTIONS SECONDS TOKEN METHOD PATH BODY-FILE|- CONTENT-TYPE|- ADDRESS…`. The connections are divided
//! among the addresses.

// A measurement stops at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    env, fs,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::body::Body;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{Request, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Time before the measurement, in which caches and connections get warm.
const WARM_UP: Duration = Duration::from_secs(1);

struct Call {
    token: String,
    method: String,
    path: String,
    body: Bytes,
    content_type: String,
}

#[tokio::main]
async fn main() {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [connections, seconds, token, method, path, body, content_type, addresses @ ..] = &arguments[..]
    else {
        panic!("CONNECTIONS SECONDS TOKEN METHOD PATH BODY-FILE|- CONTENT-TYPE|- ADDRESS…")
    };
    let body = if body == "-" { Bytes::new() } else { fs::read(body).unwrap().into() };
    let call = Arc::new(Call {
        token: token.clone(),
        method: method.clone(),
        path: path.clone(),
        body,
        content_type: content_type.clone(),
    });
    let connections: usize = connections.parse().unwrap();
    let start = Instant::now() + WARM_UP;
    let end = start + Duration::from_secs(seconds.parse().unwrap());
    let clients: Vec<_> = (0..connections)
        .map(|number| {
            tokio::spawn(send(Arc::clone(&call), addresses[number % addresses.len()].clone(), start, end))
        })
        .collect();
    let mut times = Vec::new();
    let mut responses = 0;
    for client in clients {
        let (own, ended) = client.await.unwrap();
        times.extend(own);
        responses += ended;
    }
    times.sort_unstable();
    assert!(!times.is_empty(), "no response within the time");
    let quantile = |share: f64| {
        let index = ((times.len() as f64 * share) as usize).min(times.len() - 1);
        times[index].as_secs_f64() * 1e3
    };
    println!(
        r#"{{"perSecond":{},"p50":{},"p95":{},"p99":{}}}"#,
        f64::from(responses) / (end - start).as_secs_f64(),
        quantile(0.5),
        quantile(0.95),
        quantile(0.99)
    );
}

/// Sends one request after another. Returns the times of those that began in the measured time, and the number of those
/// that ended in it.
async fn send(call: Arc<Call>, address: String, start: Instant, end: Instant) -> (Vec<Duration>, u32) {
    let stream = TcpStream::connect(&address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut client, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let (mut times, mut responses) = (Vec::new(), 0);
    while Instant::now() < end {
        client.ready().await.unwrap();
        let mut request = Request::builder()
            .method(call.method.as_str())
            .uri(&call.path)
            .header("host", "localhost")
            .header("authorization", format!("Bearer {}", call.token));
        if call.content_type != "-" {
            request = request.header("content-type", &call.content_type);
        }
        let begun = Instant::now();
        let response =
            client.send_request(request.body(Body::from(call.body.clone())).unwrap()).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
        let ended = Instant::now();
        if begun >= start {
            times.push(ended - begun);
        }
        responses += u32::from(ended >= start && ended <= end);
    }
    (times, responses)
}
