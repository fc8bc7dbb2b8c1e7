//! Functions of any bytes that must neither fail nor return nonsense: `fuzz/` runs them under libFuzzer, and
//! `tests/smoke.rs` on stable Rust for a moment.

// A finding is a panic.
#![allow(clippy::panic, clippy::missing_panics_doc)]

use std::{path::PathBuf, sync::OnceLock};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use perse_image_file::{StripOptions, read_header, strip};
use perse_protocol::route;
use perse_sandbox::{Config, app};
use perse_wasm::photo::{Inspection, Limits, inspect};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

/// A function of any bytes, and its name.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 3] = [("image_file", image_file), ("photo", photo), ("upload", upload)];

/// Boundary of the bodies that [`upload`] sends.
pub const BOUNDARY: &str = "fuzz";

/// A file whose metadata is removed has none left, keeps its header, and grows by 64 bytes at most.
pub fn image_file(bytes: &[u8]) {
    let header = read_header(bytes);
    let Ok(Some(stripped)) = strip(bytes, StripOptions::default()) else { return };
    assert!(stripped.bytes.len() <= bytes.len() + 64, "the file has grown");
    let again = strip(&stripped.bytes, StripOptions::default());
    assert!(matches!(again, Ok(None)), "something was left: {again:?}");
    if let (Ok(before), Ok(after)) = (header, read_header(&stripped.bytes)) {
        assert_eq!(before.upright_size(), after.upright_size(), "another size");
    }
}

/// A photo that may be sent is within the limits, and so is one that is to be encoded.
pub fn photo(bytes: &[u8]) {
    let limits = Limits { side: 1_600, bytes: 500_000 };
    for length in [bytes.len(), bytes.len() / 2] {
        let Some(beginning) = bytes.get(..length) else { return };
        let inspection = inspect(beginning, bytes.len() as f64, Some(limits));
        let Ok(Inspection::Send(photo)) = inspection else { continue };
        assert!(photo.width.max(photo.height) <= limits.side, "{photo:?}");
        let sent = photo.bytes.as_ref().map_or(bytes.len(), Vec::len);
        assert!(sent <= limits.bytes as usize, "{sent} bytes");
    }
}

/// An upload of any body is answered, and never by 500: the first byte chooses the route.
pub fn upload(bytes: &[u8]) {
    static SERVER: OnceLock<Option<(Runtime, Router)>> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        let runtime = Builder::new_current_thread().enable_all().build().ok()?;
        let models = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../models");
        let config = Config { private_key: "fuzz".parse().ok()?, models, ..Config::default() };
        let router = runtime.block_on(app(config)).ok()?;
        Some((runtime, router))
    });
    let Some((runtime, router)) = server else { panic!("the server does not start: run npm run setup") };
    let Some((&choice, body)) = bytes.split_first() else { return };
    let path = [route::DETECT, route::COMPARE, route::ENROLLMENT][usize::from(choice) % 3];
    let request = Request::post(format!("{}{path}", route::PREFIX))
        .header(route::API_KEY, "fuzz")
        .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
        .body(Body::from(body.to_vec()));
    let Ok(request) = request else { return };
    let Ok(response) = runtime.block_on(router.clone().oneshot(request));
    assert_ne!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}
