//! A server to ask, bodies to send, photos to send in them.

use std::{
    io::Cursor,
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, Response, StatusCode, header},
};
use http_body_util::BodyExt;
use image::{DynamicImage, ImageFormat, RgbImage, codecs::jpeg::JpegEncoder};
use perse_protocol::{Code, field, route};
use perse_sandbox::{Admin, Config, app_with_engine, load_engine};
use perse_vision::FaceEngine;
use serde_json::{Value, json};
use tower::ServiceExt;

pub(crate) const KEY: &str = "7c1e2a9e-57f4-4c0f-9a52-7f3a9a4d4f0b";
pub(crate) const JWT_SECRET: &str = "a secret of the tests alone, and long";

/// The folder into which the set-up packs the weights.
pub(crate) fn models() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../models")
}

/// The npm package that the weights and the photos come from.
pub(crate) fn package(folder: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../node_modules/@vladmandic/face-api")
        .join(folder);
    assert!(path.is_dir(), "{} is missing: run npm install", path.display());
    path
}

/// Loaded once for all tests.
pub(crate) fn engine() -> Arc<FaceEngine> {
    static ENGINE: OnceLock<Arc<FaceEngine>> = OnceLock::new();
    Arc::clone(ENGINE.get_or_init(|| load_engine(&models()).unwrap()))
}

pub(crate) fn config() -> Config {
    Config {
        private_key: KEY.parse().unwrap(),
        jwt_secret: JWT_SECRET.parse().unwrap(),
        models: models(),
        ..Config::default()
    }
}

/// A server without a socket; or, where `PERSE_TEST_STORE` is `postgres`, two of them on one database, which respond
/// in turn.
#[derive(Clone)]
pub(crate) struct Sandbox {
    config: Arc<Config>,
    servers: Arc<[Router]>,
    requests: Arc<AtomicUsize>,
}

impl Sandbox {
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(set: impl FnOnce(&mut Config)) -> Self {
        Self::start(2, set).await
    }

    /// One server in any case, for what servers count on their own.
    pub(crate) async fn alone(set: impl FnOnce(&mut Config)) -> Self {
        Self::start(1, set).await
    }

    async fn start(servers: usize, set: impl FnOnce(&mut Config)) -> Self {
        let mut config = config();
        set(&mut config);
        let mut count = 1;
        if config.data.is_none() && is_on_postgres() {
            config.data = Some(new_schema().await.parse().unwrap());
            count = servers;
        }
        let mut routers = Vec::new();
        for _ in 0..count {
            routers.push(app_with_engine(config.clone(), engine()).await.unwrap());
        }
        Self { config: Arc::new(config), servers: routers.into(), requests: Arc::default() }
    }

    /// Opens its store, which has to be a durable one, as an operator does.
    pub(crate) async fn admin(&self) -> Admin {
        assert!(self.config.data.is_some());
        Admin::open(&self.config).await.unwrap()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let turn = self.requests.fetch_add(1, Ordering::Relaxed) % self.servers.len();
        Answer::read(self.servers[turn].clone().oneshot(request).await.unwrap()).await
    }

    pub(crate) async fn token(&self) -> String {
        let answer = self.send(login(&json!({ "privateKey": KEY }).to_string())).await;
        assert_eq!(answer.status, 200);
        answer.json["token"].as_str().unwrap().to_owned()
    }

    /// Sends a form with the key, which is as good as a token and needs no login.
    pub(crate) async fn upload(&self, path: &str, form: Form) -> Answer {
        self.send(form.request(Method::POST, path)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path, Body::empty())).await
    }
}

/// Whether the servers of this run keep their data in PostgreSQL.
pub(crate) fn is_on_postgres() -> bool {
    std::env::var("PERSE_TEST_STORE").is_ok_and(|store| store == "postgres")
}

/// The URL of an empty schema in the tests' PostgreSQL.
pub(crate) async fn new_schema() -> String {
    let url = std::env::var("PERSE_TEST_POSTGRES").expect("PERSE_TEST_POSTGRES is the URL of a database");
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(&format!("CREATE SCHEMA {name}")).await.unwrap();
    format!("{url}?options=-csearch_path%3D{name}")
}

/// A request below the API's prefix, with the key.
pub(crate) fn request(method: Method, path: &str, body: Body) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(format!("{}{path}", route::PREFIX))
        .header(route::API_KEY, KEY)
        .body(body)
        .unwrap()
}

pub(crate) fn login(body: &str) -> Request<Body> {
    Request::post(format!("{}{}", route::PREFIX, route::LOGIN)).body(Body::from(body.to_owned())).unwrap()
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Self { status: parts.status, headers: parts.headers, bytes, json }
    }

    /// Asserts that it is this failure, with its usual status and in the API's form, and nothing else.
    #[track_caller]
    pub(crate) fn is(&self, code: Code) {
        self.is_with(code, code.http_status().unwrap());
    }

    /// The same with another status.
    #[track_caller]
    pub(crate) fn is_with(&self, code: Code, status: u16) {
        assert_eq!(self.json["code"], code.as_str(), "{self:?}");
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.json["status"], false);
        let message = self.json["message"].as_str().unwrap();
        assert!(message.ends_with('.'), "not a sentence: {message}");
        assert_eq!(self.json.as_object().unwrap().len(), 3);
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/json");
        assert_eq!(self.headers.contains_key(header::WWW_AUTHENTICATE), status == 401);
        assert_eq!(self.headers.contains_key(header::RETRY_AFTER), matches!(status, 429 | 503));
    }

    #[track_caller]
    pub(crate) fn is_ok(&self) -> &Value {
        assert_eq!(self.status, 200, "{:?}", self.json);
        &self.json
    }
}

const BOUNDARY: &str = "----a-boundary-of-the-tests";

/// A multipart body.
#[derive(Clone, Default)]
pub(crate) struct Form(Vec<u8>);

impl Form {
    /// One with the end user's consent.
    pub(crate) fn agreed() -> Self {
        Self::default().text(field::ENDUSER_CONSENT, "true")
    }

    pub(crate) fn text(self, name: &str, value: &str) -> Self {
        self.part(&format!("name=\"{name}\""), value.as_bytes())
    }

    pub(crate) fn file(self, name: &str, bytes: &[u8]) -> Self {
        self.part(
            &format!("name=\"{name}\"; filename=\"photo.jpg\"\r\nContent-Type: application/octet-stream"),
            bytes,
        )
    }

    fn part(mut self, head: &str, value: &[u8]) -> Self {
        self.0.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n").bytes());
        self.0.extend(value);
        self.0.extend(b"\r\n");
        self
    }

    pub(crate) fn body(mut self) -> Vec<u8> {
        self.0.extend(format!("--{BOUNDARY}--\r\n").bytes());
        self.0
    }

    pub(crate) fn content_type() -> String {
        format!("multipart/form-data; boundary={BOUNDARY}")
    }

    pub(crate) fn request(self, method: Method, path: &str) -> Request<Body> {
        Self::typed(request(method, path, Body::from(self.body())))
    }

    /// Says of a request that it is a form.
    pub(crate) fn typed(mut request: Request<Body>) -> Request<Body> {
        request.headers_mut().insert(header::CONTENT_TYPE, Self::content_type().parse().unwrap());
        request
    }

    /// The form of a call with one image.
    pub(crate) fn image(bytes: &[u8]) -> Self {
        Self::agreed().file(field::IMAGE, bytes)
    }

    /// The form of a comparison of two images.
    pub(crate) fn pair(one: &[u8], other: &[u8]) -> Self {
        Self::agreed().file(field::IMAGE_1, one).file(field::IMAGE_2, other)
    }
}

/// One of the package's group photos.
pub(crate) fn sample(number: u32) -> Vec<u8> {
    std::fs::read(package("demo").join(format!("sample{number}.jpg"))).unwrap()
}

pub(crate) fn pixels(file: &[u8]) -> RgbImage {
    image::load_from_memory(file).unwrap().into_rgb8()
}

pub(crate) fn jpeg(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 90)).unwrap();
    bytes
}

pub(crate) fn encode(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A picture without a face.
pub(crate) fn wall() -> RgbImage {
    RgbImage::from_fn(320, 240, |x, y| image::Rgb([(x / 2) as u8, (y / 2) as u8, 90]))
}
