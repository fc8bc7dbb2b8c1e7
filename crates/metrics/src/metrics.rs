//! Formulas of exposure, sharpness and colour, for a whole image or the ellipse of a face.
//!
//! Exposure and sharpness follow the open camera SDK of the service's makers (Yoonit Camera for
//! Android), whose published limits are the thresholds here:
//!
//! * luma is BT.601, `(299 R + 587 G + 114 B) / 1000`, rounded down;
//! * `underexposure` and `overexposure` are the shares of pixels with a luma of 0..=63 and of
//!   192..=255;
//! * `sharpness` is the standard deviation of the Laplacian, divided by 128, at most 1. The Laplacian
//!   is the sum of a pixel's eight neighbours less eight times the pixel, clamped to 0..=255; beyond the
//!   edges the nearest pixel counts.
//!
//! A face is measured inside an ellipse with radii of 0.35 times its width and half its height.
//!
//! `color` is one less the colourfulness of D. Hasler and S. Süsstrunk, "Measuring colourfulness in
//! natural images" (2003): with `rg = R − G` and `yb = (R + G) / 2 − B`, the root of their variances'
//! sum plus 0.3 times the root of their squared means' sum, over 33, which they call moderately
//! colourful. So grey is 1, and a picture with its colours is 0.

use crate::{image::Image, kernels::Backend, meter::ExposureAndSharpness};
use std::ops::Range;

/// Above this share of dark pixels a picture is underexposed.
pub const UNDEREXPOSURE_THRESHOLD: f32 = 0.7;
/// Above this share of bright pixels a picture is overexposed.
pub const OVEREXPOSURE_THRESHOLD: f32 = 0.65;
/// Below this sharpness a picture is blurred.
pub const SHARPNESS_THRESHOLD: f32 = 0.1591;

/// Luma below this is dark.
const DARK_END: u8 = 64;
/// Luma from here on is bright.
const BRIGHT_BEGIN: u8 = 192;
/// Radii of the ellipse inside a face's bounding box, as shares of its width and height.
const RADII: [f32; 2] = [0.35, 0.5];
/// The colourfulness from which on a picture has all its colours.
const COLOURFUL: f64 = 33.0;

/// Metrics of an image's pixels; every number is in 0..=1. The formulas are in this
/// module's source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metrics {
    /// Share of dark pixels; 0 is best. See [`UNDEREXPOSURE_THRESHOLD`].
    pub underexposure: f32,
    /// Share of bright pixels; 0 is best. See [`OVEREXPOSURE_THRESHOLD`].
    pub overexposure: f32,
    /// Spread of the Laplacian; 1 is best. See [`SHARPNESS_THRESHOLD`].
    pub sharpness: f32,
    /// Loss of colour: 0 is a picture with its colours, 1 a grey one.
    pub color: f32,
}

/// Measures the whole image.
pub fn measure(image: Image<'_>) -> Metrics {
    let width = image.width() as usize;
    measure_rows(image, 0..image.height() as usize, |_| 0..width)
}

/// Measures the ellipse in the middle of a face crop: radii of 0.35 × its width and 0.5 × its height.
/// A pixel belongs to the ellipse when its centre does.
pub fn measure_ellipse(image: Image<'_>) -> Metrics {
    let size = [image.width() as f32, image.height() as f32];
    let radii = [size[0] * RADII[0], size[1] * RADII[1]];
    let rows = pixels(size[1] / 2.0, radii[1], image.height());
    measure_rows(image, rows, |y| {
        let v = (y as f32 + 0.5 - size[1] / 2.0) / radii[1];
        pixels(size[0] / 2.0, radii[0] * (1.0 - v * v).max(0.0).sqrt(), image.width())
    })
}

/// The pixels of a line whose centres are within `radius` of `centre`.
fn pixels(centre: f32, radius: f32, length: u32) -> Range<usize> {
    let begin = (centre - radius - 0.5).ceil().max(0.0).min(length as f32) as usize;
    let end = (centre + radius + 0.5).floor().max(0.0).min(length as f32) as usize;
    begin..end.max(begin)
}

/// Measures a part of each of some rows.
fn measure_rows(image: Image<'_>, rows: Range<usize>, part: impl Fn(usize) -> Range<usize>) -> Metrics {
    let backend = Backend::best();
    let mut sums = Sums::default();
    let height = image.height() as usize;
    // The luma of the three rows around `y`; that of row `n` is in `luma[n % 3]`.
    let mut luma = [(); 3].map(|()| vec![0; image.width() as usize]);
    let first = rows.start.saturating_sub(1);
    for y in first..rows.end.min(height) {
        if y == first {
            backend.luma(image.row(y), &mut luma[y % 3]);
        }
        let below = y + 1;
        if below < height {
            backend.luma(image.row(below), &mut luma[below % 3]);
        }
        if y < rows.start {
            continue;
        }
        let above = &luma[y.saturating_sub(1) % 3];
        let below = &luma[below.min(height - 1) % 3];
        let part = part(y);
        sums.add_luma(backend, &luma[y % 3][part.clone()]);
        sums.add_laplacian(backend, [above, &luma[y % 3], below], part.clone());
        sums.add_colour(backend, &image.row(y)[part.start * 3..part.end * 3]);
    }
    sums.metrics()
}

/// Whole numbers, so that the order of adding does not matter.
#[derive(Default)]
pub(crate) struct Sums {
    count: u64,
    dark: u64,
    bright: u64,
    laplacian: u64,
    laplacian_squared: u64,
    red_green: [i64; 2],
    yellow_blue: [i64; 2],
}

impl Sums {
    pub(crate) fn add_luma(&mut self, backend: Backend, luma: &[u8]) {
        self.count += luma.len() as u64;
        for chunk in luma.chunks(255) {
            let [dark, bright] = backend.count_dark_bright(chunk, DARK_END, BRIGHT_BEGIN);
            self.dark += u64::from(dark);
            self.bright += u64::from(bright);
        }
    }

    pub(crate) fn add_laplacian(&mut self, backend: Backend, rows: [&[u8]; 3], part: Range<usize>) {
        let width = rows[1].len();
        let mut edge = |x: usize| {
            let columns = [x.saturating_sub(1), x, (x + 1).min(width - 1)];
            let all: i32 = rows.iter().flat_map(|row| columns.map(|x| i32::from(row[x]))).sum();
            let value = (all - 9 * i32::from(rows[1][x])).clamp(0, 255) as u64;
            self.laplacian += value;
            self.laplacian_squared += value * value;
        };
        let inner = part.start.max(1)..part.end.min(width.saturating_sub(1));
        if inner.is_empty() {
            part.for_each(edge);
            return;
        }
        (part.start..inner.start).for_each(&mut edge);
        (inner.end..part.end).for_each(&mut edge);
        for x in inner.clone().step_by(BLOCK) {
            let end = (x + BLOCK).min(inner.end);
            let [sum, squares] = backend.laplacian(rows.map(|row| &row[x - 1..end + 1]));
            self.laplacian += u64::from(sum);
            self.laplacian_squared += u64::from(squares);
        }
    }

    fn add_colour(&mut self, backend: Backend, rgb: &[u8]) {
        for block in rgb.chunks(3 * BLOCK) {
            let sums = backend.colour(block);
            self.red_green[0] += i64::from(sums[0]);
            self.red_green[1] += i64::from(sums[1]);
            self.yellow_blue[0] += i64::from(sums[2]);
            self.yellow_blue[1] += i64::from(sums[3]);
        }
    }

    fn metrics(&self) -> Metrics {
        let ExposureAndSharpness { underexposure, overexposure, sharpness } = self.exposure_and_sharpness();
        let (rg, rg_variance) = self.moments(self.red_green[0] as f64, self.red_green[1] as f64);
        let (yb, yb_variance) =
            self.moments(self.yellow_blue[0] as f64 / 2.0, self.yellow_blue[1] as f64 / 4.0);
        let colourfulness = (rg_variance + yb_variance).sqrt() + 0.3 * rg.hypot(yb);
        let color = (1.0 - colourfulness / COLOURFUL).max(0.0) as f32;
        Metrics { underexposure, overexposure, sharpness, color }
    }

    pub(crate) fn exposure_and_sharpness(&self) -> ExposureAndSharpness {
        let share = |part: u64| (part as f64 / self.pixels()) as f32;
        let (_, variance) = self.moments(self.laplacian as f64, self.laplacian_squared as f64);
        ExposureAndSharpness {
            underexposure: share(self.dark),
            overexposure: share(self.bright),
            sharpness: (variance.sqrt() / 128.0).min(1.0) as f32,
        }
    }

    fn pixels(&self) -> f64 {
        self.count.max(1) as f64
    }

    /// Mean and variance.
    fn moments(&self, sum: f64, squares: f64) -> (f64, f64) {
        let mean = sum / self.pixels();
        (mean, (squares / self.pixels() - mean * mean).max(0.0))
    }
}

/// Number of pixels that are summed in 32 bits: 8192 · 510² < 2³¹.
const BLOCK: usize = 8192;
