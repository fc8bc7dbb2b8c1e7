//! Declares the responses of the service. Keys are snake_case on the wire, and camelCase in the SDK's results.
//! Unknown fields are ignored here and kept in the results. Fields that older services lack are `Option`s.

use crate::json::{Json, Read};

/// A point in pixels, `[x, y]`, from the image's top left corner.
#[cfg_attr(feature = "typescript", tsify::declare)]
pub type Point = [f64; 2];

/// Declares a response: a reader for the SDK, serde for a server, TypeScript for the page.
macro_rules! responses {
    ($($(#[$doc:meta])* pub struct $name:ident { $($(#[$field_doc:meta])* pub $field:ident: $type:ty,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        #[cfg_attr(feature = "serialize", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "typescript", derive(tsify::Tsify), serde(rename_all(serialize = "camelCase")))]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)+ }

        impl Read for $name {
            fn read(json: &impl Json) -> Option<Self> {
                Some(Self { $($field: json.field(stringify!($field))?,)+ })
            }
        }
    )+};
}

responses! {
    /// Exposure and focus of an image, or of the crop of a face.
    pub struct Metrics {
        /// Loss of shadow detail, 0..1; 0 is best.
        pub underexposure: f64,
        /// Loss of highlight detail, 0..1; 0 is best.
        pub overexposure: f64,
        /// 0..1; 1 is best, low where the picture is blurred.
        pub sharpness: f64,
        /// Colour degradation, 0..1; 0 is best. Older services leave it out.
        #[cfg_attr(any(feature = "serialize", feature = "typescript"), serde(skip_serializing_if = "Option::is_none"))]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub color: Option<f64>,
        /// Degrees that the head is turned away from the camera, 0..360; 0 is best. Older services leave it out.
        #[cfg_attr(any(feature = "serialize", feature = "typescript"), serde(skip_serializing_if = "Option::is_none"))]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub rotation: Option<f64>,
        /// Degrees, −90..90; positive where the face looks towards the image's right, which is the person's left.
        /// Services other than the sandbox leave it out.
        #[cfg_attr(any(feature = "serialize", feature = "typescript"), serde(skip_serializing_if = "Option::is_none"))]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub yaw: Option<f64>,
        /// Degrees, −180..180; positive where the face looks up. Services other than the sandbox leave it out.
        #[cfg_attr(any(feature = "serialize", feature = "typescript"), serde(skip_serializing_if = "Option::is_none"))]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub pitch: Option<f64>,
        /// Degrees, −180..180; positive where the head is tilted counter-clockwise in the image. Services other than
        /// the sandbox leave it out.
        #[cfg_attr(any(feature = "serialize", feature = "typescript"), serde(skip_serializing_if = "Option::is_none"))]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub roll: Option<f64>,
    }

    /// Five points of a face; right and left are the person's own.
    pub struct Landmarks {
        /// Centre of the right eye.
        #[cfg_attr(feature = "openapi", schema(value_type = [f64; 2], min_items = 2, max_items = 2))]
        pub right_eye: Point,
        /// Centre of the left eye.
        #[cfg_attr(feature = "openapi", schema(value_type = [f64; 2], min_items = 2, max_items = 2))]
        pub left_eye: Point,
        /// Tip of the nose.
        #[cfg_attr(feature = "openapi", schema(value_type = [f64; 2], min_items = 2, max_items = 2))]
        pub nose: Point,
        /// Right corner of the mouth.
        #[cfg_attr(feature = "openapi", schema(value_type = [f64; 2], min_items = 2, max_items = 2))]
        pub mouth_right: Point,
        /// Left corner of the mouth.
        #[cfg_attr(feature = "openapi", schema(value_type = [f64; 2], min_items = 2, max_items = 2))]
        pub mouth_left: Point,
    }

    /// One face of an image.
    pub struct Face {
        /// Places of its features.
        pub landmarks: Landmarks,
        /// `[x, y, width, height]` in pixels, from the image's top left corner.
        #[cfg_attr(feature = "openapi", schema(min_items = 4, max_items = 4))]
        pub bounding_box: [f64; 4],
        /// The detector's confidence, 0..1.
        pub confidence: f64,
        /// Metrics of the face alone.
        pub face_metrics: Metrics,
        /// 0..1; low where the service judges the face to be a picture of one. A single image can't prove a person's
        /// presence; the sandbox's score is no presentation attack detection. Absent where the faces were detected on
        /// the device.
        #[cfg_attr(any(feature = "serialize", feature = "typescript"), serde(skip_serializing_if = "Option::is_none"))]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub liveness_score: Option<f64>,
    }

    /// Limits that the service recommends for judging its metrics.
    pub struct DetectionThresholds {
        /// A face with more underexposure is too dark.
        pub underexposure: f64,
        /// A face with more overexposure is too bright.
        pub overexposure: f64,
        /// A face with less sharpness is blurred.
        pub sharpness: f64,
        /// A face with a lower score may be a picture of one. A higher score is no proof of a person's presence. Absent
        /// where the faces were detected on the device.
        #[cfg_attr(any(feature = "serialize", feature = "typescript"), serde(skip_serializing_if = "Option::is_none"))]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub liveness: Option<f64>,
    }

    /// The response of `POST /face/detect`.
    pub struct Detection {
        /// Number of faces that were found wholly inside the image.
        pub total_faces: u32,
        /// The faces.
        pub faces: Vec<Face>,
        /// Metrics of the whole image.
        pub image_metrics: Metrics,
        /// Unique id of this image.
        pub image_token: String,
        /// The service's limits.
        pub default_thresholds: DetectionThresholds,
        /// Seconds that the service worked on it.
        pub time_taken: f64,
    }

    /// The limit that the service recommends for judging a similarity.
    pub struct ComparisonThresholds {
        /// At least this similarity means the same person.
        pub similarity: f64,
    }

    /// The response of `POST /face/compare`.
    pub struct Comparison {
        /// Similarity of the faces, 0..100; judge it only against the threshold of the same response.
        pub similarity: f64,
        /// Unique ids of the two images.
        #[cfg_attr(feature = "openapi", schema(min_items = 2, max_items = 2))]
        pub image_tokens: [String; 2],
        /// The service's limit.
        pub default_thresholds: ComparisonThresholds,
        /// Seconds that the service worked on it.
        pub time_taken: f64,
    }

    /// The response of creating or updating an enrolment.
    pub struct Enrollment {
        /// The enrolled user's token: keep it with the user's account.
        pub user_token: String,
        /// Seconds that the service worked on it.
        pub time_taken: f64,
    }

    /// The response of `GET /face/enrollment/list`.
    pub struct EnrollmentList {
        /// The tokens of all enrolled users.
        pub user_tokens: Vec<String>,
        /// Number of users.
        pub total_users: u32,
        /// Seconds that the service worked on it.
        pub time_taken: f64,
    }

    /// The response of deleting an enrolment.
    pub struct Deletion {
        /// Seconds that the service worked on it.
        pub time_taken: f64,
    }
}

/// A failure as the service reports it. Its `code` decides, not the HTTP status.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorBody {
    /// Message in English.
    pub message: String,
    /// Identifies the failure; a client may meet one that it does not know.
    pub code: String,
    /// Always `false`.
    pub status: bool,
}

#[cfg(test)]
mod tests {
    use super::{Detection, Metrics};
    use crate::json::{Json, Read};
    use serde_json::{Value, json};

    impl Json for Value {
        fn get(&self, key: &str) -> Self {
            self.get(key).cloned().unwrap_or_default()
        }

        fn is_null(&self) -> bool {
            self.is_null()
        }

        fn boolean(&self) -> Option<bool> {
            self.as_bool()
        }

        fn number(&self) -> Option<f64> {
            self.as_f64()
        }

        fn text(&self) -> Option<String> {
            self.as_str().map(str::to_owned)
        }

        fn elements(&self) -> Option<Vec<Self>> {
            self.as_array().cloned()
        }
    }

    #[test]
    fn newer_fields_may_be_missing_and_unknown_ones_present() {
        let old = json!({ "underexposure": 0.1, "overexposure": 0, "sharpness": 1 });
        let old = Metrics::read(&old).unwrap();
        assert_eq!((old.color, old.rotation), (None, None));
        let new = json!({
            "underexposure": 0.1, "overexposure": 0, "sharpness": 1, "color": 0.2, "rotation": 12.5, "noise": 3
        });
        let new = Metrics::read(&new).unwrap();
        assert_eq!((new.color, new.rotation), (Some(0.2), Some(12.5)));
    }

    #[test]
    fn a_response_without_its_required_fields_is_refused() {
        assert_eq!(Detection::read(&json!({ "total_faces": 0 })), None);
        assert_eq!(Metrics::read(&json!({ "underexposure": "dark" })), None);
    }

    #[test]
    fn numbers_and_lengths_are_checked() {
        for (number, read) in [
            (json!(3), Some(3)),
            (json!(-0.0), Some(0)),
            (json!(4_294_967_295_u32), Some(u32::MAX)),
            (json!(-1), None),
            (json!(1.5), None),
            (json!(4_294_967_296_u64), None),
            (json!("3"), None),
        ] {
            assert_eq!(u32::read(&number), read, "{number}");
        }
        assert_eq!(<[f64; 2]>::read(&json!([1, 2.5])), Some([1.0, 2.5]));
        assert_eq!(<[f64; 2]>::read(&json!([1, 2.5, 3])), None);
        assert_eq!(<Option<f64>>::read(&json!("far")), None);
    }
}
