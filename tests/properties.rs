//! Values that nobody thought of, for the readers of answers and session tokens: they never panic, and
//! what they take is sound. Inputs that once failed are kept in `properties.proptest-regressions`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs)]

use perse_protocol::{
    answer::{Comparison, Deletion, Detection, Enrollment, EnrollmentList},
    json::{Json, Read},
};
use perse_wasm::{
    failure::Failure,
    jwt::{Claims, payload},
    keys::camel_case,
    verdict,
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Map, Value, json};

/// The same reader as in the browser, on another home of parsed JSON.
struct Native(Value);

impl Json for Native {
    fn get(&self, key: &str) -> Self {
        Self(self.0.get(key).cloned().unwrap_or_default())
    }

    fn is_null(&self) -> bool {
        self.0.is_null()
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

/// The corpus: an answer of each kind as the service gives it.
fn answers() -> Vec<Value> {
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

/// An answer of which one part, anywhere in it, is something else or gone.
fn broken_answer() -> impl Strategy<Value = Value> {
    (select(answers()), vec(any::<prop::sample::Index>(), 1..6), prop::option::of(any_json())).prop_map(
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
            let key = entries.keys().nth(index).cloned().unwrap();
            match other {
                None if rest.is_empty() => drop(entries.remove(&key)),
                Some(other) if rest.is_empty() => drop(entries.insert(key, other)),
                other => replace(&mut entries[&key], rest, other),
            }
        }
        _ => {}
    }
}

/// Reads a value as every kind of answer, and judges what can be read.
fn read_all(value: &Value) {
    let value = &Native(value.clone());
    if let Some(detection) = Detection::read(value) {
        for spoof_check in [false, true] {
            let (_, faces) = verdict::quality(&detection, spoof_check);
            assert_eq!(faces.len(), detection.faces.len());
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
}

#[test]
fn the_corpus_is_read() {
    let [detection, comparison, enrollment, list, deletion, _] = answers().try_into().unwrap();
    assert_eq!(Detection::read(&Native(detection)).unwrap().faces.len(), 1);
    assert_eq!(Comparison::read(&Native(comparison)).unwrap().similarity, 61.5);
    assert_eq!(Enrollment::read(&Native(enrollment)).unwrap().user_token, "u");
    assert_eq!(EnrollmentList::read(&Native(list)).unwrap().total_users, 1);
    assert!(Deletion::read(&Native(deletion)).is_some());
    let mut infinite = answers()[1].clone();
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
    fn a_broken_answer_is_read_or_refused(value in broken_answer()) {
        read_all(&value);
    }

    #[test]
    fn any_text_for_a_token_is_read_or_refused(token in "\\PC{0,80}|[A-Za-z0-9_.=-]{0,80}") {
        let _ = payload(&token);
    }

    #[test]
    fn a_token_lives_no_longer_than_its_lifetime(
        exp in prop::option::of(any::<f64>()), iat in prop::option::of(any::<f64>()), now in any::<f64>(), is_fresh: bool,
    ) {
        let claims = Claims { exp, iat };
        if let (Some(left), Some(exp), Some(iat)) = (claims.time_left(now, is_fresh), exp, iat)
            && exp > iat
        {
            prop_assert!(left.is_nan() || left <= (exp - iat) * 1000.0);
        }
    }

    #[test]
    fn claims_of_any_payload_are_read_or_refused(value in any_json()) {
        if let Some(claims) = Claims::read(&Native(value)) {
            let _ = claims.time_left(1.8e12, true);
        }
    }

    #[test]
    fn any_refusal_has_a_code_of_ours(code in ".{0,40}", message in ".{0,40}", status in any::<u16>()) {
        let failure = Failure::from_body(&code, &message, status);
        prop_assert!(!matches!(failure.code.as_str(), "success" | "similar"));
        let _ = Failure::from_http_status(status);
    }

    #[test]
    fn keys_lose_nothing_but_underscores(key in ".{0,40}") {
        let letters = |text: &str| text.replace('_', "").to_lowercase();
        prop_assert_eq!(letters(&camel_case(&key)), letters(&key));
    }
}
