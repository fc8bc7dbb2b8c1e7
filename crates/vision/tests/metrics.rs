//! The metrics against their formulas, written out pixel by pixel, and against what they are for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::Photo;
use perse_vision::{Metrics, OVEREXPOSURE_THRESHOLD, SHARPNESS_THRESHOLD, UNDEREXPOSURE_THRESHOLD, measure};

/// The formulas, as slow and plain as they come.
fn naive(photo: &Photo) -> Metrics {
    let luma = |x: i64, y: i64| {
        let [r, g, b] = photo.pixel(x, y).map(u64::from);
        (299 * r + 587 * g + 114 * b) / 1000
    };
    let pixels =
        || (0..i64::from(photo.height)).flat_map(|y| (0..i64::from(photo.width)).map(move |x| (x, y)));
    let count = pixels().count() as f64;
    let share =
        |test: &dyn Fn(u64) -> bool| pixels().filter(|&(x, y)| test(luma(x, y))).count() as f64 / count;
    let laplacian = |x: i64, y: i64| {
        let mut sum = -9.0 * luma(x, y) as f64;
        for dy in -1..=1 {
            for dx in -1..=1 {
                sum += luma(x + dx, y + dy) as f64;
            }
        }
        sum.clamp(0.0, 255.0)
    };
    let moments = |value: &dyn Fn(i64, i64) -> f64| {
        let mean = pixels().map(|(x, y)| value(x, y)).sum::<f64>() / count;
        (mean, pixels().map(|(x, y)| (value(x, y) - mean).powi(2)).sum::<f64>() / count)
    };
    let rgb = |x, y| photo.pixel(x, y).map(f64::from);
    let (_, spread) = moments(&laplacian);
    let (rg, rg_spread) = moments(&|x, y| rgb(x, y)[0] - rgb(x, y)[1]);
    let (yb, yb_spread) = moments(&|x, y| (rgb(x, y)[0] + rgb(x, y)[1]) / 2.0 - rgb(x, y)[2]);
    let colourfulness = (rg_spread + yb_spread).sqrt() + 0.3 * rg.hypot(yb);
    Metrics {
        underexposure: share(&|y| y <= 63) as f32,
        overexposure: share(&|y| y >= 192) as f32,
        sharpness: (spread.sqrt() / 128.0).min(1.0) as f32,
        color: (1.0 - colourfulness / 33.0).max(0.0) as f32,
    }
}

fn assert_close(actual: Metrics, expected: Metrics, what: &str) {
    let numbers = |m: Metrics| [m.underexposure, m.overexposure, m.sharpness, m.color];
    for (a, b) in numbers(actual).iter().zip(numbers(expected)) {
        assert!((a - b).abs() < 1e-5, "{what}: {actual:?}, not {expected:?}");
    }
}

/// Reproducible noise.
fn noise(width: u32, height: u32) -> Photo {
    Photo::draw(width, height, |x, y| {
        let hash = (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA6B)).wrapping_mul(0xC2B2_AE35);
        [(hash >> 24) as u8, (hash >> 16) as u8, (hash >> 8) as u8]
    })
}

#[test]
fn measure_follows_the_formulas() {
    let photo = Photo::sample(1);
    for part in [photo.cropped(700, 380, 333, 250), photo.cropped(0, 0, 64, 300)] {
        assert_close(measure(part.image()), naive(&part), "a photo");
    }
    for (width, height) in [(1, 1), (2, 1), (1, 2), (2, 2), (3, 3), (1, 40), (40, 1), (300, 7)] {
        let noise = noise(width, height);
        assert_close(measure(noise.image()), naive(&noise), &format!("noise, {width} × {height}"));
    }
}

#[test]
fn extremes_have_the_extreme_values() {
    let plain = |colour| measure(Photo::draw(50, 40, |_, _| colour).image());
    let metrics = |underexposure, overexposure, sharpness, color| Metrics {
        underexposure,
        overexposure,
        sharpness,
        color,
    };
    assert_eq!(plain([0, 0, 0]), metrics(1.0, 0.0, 0.0, 1.0));
    assert_eq!(plain([63, 63, 63]), metrics(1.0, 0.0, 0.0, 1.0));
    assert_eq!(plain([64, 64, 64]), metrics(0.0, 0.0, 0.0, 1.0));
    assert_eq!(plain([191, 191, 191]), metrics(0.0, 0.0, 0.0, 1.0));
    assert_eq!(plain([192, 192, 192]), metrics(0.0, 1.0, 0.0, 1.0));
    assert_eq!(plain([255, 0, 0]), metrics(0.0, 0.0, 0.0, 0.0));
    let checkers = Photo::draw(64, 64, |x, y| if (x + y) % 2 == 0 { [255; 3] } else { [0; 3] });
    assert!(measure(checkers.image()).sharpness > 0.95);
}

#[test]
fn photos_are_dark_bright_or_blurred_once_they_are_made_so() {
    // Photo 1 was taken in the dark: its background alone is underexposed.
    for number in 2..=6 {
        let photo = Photo::sample(number);
        let good = measure(photo.image());
        assert!(good.underexposure <= UNDEREXPOSURE_THRESHOLD, "{number}: {good:?}");
        assert!(good.overexposure <= OVEREXPOSURE_THRESHOLD, "{number}: {good:?}");
        let dark = measure(photo.toned(|v| v * 0.2).image());
        assert!(dark.underexposure > UNDEREXPOSURE_THRESHOLD, "{number}: {dark:?}");
        let bright = measure(photo.toned(|v| v * 0.4 + 180.0).image());
        assert!(bright.overexposure > OVEREXPOSURE_THRESHOLD, "{number}: {bright:?}");
        let blurred = measure(photo.cropped(600, 300, 400, 400).blurred(4).image());
        assert!(blurred.sharpness < SHARPNESS_THRESHOLD, "{number}: {blurred:?}");
    }
}

#[test]
fn a_photo_without_its_colours_has_lost_them() {
    let photo = Photo::sample(2);
    let grey = Photo::draw(photo.width, photo.height, |x, y| [photo.pixel(x.into(), y.into())[1]; 3]);
    assert_eq!(measure(grey.image()).color, 1.0);
    assert!(measure(photo.image()).color < 0.3);
}
