//! Judging an answer by the limits of the same answer.

use perse_protocol::{
    Code,
    answer::{Comparison, Detection, DetectionThresholds, Face},
};

/// What is wrong with one face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaceQuality {
    /// Its underexposure is over the limit.
    pub is_underexposed: bool,
    /// Its overexposure is over the limit.
    pub is_overexposed: bool,
    /// Its sharpness is under the limit.
    pub is_blurred: bool,
    /// Its liveness score is under the limit; judged only where nothing else is wrong.
    pub is_spoofing: bool,
}

impl FaceQuality {
    fn judge(face: &Face, limits: &DetectionThresholds) -> Self {
        let metrics = &face.face_metrics;
        let exposed_and_sharp = Self {
            is_underexposed: metrics.underexposure > limits.underexposure,
            is_overexposed: metrics.overexposure > limits.overexposure,
            is_blurred: metrics.sharpness < limits.sharpness,
            is_spoofing: false,
        };
        Self {
            is_spoofing: exposed_and_sharp.is_good() && face.liveness_score < limits.liveness,
            ..exposed_and_sharp
        }
    }

    fn is_good(self) -> bool {
        !(self.is_underexposed || self.is_overexposed || self.is_blurred)
    }
}

/// The quality of each face, and what follows for the photo: `success`, `bad_image_quality` when
/// any face has a fault (with `spoof_check`, also a spoofed one), or `no_face_detected`.
#[must_use]
pub fn quality(detection: &Detection, spoof_check: bool) -> (Code, Vec<FaceQuality>) {
    let faces: Vec<_> =
        detection.faces.iter().map(|face| FaceQuality::judge(face, &detection.default_thresholds)).collect();
    let code = if faces.is_empty() {
        Code::NoFaceDetected
    } else if faces.iter().all(|face| face.is_good() && !(spoof_check && face.is_spoofing)) {
        Code::Success
    } else {
        Code::BadImageQuality
    };
    (code, faces)
}

/// `similar` or `not_similar`.
#[must_use]
pub fn similarity(comparison: &Comparison) -> Code {
    if comparison.similarity >= comparison.default_thresholds.similarity {
        Code::Similar
    } else {
        Code::NotSimilar
    }
}

#[cfg(test)]
mod tests {
    use super::quality;
    use perse_protocol::{
        Code,
        answer::{
            Comparison, ComparisonThresholds, Detection, DetectionThresholds, Face, Landmarks, Metrics,
        },
    };

    const LIMITS: DetectionThresholds =
        DetectionThresholds { underexposure: 0.7, overexposure: 0.65, sharpness: 0.15, liveness: 0.5 };

    /// A detection of faces given as `[underexposure, overexposure, sharpness, liveness]`.
    fn detection(faces: &[[f64; 4]]) -> Detection {
        let metrics = |[underexposure, overexposure, sharpness, _]: [f64; 4]| Metrics {
            underexposure,
            overexposure,
            sharpness,
            color: None,
            rotation: None,
        };
        let point = [0.0, 0.0];
        Detection {
            total_faces: faces.len() as u32,
            faces: faces
                .iter()
                .map(|&numbers| Face {
                    landmarks: Landmarks {
                        right_eye: point,
                        left_eye: point,
                        nose: point,
                        mouth_right: point,
                        mouth_left: point,
                    },
                    bounding_box: [0.0, 0.0, 10.0, 10.0],
                    confidence: 0.9,
                    face_metrics: metrics(numbers),
                    liveness_score: numbers[3],
                })
                .collect(),
            image_metrics: metrics([0.0; 4]),
            image_token: String::new(),
            default_thresholds: LIMITS,
            time_taken: 0.0,
        }
    }

    #[test]
    fn a_value_at_its_limit_is_good_and_one_past_it_is_not() {
        assert_eq!(quality(&detection(&[[0.7, 0.65, 0.15, 0.5]]), true).0, Code::Success);
        for (face, faults) in [
            ([0.71, 0.0, 0.5, 0.9], [true, false, false]),
            ([0.0, 0.66, 0.5, 0.9], [false, true, false]),
            ([0.0, 0.0, 0.14, 0.9], [false, false, true]),
            ([0.9, 0.9, 0.0, 0.9], [true, true, true]),
        ] {
            let (code, faces) = quality(&detection(&[face]), false);
            assert_eq!(code, Code::BadImageQuality);
            assert_eq!([faces[0].is_underexposed, faces[0].is_overexposed, faces[0].is_blurred], faults);
        }
    }

    #[test]
    fn one_bad_face_spoils_the_photo() {
        let (code, faces) = quality(&detection(&[[0.0, 0.0, 0.5, 0.9], [0.8, 0.0, 0.5, 0.9]]), false);
        assert_eq!((code, faces.len()), (Code::BadImageQuality, 2));
        assert!(!faces[0].is_underexposed && faces[1].is_underexposed);
    }

    #[test]
    fn no_face_is_its_own_verdict() {
        assert_eq!(quality(&detection(&[]), true), (Code::NoFaceDetected, vec![]));
    }

    #[test]
    fn a_spoof_counts_only_when_asked_and_only_on_a_good_face() {
        let spoof = detection(&[[0.0, 0.0, 0.5, 0.4]]);
        assert_eq!(quality(&spoof, false).0, Code::Success);
        let (code, faces) = quality(&spoof, true);
        assert_eq!((code, faces[0].is_spoofing), (Code::BadImageQuality, true));
        let (_, blurred) = quality(&detection(&[[0.0, 0.0, 0.1, 0.4]]), true);
        assert!(blurred[0].is_blurred && !blurred[0].is_spoofing);
    }

    #[test]
    fn similarity_is_judged_by_the_answers_own_threshold() {
        let compare = |similarity, threshold| {
            super::similarity(&Comparison {
                similarity,
                image_tokens: [String::new(), String::new()],
                default_thresholds: ComparisonThresholds { similarity: threshold },
                time_taken: 0.0,
            })
        };
        assert_eq!(compare(60.0, 60.0), Code::Similar);
        assert_eq!(compare(59.9, 60.0), Code::NotSimilar);
        assert_eq!(compare(0.8, 0.71), Code::Similar);
    }
}
