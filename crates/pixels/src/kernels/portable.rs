//! Plain loops.

use super::HALF;
use crate::coefficients::{Coefficients, PRECISION_BITS};

/// Resamples one row horizontally. `row` has room for the padding of the last window.
pub(crate) fn horizontal(row: &[u8], coefficients: &Coefficients, out: &mut [u8]) {
    for (index, out) in out.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let pixels = row[coefficients.starts[index] * 4..].as_chunks::<4>().0;
        let mut sums = [HALF; 4];
        for (pixel, &weight) in pixels.iter().zip(coefficients.weights_of(index)) {
            for (sum, &value) in sums.iter_mut().zip(pixel) {
                *sum += i32::from(value) * i32::from(weight);
            }
        }
        *out = sums.map(byte);
    }
}

/// Resamples one row vertically. There are as many weights as rows, and a zero for an odd number of rows.
pub(crate) fn vertical(rows: &[&[u8]], weights: &[i16], out: &mut [u8]) {
    const LANES: usize = 16;
    for (chunk, out) in out.chunks_mut(LANES).enumerate() {
        let mut sums = [HALF; LANES];
        for (row, &weight) in rows.iter().zip(weights) {
            let row = &row[chunk * LANES..][..out.len()];
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += i32::from(value) * i32::from(weight);
            }
        }
        for (out, sum) in out.iter_mut().zip(sums) {
            *out = byte(sum);
        }
    }
}

fn byte(sum: i32) -> u8 {
    (sum >> PRECISION_BITS).clamp(0, 255) as u8
}
