//! The page and its backend.

use std::path::PathBuf;

use axum::{
    body::Body,
    http::{HeaderName, Request, header},
};
use perse_protocol::Code;
use perse_sandbox::Demo;

use crate::common::{Answer, Sandbox, package, sample};

/// A folder with a page, a package and, beside them, a secret.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("perse-sandbox-demo-{name}-{}", std::process::id()));
        for (file, text) in [
            ("www/index.html", "<!doctype html><title>page</title>"),
            ("www/app.js", "export {}"),
            ("www/icon.svg", "<svg/>"),
            ("www/data.json", "{}"),
            ("www/photo.webp", "RIFF"),
            ("pkg/perse.wasm", "\0asm"),
            ("pkg/index.js", "export {}"),
            ("secret.txt", "do not serve"),
        ] {
            let path = folder.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    async fn sandbox(&self) -> Sandbox {
        let demo = Demo { www: self.0.join("www"), pkg: self.0.join("pkg"), samples: package("demo") };
        Sandbox::with(|config| config.demo = Some(demo)).await
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn get(sandbox: &Sandbox, path: &str) -> Answer {
    sandbox.send(Request::get(path).body(Body::empty()).unwrap()).await
}

async fn session(sandbox: &Sandbox, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::post("/demo/session").body(Body::empty()).unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    }
    sandbox.send(request).await
}

#[tokio::test]
async fn files_are_served_as_what_they_are() {
    let folder = Folder::new("types");
    let sandbox = folder.sandbox().await;
    for (path, content_type) in [
        ("/", "text/html"),
        ("/index.html", "text/html"),
        ("/app.js", "text/javascript"),
        ("/icon.svg", "image/svg+xml"),
        ("/data.json", "application/json"),
        ("/photo.webp", "image/webp"),
        ("/pkg/perse.wasm", "application/wasm"),
        ("/pkg/index.js", "text/javascript"),
        ("/samples/sample1.jpg", "image/jpeg"),
    ] {
        let answer = get(&sandbox, path).await;
        assert_eq!(answer.status, 200, "{path}");
        let headers = &answer.headers;
        assert_eq!(
            headers[header::CONTENT_TYPE].to_str().unwrap().split(';').next(),
            Some(content_type),
            "{path}"
        );
        assert_eq!(headers[header::CACHE_CONTROL], "no-cache");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers[header::REFERRER_POLICY], "no-referrer");
        assert_eq!(headers["permissions-policy"], "camera=(self)");
        assert_eq!(
            headers[header::CONTENT_SECURITY_POLICY],
            "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; \
             img-src 'self' blob: data:; \
             media-src 'self' blob:; style-src 'self'; connect-src 'self'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'"
        );
    }
    assert_eq!(get(&sandbox, "/samples/sample6.jpg").await.bytes, sample(6));
}

#[tokio::test]
async fn a_file_that_did_not_change_is_not_sent_again() {
    let folder = Folder::new("etag");
    let sandbox = folder.sandbox().await;
    let first = get(&sandbox, "/app.js").await;
    for (name, value) in [
        (header::IF_NONE_MATCH, first.headers[header::ETAG].clone()),
        (header::IF_MODIFIED_SINCE, first.headers[header::LAST_MODIFIED].clone()),
    ] {
        let again = Request::get("/app.js").header(name, value).body(Body::empty()).unwrap();
        let again = sandbox.send(again).await;
        assert_eq!(again.status, 304);
        assert!(again.bytes.is_empty());
    }
}

#[tokio::test]
async fn nothing_outside_of_the_folders_is_served() {
    let folder = Folder::new("traversal");
    let sandbox = folder.sandbox().await;
    for path in [
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/%2e%2e%2fsecret.txt",
        "/..%5csecret.txt",
        "/pkg/../secret.txt",
        "/pkg/../../secret.txt",
        "/pkg/%2e%2e/secret.txt",
        "/pkg/..%2f..%2fsecret.txt",
        "//etc/passwd",
        "/pkg//etc/passwd",
        "/%2fetc%2fpasswd",
        "/samples/node.js",
        "/samples/index.html",
        "/samples/sample7.jpg",
        "/samples/../demo/index.html",
        "/samples/",
        "/samples/..%2fpackage.json",
        "/missing.html",
        "/app.js%00.html",
    ] {
        let answer = get(&sandbox, path).await;
        let text = String::from_utf8_lossy(&answer.bytes).into_owned();
        assert!(!text.contains("do not serve") && !text.contains("root:"), "{path}");
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        assert_eq!(answer.json["status"], false, "{path}: {text}");
    }
    get(&sandbox, "/missing.html").await.is(Code::RouteNotFound);
    get(&sandbox, "/v0/nothing").await.is(Code::RouteNotFound);
    let post = Request::post("/index.html").body(Body::empty()).unwrap();
    sandbox.send(post).await.is(Code::MethodNotAllowed);
}

#[tokio::test]
async fn the_page_gets_a_session() {
    let folder = Folder::new("session");
    let sandbox = folder.sandbox().await;
    let before = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis() as u64;
    let answer = session(&sandbox, &[("host", "localhost:8787"), ("sec-fetch-site", "same-origin")]).await;
    let json = answer.is_ok();
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(json.as_object().unwrap().len(), 2);
    let left = json["expiresAt"].as_u64().unwrap() - before;
    assert!((900_000..902_000).contains(&left), "{left}");
    let list = Request::get("/v0/face/enrollment/list")
        .header("authorization", format!("Bearer {}", json["token"].as_str().unwrap()))
        .body(Body::empty())
        .unwrap();
    sandbox.send(list).await.is_ok();
    let get = get(&sandbox, "/demo/session").await;
    get.is(Code::MethodNotAllowed);
}

#[tokio::test]
async fn another_page_gets_none() {
    let folder = Folder::new("foreign");
    let demo = Demo { www: folder.0.join("www"), ..Demo::default() };
    // Not even one that may call the API.
    let open = Sandbox::with(|config| {
        config.demo = Some(demo);
        config.cors = perse_sandbox::Cors::Any;
    })
    .await;
    for sandbox in [folder.sandbox().await, open] {
        for headers in [
            [("host", "localhost:8787"), ("sec-fetch-site", "cross-site")],
            [("host", "localhost:8787"), ("origin", "http://evil.test")],
            [("host", "evil.test"), ("sec-fetch-site", "same-origin")],
        ] {
            let answer = session(&sandbox, &headers).await;
            answer.is_with(Code::RequestRefused, 403);
        }
    }
}

#[tokio::test]
async fn without_the_demo_there_is_no_page_and_no_session() {
    let sandbox = Sandbox::new().await;
    session(&sandbox, &[("host", "localhost:8787"), ("sec-fetch-site", "same-origin")])
        .await
        .is(Code::RouteNotFound);
    for path in ["/", "/index.html", "/pkg/index.js", "/samples/sample1.jpg"] {
        get(&sandbox, path).await.is(Code::RouteNotFound);
    }
}
