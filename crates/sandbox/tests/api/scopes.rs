//! Scopes of session tokens, request ids, and enrolments that are sent twice.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use perse_protocol::{Code, Scope, field, route};
use serde_json::{Value, json};

use crate::common::{Answer, Form, KEY, Sandbox, jpeg, login, request, sample, wall};

/// A session token with these fields of `POST /login`.
async fn token(sandbox: &Sandbox, fields: Value) -> String {
    let mut body = json!({ "privateKey": KEY });
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let answer = sandbox.send(login(&body.to_string())).await;
    answer.is_ok()["token"].as_str().unwrap().to_owned()
}

/// Sends a request with a token in place of the key.
async fn send(sandbox: &Sandbox, token: &str, mut request: Request<Body>) -> Answer {
    request.headers_mut().remove(route::API_KEY);
    request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    sandbox.send(request).await
}

fn delete(user: &str) -> Request<Body> {
    request(Method::DELETE, &format!("{}/{user}", route::ENROLLMENT), Body::empty())
}

fn list() -> Request<Body> {
    request(Method::GET, route::ENROLLMENT_LIST, Body::empty())
}

async fn enrol(sandbox: &Sandbox) -> String {
    let answer = sandbox.upload(route::ENROLLMENT, Form::image(&sample(1))).await;
    answer.is_ok()["user_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_route_needs_its_scope() {
    let sandbox = Sandbox::new().await;
    let file = jpeg(&wall());
    let calls = || {
        let image = |method, path| Form::image(&file).text(field::USER_TOKEN, "a-user").request(method, path);
        [
            (Scope::Detect, image(Method::POST, route::DETECT)),
            (Scope::Compare, image(Method::POST, route::COMPARE)),
            (Scope::Enrol, image(Method::POST, route::ENROLLMENT)),
            (Scope::Users, image(Method::PUT, route::ENROLLMENT)),
            (Scope::Users, list()),
            (Scope::Users, delete("a-user")),
        ]
    };
    for granted in Scope::ALL {
        let token = token(&sandbox, json!({ "scope": granted.as_str() })).await;
        for (needed, call) in calls() {
            let answer = send(&sandbox, &token, call).await;
            if needed == granted {
                assert_ne!(answer.status, 403, "{needed:?}: {answer:?}");
            } else {
                answer.is_with(Code::RequestRefused, 403);
            }
        }
    }
    let two = token(&sandbox, json!({ "scope": "detect users" })).await;
    for (needed, call) in calls() {
        let is_refused = matches!(needed, Scope::Compare | Scope::Enrol);
        assert_eq!(send(&sandbox, &two, call).await.status == 403, is_refused, "{needed:?}");
    }
    let all = token(&sandbox, json!({})).await;
    for (_, call) in calls() {
        assert_ne!(send(&sandbox, &all, call).await.status, 403);
    }
}

#[tokio::test]
async fn a_body_is_not_read_without_the_scope() {
    let sandbox = Sandbox::new().await;
    let token = token(&sandbox, json!({ "scope": "detect" })).await;
    let nonsense = request(Method::POST, route::COMPARE, Body::from("nonsense"));
    send(&sandbox, &token, nonsense).await.is_with(Code::RequestRefused, 403);
}

#[tokio::test]
async fn a_token_of_one_user_touches_no_other() {
    let sandbox = Sandbox::new().await;
    let (own, other) = (enrol(&sandbox).await, enrol(&sandbox).await);
    let token = token(&sandbox, json!({ "userToken": own })).await;
    let image = sample(1);
    let with =
        |method, path, user: &str| Form::image(&image).text(field::USER_TOKEN, user).request(method, path);
    for call in [
        with(Method::POST, route::COMPARE, &other),
        with(Method::PUT, route::ENROLLMENT, &other),
        Form::pair(&image, &image).request(Method::POST, route::COMPARE),
        Form::image(&image).request(Method::POST, route::ENROLLMENT),
        delete(&other),
        list(),
    ] {
        send(&sandbox, &token, call).await.is_with(Code::RequestRefused, 403);
    }
    send(&sandbox, &token, with(Method::POST, route::COMPARE, &own)).await.is_ok();
    send(&sandbox, &token, with(Method::PUT, route::ENROLLMENT, &own)).await.is_ok();
    send(&sandbox, &token, Form::image(&image).request(Method::POST, route::DETECT)).await.is_ok();
    send(&sandbox, &token, delete(&own)).await.is_ok();
    assert_eq!(sandbox.get(route::ENROLLMENT_LIST).await.is_ok()["user_tokens"], json!([other]));
}

#[tokio::test]
async fn login_refuses_what_is_no_scope() {
    let sandbox = Sandbox::new().await;
    for fields in [
        json!({ "scope": "all" }),
        json!({ "scope": "" }),
        json!({ "scope": "detect,compare" }),
        json!({ "scope": ["detect"] }),
        json!({ "scope": null }),
        json!({ "userToken": 5 }),
    ] {
        let mut body = json!({ "privateKey": KEY });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        sandbox.send(login(&body.to_string())).await.is(Code::InvalidRequest);
        // Nothing about scopes is said to somebody without the key.
        body["privateKey"] = json!("another");
        let answer = sandbox.send(login(&body.to_string())).await;
        assert!(answer.status == 401 || fields["scope"].is_array(), "{answer:?}");
    }
}

#[tokio::test]
async fn every_response_has_a_request_id() {
    let sandbox = Sandbox::with(|config| config.cors = perse_sandbox::Cors::Any).await;
    let id = |answer: &Answer| answer.headers[route::REQUEST_ID].to_str().unwrap().to_owned();
    let with =
        |path: &str, id: &str| Request::get(path).header(route::REQUEST_ID, id).body(Body::empty()).unwrap();
    for path in ["/v0/face/enrollment/list", "/v0/login", "/v0/nothing", "/"] {
        assert_eq!(id(&sandbox.send(with(path, "trace-7_a")).await), "trace-7_a", "{path}");
        let ids = [id(&sandbox.send(with(path, "not sane")).await), id(&sandbox.get("/nothing").await)];
        assert!(ids.iter().all(|id| id.len() == 36) && ids[0] != ids[1], "{ids:?}");
    }
    let preflight = Request::options("/v0/face/enrollment")
        .header(header::ORIGIN, "https://shop.example")
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
        .body(Body::empty())
        .unwrap();
    let answer = sandbox.send(preflight).await;
    assert_eq!(id(&answer).len(), 36);
    let allowed = answer.headers[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap();
    assert!(allowed.contains("idempotency-key") && allowed.contains("x-request-id"), "{allowed}");
}

#[tokio::test]
async fn an_enrolment_that_is_sent_twice_stores_nobody_twice() {
    let sandbox = Sandbox::new().await;
    let image = sample(1);
    let enrol = |key: &str| {
        let mut call = Form::image(&image).request(Method::POST, route::ENROLLMENT);
        call.headers_mut().insert(route::IDEMPOTENCY_KEY, key.parse().unwrap());
        call
    };
    let user = |answer: Answer| answer.is_ok()["user_token"].as_str().unwrap().to_owned();
    let first = user(sandbox.send(enrol("one")).await);
    assert_eq!(user(sandbox.send(enrol("one")).await), first);
    assert_ne!(user(sandbox.send(enrol("two")).await), first);
    // Other credentials are another's.
    let bearer = token(&sandbox, json!({})).await;
    let third = user(send(&sandbox, &bearer, enrol("one")).await);
    assert_ne!(third, first);
    assert_eq!(user(send(&sandbox, &bearer, enrol("one")).await), third);
    // At the same moment.
    let (a, b) = tokio::join!(sandbox.send(enrol("three")), sandbox.send(enrol("three")));
    assert_eq!(user(a), user(b));
    assert_eq!(sandbox.get(route::ENROLLMENT_LIST).await.is_ok()["total_users"], 4);

    // A refusal is not kept: the next photo may be better.
    let mut refused = Form::image(&jpeg(&wall())).request(Method::POST, route::ENROLLMENT);
    refused.headers_mut().insert(route::IDEMPOTENCY_KEY, "four".parse().unwrap());
    sandbox.send(refused).await.is(Code::NoFaceDetected);
    user(sandbox.send(enrol("four")).await);
    for key in ["", "a b", "é", &"x".repeat(256)] {
        sandbox.send(enrol(key)).await.is(Code::InvalidRequest);
    }
}
