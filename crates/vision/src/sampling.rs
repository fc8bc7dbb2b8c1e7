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
    pub(crate) fn to_tensor(&self, unit: usize, mean: [f32; 3], border: usize) -> Tensor {
        let (width, height) = (self.width.next_multiple_of(unit), self.height.next_multiple_of(unit));
        let mut tensor = Tensor::new(width, height, 3, border);
        let black = mean.map(|mean| -mean / 255.0);
        for y in 0..height {
            for pixel in tensor.row_mut(y).as_chunks_mut().0 {
                *pixel = black;
            }
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
    let part = Part::around(image, [part.x, part.y], [part.x + part.width, part.y + part.height]);
    scale(&part.rgb(image), part.size, to).iter().map(|value| value.round() as u8).collect()
}

/// A rectangle of whole pixels that is inside the image and not empty.
struct Part {
    corner: [usize; 2],
    size: [usize; 2],
}

impl Part {
    /// The smallest one that covers everything between two corners, as far as it is in the image.
    fn around(image: Image<'_>, low: [f32; 2], high: [f32; 2]) -> Self {
        let limits = [image.width() as usize, image.height() as usize];
        let corner = [0, 1].map(|axis| (low[axis].max(0.0) as usize).min(limits[axis] - 1));
        let end =
            [0, 1].map(|axis| (high[axis].ceil().max(0.0) as usize).clamp(corner[axis] + 1, limits[axis]));
        Self { corner, size: [end[0] - corner[0], end[1] - corner[1]] }
    }

    fn rgb(&self, image: Image<'_>) -> Vec<u8> {
        let [left, top] = self.corner;
        let [width, height] = self.size;
        let mut rgb = Vec::with_capacity(width * height * 3);
        for y in top..top + height {
            rgb.extend_from_slice(image.row(y).get(left * 3..(left + width) * 3).unwrap_or_default());
        }
        rgb
    }
}

/// Area averages where the picture shrinks, bilinear interpolation where it grows.
fn scale<T: Copy + Into<f32>>(rgb: &[T], from: [usize; 2], to: [usize; 2]) -> Vec<f32> {
    if to[0] > from[0] || to[1] > from[1] { interpolate(rgb, from, to) } else { average(rgb, from, to) }
}

/// Every output pixel is the mean of the rectangle under it, parts of pixels by their share.
fn average<T: Copy + Into<f32>>(rgb: &[T], from: [usize; 2], to: [usize; 2]) -> Vec<f32> {
    let columns: Vec<Share> = (0..to[0]).map(|x| Share::of(x, from[0], to[0])).collect();
    let mut output = vec![0.0; to[0] * to[1] * 3];
    let mut sums = vec![0.0_f32; from[0] * 3];
    for (y, output) in output.chunks_exact_mut(to[0] * 3).enumerate() {
        let rows = Share::of(y, from[1], to[1]);
        sums.fill(0.0);
        for (i, row) in rgb.chunks_exact(from[0] * 3).enumerate().take(rows.end).skip(rows.begin) {
            let weight = rows.weight(i);
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += weight * value.into();
            }
        }
        let pixels = sums.as_chunks::<3>().0;
        for (output, share) in output.as_chunks_mut().0.iter_mut().zip(&columns) {
            *output = share.mean(pixels);
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

    fn mean(&self, pixels: &[[f32; 3]]) -> [f32; 3] {
        match pixels.get(self.begin..self.end) {
            Some([only]) => only.map(|value| value * self.first),
            Some([first, inner @ .., last]) => {
                let mut sum = [0.0; 3];
                for pixel in inner {
                    sum = [sum[0] + pixel[0], sum[1] + pixel[1], sum[2] + pixel[2]];
                }
                [0, 1, 2].map(|c| self.first * first[c] + self.whole * sum[c] + self.last * last[c])
            }
            _ => [0.0; 3],
        }
    }
}

fn interpolate<T: Copy + Into<f32>>(rgb: &[T], from: [usize; 2], to: [usize; 2]) -> Vec<f32> {
    let neighbours = |i: usize, axis: usize| {
        let at = (i as f32 + 0.5) * from[axis] as f32 / to[axis] as f32 - 0.5;
        let at = at.max(0.0).min((from[axis] - 1) as f32);
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
    /// Returns the place in the image of a point of the square; (0, 0) is its upper left corner, (1, 1) its
    /// lower right.
    pub(crate) fn point(&self, [u, v]: [f32; 2]) -> [f32; 2] {
        let (x, y) = ((u - 0.5) * self.side, (v - 0.5) * self.side);
        let [cos, sin] = self.along;
        [self.centre[0] + x * cos - y * sin, self.centre[1] + x * sin + y * cos]
    }

    /// The square as a network's input; what is outside the image is black. A large square is reduced
    /// by a whole factor first, so that no pixel is skipped.
    pub(crate) fn sample(&self, image: Image<'_>, side: usize, mean: [f32; 3], border: usize) -> Tensor {
        let corners = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]].map(|corner| self.point(corner));
        let bound = |axis: usize, pick: fn(f32, f32) -> f32, first| {
            corners.iter().map(|corner| corner[axis]).fold(first, pick)
        };
        let low = [0, 1].map(|axis| bound(axis, f32::min, f32::INFINITY) - 1.0);
        let high = [0, 1].map(|axis| bound(axis, f32::max, f32::NEG_INFINITY) + 1.0);
        let part = Part::around(image, low, high);
        let factor = ((self.side / side as f32) as usize).max(1);
        let size = part.size.map(|length| length.div_ceil(factor));
        let picture = Surrounded::new(&scale(&part.rgb(image), part.size, size), size);

        // A step from pixel to pixel of the output, and the first pixel of a row, both in the picture.
        let ratio = [0, 1].map(|axis| size[axis] as f32 / part.size[axis] as f32);
        let step = [0, 1].map(|axis| self.along[axis] * self.side / side as f32 * ratio[axis]);
        let first = |y: usize| {
            let at = self.point([0.5, y as f32 + 0.5].map(|at| at / side as f32));
            [0, 1].map(|axis| (at[axis] - part.corner[axis] as f32) * ratio[axis])
        };
        let mut tensor = Tensor::new(side, side, 3, border);
        for y in 0..side {
            let [left, top] = first(y);
            for (x, to) in tensor.row_mut(y).as_chunks_mut().0.iter_mut().enumerate() {
                let at = [left + x as f32 * step[0], top + x as f32 * step[1]];
                *to = normalised(picture.between(at), mean);
            }
        }
        tensor
    }
}

/// A picture in a black frame, so that a point outside needs no care. Each pixel has a fourth channel of
/// zeros: four floats are one vector.
struct Surrounded {
    width: usize,
    height: usize,
    pixels: Vec<[f32; 4]>,
}

impl Surrounded {
    /// The frame's breadth on each side.
    const FRAME: usize = 2;

    fn new(rgb: &[f32], [width, height]: [usize; 2]) -> Self {
        let stride = width + 2 * Self::FRAME;
        let mut pixels = vec![[0.0; 4]; stride * (height + 2 * Self::FRAME)];
        let inner = pixels.chunks_exact_mut(stride).skip(Self::FRAME);
        for (row, from) in inner.zip(rgb.as_chunks().0.chunks_exact(width)) {
            for (pixel, &[red, green, blue]) in row[Self::FRAME..].iter_mut().zip(from) {
                *pixel = [red, green, blue, 0.0];
            }
        }
        Self { width, height, pixels }
    }

    /// The colour at a point, between the centres of the four pixels around it.
    #[inline]
    fn between(&self, [x, y]: [f32; 2]) -> [f32; 3] {
        let place = |at: f32, length: usize| {
            let at = (at + (Self::FRAME as f32 - 0.5)).max(0.0).min((length + Self::FRAME) as f32);
            (at as usize, at - (at as usize) as f32)
        };
        let ((left, along), (top, down)) = (place(x, self.width), place(y, self.height));
        let stride = self.width + 2 * Self::FRAME;
        let [a, b] = neighbours(&self.pixels[top * stride + left..]);
        let [c, d] = neighbours(&self.pixels[(top + 1) * stride + left..]);
        let [red, green, blue, _] =
            std::array::from_fn(|i| mix(mix(a[i], b[i], along), mix(c[i], d[i], along), down));
        [red, green, blue]
    }
}

/// The first two pixels.
#[inline]
fn neighbours(pixels: &[[f32; 4]]) -> &[[f32; 4]; 2] {
    pixels.first_chunk().unwrap_or(&[[0.0; 4]; 2])
}
