//! Sums over rows of pixels, in plain loops that the compiler vectorises.

/// BT.601 luma of each pixel, rounded down.
#[inline(always)]
pub(super) fn luma(rgb: &[u8], luma: &mut [u8]) {
    for (luma, &[r, g, b]) in luma.iter_mut().zip(rgb.as_chunks().0) {
        *luma = ((299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b)) / 1000) as u8;
    }
}

/// BT.601 luma of each pixel of four bytes, rounded down. The fourth byte is ignored.
#[inline(always)]
pub(super) fn luma_rgba(rgba: &[u8], luma: &mut [u8]) {
    for (luma, &[r, g, b, _]) in luma.iter_mut().zip(rgba.as_chunks().0) {
        *luma = ((299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b)) / 1000) as u8;
    }
}

/// Counts the bytes below `dark` and those of `bright` or more, in at most 255 bytes.
#[inline(always)]
pub(super) fn count_dark_bright(luma: &[u8], dark: u8, bright: u8) -> [u8; 2] {
    let (mut low, mut high) = (0, 0);
    for &y in luma {
        low += u8::from(y < dark);
        high += u8::from(y >= bright);
    }
    [low, high]
}

/// Returns the sum and the sum of squares of the Laplacian of all but the outermost columns of three rows.
/// The Laplacian is the sum of the eight neighbours less eight times the pixel, clamped to 0..=255.
#[inline(always)]
pub(super) fn laplacian([above, row, below]: [&[u8]; 3]) -> [u32; 2] {
    let inner = row.len().saturating_sub(2);
    let (a, b, c) = (&above[..inner], &above[1..][..inner], &above[2..][..inner]);
    let (d, e, f) = (&row[..inner], &row[1..][..inner], &row[2..][..inner]);
    let (g, h, i) = (&below[..inner], &below[1..][..inner], &below[2..][..inner]);
    let (mut sum, mut squares) = (0, 0);
    for x in 0..inner {
        let around = i16::from(a[x]) + i16::from(b[x]) + i16::from(c[x]) + i16::from(d[x]);
        let around = around + i16::from(f[x]) + i16::from(g[x]) + i16::from(h[x]) + i16::from(i[x]);
        let value = i32::from((around - 8 * i16::from(e[x])).clamp(0, 255));
        sum += value;
        squares += value * value;
    }
    [sum as u32, squares as u32]
}

/// Returns the sums of `R − G`, its square, `R + G − 2 B` and its square, over at most 8192 pixels.
#[inline(always)]
pub(super) fn colour(rgb: &[u8]) -> [i32; 4] {
    let mut sums = [0; 4];
    for &[r, g, b] in rgb.as_chunks().0 {
        let (r, g, b) = (i32::from(r), i32::from(g), i32::from(b));
        let (red_green, yellow_blue) = (r - g, r + g - 2 * b);
        sums[0] += red_green;
        sums[1] += red_green * red_green;
        sums[2] += yellow_blue;
        sums[3] += yellow_blue * yellow_blue;
    }
    sums
}
