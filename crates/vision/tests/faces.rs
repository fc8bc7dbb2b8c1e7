//! Faces on real photos: found where they are and nowhere else, told apart, judged sensibly.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{Photo, engine};
use perse_vision::{
    Face, LIVENESS_THRESHOLD, Landmarks, OVEREXPOSURE_THRESHOLD, Rect, SHARPNESS_THRESHOLD,
    SIMILARITY_THRESHOLD, UNDEREXPOSURE_THRESHOLD, similarity,
};

/// Places of the faces on the package's photos: 22 by eye, in boxes of a much larger network.
fn truth() -> Vec<Vec<Rect>> {
    #[derive(serde::Deserialize)]
    struct Golden {
        ssd: Vec<[f32; 4]>,
    }
    let golden: Vec<Golden> = serde_json::from_str(include_str!("golden.json")).expect("golden numbers");
    let rect = |&[x, y, width, height]: &[f32; 4]| Rect { x, y, width, height };
    golden.iter().map(|photo| photo.ssd.iter().map(rect).collect()).collect()
}

/// A square around a face, `scale` times as high, with `size` pixels.
fn selfie(photo: &Photo, face: &Rect, scale: f32, degrees: f32, size: u32) -> Photo {
    photo.turned([face.x + face.width / 2.0, face.y + face.height / 2.0], face.height * scale, degrees, size)
}

/// The face in the middle of a selfie.
fn middle(photo: &Photo) -> Option<Face> {
    let (x, y) = (photo.width as f32 / 2.0, photo.height as f32 / 2.0);
    engine().detect(photo.image()).into_iter().find(|face| {
        let Rect { x: left, y: top, width, height } = face.bounding_box;
        (left..left + width).contains(&x) && (top..top + height).contains(&y)
    })
}

#[test]
fn the_faces_of_groups_are_found_and_nothing_else() {
    for (width, least) in [(1920, 22), (1280, 22), (800, 22)] {
        let mut found = 0;
        for (index, truth) in truth().iter().enumerate() {
            let photo = Photo::sample(index + 1);
            let scale = width as f32 / photo.width as f32;
            let photo = if width == photo.width { photo } else { photo.resized(width) };
            let faces = engine().detect(photo.image());
            for face in &faces {
                let Rect { x, y, width, height } = face.bounding_box;
                let full = Rect { x: x / scale, y: y / scale, width: width / scale, height: height / scale };
                assert!(truth.iter().any(|truth| truth.iou(&full) > 0.5), "no face: {face:?}");
                assert!(x >= 0.0 && x + width <= photo.width as f32);
                assert!(y >= 0.0 && y + height <= photo.height as f32);
                assert!((0.0..=1.0).contains(&face.confidence));
                assert!((0.0..360.0).contains(&face.pose.rotation));
            }
            let areas: Vec<f32> =
                faces.iter().map(|f| f.bounding_box.width * f.bounding_box.height).collect();
            assert!(areas.windows(2).all(|pair| pair[0] >= pair[1]), "the largest first");
            found += faces.len();
        }
        println!("{width} wide: {found} of 22");
        assert!(found >= least, "{found} of 22 at a width of {width}");
    }
}

#[test]
fn a_face_is_found_however_the_photo_was_taken() {
    let (mut found, mut all) = (0, 0);
    for (index, faces) in truth().iter().enumerate() {
        let photo = Photo::sample(index + 1);
        for face in faces {
            let plain = selfie(&photo, face, 2.0, 0.0, 480);
            let variants = [
                ("small", selfie(&photo, face, 5.0, 0.0, 480)),
                ("low resolution", selfie(&photo, face, 2.0, 0.0, 120)),
                ("turned left", selfie(&photo, face, 2.0, -20.0, 480)),
                ("turned right", selfie(&photo, face, 2.0, 20.0, 480)),
                ("dark", plain.toned(|v| v * 0.35)),
                ("bright", plain.toned(|v| v * 1.1 + 70.0)),
                ("blurred", plain.blurred(3)),
                ("mirrored", plain.mirrored()),
                ("compressed", plain.recompressed(20.0)),
                ("plain", plain),
            ];
            for (name, photo) in variants {
                all += 1;
                match middle(&photo) {
                    Some(_) => found += 1,
                    None => println!("missed: photo {}, face at {:.0}, {name}", index + 1, face.x),
                }
            }
        }
    }
    println!("{found} of {all}");
    assert!(found >= 212, "{found} of {all}");
}

#[test]
fn no_face_is_found_where_nobody_is() {
    let mut pictures = Vec::new();
    for (index, faces) in truth().iter().enumerate() {
        let photo = Photo::sample(index + 1);
        for (size, step) in [(200, 200), (400, 200), (640, 320)] {
            for y in (0..photo.height as i64 - size).step_by(step) {
                for x in (0..photo.width as i64 - size).step_by(step) {
                    let apart = |face: &Rect| {
                        let margin = 0.35 * face.height;
                        let (x, y, size) = (x as f32, y as f32, size as f32);
                        x > face.x + face.width + margin
                            || x + size < face.x - margin
                            || y > face.y + face.height + margin
                            || y + size < face.y - margin
                    };
                    if faces.iter().all(apart) {
                        let name = format!("photo {} at {x}, {y}, {size} pixels", index + 1);
                        pictures.push((name, photo.cropped(x, y, size as u32, size as u32)));
                    }
                }
            }
        }
    }
    let hash = |x: u32, y: u32| {
        (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA6B)).wrapping_mul(0xC2B2_AE35)
    };
    let wave =
        |x: u32, y: u32, f: f32| (f32::sin(x as f32 * f) * f32::cos(y as f32 * f) * 100.0 + 128.0) as u8;
    for (width, height) in [(640, 480), (300, 900)] {
        let mut draw = |name: &str, colour: &dyn Fn(u32, u32) -> [u8; 3]| {
            pictures.push((format!("{name}, {width} × {height}"), Photo::draw(width, height, colour)));
        };
        draw("noise", &|x, y| hash(x, y).to_be_bytes()[..3].try_into().expect("three"));
        draw("coarse noise", &|x, y| [(hash(x / 40, y / 40) >> 24) as u8; 3]);
        draw("gradient", &|x, y| [(x * 255 / width) as u8, (y * 255 / height) as u8, 128]);
        draw("checkers", &|x, y| [if (x / 32 + y / 32) % 2 == 0 { 230 } else { 20 }; 3]);
        draw("stripes", &|x, _| [if x / 12 % 2 == 0 { 200 } else { 90 }, 120, 90]);
        draw("bricks", &|x, y| {
            let mortar = y % 40 < 4 || (x + y / 40 % 2 * 45) % 90 < 4;
            if mortar { [190, 185, 180] } else { [150 + (hash(x, y) >> 28) as u8, 70, 55] }
        });
        draw("waves", &|x, y| [wave(x, y, 0.05), wave(x, y, 0.07), wave(x, y, 0.02)]);
        draw("disc", &|x, y| {
            let (dx, dy) = (x as f32 - 150.0, y as f32 - 200.0);
            if dx.hypot(dy) < 90.0 { [220, 180, 150] } else { [60, 80, 110] }
        });
        draw("black", &|_, _| [0; 3]);
        draw("white", &|_, _| [255; 3]);
    }
    println!("{} pictures", pictures.len());
    assert!(pictures.len() > 250);
    for (name, picture) in pictures {
        let faces = engine().detect(picture.image());
        assert!(faces.is_empty(), "{name}: {faces:?}");
    }
}

#[test]
fn a_face_that_is_cut_off_does_not_count() {
    let photo = Photo::sample(3);
    let face = engine().detect(photo.image()).remove(0);
    let Rect { x, y, width, height } = face.bounding_box;
    let margin = height / 2.0;
    let cut = |left: f32, top: f32, right: f32, bottom: f32| {
        let (x0, y0) = (x - margin * left, y - margin * top);
        let size = [x + width + margin * right - x0, y + height + margin * bottom - y0].map(|v| v as u32);
        let part = photo.cropped(x0 as i64, y0 as i64, size[0], size[1]);
        middle(&part).is_some()
    };
    assert!(cut(1.0, 1.0, 1.0, 1.0), "whole");
    assert!(!cut(-0.6, 1.0, 1.6, 1.0), "cut at the left");
    assert!(!cut(1.6, 1.0, -0.6, 1.0), "cut at the right");
    assert!(!cut(1.0, 1.6, 1.0, -0.6), "cut at the bottom");
}

#[test]
fn landmarks_are_where_they_belong() {
    for number in 1..=6 {
        for Face { bounding_box: Rect { x, y, width, height }, landmarks, .. } in
            engine().detect(Photo::sample(number).image())
        {
            let Landmarks { right_eye, left_eye, nose, mouth_right, mouth_left } = landmarks;
            for [px, py] in [right_eye, left_eye, nose, mouth_right, mouth_left] {
                assert!((x..x + width).contains(&px) && (y..y + height).contains(&py));
            }
            // The person's right is on the image's left.
            assert!(right_eye[0] < left_eye[0] && mouth_right[0] < mouth_left[0]);
            assert!(right_eye[1].max(left_eye[1]) < mouth_right[1].max(mouth_left[1]));
        }
    }
}

/// Two people of one photo are never similar. Between photos two pairs are: the woman who seems to be on photo 1,
/// at the right, and on photo 3, in the middle; and the one who seems to be on photo 1, in the middle, and on
/// photo 4, at the left.
#[test]
fn of_all_pairs_of_faces_those_of_two_people_are_similar() {
    let mut all = Vec::new();
    for number in 1..=6 {
        let photo = Photo::sample(number);
        for face in engine().detect(photo.image()) {
            all.push((number, face.bounding_box.x, engine().describe(photo.image(), &face)));
        }
    }
    let mut pairs = Vec::new();
    for (i, a) in all.iter().enumerate() {
        pairs.extend(all[i + 1..].iter().map(|b| (a.2.cosine(&b.2), (a.0, a.1), (b.0, b.1))));
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    println!("{} pairs, the most alike {:?}", pairs.len(), &pairs[..4]);
    let similar: Vec<_> = pairs.iter().filter(|pair| similarity(pair.0) >= SIMILARITY_THRESHOLD).collect();
    let [(_, one, other), (_, second_one, second_other)] = similar[..] else { panic!("{similar:?}") };
    assert!(one.0 == 1 && one.1 > 1400.0 && other.0 == 3 && (1000.0..1200.0).contains(&other.1));
    assert!(second_one.0 == 1 && (800.0..900.0).contains(&second_one.1));
    assert!(second_other.0 == 4 && second_other.1 < 400.0);
}

/// One face in differently taken selfies is similar to itself; two faces of one photo are two people.
#[test]
fn the_same_person_is_similar_and_another_is_not() {
    let (mut least, mut most) = (1.0_f32, -1.0_f32);
    for (index, truth) in truth().iter().enumerate() {
        let photo = Photo::sample(index + 1);
        let faces = engine().detect(photo.image());
        let descriptors: Vec<_> = faces.iter().map(|face| engine().describe(photo.image(), face)).collect();
        for (i, a) in descriptors.iter().enumerate() {
            for b in &descriptors[i + 1..] {
                most = most.max(a.cosine(b));
            }
        }
        for (face, descriptor) in faces.iter().zip(&descriptors) {
            let of_truth = |rect: &&Rect| rect.iou(&face.bounding_box) > 0.5;
            let rect = truth.iter().find(of_truth).expect("a true face");
            let variants = [
                selfie(&photo, rect, 1.8, 0.0, 400),
                selfie(&photo, rect, 3.0, 10.0, 400),
                selfie(&photo, rect, 2.0, -15.0, 300),
                selfie(&photo, rect, 2.0, 0.0, 160),
                selfie(&photo, rect, 2.0, 0.0, 400).toned(|v| v * 0.6),
                selfie(&photo, rect, 2.0, 0.0, 400).toned(|v| v + 40.0),
                selfie(&photo, rect, 2.0, 0.0, 400).recompressed(30.0),
                selfie(&photo, rect, 2.0, 0.0, 400).mirrored(),
            ];
            for variant in variants {
                let Some(found) = middle(&variant) else { continue };
                least = least.min(engine().describe(variant.image(), &found).cosine(descriptor));
            }
        }
    }
    println!("one person: at least {least:.3}; two people: at most {most:.3}");
    assert!(similarity(least) >= SIMILARITY_THRESHOLD, "{least}");
    assert!(similarity(most) < SIMILARITY_THRESHOLD, "{most}");
}

#[test]
fn quality_is_judged_by_the_published_limits() {
    for (index, truth) in truth().iter().enumerate() {
        let photo = Photo::sample(index + 1);
        for face in engine().detect(photo.image()) {
            let metrics = face.metrics;
            assert!(metrics.sharpness >= SHARPNESS_THRESHOLD, "{}: {metrics:?}", index + 1);
            assert!(metrics.underexposure <= UNDEREXPOSURE_THRESHOLD, "{}: {metrics:?}", index + 1);
            assert!(metrics.overexposure <= OVEREXPOSURE_THRESHOLD, "{}: {metrics:?}", index + 1);
            assert!(face.liveness >= LIVENESS_THRESHOLD, "{}: {}", index + 1, face.liveness);
        }
        let plain = selfie(&photo, &truth[0], 2.0, 0.0, 480);
        if let Some(blurred) = middle(&plain.blurred(6)) {
            assert!(blurred.metrics.sharpness < SHARPNESS_THRESHOLD, "{}: {:?}", index + 1, blurred.metrics);
        }
        if let Some(dark) = middle(&plain.toned(|v| v * 0.25)) {
            assert!(
                dark.metrics.underexposure > UNDEREXPOSURE_THRESHOLD,
                "{}: {:?}",
                index + 1,
                dark.metrics
            );
        }
        if let Some(bright) = middle(&plain.toned(|v| v * 0.4 + 175.0)) {
            assert!(
                bright.metrics.overexposure > OVEREXPOSURE_THRESHOLD,
                "{}: {:?}",
                index + 1,
                bright.metrics
            );
        }
    }
}

#[test]
fn a_turned_head_has_turned() {
    let photo = Photo::sample(5);
    for truth in &truth()[4] {
        let rotation =
            |degrees| middle(&selfie(&photo, truth, 2.2, degrees, 480)).map(|face| face.pose.rotation);
        let turned = [-25.0, 0.0, 25.0].map(rotation);
        if let [Some(left), Some(upright), Some(right)] = turned {
            assert!(left.max(right) > upright, "{left} {upright} {right}");
        }
    }
    // The most frontal face of the photos.
    let least =
        engine().detect(photo.image()).iter().map(|face| face.pose.rotation).fold(f32::INFINITY, f32::min);
    assert!(least < 20.0, "{least}");
}

#[test]
fn careless_copies_are_not_live() {
    let photo = Photo::sample(1);
    for truth in &truth()[0] {
        let plain = selfie(&photo, truth, 2.0, 0.0, 480);
        let grey = Photo::draw(480, 480, |x, y| [plain.pixel(x.into(), y.into())[1]; 3]);
        let screen = Photo::draw(480, 480, |x, y| {
            let dim = if x % 4 < 2 { 24 } else { 0 };
            plain.pixel(x.into(), y.into()).map(|value| value.saturating_sub(dim))
        });
        for (name, copy) in [("grey", grey), ("screen", screen)] {
            let face = middle(&copy).expect("a face");
            assert!(face.liveness < LIVENESS_THRESHOLD, "{name}: {}", face.liveness);
        }
    }
}
