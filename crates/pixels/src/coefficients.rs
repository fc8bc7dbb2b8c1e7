//! Computes the source pixels and weights of each resampled pixel.
//!
//! The filter is Lanczos with three lobes, stretched by the scale, which averages out details too fine for
//! the result instead of aliasing them. At the edges the weights of the existing pixels sum up to one.

use std::f64::consts::PI;

/// Fractional bits of a weight. 255 times the sum of the absolute weights fits in 32 bits.
pub(crate) const PRECISION_BITS: u32 = 14;

/// Half the width of the filter, in pixels of the result.
const RADIUS: f64 = 3.0;

/// The coefficients of one direction: the result's pixel `i` is the sum of `count` source pixels from
/// `starts[i]` on, times `weights_of(i)`.
pub(crate) struct Coefficients {
    pub(crate) starts: Vec<usize>,
    /// Source pixels in a window, which never reaches beyond the last.
    pub(crate) count: usize,
    weights: Vec<i16>,
    stride: usize,
}

impl Coefficients {
    /// For `source` pixels that become `target`. Each window's weights are padded with zeros to a
    /// multiple of `pad`. Neither length may be zero.
    pub(crate) fn new(source: usize, target: usize, pad: usize) -> Self {
        let scale = source as f64 / target as f64;
        // Nothing is scaled up here.
        let stretch = scale.max(1.0);
        let radius = RADIUS * stretch;
        let count = ((2.0 * radius).ceil() as usize + 1).min(source);
        // At the same size each pixel is copied.
        let count = if source == target { 1 } else { count };
        let stride = count.next_multiple_of(pad);
        let mut coefficients =
            Self { starts: Vec::with_capacity(target), count, weights: vec![0; target * stride], stride };
        for (index, weights) in coefficients.weights.chunks_exact_mut(stride).enumerate() {
            let centre = (index as f64 + 0.5) * scale;
            let first = if source == target { index as f64 } else { (centre - radius).floor().max(0.0) };
            let start = (first as usize).min(source - count);
            coefficients.starts.push(start);
            let raw = |tap: usize| lanczos(((start + tap) as f64 + 0.5 - centre) / stretch);
            quantise(raw, &mut weights[..count]);
        }
        coefficients
    }

    pub(crate) fn weights_of(&self, index: usize) -> &[i16] {
        &self.weights[index * self.stride..][..self.stride]
    }
}

/// Quantises the weights so that they sum up to exactly one: plain areas keep their colour.
fn quantise(raw: impl Fn(usize) -> f64, weights: &mut [i16]) {
    let sum: f64 = (0..weights.len()).map(&raw).sum();
    let one = f64::from(1 << PRECISION_BITS);
    let mut rest = 1 << PRECISION_BITS;
    let mut largest = 0;
    for tap in 0..weights.len() {
        let weight = (raw(tap) / sum * one).round() as i16;
        weights[tap] = weight;
        rest -= i32::from(weight);
        if weight > weights[largest] {
            largest = tap;
        }
    }
    weights[largest] += rest as i16;
}

fn lanczos(x: f64) -> f64 {
    if x.abs() >= RADIUS {
        return 0.0;
    }
    sinc(x) * sinc(x / RADIUS)
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_sum_up_to_one_and_windows_stay_inside() {
        for (source, target) in [(4032, 2304), (4032, 4031), (7, 3), (3, 1), (1, 1), (100, 100), (65, 64)] {
            let coefficients = Coefficients::new(source, target, 4);
            assert_eq!(coefficients.starts.len(), target);
            for (index, start) in coefficients.starts.iter().enumerate() {
                let sum: i32 = coefficients.weights_of(index).iter().map(|&weight| i32::from(weight)).sum();
                assert_eq!(sum, 1 << PRECISION_BITS, "{source} to {target}, pixel {index}");
                assert!(start + coefficients.count <= source);
                assert!(
                    coefficients.weights_of(index)[coefficients.count..].iter().all(|&weight| weight == 0)
                );
            }
        }
    }

    #[test]
    fn the_same_size_is_the_same_pixels() {
        let coefficients = Coefficients::new(5, 5, 2);
        assert_eq!(coefficients.starts, [0, 1, 2, 3, 4]);
        assert_eq!(coefficients.weights_of(3), [1 << PRECISION_BITS, 0]);
    }
}
