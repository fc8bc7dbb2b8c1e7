//! Errors of a request, in the API's words.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use perse_protocol::{Code, field, route};

use crate::common::{Form, Sandbox, encode, jpeg, request, sample, wall};

const UPLOADS: [(Method, &str); 4] = [
    (Method::POST, route::DETECT),
    (Method::POST, route::COMPARE),
    (Method::POST, route::ENROLLMENT),
    (Method::PUT, route::ENROLLMENT),
];

#[tokio::test]
async fn what_is_no_form_is_refused_by_its_content_type() {
    let sandbox = Sandbox::new().await;
    for (method, path) in UPLOADS {
        sandbox.send(request(method.clone(), path, Body::from("x"))).await.is(Code::ContentTypeHeaderMissing);
        for content_type in
            ["application/json", "multipart/form-data", "image/jpeg", "multipart/mixed; boundary=x"]
        {
            let mut request = request(method.clone(), path, Body::from("x"));
            request.headers_mut().insert(header::CONTENT_TYPE, content_type.parse().unwrap());
            sandbox.send(request).await.is(Code::ContentTypeHeaderMissing);
        }
    }
}

#[tokio::test]
async fn a_broken_form_is_malformed() {
    let sandbox = Sandbox::new().await;
    let whole = Form::image(&jpeg(&wall())).body();
    let cut = whole[..whole.len() / 2].to_vec();
    let unended = whole[..whole.len() - 8].to_vec();
    let headless = b"------a-boundary-of-the-tests\r\n\r\nvalue\r\n".to_vec();
    for body in [Vec::new(), b"nonsense".to_vec(), cut, unended, headless] {
        for (method, path) in UPLOADS {
            let request = Form::typed(request(method, path, Body::from(body.clone())));
            sandbox.send(request).await.is(Code::InvalidRequest);
        }
    }
}

#[tokio::test]
async fn a_field_that_is_sent_twice_or_is_endless_is_malformed() {
    let sandbox = Sandbox::new().await;
    let file = jpeg(&wall());
    let twice = Form::image(&file).file(field::IMAGE, &file);
    sandbox.upload(route::DETECT, twice).await.is(Code::InvalidRequest);
    let endless = Form::image(&file).text(field::USER_TOKEN, &"x".repeat(1000));
    sandbox.upload(route::COMPARE, endless).await.is(Code::InvalidRequest);
}

#[tokio::test]
async fn a_missing_part_is_named() {
    let sandbox = Sandbox::new().await;
    let file = jpeg(&wall());
    let answer = sandbox.upload(route::DETECT, Form::agreed()).await;
    answer.is(Code::FormKeyMissing);
    assert!(answer.json["message"].as_str().unwrap().contains(field::IMAGE));
    sandbox.upload(route::ENROLLMENT, Form::agreed()).await.is(Code::FormKeyMissing);
    for form in [
        Form::agreed(),
        Form::agreed().file(field::IMAGE_1, &file),
        Form::agreed().file(field::IMAGE_2, &file),
        Form::agreed().file(field::IMAGE, &file),
        Form::agreed().text(field::USER_TOKEN, "a user"),
        Form::agreed().file(field::IMAGE, &file).text(field::USER_TOKEN, ""),
        // Before the consent is looked at.
        Form::default(),
    ] {
        sandbox.upload(route::COMPARE, form).await.is(Code::FormKeyMissing);
    }
    for form in [Form::image(&file), Form::agreed().text(field::USER_TOKEN, "a user")] {
        sandbox.send(form.request(Method::PUT, route::ENROLLMENT)).await.is(Code::FormKeyMissing);
    }
}

#[tokio::test]
async fn unknown_fields_are_read_over() {
    let form = Form::agreed().text("note", &"x".repeat(2000)).file(field::IMAGE, &jpeg(&wall()));
    Sandbox::new().await.upload(route::DETECT, form.text("later", "y")).await.is_ok();
}

#[tokio::test]
async fn an_empty_file_is_told_from_a_missing_one() {
    let sandbox = Sandbox::new().await;
    sandbox.upload(route::DETECT, Form::image(b"")).await.is(Code::EmptyFile);
    sandbox.upload(route::ENROLLMENT, Form::image(b"")).await.is(Code::EmptyFile);
    sandbox.upload(route::COMPARE, Form::pair(&jpeg(&wall()), b"")).await.is(Code::EmptyFile);
}

#[tokio::test]
async fn a_file_is_known_by_its_bytes() {
    let sandbox = Sandbox::new().await;
    let gif: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0;";
    for file in [b"%PDF-1.7".as_slice(), b"x", gif, b"\0\0\0\x18ftypheic\0\0\0\0", b"<html></html>"] {
        sandbox.upload(route::DETECT, Form::image(file)).await.is(Code::InvalidFileType);
        sandbox.upload(route::COMPARE, Form::pair(&jpeg(&wall()), file)).await.is(Code::InvalidFileType);
    }
    let answer = sandbox.upload(route::DETECT, Form::image(gif)).await;
    assert!(answer.json["message"].as_str().unwrap().contains("GIF"));
}

#[tokio::test]
async fn a_damaged_image_is_no_image() {
    let sandbox = Sandbox::new().await;
    let photo = sample(1);
    let wall = image::DynamicImage::from(wall());
    let (png, webp) = (encode(&wall, image::ImageFormat::Png), encode(&wall, image::ImageFormat::WebP));
    let mut files: Vec<Vec<u8>> = Vec::new();
    for whole in [&photo, &png, &webp] {
        files.extend([4, 20, whole.len() / 2, whole.len() - 100].map(|length| whole[..length].to_vec()));
    }
    let mut flipped = png.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0xFF;
    files.push(flipped);
    files.push([&b"\xFF\xD8\xFF\xE0"[..], &[0; 500]].concat());
    for file in files {
        sandbox.upload(route::DETECT, Form::image(&file)).await.is(Code::InvalidFileType);
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_answered_in_the_same_form() {
    let sandbox = Sandbox::new().await;
    let ask = |method: Method, path: &str| {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        async { sandbox.send(request).await }
    };
    for path in ["/", "/v0", "/v0/", "/v0/nothing", "/v1/login", "/v0/face/detect/", "/v0/face/enrollment/"] {
        ask(Method::GET, path).await.is(Code::RouteNotFound);
        ask(Method::POST, path).await.is(Code::RouteNotFound);
    }
    for (method, path, allowed) in [
        (Method::GET, "/v0/login", "POST"),
        (Method::GET, "/v0/face/detect", "POST"),
        (Method::DELETE, "/v0/face/compare", "POST"),
        (Method::DELETE, "/v0/face/enrollment", "POST,PUT"),
        (Method::POST, "/v0/face/enrollment/list", "GET,HEAD"),
        (Method::GET, "/v0/face/enrollment/a-user", "DELETE"),
    ] {
        let answer = ask(method, path).await;
        answer.is(Code::MethodNotAllowed);
        assert_eq!(answer.headers[header::ALLOW], allowed, "{path}");
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    }
    // A framework's own refusal: a path that is not UTF-8.
    sandbox
        .send(request(Method::DELETE, "/face/enrollment/%FF", Body::empty()))
        .await
        .is(Code::InvalidRequest);
}
