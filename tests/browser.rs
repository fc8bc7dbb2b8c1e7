//! The core in a real browser against the real sandbox, whose address is in `PERSE_SANDBOX`.
#![cfg(target_arch = "wasm32")]
#![allow(missing_docs)]

use js_sys::{Array, Function, JSON, Object, Reflect, Uint8Array};
use perse_wasm::{
    bindings::{CallContext, call, time_left},
    operation::Operation,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Blob, BlobPropertyBag, File};

wasm_bindgen_test_configure!(run_in_browser);

const PHOTO: &[u8] = include_bytes!("../node_modules/@vladmandic/face-api/demo/sample3.jpg");
/// No server listens there: whatever is sent gives `network_error`.
const NOWHERE: &str = "http://127.0.0.1:9/v0";

fn sandbox() -> String {
    format!("{}/v0", option_env!("PERSE_SANDBOX").expect("PERSE_SANDBOX names the sandbox"))
}

fn evaluate(expression: &str) -> JsValue {
    js_sys::eval(expression).unwrap()
}

/// A context with an API key and with consent, in which nothing is repeated and no picture is made fit.
fn context(base_url: &str) -> Object {
    let context = evaluate(
        "({
            apiKey: 'browser-test', enduserConsent: true, retries: 0, signal: new AbortController().signal,
            token: async () => undefined, pause: async () => {}, prepare: false, precheck: false,
            encode: async () => { throw { code: 'invalid_file_type' }; },
        })",
    );
    with(context.unchecked_into(), "baseUrl", base_url)
}

fn with(context: Object, key: &str, value: impl Into<JsValue>) -> Object {
    Reflect::set(&context, &key.into(), &value.into()).unwrap();
    context
}

fn file(bytes: &[u8], name: &str) -> JsValue {
    let parts = Array::of1(&Uint8Array::from(bytes));
    File::new_with_u8_array_sequence(&parts, name).unwrap().into()
}

fn photo() -> JsValue {
    file(PHOTO, "photo.jpg")
}

async fn run(operation: Operation, context: &Object, values: &[JsValue]) -> Result<Object, Object> {
    call(operation, context.clone().unchecked_into::<CallContext>(), values.iter().collect()).await
}

fn get(object: &Object, path: &str) -> JsValue {
    path.split('.').fold(object.into(), |value: JsValue, key| Reflect::get(&value, &key.into()).unwrap())
}

fn text(object: &Object, path: &str) -> String {
    get(object, path).as_string().unwrap_or_else(|| panic!("{path} is no string"))
}

/// The code of a call that must fail, after checking the failure's shape.
async fn failure(operation: Operation, context: &Object, values: &[JsValue]) -> String {
    let failure = run(operation, context, values).await.expect_err("a failure");
    let keys: Vec<_> = Object::keys(&failure).iter().filter_map(|key| key.as_string()).collect();
    assert_eq!(keys, ["status", "code", "detail"]);
    assert_eq!(get(&failure, "status"), JsValue::FALSE);
    let detail = get(&failure, "detail").as_string();
    assert!(detail.as_ref().is_none_or(|detail| detail.ends_with('.')), "{detail:?}");
    text(&failure, "code")
}

/// A wrongly chosen driver would test another engine without a word.
#[wasm_bindgen_test]
fn runs_in_the_engine_that_was_asked_for() {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).unwrap();
    let user_agent = text(navigator.unchecked_ref(), "userAgent");
    let found = match () {
        () if user_agent.contains("Firefox/") => "firefox",
        () if user_agent.contains("Chrome/") => "chromium",
        () if user_agent.contains("AppleWebKit/") => "webkit",
        () => "unknown",
    };
    assert_eq!(Some(found), option_env!("PERSE_ENGINE"), "{user_agent}");
}

#[wasm_bindgen_test]
async fn detects_the_faces_of_a_photo() {
    let result = run(Operation::Detect, &context(&sandbox()), &[photo()]).await.unwrap();
    assert_eq!(get(&result, "status"), JsValue::TRUE);
    assert_eq!(text(&result, "code"), "success");
    assert_eq!(get(&result, "totalFaces").as_f64(), Some(3.0));
    for path in
        ["faces.0.landmarks.rightEye.0", "faces.0.faceMetrics.sharpness", "defaultThresholds.liveness"]
    {
        assert!(get(&result, path).as_f64().is_some(), "{path}");
    }
    assert!(Object::keys(&result).iter().all(|key| !key.as_string().unwrap().contains('_')));
}

#[wasm_bindgen_test]
async fn judges_quality_and_similarity() {
    let context = context(&sandbox());
    let quality = run(Operation::QualityWithSpoofCheck, &context, &[photo()]).await.unwrap();
    assert_eq!(get(&quality, "totalFaces").as_f64(), Some(3.0));
    for key in ["isUnderexposed", "isOverexposed", "isBlurred", "isSpoofing"] {
        assert!(get(&quality, &format!("detailedFaces.0.{key}")).as_bool().is_some(), "{key}");
    }
    let quality = run(Operation::Quality, &context, &[photo()]).await.unwrap();
    assert!(get(&quality, "detailedFaces.0.isSpoofing").is_undefined());
    let similar = run(Operation::IsSimilar, &context, &[photo(), photo()]).await.unwrap();
    assert_eq!((get(&similar, "status"), text(&similar, "code")), (JsValue::TRUE, "similar".to_owned()));
}

#[wasm_bindgen_test]
async fn enrols_compares_updates_and_forgets_a_user() {
    let context = context(&sandbox());
    let created = run(Operation::EnrollmentCreate, &context, &[photo()]).await.unwrap();
    let token = JsValue::from(text(&created, "userToken"));
    let listed = run(Operation::EnrollmentRead, &context, &[]).await.unwrap();
    assert!(get(&listed, "userTokens").unchecked_into::<Array>().includes(&token, 0));
    for values in [[photo(), token.clone()], [token.clone(), photo()]] {
        let compared = run(Operation::Compare, &context, &values).await.unwrap();
        assert!(get(&compared, "similarity").as_f64() > Some(99.0));
        let updated = run(Operation::EnrollmentUpdate, &context, &values).await.unwrap();
        assert_eq!(get(&updated, "status"), JsValue::TRUE);
    }
    let deleted = run(Operation::EnrollmentDelete, &context, &[token.clone()]).await.unwrap();
    assert_eq!(get(&deleted, "status"), JsValue::TRUE);
    assert_eq!(
        failure(Operation::EnrollmentDelete, &context, &[token.clone()]).await,
        "user_token_not_found"
    );
    assert_eq!(
        failure(Operation::Compare, &context, &[photo(), token.clone()]).await,
        "no_face_biometric_data"
    );
    assert_eq!(failure(Operation::EnrollmentUpdate, &context, &[photo(), token]).await, "image_id_invalid");
}

#[wasm_bindgen_test]
async fn sends_nothing_that_can_be_known_to_fail() {
    let nowhere = context(NOWHERE);
    let detect = |value: JsValue| {
        let nowhere = nowhere.clone();
        async move { failure(Operation::Detect, &nowhere, &[value]).await }
    };
    assert_eq!(detect(photo()).await, "network_error", "a good call does reach for the network");
    assert_eq!(detect(file(b"", "a.jpg")).await, "empty_file");
    assert_eq!(detect(file(b"not a photo", "a.jpg")).await, "invalid_file_type");
    assert_eq!(detect(file(&[PHOTO, &[0; 2_000_000]].concat(), "a.jpg")).await, "file_too_large");
    assert_eq!(detect("a user token".into()).await, "form_key_missing");
    assert_eq!(detect(JsValue::NULL).await, "form_key_missing");
    assert_eq!(detect(42.into()).await, "invalid_file_type");
    assert_eq!(detect(Uint8Array::from(PHOTO).into()).await, "network_error");

    let keyless = with(context(NOWHERE), "apiKey", JsValue::UNDEFINED);
    assert_eq!(failure(Operation::Detect, &keyless, &[photo()]).await, "unauthorized");
    assert_eq!(failure(Operation::EnrollmentRead, &keyless, &[]).await, "unauthorized");
    let broken = with(context(NOWHERE), "token", evaluate("async () => 'line\\nbreak'"));
    assert_eq!(failure(Operation::EnrollmentRead, &broken, &[]).await, "unauthorized");
}

#[wasm_bindgen_test]
async fn only_what_is_biometric_needs_consent() {
    let refused = with(context(NOWHERE), "enduserConsent", false);
    for (operation, values) in [
        (Operation::Detect, vec![photo()]),
        (Operation::Compare, vec![photo(), photo()]),
        (Operation::IsSimilar, vec![photo(), "user".into()]),
        (Operation::Quality, vec![photo()]),
        (Operation::QualityWithSpoofCheck, vec![photo()]),
        (Operation::EnrollmentCreate, vec![photo()]),
        (Operation::EnrollmentUpdate, vec![photo(), "user".into()]),
    ] {
        assert_eq!(failure(operation, &refused, &values).await, "consent_required", "{operation:?}");
    }
    assert_eq!(failure(Operation::EnrollmentRead, &refused, &[]).await, "network_error");
    assert_eq!(failure(Operation::EnrollmentDelete, &refused, &["user".into()]).await, "network_error");
}

#[wasm_bindgen_test]
async fn consent_taken_back_counts_before_each_request() {
    let revoked = evaluate(
        "(context) => {
            let asked = 0;
            Object.defineProperty(context, 'enduserConsent', { get: () => ++asked < 3 });
            return Object.assign(context, { retries: 5 });
        }",
    );
    let context = revoked.unchecked_into::<Function>().call1(&JsValue::NULL, &context(NOWHERE)).unwrap();
    // Asked at the start and before the first request, which fails; the second is not sent.
    assert_eq!(failure(Operation::Detect, context.unchecked_ref(), &[photo()]).await, "consent_required");
}

#[wasm_bindgen_test]
fn a_token_tells_how_long_it_lives() {
    // {"iat":1000,"exp":1900}
    let token = "e30.eyJpYXQiOjEwMDAsImV4cCI6MTkwMH0.c2ln";
    assert_eq!(time_left(token, 1_000_000.0, false), Some(900_000.0));
    assert_eq!(time_left(token, 2_000_000.0, false), Some(-100_000.0));
    assert_eq!(time_left(token, 2_000_000.0, true), Some(900_000.0));
    for opaque in ["token", "a.b.c", "e30.bnVsbA.c", "e30.eyJleHAiOiJzb29uIn0.c", "e30.W10.c"] {
        assert_eq!(time_left(opaque, 0.0, true), None, "{opaque}");
    }
}

#[wasm_bindgen_test]
async fn a_blob_will_do_whatever_it_calls_itself() {
    let options = BlobPropertyBag::new();
    options.set_type("text/html");
    let parts = Array::of1(&Uint8Array::from(PHOTO));
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).unwrap();
    let result = run(Operation::Detect, &context(&sandbox()), &[blob.into()]).await.unwrap();
    assert_eq!(get(&result, "totalFaces").as_f64(), Some(3.0));
}

#[wasm_bindgen_test]
async fn a_file_of_another_realm_will_do() {
    let frame = evaluate("document.body.appendChild(document.createElement('iframe'))");
    let blob = evaluate("((window, bytes) => new window.Blob([bytes]))").unchecked_into::<Function>();
    let window = Reflect::get(&frame, &"contentWindow".into()).unwrap();
    let foreign = blob.call2(&JsValue::NULL, &window, &Uint8Array::from(PHOTO)).unwrap();
    assert!(foreign.dyn_ref::<Blob>().is_none(), "the test needs a Blob that is not of this realm");
    let result = run(Operation::Detect, &context(&sandbox()), &[foreign]).await.unwrap();
    assert_eq!(get(&result, "totalFaces").as_f64(), Some(3.0));
}

#[wasm_bindgen_test]
async fn values_that_throw_when_looked_at_hold_no_call() {
    let context = context(NOWHERE);
    for (hostile, expected) in [
        ("({ get [Symbol.toStringTag]() { throw new Error('no') } })", "invalid_file_type"),
        ("Object.defineProperty(new Blob(['x']), 'slice', { value: () => ({}) })", "invalid_file_type"),
        ("Symbol('photo')", "invalid_file_type"),
        ("'data:image/png;base64,AAAA'", "invalid_file_type"),
        ("'blob:null/1'", "invalid_file_type"),
        ("document.createElement('canvas')", "invalid_file_type"),
        ("new Response('x').body", "invalid_file_type"),
    ] {
        let values = [evaluate(hostile), photo()];
        assert_eq!(failure(Operation::Compare, &context, &values).await, expected, "{hostile}");
    }
    for name in ["..", ".", "list"] {
        let code = failure(Operation::EnrollmentDelete, &context, &[name.into()]).await;
        assert_eq!(code, "user_token_not_found");
    }
}

/// `fetch` answers a `data:` URL by itself: any body, without a server that would have to lie.
fn answering(body: &str) -> Object {
    let body = String::from(js_sys::encode_uri_component(body));
    context(&format!("data:application/json,{body}#"))
}

#[wasm_bindgen_test]
async fn keeps_fields_that_it_does_not_know() {
    let body = r#"{"user_tokens":["a_b"],"total_users":1,"time_taken":0.1,"status":200,
        "new_field":{"deep_key":[{"deeper_key":"snake_value"}]},"__proto__":{"polluted":true}}"#;
    let result = run(Operation::EnrollmentRead, &answering(body), &[]).await.unwrap();
    assert_eq!(text(&result, "userTokens.0"), "a_b");
    assert_eq!(text(&result, "newField.deepKey.0.deeperKey"), "snake_value");
    assert_eq!(get(&result, "status"), JsValue::TRUE);
    assert!(get(&Object::new(), "polluted").is_undefined());
}

#[wasm_bindgen_test]
async fn refuses_an_answer_that_is_not_of_the_api() {
    for body in ["", "<html>", "null", "[]", "{}", r#"{"user_tokens":"a","total_users":1,"time_taken":0}"#] {
        let code = failure(Operation::EnrollmentRead, &answering(body), &[]).await;
        assert_eq!(code, "invalid_response", "{body:.40}");
    }
}

#[wasm_bindgen_test]
async fn refuses_what_is_deeper_or_longer_than_any_answer() {
    let answer = |field: &str| format!(r#"{{"time_taken":0,"status":200,"new_field":{field}}}"#);
    let deep = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
    let user = ["user".into()];
    let result = run(Operation::EnrollmentDelete, &answering(&answer(&deep(30))), &user).await.unwrap();
    assert!(get(&result, "newField.0.0.0").is_array());
    for field in [deep(40), deep(5000), format!("{:?}", "x".repeat(1_000_000))] {
        let code = failure(Operation::EnrollmentDelete, &answering(&answer(&field)), &user).await;
        assert_eq!(code, "invalid_response", "{field:.10}");
    }
}

#[wasm_bindgen_test]
async fn a_refusal_needs_no_more_than_its_code() {
    for (body, expected) in [
        (r#"{"status":false,"code":"no_face_detected","message":"None."}"#, "no_face_detected"),
        (r#"{"status":false,"code":"no_face_detected"}"#, "no_face_detected"),
        (r#"{"status":false,"code":"no_face_detected","message":null}"#, "no_face_detected"),
        (r#"{"status":false,"code":"hat_detected","message":"Take off your hat."}"#, "request_refused"),
        (r#"{"status":false,"code":"similar","message":"Trust me."}"#, "request_refused"),
        (r#"{"status":false}"#, "invalid_response"),
    ] {
        assert_eq!(failure(Operation::EnrollmentRead, &answering(body), &[]).await, expected, "{body}");
    }
}

#[wasm_bindgen_test]
async fn parallel_calls_are_independent() {
    let good = context(&sandbox());
    let bad = with(context(&sandbox()), "apiKey", "wrong");
    let calls: Array = (0..20)
        .map(|index| {
            let context = if index % 2 == 0 { good.clone() } else { bad.clone() };
            wasm_bindgen_futures::future_to_promise(async move {
                let result = run(Operation::EnrollmentRead, &context, &[]).await;
                Ok(text(&result.unwrap_or_else(|failure| failure), "code").into())
            })
        })
        .collect();
    let codes = JsFuture::from(js_sys::Promise::all(&calls)).await.unwrap();
    let expected = format!("[{}]", ["\"success\",\"unauthorized\""; 10].join(","));
    assert_eq!(String::from(JSON::stringify(&codes).unwrap()), expected);
}
