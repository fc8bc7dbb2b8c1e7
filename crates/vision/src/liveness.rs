//! A guess, from the picture alone, at whether a face is that of a person in front of the camera.
//!
//! **A weak heuristic for development, not a defence.** It notices two things that careless copies
//! have and that photos of people lack: a face without colours (a photocopy, an infrared frame), and
//! a regular fine pattern over it (the pixels of a screen or the dots of a print). It has no notion of
//! depth, of motion or of a good copy: those it takes for live.

use crate::{face::Rect, image::Image, metrics::Metrics};

/// Below this liveness a face is taken for a spoof.
pub const LIVENESS_THRESHOLD: f32 = 0.5;

/// Loss of colour at which doubt begins and at which it is complete.
const GREY: [f32; 2] = [0.75, 1.0];
/// Strength of a regular pattern at which doubt begins and at which it is complete.
const PATTERN: [f32; 2] = [0.35, 0.75];
/// The longest period, in pixels, that counts as a fine pattern.
const LONGEST_PERIOD: usize = 12;
/// Number of rows and columns of a face that are read.
const LINES: usize = 64;

/// 1 for a face that shows nothing suspicious, 0 for one that surely is a copy.
pub(crate) fn liveness(image: Image<'_>, face: &Rect, metrics: &Metrics) -> f32 {
    (1.0 - doubt(metrics.color, GREY)) * (1.0 - doubt(pattern(image, face), PATTERN))
}

fn doubt(value: f32, [begins, complete]: [f32; 2]) -> f32 {
    ((value - begins) / (complete - begins)).clamp(0.0, 1.0)
}

/// Returns how regular the fine structure of the middle of a face is, along rows or along columns, whichever
/// is more: 0 for none, 1 and more for a pattern that repeats exactly.
pub(crate) fn pattern(image: Image<'_>, face: &Rect) -> f32 {
    let part = |begin: f32, length: f32, limit: u32| {
        let [begin, end] = [begin + length * 0.2, begin + length * 0.8];
        begin.clamp(0.0, limit as f32) as i64..end.clamp(0.0, limit as f32) as i64
    };
    let (columns, rows) =
        (part(face.x, face.width, image.width()), part(face.y, face.height, image.height()));
    let spaced = |range: &std::ops::Range<i64>| {
        let step = ((range.end - range.start) as usize).div_ceil(LINES).max(1);
        range.clone().step_by(step)
    };
    let green = |x, y| i32::from(image.pixel(x, y)[1]);
    let along_rows = spaced(&rows).map(|y| columns.clone().map(|x| green(x, y)).collect());
    let along_columns = spaced(&columns).map(|x| rows.clone().map(|y| green(x, y)).collect());
    regularity(along_rows).max(regularity(along_columns))
}

/// The autocorrelation of the lines' slopes falls from 1 and stays near 0 unless something repeats:
/// the result is how far it rises again from its lowest.
fn regularity(lines: impl Iterator<Item = Vec<i32>>) -> f32 {
    let mut products = [0_i64; LONGEST_PERIOD + 1];
    for line in lines {
        let slopes: Vec<i32> = line.windows(2).map(|pair| pair[1] - pair[0]).collect();
        for (lag, product) in products.iter_mut().enumerate() {
            let shifted = slopes.get(lag..).unwrap_or_default();
            *product += slopes.iter().zip(shifted).map(|(a, b)| i64::from(a * b)).sum::<i64>();
        }
    }
    let mut lowest = products[0];
    let mut rise = 0;
    for product in products {
        lowest = lowest.min(product);
        rise = rise.max(product - lowest);
    }
    rise as f32 / products[0].max(1) as f32
}
