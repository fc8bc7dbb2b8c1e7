//! How alike two faces are.

/// At or above this similarity two faces are taken for one person's.
pub const SIMILARITY_THRESHOLD: f32 = 70.0;

/// A face in 128 numbers.
#[derive(Clone, Debug, PartialEq)]
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

    /// Euclidean distance: 0 for the same picture, about 1.4 for the most different faces.
    pub fn distance(&self, other: &Self) -> f32 {
        self.0.iter().zip(&other.0).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
    }
}

/// Similarity, 0..=100, of two faces whose descriptors are `distance` apart.
pub fn similarity(distance: f32) -> f32 {
    (100.0 - 50.0 * distance).clamp(0.0, 100.0)
}
