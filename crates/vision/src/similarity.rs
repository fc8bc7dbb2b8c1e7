//! Converts descriptors to a similarity.
//!
//! The threshold is the cosine at which two photos of different people are taken for one person in about
//! one of 5,000 comparisons on Labeled Faces in the Wild. `docs/accuracy.md` has the figures and says what
//! was not measured. Before relying on the threshold, evaluate it on photos of your own: `npm run eval`.

use crate::network::fr_feature::{NAME, NUMBERS};
use std::fmt;

/// At or above this similarity two faces are taken for one person's.
pub const SIMILARITY_THRESHOLD: f32 = 50.0;

/// The cosine whose similarity is the threshold.
const THRESHOLD_COSINE: f32 = 0.393;

/// A face in 512 numbers, as a vector of length one. Biometric data: `Debug` does not show them.
#[derive(Clone, PartialEq)]
pub struct Descriptor([f32; NUMBERS]);

impl Descriptor {
    /// Numbers of a descriptor.
    pub const LENGTH: usize = NUMBERS;
    /// The network whose descriptors can be compared with one another, and with no other network's.
    pub const NETWORK: &str = NAME;

    /// Scales numbers to a vector of length one; zeros stay zeros.
    pub(crate) fn normalised(mut values: [f32; NUMBERS]) -> Self {
        let length = values.iter().map(|x| x * x).sum::<f32>().sqrt();
        if length > 0.0 {
            values.iter_mut().for_each(|x| *x /= length);
        }
        Self(values)
    }

    /// Reads numbers that were stored earlier; `None` where they are not as many as a descriptor has,
    /// or one of them is not finite.
    pub fn from_slice(values: &[f32]) -> Option<Self> {
        let values: [f32; NUMBERS] = values.try_into().ok()?;
        values.iter().all(|x| x.is_finite()).then(|| Self::normalised(values))
    }

    /// The numbers, for storing.
    pub fn as_slice(&self) -> &[f32] {
        &self.0
    }

    /// The cosine of the angle between two descriptors, −1..=1: 1 for the same picture.
    pub fn cosine(&self, other: &Self) -> f32 {
        self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum::<f32>().clamp(-1.0, 1.0)
    }
}

impl fmt::Debug for Descriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Descriptor(…)")
    }
}

/// Similarity, 0..=100, of two faces whose descriptors have this cosine: `100 · max(0, c)^(ln ½ / ln 0.393)`.
///
/// It rises with the cosine, from 0 at 0 and below over [`SIMILARITY_THRESHOLD`] at 0.393 to 100 at 1. A
/// cosine that is not a number has the similarity 0.
pub fn similarity(cosine: f32) -> f32 {
    let exponent = 0.5_f32.ln() / THRESHOLD_COSINE.ln();
    100.0 * cosine.clamp(0.0, 1.0).max(0.0).powf(exponent)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn similarity_rises_from_0_over_the_threshold_to_100() {
        assert_eq!(similarity(1.0), 100.0);
        assert_eq!(similarity(1.5), 100.0);
        assert!((similarity(THRESHOLD_COSINE) - SIMILARITY_THRESHOLD).abs() < 1e-3);
        assert!(similarity(THRESHOLD_COSINE - 1e-3) < SIMILARITY_THRESHOLD);
        for nothing in [0.0, -1.0, f32::NEG_INFINITY, f32::NAN] {
            assert_eq!(similarity(nothing), 0.0);
        }
        let rising = (-100..=100).map(|i| similarity(i as f32 / 100.0)).collect::<Vec<_>>();
        assert!(rising.windows(2).all(|pair| pair[0] <= pair[1]));
    }

    #[test]
    fn a_descriptor_is_read_back_only_when_it_is_whole() {
        let values: [f32; NUMBERS] = std::array::from_fn(|i| (i as f32).sin());
        let descriptor = Descriptor::normalised(values);
        let read = Descriptor::from_slice(descriptor.as_slice()).unwrap();
        assert!((descriptor.cosine(&read) - 1.0).abs() < 1e-5);
        assert!(Descriptor::from_slice(&values[1..]).is_none());
        for bad in [f32::NAN, f32::INFINITY] {
            let mut values = values;
            values[77] = bad;
            assert!(Descriptor::from_slice(&values).is_none());
        }
    }
}
