//! JSON that does harm. Where a kind says nothing else, the response is right for every route: it has the
//! fields of all of them.
//!
//! - `deep`: 100,000 nested arrays in a field that no version knows
//! - `huge`: a string of 5 MB in such a field
//! - `types`: every field of every response is of another type than it should be
//! - `duplicates`: every field twice, right first, then of another type
//! - `numbers`: too large and too small for a double, `-0`; counts in turn 1.5, -1 and 4294967296

const DEPTH: usize = 100_000;
const LENGTH: usize = 5_000_000;

/// The fields of all responses, as they should be.
const RIGHT: &str = r#"
    "total_faces": 1,
    "faces": [{
        "landmarks": {
            "right_eye": [40, 50], "left_eye": [80, 50], "nose": [60, 70],
            "mouth_right": [45, 90], "mouth_left": [75, 90]
        },
        "bounding_box": [20, 20, 80, 100],
        "confidence": 0.9,
        "face_metrics": {"underexposure": 0.1, "overexposure": 0.1, "sharpness": 0.9},
        "liveness_score": 0.9
    }],
    "image_metrics": {"underexposure": 0.1, "overexposure": 0.1, "sharpness": 0.9},
    "image_token": "00000000-0000-4000-8000-000000000001",
    "default_thresholds": {
        "underexposure": 0.5, "overexposure": 0.5, "sharpness": 0.5, "liveness": 0.5, "similarity": 50
    },
    "similarity": 90,
    "image_tokens": ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"],
    "user_token": "00000000-0000-4000-8000-000000000003",
    "user_tokens": ["00000000-0000-4000-8000-000000000003"],
    "total_users": 1,
    "token": "a.b.c",
    "time_taken": 0.1
"#;

/// The same of other types, and what an error has.
const WRONG: &str = r#"
    "total_faces": "one",
    "faces": {"length": 1, "0": null},
    "image_metrics": [0.1, 0.1, 0.9],
    "image_token": 1,
    "default_thresholds": "0.5",
    "similarity": {"valueOf": 90},
    "image_tokens": "00000000-0000-4000-8000-000000000001",
    "user_token": ["00000000-0000-4000-8000-000000000003"],
    "user_tokens": true,
    "total_users": null,
    "token": {},
    "time_taken": [],
    "code": 200,
    "message": {"toString": null},
    "status": "yes"
"#;

/// The same with numbers that no client counts on; `COUNT` is one of [`COUNTS`].
const NUMBERS: &str = r#"
    "total_faces": COUNT,
    "faces": [{
        "landmarks": {
            "right_eye": [1e999, -1e999], "left_eye": [-0, 1e-400], "nose": [1e308, -1e308],
            "mouth_right": [9007199254740993, 0.1e1], "mouth_left": [-0.0, 5e-324]
        },
        "bounding_box": [-1e999, 1e999, -1, 4294967296],
        "confidence": 1e999,
        "face_metrics": {"underexposure": -0, "overexposure": 1e-400, "sharpness": 1e999},
        "liveness_score": -1e999
    }],
    "image_metrics": {"underexposure": 1e-400, "overexposure": -0, "sharpness": 1e999},
    "image_token": "00000000-0000-4000-8000-000000000001",
    "default_thresholds": {
        "underexposure": -0, "overexposure": 1e-400, "sharpness": 1e999, "liveness": -1, "similarity": 1e999
    },
    "similarity": 1e999,
    "image_tokens": ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"],
    "user_token": "00000000-0000-4000-8000-000000000003",
    "user_tokens": ["00000000-0000-4000-8000-000000000003"],
    "total_users": COUNT,
    "token": "a.b.c",
    "time_taken": -0
"#;
const COUNTS: [&str; 3] = ["1.5", "-1", "4294967296"];

/// In which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Deep,
    Huge,
    Types,
    Duplicates,
    Numbers,
}

impl Kind {
    pub(super) fn parse(kind: &str) -> Option<Self> {
        match kind {
            "deep" => Some(Self::Deep),
            "huge" => Some(Self::Huge),
            "types" => Some(Self::Types),
            "duplicates" => Some(Self::Duplicates),
            "numbers" => Some(Self::Numbers),
            _ => None,
        }
    }

    /// The body for the request of that number, from 0.
    pub(super) fn body(self, number: u64) -> String {
        match self {
            Self::Deep => format!(r#"{{{RIGHT}, "unknown": {}{}}}"#, "[".repeat(DEPTH), "]".repeat(DEPTH)),
            Self::Huge => format!(r#"{{{RIGHT}, "unknown": "{}"}}"#, "x".repeat(LENGTH)),
            Self::Types => format!("{{{WRONG}}}"),
            Self::Duplicates => format!("{{{RIGHT}, {WRONG}}}"),
            Self::Numbers => {
                let turn = usize::try_from(number % 3).unwrap_or_default();
                format!("{{{}}}", NUMBERS.replace("COUNT", COUNTS[turn]))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use perse_protocol::response::{Comparison, Deletion, Detection, Enrollment, EnrollmentList};
    use serde::de::DeserializeOwned;
    use serde_json::{Map, Value};

    use super::{Kind, RIGHT, WRONG};

    fn fields(json: &str) -> Map<String, Value> {
        serde_json::from_str(&format!("{{{json}}}")).unwrap()
    }

    fn reads<T: DeserializeOwned>(json: &str) -> bool {
        serde_json::from_str::<T>(&format!("{{{json}}}")).is_ok()
    }

    #[test]
    fn what_is_right_is_right_for_every_route() {
        assert!(reads::<Detection>(RIGHT) && reads::<Comparison>(RIGHT) && reads::<Deletion>(RIGHT));
        assert!(reads::<Enrollment>(RIGHT) && reads::<EnrollmentList>(RIGHT));
        let wrong = fields(WRONG);
        for (name, value) in fields(RIGHT) {
            assert_ne!(std::mem::discriminant(&value), std::mem::discriminant(&wrong[&name]), "{name}");
        }
    }

    #[test]
    fn every_kind_is_json() {
        let small: Value = serde_json::from_str(&Kind::Types.body(0)).unwrap();
        assert_eq!(small["status"], "yes");
        let huge: Value = serde_json::from_str(&Kind::Huge.body(0)).unwrap();
        assert_eq!(huge["unknown"].as_str().unwrap().len(), 5_000_000);
        let duplicates: Value = serde_json::from_str(&Kind::Duplicates.body(0)).unwrap();
        assert_eq!(duplicates["total_faces"], "one");
        assert!(Kind::Duplicates.body(0).contains(r#""total_faces": 1,"#));
        let deep = Kind::Deep.body(0);
        let (known, nested) = deep.split_once("[[").unwrap();
        assert!(reads::<Detection>(&format!("{}null", &known[1..])));
        assert_eq!(nested.matches('[').count(), 99_998);
        assert_eq!(nested.matches(']').count(), 100_000);
        for (number, count) in [(0, "1.5"), (1, "-1"), (2, "4294967296"), (3, "1.5")] {
            // serde_json takes no 1e999, where a browser reads infinity.
            let json = Kind::Numbers.body(number).replace("1e999", "1");
            let json: Value = serde_json::from_str(&json).unwrap();
            assert_eq!(json["total_users"].to_string(), count);
        }
    }
}
