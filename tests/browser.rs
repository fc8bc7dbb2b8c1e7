//! The exported class in a real browser, against the real sandbox that `PERSE_SANDBOX` names. Without that
//! variable the tests that need the sandbox are skipped, and the console says so.
#![cfg(target_arch = "wasm32")]
#![allow(missing_docs)]

use js_sys::{Array, Function, JSON, Object, Promise, Reflect, Uint8Array};
use perse_wasm::{
    operation::Operation,
    perse::{Perse, check_call, inspect_photo, judge_image},
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Blob, BlobPropertyBag, File};

wasm_bindgen_test_configure!(run_in_browser);

const PHOTO: &[u8] = include_bytes!("../node_modules/@vladmandic/face-api/demo/sample3.jpg");
/// No server listens there: a request gives `network_error`.
const NOWHERE: &str = "http://127.0.0.1:9/v0";

/// A client of the sandbox with an API key and the end user's consent, if there is a sandbox.
fn sandbox() -> Option<Perse> {
    match option_env!("PERSE_SANDBOX") {
        Some(url) => Some(client(&format!("{url}/v0"))),
        None => {
            console_log!("skipped: PERSE_SANDBOX does not name a sandbox");
            None
        }
    }
}

fn client(base_url: &str) -> Perse {
    with(base_url, "apiKey", "browser-test")
}

/// A client of `base_url` with consent and one more setting.
fn with(base_url: &str, key: &str, value: impl Into<JsValue>) -> Perse {
    let settings = evaluate("({ enduserConsent: true })");
    for (key, value) in [("baseUrl", base_url.into()), (key, value.into())] {
        Reflect::set(&settings, &key.into(), &value).unwrap();
    }
    Perse::new(settings).unwrap()
}

fn evaluate(expression: &str) -> JsValue {
    js_sys::eval(expression).unwrap()
}

fn file(bytes: &[u8], name: &str) -> JsValue {
    let parts = Array::of1(&Uint8Array::from(bytes));
    File::new_with_u8_array_sequence(&parts, name).unwrap().into()
}

fn photo() -> JsValue {
    file(PHOTO, "photo.jpg")
}

async fn run(call: Promise) -> Result<Object, Object> {
    JsFuture::from(call).await.map(JsCast::unchecked_into).map_err(JsCast::unchecked_into)
}

fn start(client: &Perse, operation: Operation, values: &[JsValue]) -> Promise {
    let value = |index: usize| values.get(index).cloned().unwrap_or_default();
    let (a, b, options) = (value(0), value(1), JsValue::UNDEFINED);
    match operation {
        Operation::Detect => client.detect(a, options),
        Operation::Compare => client.compare(a, b, options),
        Operation::IsSimilar => client.is_similar(a, b, options),
        Operation::Quality => client.quality(a, options),
        Operation::QualityWithSpoofCheck => client.quality_with_spoof_check(a, options),
        Operation::EnrollmentCreate => client.enrollment_create(a, options),
        Operation::EnrollmentRead => client.enrollment_read(options),
        Operation::EnrollmentUpdate => client.enrollment_update(a, b, options),
        Operation::EnrollmentDelete => client.enrollment_delete(a, options),
        _ => unreachable!("a local operation"),
    }
}

fn get(object: &Object, path: &str) -> JsValue {
    path.split('.').fold(object.into(), |value: JsValue, key| Reflect::get(&value, &key.into()).unwrap())
}

fn text(object: &Object, path: &str) -> String {
    get(object, path).as_string().unwrap_or_else(|| panic!("{path} is no string"))
}

/// Returns the rejection of a call that must fail, after checking its shape.
async fn refusal(client: &Perse, operation: Operation, values: &[JsValue]) -> Object {
    let refusal = run(start(client, operation, values)).await.expect_err("a refusal");
    let keys: Vec<_> = Object::keys(&refusal).iter().filter_map(|key| key.as_string()).collect();
    assert_eq!(keys, ["status", "code", "detail", "retryAfterMs", "mayHaveHappened"]);
    assert_eq!(get(&refusal, "status"), JsValue::FALSE);
    let detail = get(&refusal, "detail").as_string();
    assert!(detail.as_ref().is_none_or(|detail| detail.ends_with('.')), "{detail:?}");
    refusal
}

async fn failure(client: &Perse, operation: Operation, values: &[JsValue]) -> String {
    text(&refusal(client, operation, values).await, "code")
}

/// A wrongly chosen driver would silently test another engine.
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
    if let Some(engine) = option_env!("PERSE_ENGINE") {
        assert_eq!(found, engine, "{user_agent}");
    }
}

#[wasm_bindgen_test]
async fn detects_the_faces_of_a_photo() {
    let Some(client) = sandbox() else { return };
    let result = run(client.detect(photo(), JsValue::UNDEFINED)).await.unwrap();
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
    let Some(client) = sandbox() else { return };
    let quality = run(client.quality_with_spoof_check(photo(), JsValue::UNDEFINED)).await.unwrap();
    assert_eq!(get(&quality, "totalFaces").as_f64(), Some(3.0));
    for key in ["isUnderexposed", "isOverexposed", "isBlurred", "isSpoofing"] {
        assert!(get(&quality, &format!("detailedFaces.0.{key}")).as_bool().is_some(), "{key}");
    }
    let quality = run(client.quality(photo(), JsValue::UNDEFINED)).await.unwrap();
    assert!(get(&quality, "detailedFaces.0.isSpoofing").is_undefined());
    let similar = run(client.is_similar(photo(), photo(), JsValue::UNDEFINED)).await.unwrap();
    assert_eq!((get(&similar, "status"), text(&similar, "code")), (JsValue::TRUE, "similar".to_owned()));
}

#[wasm_bindgen_test]
async fn enrols_compares_updates_and_deletes_a_user() {
    let Some(client) = sandbox() else { return };
    let created = run(client.enrollment_create(photo(), JsValue::UNDEFINED)).await.unwrap();
    let token = JsValue::from(text(&created, "userToken"));
    let listed = run(client.enrollment_read(JsValue::UNDEFINED)).await.unwrap();
    assert!(get(&listed, "userTokens").unchecked_into::<Array>().includes(&token, 0));
    for values in [[photo(), token.clone()], [token.clone(), photo()]] {
        let compared = run(start(&client, Operation::Compare, &values)).await.unwrap();
        assert!(get(&compared, "similarity").as_f64() > Some(99.0));
        let updated = run(start(&client, Operation::EnrollmentUpdate, &values)).await.unwrap();
        assert_eq!(get(&updated, "status"), JsValue::TRUE);
    }
    let deleted = run(client.enrollment_delete(token.clone(), JsValue::UNDEFINED)).await.unwrap();
    assert_eq!(get(&deleted, "status"), JsValue::TRUE);
    let delete = [token.clone()];
    assert_eq!(failure(&client, Operation::EnrollmentDelete, &delete).await, "user_token_not_found");
    // An earlier attempt may have deleted the user: then this one has succeeded.
    let options = evaluate("({ attempt: 1, mayHaveHappened: true })");
    let repeated = run(client.enrollment_delete(token.clone(), options)).await.unwrap();
    assert_eq!(JSON::stringify(&repeated).unwrap(), r#"{"timeTaken":0,"status":true,"code":"success"}"#);
    let update = [photo(), token];
    assert_eq!(failure(&client, Operation::Compare, &update).await, "no_face_biometric_data");
    assert_eq!(failure(&client, Operation::EnrollmentUpdate, &update).await, "image_id_invalid");
}

#[wasm_bindgen_test]
async fn a_call_that_is_known_to_fail_is_not_sent() {
    let nowhere = client(NOWHERE);
    let detect = |value: JsValue| {
        let nowhere = &nowhere;
        async move { failure(nowhere, Operation::Detect, &[value]).await }
    };
    assert_eq!(detect(photo()).await, "network_error", "a good call is sent");
    assert_eq!(detect(file(b"", "a.jpg")).await, "empty_file");
    assert_eq!(detect(file(b"not a photo", "a.jpg")).await, "invalid_file_type");
    assert_eq!(detect(file(&[PHOTO, &[0; 2_000_000]].concat(), "a.jpg")).await, "file_too_large");
    assert_eq!(detect("a user token".into()).await, "form_key_missing");
    assert_eq!(detect(JsValue::NULL).await, "form_key_missing");
    assert_eq!(detect(42.into()).await, "invalid_file_type");
    assert_eq!(detect(Uint8Array::from(PHOTO).into()).await, "network_error");
    assert_eq!(detect(Uint8Array::from(PHOTO).buffer().into()).await, "network_error");
    let transferred = evaluate(
        "(() => { const a = new Uint8Array(9); structuredClone(0, { transfer: [a.buffer] }); return a; })()",
    );
    // Engines copy nothing from a transferred buffer, or throw.
    assert!(["empty_file", "invalid_file_type"].contains(&detect(transferred).await.as_str()));

    let anonymous = with(NOWHERE, "apiKey", JsValue::UNDEFINED);
    assert_eq!(failure(&anonymous, Operation::Detect, &[photo()]).await, "unauthorized");
    assert_eq!(failure(&anonymous, Operation::EnrollmentRead, &[]).await, "unauthorized");
    anonymous.set_token(Some("line\nbreak".to_owned()));
    assert_eq!(failure(&anonymous, Operation::EnrollmentRead, &[]).await, "unauthorized");
}

#[wasm_bindgen_test]
async fn only_biometric_operations_need_consent() {
    let refused = Perse::new(evaluate(&format!("({{ baseUrl: '{NOWHERE}', apiKey: 'x' }})"))).unwrap();
    for (operation, values) in [
        (Operation::Detect, vec![photo()]),
        (Operation::Compare, vec![photo(), photo()]),
        (Operation::IsSimilar, vec![photo(), "user".into()]),
        (Operation::Quality, vec![photo()]),
        (Operation::QualityWithSpoofCheck, vec![photo()]),
        (Operation::EnrollmentCreate, vec![photo()]),
        (Operation::EnrollmentUpdate, vec![photo(), "user".into()]),
    ] {
        assert_eq!(failure(&refused, operation, &values).await, "consent_required", "{operation:?}");
        let values: Array = values.into_iter().collect();
        let refusal: Object = check_call(operation, &values, false).unwrap_err().unchecked_into();
        assert_eq!(text(&refusal, "code"), "consent_required");
        assert!(check_call(operation, &values, true).is_ok());
    }
    assert_eq!(failure(&refused, Operation::EnrollmentRead, &[]).await, "network_error");
    assert_eq!(failure(&refused, Operation::EnrollmentDelete, &["user".into()]).await, "network_error");
}

#[wasm_bindgen_test]
async fn an_attempt_may_override_the_consent() {
    let client = client(NOWHERE);
    let options = |text: &str| evaluate(&format!("({text})"));
    let refused = run(client.detect(photo(), options("{ enduserConsent: false }"))).await.unwrap_err();
    assert_eq!(text(&refused, "code"), "consent_required");
    client.configure(options(&format!("{{ baseUrl: '{NOWHERE}', apiKey: 'x' }}"))).unwrap();
    let refused = run(client.detect(photo(), JsValue::UNDEFINED)).await.unwrap_err();
    assert_eq!(text(&refused, "code"), "consent_required");
    let sent = run(client.detect(photo(), options("{ enduserConsent: true }"))).await.unwrap_err();
    assert_eq!(text(&sent, "code"), "network_error");
}

#[wasm_bindgen_test]
async fn a_refusal_says_how_to_repeat_it() {
    let client = client(NOWHERE);
    let read = refusal(&client, Operation::EnrollmentRead, &[]).await;
    assert!(get(&read, "retryAfterMs").as_f64().is_some_and(|pause| (0.0..500.0).contains(&pause)));
    assert_eq!(get(&read, "mayHaveHappened"), JsValue::TRUE);
    let create = refusal(&client, Operation::EnrollmentCreate, &[photo()]).await;
    assert!(get(&create, "retryAfterMs").is_undefined(), "it may be stored already");
    let local = refusal(&client, Operation::Detect, &[]).await;
    assert!(get(&local, "retryAfterMs").is_undefined());
    assert_eq!(get(&local, "mayHaveHappened"), JsValue::FALSE);
}

#[wasm_bindgen_test]
async fn options_of_a_wrong_type_are_refused() {
    for settings in ["{ baseUrl: 1 }", "{ enduserConsent: 'yes' }", "7"] {
        let refusal: Object = Perse::new(evaluate(&format!("({settings})"))).err().unwrap().unchecked_into();
        assert_eq!(text(&refusal, "code"), "invalid_request", "{settings}");
    }
    let refused = run(client(NOWHERE).detect(photo(), evaluate("({ attempt: 'first' })"))).await.unwrap_err();
    assert_eq!(text(&refused, "code"), "invalid_request");
}

/// A client whose `fetch` runs this code, with `url` and `init`.
fn fetching(code: &str) -> Perse {
    let settings =
        evaluate(&format!("({{ apiKey: 'x', enduserConsent: true, fetch: (url, init) => {{ {code} }} }})"));
    Perse::new(settings).unwrap()
}

#[wasm_bindgen_test]
async fn a_request_carries_plain_headers_and_nothing_else() {
    let client = fetching(
        "globalThis.sent = { url, ...init, headers: { ...init.headers }, form: [...init.body] };
        return new Response('{}');",
    );
    client.set_token(Some("token-1".to_owned()));
    let _ = run(client.compare(photo(), " user ".into(), JsValue::UNDEFINED)).await;
    let sent: Object = evaluate("sent").unchecked_into();
    assert_eq!(text(&sent, "url"), "https://api.getperse.com/v0/face/compare");
    assert_eq!(JSON::stringify(&get(&sent, "headers")).unwrap(), r#"{"Authorization":"Bearer token-1"}"#);
    for (key, expected) in [
        ("method", "POST"),
        ("credentials", "omit"),
        ("redirect", "error"),
        ("referrerPolicy", "no-referrer"),
        ("cache", "no-store"),
        ("form.0.0", "image_file"),
        ("form.0.1.name", "image"),
        ("form.1.0", "user_token"),
        ("form.1.1", "user"),
        ("form.2.0", "client_declaration_enduser_consent"),
        ("form.2.1", "true"),
    ] {
        assert_eq!(text(&sent, key), expected, "{key}");
    }
}

#[wasm_bindgen_test]
async fn an_enrolment_carries_its_idempotency_key() {
    let client = fetching("globalThis.headers = init.headers; return new Response('{}');");
    for (operation, expected) in [(Operation::EnrollmentCreate, true), (Operation::Detect, false)] {
        let options = evaluate("({ idempotencyKey: 'key-1' })");
        let call = match operation {
            Operation::EnrollmentCreate => client.enrollment_create(photo(), options),
            _ => client.detect(photo(), options),
        };
        let _ = run(call).await;
        let sent = get(&evaluate("headers").unchecked_into(), "idempotency-key").as_string();
        assert_eq!(sent.as_deref(), expected.then_some("key-1"));
    }
}

/// A library may set properties of every object.
#[wasm_bindgen_test]
async fn only_own_properties_are_options() {
    evaluate("Object.prototype.enduserConsent = true; Object.prototype.fetch = 7;");
    let client = Perse::new(evaluate(&format!("({{ baseUrl: '{NOWHERE}', apiKey: 'x' }})"))).unwrap();
    let code = failure(&client, Operation::Detect, &[photo()]).await;
    evaluate("delete Object.prototype.enduserConsent; delete Object.prototype.fetch;");
    assert_eq!(code, "consent_required");
}

/// A page's own getter may throw.
#[wasm_bindgen_test]
async fn a_file_without_a_readable_size_is_refused() {
    let file =
        evaluate("Object.defineProperty(new Blob(['x']), 'size', { get() { throw new Error('no') } })");
    assert_eq!(failure(&client(NOWHERE), Operation::Detect, &[file]).await, "invalid_file_type");
}

#[wasm_bindgen_test]
async fn fetch_may_reject_or_throw_anything() {
    for code in [
        "throw new Error('no')",
        "throw 'text'",
        "return Promise.reject('left')",
        "return Promise.reject()",
        "return 7",
        "return undefined",
        "return { text: () => { throw 'no' } }",
        "return { text: () => Promise.reject('no') }",
    ] {
        assert_eq!(failure(&fetching(code), Operation::EnrollmentRead, &[]).await, "network_error", "{code}");
    }
    let text = r#"{"user_tokens":[],"total_users":0,"time_taken":0}"#;
    for code in [
        format!("return {{ status: 200, text: async () => '{text}' }}"),
        format!(
            "return {{ status: 200, text: async () => '{text}', headers: {{ get() {{ throw 'no' }} }} }}"
        ),
        format!("return new Response('{text}')"),
    ] {
        let result = run(fetching(&code).enrollment_read(JsValue::UNDEFINED)).await.unwrap();
        assert_eq!(get(&result, "totalUsers").as_f64(), Some(0.0), "{code}");
    }
}

#[wasm_bindgen_test]
async fn the_service_may_ask_for_a_time() {
    let busy = r#"{"status":false,"code":"rate_limited","message":"Wait."}"#;
    let client = fetching(&format!(
        "return new Response('{busy}', {{ status: 429, headers: {{ 'Retry-After': '3' }} }})"
    ));
    let refusal = refusal(&client, Operation::EnrollmentCreate, &[photo()]).await;
    assert!(get(&refusal, "retryAfterMs").as_f64().is_some_and(|pause| (3000.0..=3500.0).contains(&pause)));
}

#[wasm_bindgen_test]
fn a_photo_is_inspected() {
    let inspection: Object =
        inspect_photo(PHOTO, PHOTO.len() as f64, 16_384, 1_000_000).unwrap().unchecked_into();
    assert_eq!((text(&inspection, "next"), text(&inspection, "type")), ("send".into(), "image/jpeg".into()));
    assert!(get(&inspection, "width").as_f64() > Some(500.0));
    let more: Object = inspect_photo(&PHOTO[..100], 5_000_000.0, 1_600, 500_000).unwrap().unchecked_into();
    assert_eq!(text(&more, "next"), "readMore");
    let refusal: Object = inspect_photo(b"text", 4.0, 1_600, 500_000).unwrap_err().unchecked_into();
    assert_eq!(text(&refusal, "code"), "invalid_file_type");
}

#[wasm_bindgen_test]
fn pixels_are_judged() {
    let verdict: Object = judge_image(0.8, 0.0, 0.5).unchecked_into();
    assert_eq!(get(&verdict, "isUnderexposed"), JsValue::TRUE);
    assert_eq!(text(&verdict, "code"), "bad_image_quality");
    let black: Object = client(NOWHERE).image_quality(&[0; 64], 4).unchecked_into();
    assert_eq!(get(&black, "metrics.underexposure").as_f64(), Some(1.0));
    assert_eq!(get(&black, "isHopeless"), JsValue::TRUE);
}

#[wasm_bindgen_test]
async fn a_blob_is_read_whatever_its_type() {
    let Some(client) = sandbox() else { return };
    let options = BlobPropertyBag::new();
    options.set_type("text/html");
    let parts = Array::of1(&Uint8Array::from(PHOTO));
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).unwrap();
    let result = run(client.detect(blob.into(), JsValue::UNDEFINED)).await.unwrap();
    assert_eq!(get(&result, "totalFaces").as_f64(), Some(3.0));
}

#[wasm_bindgen_test]
async fn a_file_of_another_realm_is_read() {
    let Some(client) = sandbox() else { return };
    let frame = evaluate("document.body.appendChild(document.createElement('iframe'))");
    let blob = evaluate("((window, bytes) => new window.Blob([bytes]))").unchecked_into::<Function>();
    let window = Reflect::get(&frame, &"contentWindow".into()).unwrap();
    let foreign = blob.call2(&JsValue::NULL, &window, &Uint8Array::from(PHOTO)).unwrap();
    assert!(foreign.dyn_ref::<Blob>().is_none(), "the test needs a Blob that is not of this realm");
    let result = run(client.detect(foreign, JsValue::UNDEFINED)).await.unwrap();
    assert_eq!(get(&result, "totalFaces").as_f64(), Some(3.0));
}

#[wasm_bindgen_test]
async fn values_that_throw_are_refused() {
    let client = client(NOWHERE);
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
        assert_eq!(failure(&client, Operation::Compare, &values).await, expected, "{hostile}");
    }
    for name in ["..", ".", "list"] {
        let code = failure(&client, Operation::EnrollmentDelete, &[name.into()]).await;
        assert_eq!(code, "user_token_not_found");
    }
}

/// A client whose responses have this body: `fetch` responds to a `data:` URL without a server.
fn responding(body: &str) -> Perse {
    let body = String::from(js_sys::encode_uri_component(body));
    client(&format!("data:application/json,{body}#"))
}

#[wasm_bindgen_test]
async fn unknown_fields_are_kept() {
    let body = r#"{"user_tokens":["a_b"],"total_users":1,"time_taken":0.1,"status":200,
        "new_field":{"deep_key":[{"deeper_key":"snake_value"}]},"__proto__":{"polluted":true}}"#;
    let result = run(responding(body).enrollment_read(JsValue::UNDEFINED)).await.unwrap();
    assert_eq!(text(&result, "userTokens.0"), "a_b");
    assert_eq!(text(&result, "newField.deepKey.0.deeperKey"), "snake_value");
    assert_eq!(get(&result, "status"), JsValue::TRUE);
    assert!(get(&Object::new(), "polluted").is_undefined());
}

#[wasm_bindgen_test]
async fn a_body_that_is_not_of_the_api_is_refused() {
    for body in ["", "<html>", "null", "[]", "{}", r#"{"user_tokens":"a","total_users":1,"time_taken":0}"#] {
        let code = failure(&responding(body), Operation::EnrollmentRead, &[]).await;
        assert_eq!(code, "invalid_response", "{body:.40}");
    }
}

#[wasm_bindgen_test]
async fn a_body_deeper_or_longer_than_any_response_is_refused() {
    let answer = |field: &str| format!(r#"{{"time_taken":0,"status":200,"new_field":{field}}}"#);
    let deep = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
    let user = ["user".into()];
    let result =
        run(start(&responding(&answer(&deep(30))), Operation::EnrollmentDelete, &user)).await.unwrap();
    assert!(get(&result, "newField.0.0.0").is_array());
    for field in [deep(40), deep(5000), format!("{:?}", "x".repeat(1_000_000))] {
        let code = failure(&responding(&answer(&field)), Operation::EnrollmentDelete, &user).await;
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
        assert_eq!(failure(&responding(body), Operation::EnrollmentRead, &[]).await, expected, "{body}");
    }
}

#[wasm_bindgen_test]
async fn parallel_calls_are_independent() {
    let Some(client) = sandbox() else { return };
    let calls: Array = (0..20)
        .map(|index| {
            // Settings may change while calls are pending.
            client.set_token((index % 2 == 1).then(|| "wrong".to_owned()));
            let call = client.enrollment_read(JsValue::UNDEFINED);
            wasm_bindgen_futures::future_to_promise(async move {
                Ok(text(&run(call).await.unwrap_or_else(|refusal| refusal), "code").into())
            })
        })
        .collect();
    let codes = JsFuture::from(js_sys::Promise::all(&calls)).await.unwrap();
    let expected = format!("[{}]", ["\"success\",\"unauthorized\""; 10].join(","));
    assert_eq!(String::from(JSON::stringify(&codes).unwrap()), expected);
}
