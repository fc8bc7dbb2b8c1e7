//! Pixels at other sizes and angles: whole pictures scaled, and square crops turned upright.

use crate::{face::Rect, image::Image, network::Tensor};

/// A scaled copy of a picture: RGB, 0..=255, not rounded.
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    rgb: Vec<f32>,
}

impl Picture {
    /// The image at another size.
    pub(crate) fn scaled(image: Image<'_>, width: usize, height: usize) -> Self {
        let rgb = scale(image.rgb(), [image.width() as usize, image.height() as usize], [width, height]);
        Self { width, height, rgb }
    }

    /// The picture at yet another size.
    pub(crate) fn scaled_again(&self, width: usize, height: usize) -> Self {
        Self { width, height, rgb: scale(&self.rgb, [self.width, self.height], [width, height]) }
    }

    /// The picture as a network's input, in the top left corner of a tensor whose sides are
    /// multiples of `unit`; the rest is black.
    pub(crate) fn to_tensor(&self, unit: usize, mean: [f32; 3]) -> Tensor {
        let (width, height) = (self.width.next_multiple_of(unit), self.height.next_multiple_of(unit));
        let mut tensor = Tensor::new(width, height, 3, 0);
        let black = mean.map(|mean| -mean / 255.0);
        for pixel in tensor.data.as_chunks_mut().0 {
            *pixel = black;
        }
        for (y, row) in self.rgb.chunks_exact(self.width * 3).enumerate() {
            for (to, from) in tensor.row_mut(y).as_chunks_mut().0.iter_mut().zip(row.as_chunks().0) {
                *to = normalised(*from, mean);
            }
        }
        tensor
    }
}

/// A part of the image at another, smaller size, as bytes. The part is widened to whole pixels.
pub(crate) fn reduced(image: Image<'_>, part: &Rect, to: [usize; 2]) -> Vec<u8> {
    let [width, height] = [image.width() as usize, image.height() as usize];
    let left = (part.x.max(0.0) as usize).min(width - 1);
    let top = (part.y.max(0.0) as usize).min(height - 1);
    let right = ((part.x + part.width).ceil().max(0.0) as usize).clamp(left + 1, width);
    let bottom = ((part.y + part.height).ceil().max(0.0) as usize).clamp(top + 1, height);
    let mut rgb: Vec<u8> = Vec::with_capacity((right - left) * (bottom - top) * 3);
    for y in top..bottom {
        rgb.extend(image.row(y).get(left * 3..right * 3).unwrap_or_default());
    }
    let scaled = scale(&rgb, [right - left, bottom - top], to);
    scaled.iter().map(|value| value.round() as u8).collect()
}

/// Area averages where the picture shrinks, bilinear interpolation where it grows.
fn scale<T: Copy + Into<f32>>(rgb: &[T], from: [usize; 2], to: [usize; 2]) -> Vec<f32> {
    if to[0] > from[0] || to[1] > from[1] { interpolate(rgb, from, to) } else { average(rgb, from, to) }
}

/// Every output pixel is the mean of the rectangle under it, parts of pixels by their share.
fn average<T: Copy + Into<f32>>(rgb: &[T], from: [usize; 2], to: [usize; 2]) -> Vec<f32> {
    let columns: Vec<Share> = (0..to[0]).map(|x| Share::of(x, from[0], to[0])).collect();
    let mut output = Vec::with_capacity(to[0] * to[1] * 3);
    let mut sums = vec![0.0_f32; from[0] * 3];
    for y in 0..to[1] {
        let rows = Share::of(y, from[1], to[1]);
        sums.fill(0.0);
        for (i, row) in rgb.chunks_exact(from[0] * 3).enumerate().take(rows.end).skip(rows.begin) {
            let weight = rows.weight(i);
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += weight * value.into();
            }
        }
        let pixels = sums.as_chunks::<3>().0;
        for share in &columns {
            let mut mean = [0.0; 3];
            for (i, pixel) in pixels.iter().enumerate().take(share.end).skip(share.begin) {
                let weight = share.weight(i);
                for (mean, value) in mean.iter_mut().zip(pixel) {
                    *mean += weight * value;
                }
            }
            output.extend(mean);
        }
    }
    output
}

/// The inputs under one output of a line, and how much of the first and the last.
struct Share {
    begin: usize,
    end: usize,
    first: f32,
    last: f32,
    whole: f32,
}

impl Share {
    fn of(output: usize, from: usize, to: usize) -> Self {
        let (low, high) = (output * from, (output + 1) * from);
        let (begin, end) = (low / to, high.div_ceil(to));
        let whole = to as f32 / from as f32;
        let first = (((begin + 1) * to).min(high) - low) as f32 / from as f32;
        let last = (high - ((end - 1) * to).max(low)) as f32 / from as f32;
        Self { begin, end, first, last, whole }
    }

    fn weight(&self, i: usize) -> f32 {
        if i == self.begin {
            self.first
        } else if i + 1 == self.end {
            self.last
        } else {
            self.whole
        }
    }
}

fn interpolate<T: Copy + Into<f32>>(rgb: &[T], from: [usize; 2], to: [usize; 2]) -> Vec<f32> {
    let neighbours = |i: usize, axis: usize| {
        let at = (i as f32 + 0.5) * from[axis] as f32 / to[axis] as f32 - 0.5;
        let at = at.clamp(0.0, (from[axis] - 1) as f32);
        let low = at as usize;
        (low, (low + 1).min(from[axis] - 1), at - low as f32)
    };
    let mut output = Vec::with_capacity(to[0] * to[1] * 3);
    for y in 0..to[1] {
        let (top, bottom, down) = neighbours(y, 1);
        for x in 0..to[0] {
            let (left, right, along) = neighbours(x, 0);
            for c in 0..3 {
                let value = |x: usize, y: usize| -> f32 { rgb[(y * from[0] + x) * 3 + c].into() };
                let above = mix(value(left, top), value(right, top), along);
                let below = mix(value(left, bottom), value(right, bottom), along);
                output.push(mix(above, below, down));
            }
        }
    }
    output
}

fn mix(a: f32, b: f32, share: f32) -> f32 {
    a + (b - a) * share
}

fn normalised(rgb: [f32; 3], mean: [f32; 3]) -> [f32; 3] {
    [(rgb[0] - mean[0]) / 255.0, (rgb[1] - mean[1]) / 255.0, (rgb[2] - mean[2]) / 255.0]
}

/// A square of the image, perhaps turned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Crop {
    pub(crate) centre: [f32; 2],
    pub(crate) side: f32,
    /// The direction of the square's upper edge, from left to right; of length one.
    pub(crate) along: [f32; 2],
}

impl Crop {
    /// At most so many samples in a row are averaged for one pixel of a tensor.
    const MAX_SAMPLES: usize = 4;

    /// Where in the image a point of the square is; (0, 0) is its upper left corner, (1, 1) its
    /// lower right.
    pub(crate) fn point(&self, [u, v]: [f32; 2]) -> [f32; 2] {
        let (x, y) = ((u - 0.5) * self.side, (v - 0.5) * self.side);
        let [cos, sin] = self.along;
        [self.centre[0] + x * cos - y * sin, self.centre[1] + x * sin + y * cos]
    }

    /// The square as a network's input; what is outside the image is black.
    pub(crate) fn sample(&self, image: Image<'_>, side: usize, mean: [f32; 3], border: usize) -> Tensor {
        let mut tensor = Tensor::new(side, side, 3, border);
        let samples = ((self.side / side as f32).ceil() as usize).clamp(1, Self::MAX_SAMPLES);
        let fine = (side * samples) as f32;
        let share = 1.0 / (samples * samples) as f32;
        let step = [self.along[0] * self.side / fine, self.along[1] * self.side / fine];
        for y in 0..side {
            for (x, to) in tensor.row_mut(y).as_chunks_mut().0.iter_mut().enumerate() {
                let mut sum = [0.0; 3];
                for j in 0..samples {
                    let v = ((y * samples + j) as f32 + 0.5) / fine;
                    let first = self.point([((x * samples) as f32 + 0.5) / fine, v]);
                    for i in 0..samples {
                        let at = [first[0] + step[0] * i as f32, first[1] + step[1] * i as f32];
                        for (sum, value) in sum.iter_mut().zip(pixel_between(image, at)) {
                            *sum += value;
                        }
                    }
                }
                *to = normalised(sum.map(|sum| sum * share), mean);
            }
        }
        tensor
    }
}

/// The colour at a point, between the centres of the four pixels around it; black outside.
fn pixel_between(image: Image<'_>, [x, y]: [f32; 2]) -> [f32; 3] {
    let (x, y) = (x - 0.5, y - 0.5);
    let (left, top) = (x.floor(), y.floor());
    let (along, down) = (x - left, y - top);
    let [a, b, c, d] = image.four(left as i64, top as i64);
    let mut rgb = [0.0; 3];
    for (i, value) in rgb.iter_mut().enumerate() {
        let above = mix(f32::from(a[i]), f32::from(b[i]), along);
        let below = mix(f32::from(c[i]), f32::from(d[i]), along);
        *value = mix(above, below, down);
    }
    rgb
}
