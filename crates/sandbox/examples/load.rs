//! Measures a server under load: `cargo run --release -p perse-sandbox --example load`, from the
//! project's root after `npm install`.
//!
//! The server runs in this process and is asked over real sockets. Times are medians as a client on
//! this machine sees them, decoding included; the memory is the process's peak, with the client's
//! own few megabytes.

// A measurement stops at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use axum::body::Body;
use http_body_util::BodyExt;
use hyper::{Request, client::conn::http1, client::conn::http1::SendRequest};
use hyper_util::rt::TokioIo;
use image::{codecs::jpeg::JpegEncoder, imageops};
use perse_protocol::{field, route};
use perse_sandbox::{Config, Demo, app, serve};
use tokio::net::{TcpListener, TcpStream};

const KEY: &str = "a key of this measurement alone";
const BOUNDARY: &str = "a-boundary-of-this-measurement";
/// Calls of a kind, one after another.
const CALLS: usize = 41;
/// Comparisons at once, and how often.
const AT_ONCE: usize = 32;
const ROUNDS: usize = 8;

#[tokio::main]
async fn main() {
    let photos: Vec<Vec<u8>> = (1..=6).map(photo).collect();
    let before = Instant::now();
    let router = app(Config { private_key: KEY.parse().unwrap(), ..Config::default() }).await.unwrap();
    println!("start                        {:>7.1} ms   {}", ms(before.elapsed()), memory());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, router, std::future::pending()));

    let mut client = connect(address).await;
    let detect = form(&[(field::IMAGE, &photos[0])]);
    report("detect, 1280 wide", &mut client, route::DETECT, |_| detect.clone()).await;
    report("detect, six photos in turn", &mut client, route::DETECT, |call| {
        form(&[(field::IMAGE, &photos[call % 6])])
    })
    .await;
    let compare = form(&[(field::IMAGE_1, &photos[0]), (field::IMAGE_2, &photos[1])]);
    report("compare of two", &mut client, route::COMPARE, |_| compare.clone()).await;

    for round in 1..=ROUNDS {
        let start = Instant::now();
        let calls: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                let compare = compare.clone();
                tokio::spawn(async move { ask(&mut connect(address).await, route::COMPARE, compare).await })
            })
            .collect();
        for call in calls {
            call.await.unwrap();
        }
        println!(
            "{AT_ONCE} compares at once, {round} of {ROUNDS} {:>6.1} ms   {}",
            ms(start.elapsed()),
            memory()
        );
    }
}

/// One of the package's photos, 1280 pixels wide.
fn photo(number: u32) -> Vec<u8> {
    let path = format!("{}/sample{number}.jpg", Demo::SAMPLES);
    let file = std::fs::read(&path).unwrap_or_else(|_| panic!("no {path}: run npm install"));
    let image = image::load_from_memory(&file).unwrap().into_rgb8();
    let height = image.height() * 1280 / image.width();
    let image = imageops::resize(&image, 1280, height, imageops::FilterType::CatmullRom);
    let mut bytes = Vec::new();
    image.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 85)).unwrap();
    bytes
}

fn form(images: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    let mut part = |head: &str, value: &[u8]| {
        body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n").bytes());
        body.extend(value);
        body.extend(b"\r\n");
    };
    part(&format!("name=\"{}\"", field::ENDUSER_CONSENT), b"true");
    for (name, file) in images {
        part(&format!("name=\"{name}\"; filename=\"photo.jpg\""), file);
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

async fn connect(address: SocketAddr) -> SendRequest<Body> {
    let stream = TcpStream::connect(address).await.unwrap();
    let (client, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Asks once; anything but a good answer ends the measurement.
async fn ask(client: &mut SendRequest<Body>, path: &str, body: Vec<u8>) {
    client.ready().await.unwrap();
    let request = Request::post(format!("{}{path}", route::PREFIX))
        .header("host", "localhost")
        .header(route::API_KEY, KEY)
        .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
        .body(Body::from(body))
        .unwrap();
    let answer = client.send_request(request).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
}

async fn report(name: &str, client: &mut SendRequest<Body>, path: &str, body: impl Fn(usize) -> Vec<u8>) {
    let mut times = Vec::new();
    for call in 0..CALLS + 3 {
        let body = body(call);
        let start = Instant::now();
        ask(client, path, body).await;
        times.push(start.elapsed());
    }
    // The first few warm up.
    let times = &mut times[3..];
    times.sort();
    let (median, slow) = (ms(times[CALLS / 2]), ms(times[CALLS * 95 / 100]));
    println!("{name:28} {median:>7.1} ms   95 % within {slow:.1} ms   {}", memory());
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The peak of the process's memory so far, where the system tells it.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.map_or_else(String::new, |kilobytes| format!("peak {} MB", kilobytes / 1024))
}
