//! Limits of size, time and number of requests.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    body::{Body, Bytes},
    http::Method,
};
use futures_util::{StreamExt, stream};
use image::{DynamicImage, RgbImage};
use perse_protocol::{Code, field, limit, route};
use perse_sandbox::Data;
use tokio::task::JoinSet;

use crate::common::{Answer, Form, Sandbox, encode, jpeg, request, wall};

/// The start of a form, up to and into an image.
fn start_of_image() -> Vec<u8> {
    let mut body = Form::image(&jpeg(&wall())).body();
    body.truncate(body.len() - 100);
    body
}

/// An image that never ends, and how much of it was read.
fn endless(chunk: usize) -> (Body, Arc<AtomicUsize>) {
    let read = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&read);
    let zeros = stream::repeat_with(move || {
        counted.fetch_add(chunk, Ordering::SeqCst);
        Ok::<_, Infallible>(Bytes::from(vec![0; chunk]))
    });
    let start = stream::iter([Ok(Bytes::from(start_of_image()))]);
    // As a socket would: one read, then the others' turn.
    let body = start.chain(zeros).then(|chunk| async {
        tokio::task::yield_now().await;
        chunk
    });
    (Body::from_stream(body), read)
}

#[tokio::test]
async fn a_megabyte_is_taken_and_a_byte_more_is_not() {
    let sandbox = Sandbox::new().await;
    // Bytes behind a JPEG's end are ignored.
    let mut file = jpeg(&wall());
    file.resize(limit::IMAGE_BYTES, 0);
    sandbox.upload(route::DETECT, Form::image(&file)).await.is_ok();
    let pair = sandbox.upload(route::COMPARE, Form::pair(&file, &file)).await;
    assert_ne!(pair.json["code"], Code::FileTooLarge.as_str());
    file.push(0);
    for path in [route::DETECT, route::ENROLLMENT] {
        sandbox.upload(path, Form::image(&file)).await.is(Code::FileTooLarge);
    }
    sandbox.upload(route::COMPARE, Form::pair(&jpeg(&wall()), &file)).await.is(Code::FileTooLarge);
}

#[tokio::test]
async fn an_endless_body_is_refused_while_it_streams_in() {
    let sandbox = Sandbox::new().await;
    for path in [route::DETECT, route::ENROLLMENT, route::COMPARE] {
        let (body, read) = endless(10_000);
        sandbox.send(Form::typed(request(Method::POST, path, body))).await.is(Code::FileTooLarge);
        let read = read.load(Ordering::SeqCst);
        assert!((limit::IMAGE_BYTES..limit::IMAGE_BYTES + 200_000).contains(&read), "{path}: {read}");
    }
}

#[tokio::test]
async fn what_is_sent_after_a_refusal_is_read_over_but_not_for_ever() {
    let sandbox = Sandbox::new().await;
    let (body, read) = endless(100_000);
    let mut unsigned = Form::typed(request(Method::POST, route::DETECT, body));
    unsigned.headers_mut().remove(route::API_KEY);
    sandbox.send(unsigned).await.is(Code::Unauthorized);
    let mut before = usize::MAX;
    while before != read.load(Ordering::SeqCst) {
        before = read.load(Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!((1_000_000..20_000_000).contains(&before), "{before}");
}

#[tokio::test]
async fn a_body_that_says_it_is_too_long_is_not_read() {
    let (body, read) = endless(1000);
    let mut request = Form::typed(request(Method::POST, route::DETECT, body));
    request.headers_mut().insert("content-length", "3000000".parse().unwrap());
    Sandbox::new().await.send(request).await.is(Code::FileTooLarge);
    assert_eq!(read.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_body_that_never_comes_is_not_waited_for() {
    let sandbox = Sandbox::with(|config| config.body_timeout = Duration::from_millis(200)).await;
    let stalled = || {
        let start = stream::iter([Ok::<_, Infallible>(Bytes::from(start_of_image()))]);
        Body::from_stream(start.chain(stream::pending()))
    };
    let start = Instant::now();
    let upload = sandbox.send(Form::typed(request(Method::POST, route::DETECT, stalled())));
    upload.await.is_with(Code::InvalidRequest, 408);
    let login = sandbox.send(request(Method::POST, route::LOGIN, stalled()));
    login.await.is_with(Code::InvalidRequest, 408);
    assert!(start.elapsed() < Duration::from_secs(2));
}

/// Uploads that send this and then nothing more. They end when this is dropped.
async fn stalled(sandbox: &Sandbox, count: usize, sent: &[u8]) -> JoinSet<Answer> {
    let mut uploads = JoinSet::new();
    for number in 0..count {
        let start = stream::iter([Ok::<_, Infallible>(Bytes::copy_from_slice(sent))]);
        let body = Body::from_stream(start.chain(stream::pending()));
        let path = [route::DETECT, route::COMPARE, route::ENROLLMENT][number % 3];
        let sandbox = sandbox.clone();
        uploads.spawn(async move { sandbox.send(Form::typed(request(Method::POST, path, body))).await });
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(uploads.try_join_next().is_none(), "one of them was answered");
    uploads
}

#[tokio::test]
async fn uploads_that_stall_do_not_keep_a_complete_one_from_the_workers() {
    let sandbox = Sandbox::with(|config| {
        config.workers = 1.try_into().unwrap();
        config.queue = 9;
    })
    .await;
    let file = jpeg(&wall());
    // Many more than the ten that may wait and be worked on.
    let _headers_only = stalled(&sandbox, 20, b"").await;
    let _half_sent = stalled(&sandbox, 19, &start_of_image()).await;
    for _ in 0..3 {
        sandbox.upload(route::DETECT, Form::image(&file)).await.is_ok();
        sandbox.upload(route::COMPARE, Form::pair(&file, &file)).await.is(Code::NoFaceDetected);
    }
}

#[tokio::test]
async fn an_account_has_its_share_of_the_uploads() {
    let file = std::env::temp_dir().join(format!("perse-sandbox-share-{}.sqlite", uuid::Uuid::new_v4()));
    let sandbox = Sandbox::alone(|config| {
        config.account_limit = 2.try_into().ok();
        config.data = Some(Data::File(file.clone()));
    })
    .await;
    let (_, key) = sandbox.admin().await.add_key(&"shop".parse().unwrap()).await.unwrap();
    let open = stalled(&sandbox, 2, &start_of_image()).await;
    let photo = Form::image(&jpeg(&wall()));
    let refused = sandbox.upload(route::DETECT, photo.clone()).await;
    refused.is(Code::RateLimited);
    assert_eq!(refused.headers["retry-after"], "1");
    let mut others = photo.clone().request(Method::POST, route::DETECT);
    others.headers_mut().insert(route::API_KEY, key.reveal().parse().unwrap());
    sandbox.send(others).await.is_ok();
    // Clients that go away make room.
    drop(open);
    tokio::time::sleep(Duration::from_millis(50)).await;
    sandbox.upload(route::DETECT, photo).await.is_ok();
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", file.display()));
    }
}

#[tokio::test]
async fn bodies_that_are_read_are_bounded_too() {
    let sandbox = Sandbox::alone(|config| {
        config.workers = 1.try_into().unwrap();
        config.queue = 1;
    })
    .await;
    let mut open = stalled(&sandbox, 8, &start_of_image()).await;
    let file = jpeg(&wall());
    for (path, form) in [(route::DETECT, Form::image(&file)), (route::COMPARE, Form::pair(&file, &file))] {
        let answer = sandbox.upload(path, form).await;
        answer.is(Code::ServerBusy);
        assert_eq!(answer.headers["retry-after"], "1");
    }
    // A body that would not be read is refused by its headers.
    sandbox
        .send(request(Method::POST, route::DETECT, Body::empty()))
        .await
        .is(Code::ContentTypeHeaderMissing);
    let mut long = Form::typed(request(Method::POST, route::DETECT, Body::empty()));
    long.headers_mut().insert("content-length", "3000000".parse().unwrap());
    sandbox.send(long).await.is(Code::FileTooLarge);
    // Requests without a worker get their response meanwhile.
    sandbox.get(route::ENROLLMENT_LIST).await.is_ok();
    // Clients that go away make room.
    open.abort_all();
    while open.join_next().await.is_some() {}
    drop(stalled(&sandbox, 7, &start_of_image()).await);
    sandbox.upload(route::DETECT, Form::image(&file)).await.is_ok();
}

#[tokio::test]
async fn beyond_the_queue_the_server_is_busy_and_then_free_again() {
    const CALLS: usize = 10;
    let sandbox = Sandbox::alone(|config| {
        config.workers = 1.try_into().unwrap();
        config.queue = 2;
    })
    .await;
    // Complete uploads, each of them far longer work than reading all ten.
    let large = DynamicImage::from(RgbImage::from_pixel(4000, 4000, image::Rgb([90, 120, 150])));
    let form = Form::image(&encode(&large, image::ImageFormat::Png));
    let mut calls = JoinSet::new();
    for _ in 0..CALLS {
        let (sandbox, form) = (sandbox.clone(), form.clone());
        calls.spawn(async move { sandbox.upload(route::DETECT, form).await });
    }
    // Three are taken; the others are answered at once, before any of the three.
    for _ in 0..CALLS - 3 {
        let answer = calls.join_next().await.unwrap().unwrap();
        answer.is(Code::ServerBusy);
        assert_eq!(answer.headers["retry-after"], "1");
    }
    sandbox.get(route::ENROLLMENT_LIST).await.is_ok();
    sandbox.upload(route::DETECT, Form::agreed()).await.is(Code::FormKeyMissing);
    while let Some(answer) = calls.join_next().await {
        answer.unwrap().is_ok();
    }
    sandbox.upload(route::DETECT, Form::image(&jpeg(&wall()))).await.is_ok();
}

#[tokio::test]
async fn thirty_two_calls_at_once_are_all_served() {
    let sandbox = Sandbox::new().await;
    let file = jpeg(&wall());
    let calls: Vec<_> = (0..32)
        .map(|_| {
            let (sandbox, form) = (sandbox.clone(), Form::pair(&file, &file).text("ignored", field::IMAGE));
            tokio::spawn(async move { sandbox.upload(route::COMPARE, form).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().is(Code::NoFaceDetected);
    }
}
