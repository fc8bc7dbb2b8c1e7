//! Property tests of the readers of responses: they never panic, and what they accept is sound. Inputs that
//! once failed are kept in `properties.proptest-regressions`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs)]

use perse_protocol::{
    Code,
    json::{Json, Read},
    response::{Comparison, Deletion, Detection, Enrollment, EnrollmentList},
};
use perse_wasm::{
    camel_case::camel_case,
    error_detail::ErrorDetail,
    operation::Operation,
    photo::{Limits, inspect},
    response::{Outcome, judge},
    verdict,
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Map, Value, json};

/// The JSON of `serde_json`, for the readers that the browser uses.
struct Native(Value);

impl Json for Native {
    fn get(&self, key: &str) -> Self {
        Self(self.0.get(key).cloned().unwrap_or_default())
    }

    fn is_null(&self) -> bool {
        self.0.is_null()
    }

    fn boolean(&self) -> Option<bool> {
        self.0.as_bool()
    }

    fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn text(&self) -> Option<String> {
        self.0.as_str().map(str::to_owned)
    }

    fn elements(&self) -> Option<Vec<Self>> {
        self.0.as_array().map(|elements| elements.iter().cloned().map(Self).collect())
    }
}

fn detection() -> Value {
    let metrics =
        json!({ "underexposure": 0.1, "overexposure": 0, "sharpness": 0.5, "color": 0.2, "rotation": 3 });
    let point = json!([1, 2.5]);
    json!({
        "total_faces": 1,
        "faces": [{
            "landmarks": { "right_eye": point, "left_eye": point, "nose": point, "mouth_right": point, "mouth_left": point },
            "bounding_box": [1, 2, 3, 4], "confidence": 0.9, "face_metrics": metrics, "liveness_score": 0.9,
        }],
        "image_metrics": metrics, "image_token": "t", "time_taken": 0.1,
        "default_thresholds": { "underexposure": 0.7, "overexposure": 0.65, "sharpness": 0.15, "liveness": 0.5 },
    })
}

/// The corpus: a response of each kind, as the service sends it.
fn responses() -> Vec<Value> {
    vec![
        detection(),
        json!({ "similarity": 61.5, "image_tokens": ["a", "b"], "default_thresholds": { "similarity": 50 }, "time_taken": 0.2 }),
        json!({ "user_token": "u", "time_taken": 0.1, "status": 200 }),
        json!({ "user_tokens": ["u"], "total_users": 1, "time_taken": 0.1, "status": 200 }),
        json!({ "time_taken": 0.1, "status": 200 }),
        json!({ "status": false, "code": "no_face_detected", "message": "None." }),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        select(vec!["1e999", "-0.0", "1e-400", "4294967296", "-1", "1.5"])
            .prop_map(|number| serde_json::from_str(number).unwrap_or(Value::Null)),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        let key = prop_oneof![
            ".{0,10}",
            select(vec!["faces", "status", "__proto__", "total_faces"]).prop_map(str::to_owned)
        ];
        prop_oneof![
            vec(inner.clone(), 0..8).prop_map(Value::from),
            vec((key, inner), 0..8).prop_map(|entries| Value::Object(Map::from_iter(entries))),
        ]
    })
}

/// A response of which one part, anywhere in it, is replaced or removed.
fn broken_response() -> impl Strategy<Value = Value> {
    (select(responses()), vec(any::<prop::sample::Index>(), 1..6), prop::option::of(any_json())).prop_map(
        |(mut answer, path, other)| {
            replace(&mut answer, &path, other);
            answer
        },
    )
}

fn replace(value: &mut Value, path: &[prop::sample::Index], other: Option<Value>) {
    let (Some((step, rest)), length) =
        (path.split_first(), value.as_array().map(Vec::len).or(value.as_object().map(Map::len)))
    else {
        return;
    };
    let Some(length @ 1..) = length else { return };
    let index = step.index(length);
    match value {
        Value::Array(elements) if rest.is_empty() => match other {
            Some(other) => elements[index] = other,
            None => drop(elements.remove(index)),
        },
        Value::Array(elements) => replace(&mut elements[index], rest, other),
        Value::Object(entries) => {
            let Some(key) = entries.keys().nth(index).cloned() else { return };
            match other {
                None if rest.is_empty() => drop(entries.remove(&key)),
                Some(other) if rest.is_empty() => drop(entries.insert(key, other)),
                other => replace(&mut entries[&key], rest, other),
            }
        }
        _ => {}
    }
}

/// Reads a value as every kind of response, and judges it for every operation.
fn read_all(value: &Value) {
    let value = &Native(value.clone());
    if let Some(detection) = Detection::read(value) {
        for spoof_check in [false, true] {
            let judged = verdict::quality(&detection, spoof_check);
            assert!(spoof_check || judged.is_some());
            assert!(judged.is_none_or(|(_, faces)| faces.len() == detection.faces.len()));
        }
        for face in &detection.faces {
            assert!(face.bounding_box.iter().chain(&face.landmarks.nose).all(|number| number.is_finite()));
        }
    }
    if let Some(comparison) = Comparison::read(value) {
        assert!(comparison.similarity.is_finite());
        let _ = verdict::similarity(&comparison);
    }
    let _ = Enrollment::read(value);
    let _ = EnrollmentList::read(value);
    let _ = Deletion::read(value);
    for operation in OPERATIONS {
        for http_status in [200, 401, 422, 503] {
            let _ = judge(operation, http_status, value, true);
        }
    }
}

const OPERATIONS: [Operation; 9] = [
    Operation::Detect,
    Operation::Compare,
    Operation::IsSimilar,
    Operation::Quality,
    Operation::QualityWithSpoofCheck,
    Operation::EnrollmentCreate,
    Operation::EnrollmentRead,
    Operation::EnrollmentUpdate,
    Operation::EnrollmentDelete,
];

#[test]
fn a_response_is_judged_by_its_operation() {
    let [detection, comparison, enrollment, list, deletion, error] = responses().try_into().unwrap();
    let ok = |operation, body: &Value| judge(operation, 200, &Native(body.clone()), false);
    let faces = |operation| match ok(operation, &detection).unwrap() {
        Outcome::Quality(Code::Success, faces) => faces.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(ok(Operation::Detect, &detection), Ok(Outcome::Response));
    assert_eq!(faces(Operation::Quality), 1);
    assert_eq!(faces(Operation::QualityWithSpoofCheck), 1);
    assert_eq!(ok(Operation::Compare, &comparison), Ok(Outcome::Response));
    assert_eq!(ok(Operation::IsSimilar, &comparison), Ok(Outcome::Similarity(Code::Similar)));
    assert_eq!(ok(Operation::EnrollmentCreate, &enrollment), Ok(Outcome::Response));
    assert_eq!(ok(Operation::EnrollmentUpdate, &enrollment), Ok(Outcome::Response));
    assert_eq!(ok(Operation::EnrollmentRead, &list), Ok(Outcome::Response));
    assert_eq!(ok(Operation::EnrollmentDelete, &deletion), Ok(Outcome::Response));
    assert_eq!(ok(Operation::Detect, &deletion), Err(Code::InvalidResponse.into()));
    // An error body is one at any HTTP status, and is a verdict for the operations on quality.
    let refused = |operation, status| judge(operation, status, &Native(error.clone()), false);
    for status in [200, 402, 422, 500] {
        assert_eq!(refused(Operation::Detect, status).unwrap_err().code, Code::NoFaceDetected);
        assert_eq!(refused(Operation::Quality, status), Ok(Outcome::Quality(Code::NoFaceDetected, vec![])));
    }
    assert_eq!(judge(Operation::Detect, 502, &Native(Value::Null), false), Err(Code::ServerError.into()));
}

#[test]
fn a_user_that_an_earlier_attempt_deleted_is_deleted() {
    let gone = Native(json!({ "status": false, "code": "user_token_not_found" }));
    assert_eq!(judge(Operation::EnrollmentDelete, 422, &gone, true), Ok(Outcome::Deleted));
    let refused = Err(Code::UserTokenNotFound.into());
    assert_eq!(judge(Operation::EnrollmentDelete, 422, &gone, false), refused);
    assert_eq!(judge(Operation::EnrollmentUpdate, 422, &gone, true), refused);
}

#[test]
fn the_corpus_is_read() {
    let [detection, comparison, enrollment, list, deletion, _] = responses().try_into().unwrap();
    assert_eq!(Detection::read(&Native(detection)).unwrap().faces.len(), 1);
    assert_eq!(Comparison::read(&Native(comparison)).unwrap().similarity, 61.5);
    assert_eq!(Enrollment::read(&Native(enrollment)).unwrap().user_token, "u");
    assert_eq!(EnrollmentList::read(&Native(list)).unwrap().total_users, 1);
    assert!(Deletion::read(&Native(deletion)).is_some());
    let mut infinite = responses()[1].clone();
    infinite["similarity"] = json!("61.5");
    assert_eq!(Comparison::read(&Native(infinite)), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn any_json_is_read_or_refused(value in any_json()) {
        read_all(&value);
    }

    #[test]
    fn a_broken_response_is_read_or_refused(value in broken_response()) {
        read_all(&value);
    }

    #[test]
    fn any_file_is_inspected_or_refused(
        head in select(vec![&b"\xFF\xD8\xFF"[..], b"\x89PNG\r\n\x1A\n", b"RIFF\0\0\0\0WEBP", b"GIF89a", b""]),
        rest in vec(any::<u8>(), 0..200), more in 0_u32..10, limits in option::of(any::<(u32, u32)>()),
    ) {
        let bytes = [head, &rest].concat();
        let limits = limits.map(|(side, bytes)| Limits { side, bytes });
        let _ = inspect(&bytes, (bytes.len() as u32 + more).into(), limits);
    }

    #[test]
    fn any_error_body_has_a_known_code(code in ".{0,40}", message in ".{0,40}", status in any::<u16>()) {
        let error = ErrorDetail::from_body(&code, &message, status);
        prop_assert!(!matches!(error.code.as_str(), "success" | "similar"));
        let _ = ErrorDetail::from_http_status(status);
    }

    #[test]
    fn keys_lose_nothing_but_underscores(key in ".{0,40}") {
        let letters = |text: &str| text.replace('_', "").to_lowercase();
        prop_assert_eq!(letters(&camel_case(&key)), letters(&key));
    }
}
