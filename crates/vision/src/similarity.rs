//! How alike two faces are.
//!
//! The threshold was set on the 21 faces that the engine finds on six photos. One face and eight
//! pictures made from it (other crops, sizes, tones, angles, compression, mirrored) are at most 0.30
//! apart. Two photos show what seems to be one woman: 0.44. All 209 other pairs of faces are at least
//! 0.52 apart (those on one photo, who certainly are two people, 0.55), half of them 0.76 and more.
//! That is a small set: before relying on the threshold, check it with your own photos.

use std::fmt;

/// At or above this similarity two faces are taken for one person's.
pub const SIMILARITY_THRESHOLD: f32 = 50.0;

/// The distance whose similarity is the threshold.
const THRESHOLD_DISTANCE: f32 = 0.5;

/// A face in 128 numbers. Biometric data: `Debug` does not show them.
#[derive(Clone, PartialEq)]
pub struct Descriptor([f32; 128]);

impl Descriptor {
    /// Wraps numbers that were stored earlier.
    pub fn from_array(values: [f32; 128]) -> Self {
        Self(values)
    }

    /// The numbers, for storing.
    pub fn as_array(&self) -> &[f32; 128] {
        &self.0
    }

    /// Euclidean distance: 0 for the same picture; see [`similarity`] for what to expect of others.
    pub fn distance(&self, other: &Self) -> f32 {
        self.0.iter().zip(&other.0).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
    }
}

impl fmt::Debug for Descriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Descriptor(…)")
    }
}

/// Similarity, 0..=100, of two faces whose descriptors are `distance` apart: `100 · 2^−(d / 0.5)⁴`.
///
/// It falls with the distance, from 100 at 0 over [`SIMILARITY_THRESHOLD`] at 0.5 towards 0. A
/// distance that is not a number has the similarity 0.
pub fn similarity(distance: f32) -> f32 {
    let ratio = distance.max(0.0) / THRESHOLD_DISTANCE;
    let similarity = 100.0 * (-ratio.powi(4)).exp2();
    if distance.is_nan() { 0.0 } else { similarity }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similarity_falls_from_100_over_the_threshold_to_0() {
        assert_eq!(similarity(0.0), 100.0);
        assert!((similarity(THRESHOLD_DISTANCE) - SIMILARITY_THRESHOLD).abs() < 1e-3);
        assert!(similarity(2.0) < 1e-3);
        assert_eq!(similarity(f32::INFINITY), 0.0);
        assert_eq!(similarity(f32::NAN), 0.0);
        let falling = (0..200).map(|i| similarity(i as f32 / 100.0)).collect::<Vec<_>>();
        assert!(falling.windows(2).all(|pair| pair[0] >= pair[1]));
    }
}
