//! Which source pixels make one of the result, and with what weight.
//!
//! The filter is Lanczos with three lobes, stretched by the scale when it shrinks, so that what is too
//! fine for the result is averaged away instead of showing as moiré. Beyond the edges there is nothing:
//! the weights of what is there are made to sum up to one.

use std::f64::consts::PI;

/// Weights have so many binary places: 255 times their sum, with some below zero, fits in 32 bits.
pub(crate) const PLACES: u32 = 14;

/// Half the width of the filter, in pixels of the result.
const RADIUS: f64 = 3.0;

/// The windows of one direction: the result's pixel `i` is the sum of `count` source pixels from
/// `starts[i]` on, times `weights_of(i)`.
pub(crate) struct Windows {
    pub(crate) starts: Vec<usize>,
    /// How many source pixels a window has; it never reaches beyond the last.
    pub(crate) count: usize,
    weights: Vec<i16>,
    stride: usize,
}

impl Windows {
    /// For `source` pixels that become `target`. Each window's weights are padded with zeros to a
    /// multiple of `pad`. Neither length may be zero.
    pub(crate) fn new(source: usize, target: usize, pad: usize) -> Self {
        let scale = source as f64 / target as f64;
        // Nothing is ever scaled up here; were it, the filter would be as wide as for the same size.
        let stretch = scale.max(1.0);
        let radius = RADIUS * stretch;
        let count = ((2.0 * radius).ceil() as usize + 1).min(source);
        // At the same size each pixel is its own.
        let count = if source == target { 1 } else { count };
        let stride = count.next_multiple_of(pad);
        let mut windows =
            Self { starts: Vec::with_capacity(target), count, weights: vec![0; target * stride], stride };
        for (index, weights) in windows.weights.chunks_exact_mut(stride).enumerate() {
            let centre = (index as f64 + 0.5) * scale;
            let first = if source == target { index as f64 } else { (centre - radius).floor().max(0.0) };
            let start = (first as usize).min(source - count);
            windows.starts.push(start);
            let raw = |tap: usize| lanczos(((start + tap) as f64 + 0.5 - centre) / stretch);
            quantise(raw, &mut weights[..count]);
        }
        windows
    }

    pub(crate) fn weights_of(&self, index: usize) -> &[i16] {
        &self.weights[index * self.stride..][..self.stride]
    }
}

/// Makes the weights sum up to exactly one, so that plain areas keep their colour.
fn quantise(raw: impl Fn(usize) -> f64, weights: &mut [i16]) {
    let sum: f64 = (0..weights.len()).map(&raw).sum();
    let one = f64::from(1 << PLACES);
    let mut rest = 1 << PLACES;
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
            let windows = Windows::new(source, target, 4);
            assert_eq!(windows.starts.len(), target);
            for (index, start) in windows.starts.iter().enumerate() {
                let sum: i32 = windows.weights_of(index).iter().map(|&weight| i32::from(weight)).sum();
                assert_eq!(sum, 1 << PLACES, "{source} to {target}, pixel {index}");
                assert!(start + windows.count <= source);
                assert!(windows.weights_of(index)[windows.count..].iter().all(|&weight| weight == 0));
            }
        }
    }

    #[test]
    fn the_same_size_is_the_same_pixels() {
        let windows = Windows::new(5, 5, 2);
        assert_eq!(windows.starts, [0, 1, 2, 3, 4]);
        assert_eq!(windows.weights_of(3), [1 << PLACES, 0]);
    }
}
