//! Health checks and metrics, for those who operate the server.

use axum::{body::Body, http::Request};
use perse_protocol::{Code, field, route};
use perse_sandbox::Data;

use crate::common::{Answer, Form, Sandbox, jpeg, request, wall};

async fn get(sandbox: &Sandbox, path: &str) -> Answer {
    sandbox.send(Request::get(path).body(Body::empty()).unwrap()).await
}

fn text(answer: &Answer) -> &str {
    std::str::from_utf8(&answer.bytes).unwrap()
}

#[tokio::test]
async fn health_needs_no_key() {
    let sandbox = Sandbox::new().await;
    for (path, body) in [("/health/live", "live\n"), ("/health/ready", "ready\n")] {
        let answer = get(&sandbox, path).await;
        assert_eq!((answer.status.as_u16(), text(&answer)), (200, body));
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
    get(&sandbox, "/health").await.is(Code::RouteNotFound);
    let post = Request::post("/health/live").body(Body::empty()).unwrap();
    sandbox.send(post).await.is(Code::MethodNotAllowed);
}

#[tokio::test]
async fn a_store_that_fails_is_not_ready_and_is_counted() {
    let path = std::env::temp_dir().join(format!("perse-sandbox-ready-{}.sqlite", std::process::id()));
    let sandbox = Sandbox::with(|config| {
        config.data = Some(Data::File(path.clone()));
        config.metrics = true;
    })
    .await;
    assert_eq!(get(&sandbox, "/health/ready").await.status, 200);
    rusqlite::Connection::open(&path).unwrap().execute_batch("DROP TABLE enrollment").unwrap();
    get(&sandbox, "/health/ready").await.is(Code::ServerBusy);
    assert_eq!(get(&sandbox, "/health/live").await.status, 200);
    let metrics = get(&sandbox, "/metrics").await;
    assert!(text(&metrics).contains("perse_store_errors_total 1\n"), "{}", text(&metrics));
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
    }
}

#[tokio::test]
async fn metrics_are_published_only_when_told() {
    get(&Sandbox::new().await, "/metrics").await.is(Code::RouteNotFound);
}

#[tokio::test]
async fn metrics_tell_routes_and_codes_and_never_who() {
    let sandbox = Sandbox::alone(|config| config.metrics = true).await;
    let photo = Form::image(&jpeg(&wall()));
    for _ in 0..2 {
        sandbox.upload(route::DETECT, photo.clone()).await.is_ok();
    }
    let without_consent = Form::default().file(field::IMAGE, &jpeg(&wall()));
    sandbox.upload(route::DETECT, without_consent).await.is(Code::ConsentRequired);
    let user = "0c5e6f8a-0000-4000-8000-1234567890ab";
    let path = format!("{}/{user}", route::ENROLLMENT);
    sandbox.send(request(axum::http::Method::DELETE, &path, Body::empty())).await.is(Code::UserTokenNotFound);
    let odd = Request::builder().method("BREW").uri(format!("/{user}")).body(Body::empty()).unwrap();
    sandbox.send(odd).await;

    let answer = get(&sandbox, "/metrics").await;
    assert_eq!(answer.headers["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let text = text(&answer);
    for line in [
        r#"perse_requests_total{method="POST",route="/v0/face/detect",code="success"} 2"#,
        r#"perse_requests_total{method="POST",route="/v0/face/detect",code="consent_required"} 1"#,
        r#"perse_requests_total{method="DELETE",route="/v0/face/enrollment/{user_token}",code="user_token_not_found"} 1"#,
        r#"perse_requests_total{method="other",route="-",code="route_not_found"} 1"#,
        r#"perse_request_seconds_count{route="/v0/face/detect"} 3"#,
        "perse_job_seconds_count 2",
        "perse_job_wait_seconds_count 2",
        "perse_store_errors_total 0",
        "perse_jobs_pending 0",
    ] {
        assert!(text.contains(&format!("{line}\n")), "{line} is not in\n{text}");
    }
    assert!(text.contains("perse_jobs_limit ") && text.ends_with("# EOF\n"));
    assert!(!text.contains(user) && !text.contains("BREW"), "{text}");
}
