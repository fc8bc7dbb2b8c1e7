//! Scaling and turning, against pictures that can be told apart by eye.

#![allow(clippy::unwrap_used)]

use perse_pixels::{Orientation, Scaler};

/// Red and green say where a pixel is.
fn picture(width: usize, height: usize) -> Vec<u8> {
    let at = |place: usize, length: usize| (place * 255 / (length - 1).max(1)) as u8;
    (0..width * height)
        .flat_map(|index| [at(index % width, width), at(index / width, height), 77, 255])
        .collect()
}

fn scaled(rgba: &[u8], source: [u32; 2], target: [u32; 2], orientation: u8, rows: usize) -> Scaler {
    let mut scaler = Scaler::new(source, target, Orientation::new(orientation)).unwrap();
    rgba.chunks(source[0] as usize * 4 * rows).for_each(|strip| scaler.push(strip));
    scaler
}

fn pixel(scaler: &Scaler, x: usize, y: usize) -> [u8; 4] {
    scaler.pixels().as_chunks().0[y * scaler.size()[0] as usize + x]
}

/// Places of the picture's top left and top right corners, as `(right, bottom)`.
#[test]
fn every_orientation_comes_out_upright() {
    let corners = [
        (1, (false, false), (true, false)),
        (2, (true, false), (false, false)),
        (3, (true, true), (false, true)),
        (4, (false, true), (true, true)),
        (5, (false, false), (false, true)),
        (6, (true, false), (true, true)),
        (7, (true, true), (true, false)),
        (8, (false, true), (false, false)),
    ];
    let rgba = picture(37, 20);
    for target in [[37, 20], [19, 13], [5, 3], [1, 1]] {
        for (orientation, left, right) in corners {
            let scaler = scaled(&rgba, [37, 20], target, orientation, 7);
            let [width, height] = scaler.size().map(|side| side as usize);
            let turned = if orientation < 5 { [width, height] } else { [height, width] };
            assert_eq!(turned, target.map(|side| side as usize));
            if target == [1, 1] {
                continue;
            }
            let at = |(is_right, is_bottom): (bool, bool)| {
                pixel(&scaler, if is_right { width - 1 } else { 0 }, if is_bottom { height - 1 } else { 0 })
            };
            assert!(at(left)[0] < 70 && at(left)[1] < 70, "{orientation}: {:?}", at(left));
            assert!(at(right)[0] > 185 && at(right)[1] < 70, "{orientation}: {:?}", at(right));
        }
    }
}

#[test]
fn the_same_size_is_the_same_picture() {
    let rgba = picture(33, 9);
    assert_eq!(scaled(&rgba, [33, 9], [33, 9], 1, 2).pixels(), rgba);
}

#[test]
fn strips_make_no_difference() {
    let rgba = picture(120, 90);
    let whole = scaled(&rgba, [120, 90], [71, 53], 8, 90);
    for rows in [1, 2, 16, 64] {
        assert_eq!(scaled(&rgba, [120, 90], [71, 53], 8, rows).pixels(), whole.pixels());
    }
}

#[test]
fn plain_areas_keep_their_colour_and_gradients_stay_gradients() {
    let plain = [200, 3, 255, 255].repeat(101 * 67);
    let result = scaled(&plain, [101, 67], [60, 41], 1, 5);
    assert!(result.pixels().chunks_exact(4).all(|pixel| pixel == [200, 3, 255, 255]));

    let result = scaled(&picture(256, 8), [256, 8], [64, 2], 1, 8);
    for x in 2..62 {
        let expected = (x as f64 + 0.5) * 4.0 - 0.5;
        assert!((f64::from(pixel(&result, x, 0)[0]) - expected).abs() <= 1.0, "{x}");
    }
}

/// Stripes finer than the result can show become grey; no others appear instead.
#[test]
fn what_is_too_fine_is_averaged() {
    let rgba: Vec<u8> = (0..300 * 300)
        .flat_map(|index| if index % 300 % 2 == 0 { [0, 0, 0, 255] } else { [255; 4] })
        .collect();
    let result = scaled(&rgba, [300, 300], [101, 101], 1, 64);
    for x in 3..98 {
        assert!((118..=138).contains(&pixel(&result, x, 50)[0]), "{x}: {}", pixel(&result, x, 50)[0]);
    }
}

#[test]
fn a_result_can_be_made_smaller_still() {
    let rgba = picture(64, 48);
    let result = scaled(&rgba, [64, 48], [32, 24], 6, 48);
    let smaller = scaled(result.pixels(), result.size(), [12, 16], 1, 5);
    assert_eq!(smaller.size(), [12, 16]);
    assert!(pixel(&smaller, 11, 0)[0] < 30 && pixel(&smaller, 11, 0)[1] < 30);
}

#[test]
fn sizes_that_make_no_sense_are_refused() {
    for (source, target) in [([0, 0], [0, 0]), ([4, 4], [0, 1]), ([4, 4], [5, 4]), ([4, 4], [4, 5])] {
        assert!(Scaler::new(source, target, Orientation::new(1)).is_none());
    }
    let mut scaler = Scaler::new([2, 2], [2, 2], Orientation::new(1)).unwrap();
    scaler.push(&[1; 7]);
    scaler.push(&[1; 800]);
    assert_eq!(scaler.pixels(), [1; 16]);
}
