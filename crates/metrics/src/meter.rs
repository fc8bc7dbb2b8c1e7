//! Exposure and sharpness of RGBA pixels that come in bands of rows, as a browser reads them.
//!
//! Results equal [`crate::measure`]'s to the bit; colour is left out. The alpha byte is ignored:
//! composite transparent pixels before measuring them.

use crate::{kernels::Backend, metrics::Sums};

/// Exposure and sharpness of an image; every number is in 0..=1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExposureAndSharpness {
    /// Share of dark pixels; see [`crate::Metrics::underexposure`].
    pub underexposure: f32,
    /// Share of bright pixels; see [`crate::Metrics::overexposure`].
    pub overexposure: f32,
    /// Spread of the Laplacian; see [`crate::Metrics::sharpness`].
    pub sharpness: f32,
}

/// Measures an image whose rows come in bands. Reads each byte once and keeps three rows.
pub struct Meter {
    backend: Backend,
    width: usize,
    rows: usize,
    /// The luma of the last three rows; that of row `n` is in `luma[n % 3]`.
    luma: [Vec<u8>; 3],
    sums: Sums,
}

impl Meter {
    /// Creates a meter for an image of `width` pixels per row.
    pub fn new(width: u32) -> Self {
        Self::on(Backend::best(), width)
    }

    fn on(backend: Backend, width: u32) -> Self {
        let width = width as usize;
        Self { backend, width, rows: 0, luma: [(); 3].map(|()| vec![0; width]), sums: Sums::default() }
    }

    /// Adds the next rows from the top, four bytes a pixel. An incomplete row at the end is ignored.
    pub fn push(&mut self, rgba: &[u8]) {
        if self.width == 0 {
            return;
        }
        for row in rgba.chunks_exact(self.width * 4) {
            let luma = &mut self.luma[self.rows % 3];
            self.backend.luma_rgba(row, luma);
            self.sums.add_luma(self.backend, luma);
            self.rows += 1;
            if self.rows > 1 {
                self.add_row(self.rows - 2, self.rows - 1);
            }
        }
    }

    /// Adds the Laplacian of a row, whose neighbour below may be itself.
    fn add_row(&mut self, row: usize, below: usize) {
        let rows = [row.saturating_sub(1), row, below].map(|row| &self.luma[row % 3][..]);
        self.sums.add_laplacian(self.backend, rows, 0..self.width);
    }

    /// Returns the metrics of all rows; zeros when there were none.
    pub fn finish(mut self) -> ExposureAndSharpness {
        if self.rows > 0 {
            self.add_row(self.rows - 1, self.rows - 1);
        }
        self.sums.exposure_and_sharpness()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Image, measure};

    /// Pixels that look random, and the same ones without their fourth byte.
    fn noise(width: u32, height: u32) -> (Vec<u8>, Vec<u8>) {
        let mut state = 7_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let rgba: Vec<u8> = (0..width * height * 4).map(|_| next()).collect();
        let rgb = rgba.as_chunks::<4>().0.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
        (rgba, rgb)
    }

    #[test]
    fn bands_on_any_backend_equal_the_whole_image() {
        for (width, height) in [(1, 1), (1, 7), (7, 1), (2, 2), (17, 5), (33, 20), (300, 40), (9000, 3)] {
            let (rgba, rgb) = noise(width, height);
            let expected = measure(Image::new(width, height, &rgb).unwrap());
            for backend in [Backend::portable(), Backend::best()] {
                for rows in [1, 3, height as usize] {
                    let mut meter = Meter::on(backend, width);
                    rgba.chunks(width as usize * 4 * rows).for_each(|band| meter.push(band));
                    let actual = meter.finish();
                    assert_eq!(actual.underexposure, expected.underexposure);
                    assert_eq!(actual.overexposure, expected.overexposure);
                    assert_eq!(actual.sharpness, expected.sharpness, "{width} × {height}, {rows} at once");
                }
            }
        }
    }

    /// Every luma there is, and the roundings around it.
    #[test]
    fn luma_is_rounded_down_on_any_backend() {
        let values = [0, 1, 2, 3, 63, 64, 65, 127, 128, 191, 192, 193, 253, 254, 255];
        let triples = values.map(|r| values.map(|g| values.map(|b| [r, g, b, 9])));
        let rgba: Vec<u8> = triples.iter().flatten().flatten().flatten().copied().collect();
        for backend in [Backend::portable(), Backend::best()] {
            let mut luma = vec![0; rgba.len() / 4];
            backend.luma_rgba(&rgba, &mut luma);
            for (&luma, &[r, g, b, _]) in luma.iter().zip(rgba.as_chunks().0) {
                let exact = (299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b)) / 1000;
                assert_eq!(u32::from(luma), exact);
            }
        }
    }

    #[test]
    fn no_rows_or_incomplete_rows_measure_zero() {
        let nothing = ExposureAndSharpness { underexposure: 0.0, overexposure: 0.0, sharpness: 0.0 };
        assert_eq!(Meter::new(4).finish(), nothing);
        let mut meter = Meter::new(0);
        meter.push(&[0; 4]);
        assert_eq!(meter.finish(), nothing);
        let mut meter = Meter::new(2);
        meter.push(&[0; 7]);
        assert_eq!(meter.finish(), nothing);
    }
}
