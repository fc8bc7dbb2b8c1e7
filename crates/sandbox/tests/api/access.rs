//! Authentication and access.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use perse_protocol::{Code, route};
use serde_json::json;

use crate::common::{Form, KEY, Sandbox, jpeg, login, wall};

/// The list of users with this header, which is the cheapest call that needs a token.
async fn list(sandbox: &Sandbox, name: &str, value: &str) -> crate::common::Answer {
    let path = format!("{}{}", route::PREFIX, route::ENROLLMENT_LIST);
    sandbox.send(Request::get(path).header(name, value).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn the_private_key_buys_a_token_that_opens_every_call() {
    let sandbox = Sandbox::new().await;
    let token = sandbox.token().await;
    assert_eq!(token.split('.').count(), 3);
    list(&sandbox, "authorization", &format!("Bearer {token}")).await.is_ok();
    list(&sandbox, "authorization", &format!("bearer {token}")).await.is_ok();
}

#[tokio::test]
async fn the_older_header_takes_the_key_itself() {
    let sandbox = Sandbox::new().await;
    list(&sandbox, route::API_KEY, KEY).await.is_ok();
    list(&sandbox, route::API_KEY, &KEY[1..]).await.is(Code::Unauthorized);
}

#[tokio::test]
async fn login_refuses_what_is_not_the_key() {
    let sandbox = Sandbox::new().await;
    let answer = |body: &str| {
        let request = login(body);
        async { sandbox.send(request).await }
    };
    answer(&json!({ "privateKey": "another" }).to_string()).await.is(Code::Unauthorized);
    answer(&json!({ "privateKey": "" }).to_string()).await.is(Code::Unauthorized);
    answer(&json!({ "private_key": KEY }).to_string()).await.is(Code::FormKeyMissing);
    answer("{}").await.is(Code::FormKeyMissing);
    answer(&json!({ "privateKey": 5 }).to_string()).await.is(Code::InvalidRequest);
    answer("{\"privateKey\":").await.is(Code::InvalidRequest);
    answer("").await.is(Code::InvalidRequest);
    answer(&" ".repeat(20_000)).await.is_with(Code::InvalidRequest, 413);
}

#[tokio::test]
async fn nothing_is_done_without_a_token() {
    let sandbox = Sandbox::new().await;
    let calls = [
        (Method::POST, route::DETECT.to_owned()),
        (Method::POST, route::COMPARE.to_owned()),
        (Method::POST, route::ENROLLMENT.to_owned()),
        (Method::PUT, route::ENROLLMENT.to_owned()),
        (Method::GET, route::ENROLLMENT_LIST.to_owned()),
        (Method::DELETE, format!("{}/a-user", route::ENROLLMENT)),
    ];
    for (method, path) in calls {
        // A body that is wrong in every way is not looked at.
        let mut request = crate::common::request(method, &path, Body::from("nonsense"));
        request.headers_mut().remove(route::API_KEY);
        sandbox.send(request).await.is(Code::Unauthorized);
    }
}

#[tokio::test]
async fn only_tokens_of_this_server_are_taken() {
    let sandbox = Sandbox::new().await;
    let token = sandbox.token().await;
    let other =
        Sandbox::with(|config| config.jwt_secret = "another secret".parse().unwrap()).await.token().await;
    let [head, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("{token}") };
    // {"alg":"none","typ":"JWT"} and {"alg":"HS512","typ":"JWT"}
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let hs512 = "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9";
    // {"iat":0,"exp":9999999999}
    let forever = "eyJpYXQiOjAsImV4cCI6OTk5OTk5OTk5OX0";
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let bad = [
        other,
        format!("{head}.{claims}.{flipped}{}", &signature[1..]),
        format!("{head}.{forever}.{signature}"),
        format!("{none}.{forever}."),
        format!("{none}.{claims}.{signature}"),
        format!("{hs512}.{claims}.{signature}"),
        format!("{head}.{claims}."),
        format!("{head}.{claims}"),
        String::new(),
        "Bearer".to_owned(),
        KEY.to_owned(),
    ];
    for token in bad {
        list(&sandbox, "authorization", &format!("Bearer {token}")).await.is(Code::Unauthorized);
    }
    list(&sandbox, "authorization", &token).await.is(Code::Unauthorized);
    list(&sandbox, "authorization", &format!("Basic {token}")).await.is(Code::Unauthorized);
}

#[tokio::test]
async fn a_token_of_a_second_lives_a_second() {
    let sandbox = Sandbox::with(|config| config.token_ttl = Duration::from_secs(1)).await;
    let bearer = format!("Bearer {}", sandbox.token().await);
    list(&sandbox, "authorization", &bearer).await.is_ok();
    tokio::time::sleep(Duration::from_millis(2050)).await;
    list(&sandbox, "authorization", &bearer).await.is(Code::Unauthorized);
}

#[tokio::test]
async fn nobody_is_processed_without_consent() {
    let sandbox = Sandbox::new().await;
    let file = jpeg(&wall());
    let field = perse_protocol::field::IMAGE;
    let consent = perse_protocol::field::ENDUSER_CONSENT;
    for form in [
        Form::default().file(field, &file),
        Form::default().file(field, &file).text(consent, "false"),
        Form::default().text(consent, "false").file(field, &file),
        Form::default().text(consent, "").file(field, &file),
        Form::default().text(consent, "yes").file(field, &file),
    ] {
        sandbox.upload(route::DETECT, form.clone()).await.is(Code::ConsentRequired);
        sandbox.upload(route::ENROLLMENT, form).await.is(Code::ConsentRequired);
    }
    let form = Form::default()
        .file(perse_protocol::field::IMAGE_1, &file)
        .file(perse_protocol::field::IMAGE_2, &file);
    sandbox.upload(route::COMPARE, form).await.is(Code::ConsentRequired);
    // Both orders of the fields are as good.
    sandbox.upload(route::DETECT, Form::default().file(field, &file).text(consent, "true")).await.is_ok();
    sandbox.upload(route::DETECT, Form::default().text(consent, "true").file(field, &file)).await.is_ok();
}

#[tokio::test]
async fn other_origins_are_let_in_only_when_named() {
    let preflight = |origin: &str| {
        Request::options(format!("{}{}", route::PREFIX, route::DETECT))
            .header(header::ORIGIN, origin)
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
            .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization,x-api-key")
            .body(Body::empty())
            .unwrap()
    };
    let origin = "http://localhost:5173";
    let named = Sandbox::with(|config| config.cors = perse_sandbox::Cors::parse(&[origin]).unwrap()).await;
    let answer = named.send(preflight(origin)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], origin);
    assert_eq!(answer.headers[header::ACCESS_CONTROL_ALLOW_METHODS], "GET,POST,PUT,DELETE");
    assert_eq!(
        answer.headers[header::ACCESS_CONTROL_ALLOW_HEADERS],
        "authorization,content-type,x-api-key,idempotency-key,x-request-id"
    );
    assert_eq!(answer.headers[header::ACCESS_CONTROL_MAX_AGE], "3600");
    let answer = named.send(preflight("http://evil.test")).await;
    assert!(!answer.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));

    // A page can read a refusal too, and when to come back.
    let asked = |path: &str| Request::get(path).header(header::ORIGIN, origin).body(Body::empty()).unwrap();
    for path in ["/v0/face/enrollment/list", "/v0/face/detect", "/v0/nothing", "/nothing"] {
        let answer = named.send(asked(path)).await;
        assert!(answer.status.is_client_error());
        assert_eq!(answer.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], origin, "{path}");
        assert_eq!(answer.headers[header::ACCESS_CONTROL_EXPOSE_HEADERS], "retry-after,x-request-id");
    }

    let any = Sandbox::with(|config| config.cors = perse_sandbox::Cors::Any).await;
    assert_eq!(any.send(preflight(origin)).await.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    let off = Sandbox::new().await;
    let answer = off.send(preflight(origin)).await;
    answer.is(Code::MethodNotAllowed);
    assert!(!answer.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
}
