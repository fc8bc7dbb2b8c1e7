//! Judges a response by the thresholds of the same response, and pixels by the published ones.

use perse_metrics::{
    ExposureAndSharpness, Meter, OVEREXPOSURE_THRESHOLD, SHARPNESS_THRESHOLD, UNDEREXPOSURE_THRESHOLD,
};
use perse_protocol::{
    Code,
    response::{Comparison, Detection, DetectionThresholds, Face},
};

/// The faults of one face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaceQuality {
    /// The underexposure is over the threshold.
    pub is_underexposed: bool,
    /// The overexposure is over the threshold.
    pub is_overexposed: bool,
    /// The sharpness is under the threshold.
    pub is_blurred: bool,
    /// The liveness score is under the threshold. Judged only for a face without another fault.
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
            is_spoofing: exposed_and_sharp.is_good()
                && face.liveness_score.zip(limits.liveness).is_some_and(|(score, limit)| score < limit),
            ..exposed_and_sharp
        }
    }

    fn is_good(self) -> bool {
        !(self.is_underexposed || self.is_overexposed || self.is_blurred)
    }
}

/// Judges each face of a photo, and the photo: `success`, `bad_image_quality` when any face has a fault
/// (with `spoof_check` a spoofed face, too), or `no_face_detected`. `None` where `spoof_check` lacks a score or its
/// threshold.
#[must_use]
pub fn quality(detection: &Detection, spoof_check: bool) -> Option<(Code, Vec<FaceQuality>)> {
    let Detection { faces, default_thresholds: limits, .. } = detection;
    if spoof_check && faces.iter().any(|face| face.liveness_score.and(limits.liveness).is_none()) {
        return None;
    }
    let faces: Vec<_> = faces.iter().map(|face| FaceQuality::judge(face, limits)).collect();
    let code = if faces.is_empty() {
        Code::NoFaceDetected
    } else if faces.iter().all(|face| face.is_good() && !(spoof_check && face.is_spoofing)) {
        Code::Success
    } else {
        Code::BadImageQuality
    };
    Some((code, faces))
}

/// Length in pixels that an image's shorter side is reduced to before it is measured.
///
/// At this size the published thresholds separate sharp selfies (sharpness of 0.23 and more) from selfies
/// blurred by 1 % of their height (0.16 and less), at any resolution of the photo.
pub const MEASURED_SIDE: u32 = 128;

/// Exposure and sharpness of a whole image at [`MEASURED_SIDE`], by the formulas of `perse-metrics`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ImageMetrics {
    /// Share of dark pixels, 0..=1; 0 is best.
    pub underexposure: f64,
    /// Share of bright pixels, 0..=1; 0 is best.
    pub overexposure: f64,
    /// Spread of the Laplacian, 0..=1; 1 is best.
    pub sharpness: f64,
}

impl ImageMetrics {
    /// Measures RGBA pixels, `width` per row, whose shorter side is [`MEASURED_SIDE`].
    #[must_use]
    pub fn measure(rgba: &[u8], width: u32) -> Self {
        let mut meter = Meter::new(width);
        meter.push(rgba);
        let ExposureAndSharpness { underexposure, overexposure, sharpness } = meter.finish();
        Self {
            underexposure: underexposure.into(),
            overexposure: overexposure.into(),
            sharpness: sharpness.into(),
        }
    }
}

/// The faults of a whole image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ImageQuality {
    /// The measured metrics.
    pub metrics: ImageMetrics,
    /// The underexposure is over the threshold.
    pub is_underexposed: bool,
    /// The overexposure is over the threshold.
    pub is_overexposed: bool,
    /// The sharpness is under the threshold.
    pub is_blurred: bool,
}

/// Share of dark or bright pixels above which no face can be well exposed.
const HOPELESS_EXPOSURE: f64 = 0.9;
/// Sharpness below which no face can be sharp: the photo is blurred by more than 1 % of its height.
const HOPELESS_SHARPNESS: f64 = 0.1;

impl ImageQuality {
    /// Judges metrics by the thresholds that the makers of the service publish.
    #[must_use]
    pub fn judge(metrics: ImageMetrics) -> Self {
        Self {
            metrics,
            is_underexposed: metrics.underexposure > f64::from(UNDEREXPOSURE_THRESHOLD),
            is_overexposed: metrics.overexposure > f64::from(OVEREXPOSURE_THRESHOLD),
            is_blurred: metrics.sharpness < f64::from(SHARPNESS_THRESHOLD),
        }
    }

    /// Returns `success` or `bad_image_quality`.
    #[must_use]
    pub fn code(&self) -> Code {
        if self.is_underexposed || self.is_overexposed || self.is_blurred {
            Code::BadImageQuality
        } else {
            Code::Success
        }
    }

    /// Returns what happened and what to do, in English; `None` for an image without a fault.
    #[must_use]
    pub fn detail(&self) -> Option<&'static str> {
        if self.is_underexposed {
            Some("The photo is too dark. Take another one in better light.")
        } else if self.is_overexposed {
            Some("The photo is too bright. Take another one away from direct light.")
        } else if self.is_blurred {
            Some("The photo is blurred. Take another one and hold still.")
        } else {
            None
        }
    }

    /// Returns whether no service could find a good face in the image. A dark or bright background alone is
    /// not hopeless, because the face may be well exposed.
    #[must_use]
    pub fn is_hopeless(&self) -> bool {
        let ImageMetrics { underexposure, overexposure, sharpness } = self.metrics;
        underexposure > HOPELESS_EXPOSURE
            || overexposure > HOPELESS_EXPOSURE
            || sharpness < HOPELESS_SHARPNESS
    }
}

/// Judges a similarity by the threshold of its own response: `similar` or `not_similar`.
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
    #![allow(clippy::unwrap_used)]

    use super::{FaceQuality, ImageMetrics, ImageQuality};
    use perse_protocol::{
        Code,
        response::{
            Comparison, ComparisonThresholds, Detection, DetectionThresholds, Face, Landmarks, Metrics,
        },
    };

    const LIMITS: DetectionThresholds =
        DetectionThresholds { underexposure: 0.7, overexposure: 0.65, sharpness: 0.15, liveness: Some(0.5) };

    /// Returns a detection of faces given as `[underexposure, overexposure, sharpness, liveness]`.
    fn detection(faces: &[[f64; 4]]) -> Detection {
        let metrics = |[underexposure, overexposure, sharpness, _]: [f64; 4]| Metrics {
            underexposure,
            overexposure,
            sharpness,
            color: None,
            rotation: None,
            yaw: None,
            pitch: None,
            roll: None,
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
                    liveness_score: Some(numbers[3]),
                })
                .collect(),
            image_metrics: metrics([0.0; 4]),
            image_token: String::new(),
            default_thresholds: LIMITS,
            time_taken: 0.0,
        }
    }

    fn quality(detection: &Detection, spoof_check: bool) -> (Code, Vec<FaceQuality>) {
        super::quality(detection, spoof_check).unwrap()
    }

    #[test]
    fn a_value_at_its_threshold_is_good() {
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
    fn one_face_with_a_fault_makes_a_photo_bad() {
        let (code, faces) = quality(&detection(&[[0.0, 0.0, 0.5, 0.9], [0.8, 0.0, 0.5, 0.9]]), false);
        assert_eq!((code, faces.len()), (Code::BadImageQuality, 2));
        assert!(!faces[0].is_underexposed && faces[1].is_underexposed);
    }

    #[test]
    fn a_photo_without_a_face_has_its_own_code() {
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
    fn without_a_score_and_its_threshold_there_is_no_verdict_on_spoofing() {
        let good = detection(&[[0.0, 0.0, 0.5, 0.9], [0.0, 0.0, 0.5, 0.4]]);
        let mut without_score = good.clone();
        without_score.faces[1].liveness_score = None;
        let mut without_threshold = good;
        without_threshold.default_thresholds.liveness = None;
        for lacking in [without_score, without_threshold] {
            assert_eq!(super::quality(&lacking, true), None);
            assert_eq!(quality(&lacking, false).0, Code::Success);
        }
    }

    #[test]
    fn an_image_is_judged_by_the_published_thresholds() {
        let judge = |[underexposure, overexposure, sharpness]: [f64; 3]| {
            ImageQuality::judge(ImageMetrics { underexposure, overexposure, sharpness })
        };
        let good = judge([0.69, 0.64, 0.16]);
        assert_eq!((good.code(), good.detail(), good.is_hopeless()), (Code::Success, None, false));
        for (metrics, word, is_hopeless) in [
            ([0.71, 0.0, 0.5], "dark", false),
            ([0.91, 0.0, 0.5], "dark", true),
            ([0.0, 0.66, 0.5], "bright", false),
            ([0.0, 0.91, 0.5], "bright", true),
            ([0.0, 0.0, 0.15], "blurred", false),
            ([0.0, 0.0, 0.09], "blurred", true),
        ] {
            let bad = judge(metrics);
            assert_eq!(bad.code(), Code::BadImageQuality);
            assert!(bad.detail().unwrap().contains(word));
            assert_eq!(bad.is_hopeless(), is_hopeless, "{metrics:?}");
        }
    }

    #[test]
    fn similarity_is_judged_by_the_threshold_of_its_response() {
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

    #[test]
    fn black_pixels_are_underexposed() {
        let black = ImageMetrics::measure(&[0, 0, 0, 255].repeat(16), 4);
        assert_eq!(black, ImageMetrics { underexposure: 1.0, overexposure: 0.0, sharpness: 0.0 });
        assert!(ImageQuality::judge(black).is_underexposed);
    }
}
