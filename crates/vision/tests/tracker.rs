//! Following a face from frame to frame.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{Photo, weights};
use perse_vision::{Frame, SEARCH_INTERVAL_MS, TrackedFace, Tracker, TrackerWeights, WeightsError};

fn load(short_range: &[u8], landmarks: &[u8]) -> Result<Tracker, WeightsError> {
    Tracker::new(&TrackerWeights { face_detection_short_range: short_range, face_landmark_68: landmarks })
}

fn tracker() -> Tracker {
    load(&weights("face_detection_short_range"), &weights("face_landmark_68")).expect("the published weights")
}

/// A camera's frame with one person.
fn person() -> Photo {
    Photo::sample(3).cropped(850, 130, 640, 480)
}

/// The first frame of a camera that shows this picture.
fn first(photo: &Photo) -> Frame {
    tracker().track(photo.image(), 0.0)
}

fn only(frame: Frame) -> TrackedFace {
    let [face] = <[TrackedFace; 1]>::try_from(frame.faces).expect("one face");
    face
}

fn wall() -> Photo {
    Photo::sample(6).cropped(0, 0, 420, 315).resized(640)
}

#[test]
fn a_person_is_found_and_measured() {
    let TrackedFace { bounding_box, points, pose, quality, eyes, mouth } = only(first(&person()));
    let [nose_x, nose_y] = points[30];
    assert!((nose_x - 288.0).hypot(nose_y - 260.0) < 12.0, "{nose_x} {nose_y}");
    assert!(bounding_box.x < points[0][0] + 1.0 && bounding_box.y < points[19][1], "{bounding_box:?}");
    assert!((260.0..330.0).contains(&bounding_box.height), "{bounding_box:?}");
    // She looks a little to the image's left, and her head leans clockwise, to the other side.
    assert!((-25.0..-10.0).contains(&pose.yaw), "{pose:?}");
    assert!((-18.0..-6.0).contains(&pose.roll) && pose.pitch.abs() < 12.0, "{pose:?}");
    assert!(quality.underexposure < 0.1 && quality.overexposure < 0.2 && quality.sharpness > 0.2);
    assert!(eyes.iter().all(|eye| (0.3..0.7).contains(eye)), "{eyes:?}");
    assert!((0.6..0.72).contains(&mouth), "{mouth}");
}

#[test]
fn in_a_mirror_left_is_right() {
    let [face, mirrored] = [person(), person().mirrored()].map(|photo| only(first(&photo)));
    for (angle, other) in [(face.pose.yaw, mirrored.pose.yaw), (face.pose.roll, mirrored.pose.roll)] {
        assert!((angle + other).abs() < 5.0, "{angle} {other}");
    }
    assert!((face.eyes[0] - mirrored.eyes[1]).abs() < 0.06, "{:?} {:?}", face.eyes, mirrored.eyes);
}

#[test]
fn near_far_turned_dark_and_bright_faces_are_found() {
    let small = Photo::sample(5).resized(640);
    let turned = only(first(&Photo::sample(2).cropped(160, 30, 640, 480)));
    assert!(turned.pose.yaw < -35.0, "{:?}", turned.pose);
    let close = only(first(&Photo::sample(3).cropped(1000, 150, 420, 315).resized(640)));
    assert!(close.bounding_box.height > 400.0, "{:?}", close.bounding_box);
    let dark = only(first(&person().toned(|value| value * 0.12)));
    assert!(dark.quality.underexposure > 0.9, "{:?}", dark.quality);
    let bright = only(first(&person().toned(|value| value * 2.4 + 60.0)));
    assert!(bright.quality.overexposure > 0.9, "{:?}", bright.quality);
    let faces = first(&small).faces;
    assert_eq!(faces.len(), 5);
    let area = |face: &TrackedFace| face.points[8][1] - face.points[27][1];
    assert!(faces.iter().all(|face| area(face) > 30.0), "a face is higher than that");
    assert_eq!(first(&wall()), Frame { faces: Vec::new(), is_searched: true });
}

#[test]
fn a_known_face_is_followed_and_the_frame_is_searched_now_and_then() {
    let mut tracker = tracker();
    let sample = Photo::sample(3);
    let mut searches = Vec::new();
    for step in 0..20 {
        // The camera moves by 10 pixels a frame, 30 frames a second.
        let photo = sample.cropped(850 - step * 10, 130 - step * 3, 640, 480);
        let now = step as f64 * 1000.0 / 30.0;
        let frame = tracker.track(photo.image(), now);
        if frame.is_searched {
            searches.push(now);
        }
        let face = &frame.faces[0];
        let expected = [288.0 + step as f32 * 10.0, 260.0 + step as f32 * 3.0];
        let [x, y] = [face.points[30][0] - expected[0], face.points[30][1] - expected[1]];
        assert!(x.abs() < 20.0 && y.abs() < 20.0, "step {step}: {x} {y}");
    }
    assert_eq!(searches.first(), Some(&0.0));
    let gaps: Vec<f64> = searches.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(!gaps.is_empty() && gaps.iter().all(|gap| *gap >= SEARCH_INTERVAL_MS), "{gaps:?}");
    assert!(gaps.iter().all(|gap| *gap < SEARCH_INTERVAL_MS + 40.0), "{gaps:?}");
}

#[test]
fn a_face_that_is_gone_is_not_followed_and_another_is_found_at_once() {
    let mut tracker = tracker();
    assert_eq!(tracker.track(person().image(), 0.0).faces.len(), 1);
    for now in [33.0, 66.0] {
        assert_eq!(tracker.track(wall().image(), now), Frame { faces: Vec::new(), is_searched: true });
    }
    let elsewhere = Photo::sample(3).cropped(650, 60, 640, 480);
    assert!(!tracker.track(elsewhere.image(), 100.0).faces.is_empty());
}

#[test]
fn a_second_face_is_seen_within_the_interval() {
    let mut tracker = tracker();
    let group = Photo::sample(3).cropped(480, 100, 1280, 960).resized(640);
    tracker.track(person().resized(640).image(), 0.0);
    let times = (1..=8).map(|step| f64::from(step) * 33.0);
    let seen = times.map(|now| (now, tracker.track(group.image(), now).faces.len()));
    let (now, _) = seen.into_iter().find(|(_, faces)| *faces > 1).expect("the others");
    assert!(now <= SEARCH_INTERVAL_MS + 33.0, "{now}");
}

#[test]
fn every_shape_of_frame_is_answered() {
    let mut tracker = tracker();
    for [width, height] in [[1, 1], [1, 480], [640, 1], [2, 3], [480, 640], [33, 17]] {
        let photo = Photo::draw(width, height, |x, y| [(x * 7) as u8, (y * 5) as u8, 90]);
        tracker.track(photo.image(), f64::NAN);
        tracker.track(person().image(), f64::INFINITY);
    }
}

#[test]
fn damaged_weights_are_refused() {
    let [short_range, landmarks] = ["face_detection_short_range", "face_landmark_68"].map(weights);
    assert!(load(&short_range, &short_range).is_err());
    assert!(load(&short_range[..short_range.len() / 2], &landmarks).is_err());
}
