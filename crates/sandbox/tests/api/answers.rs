//! Responses to valid calls, and verdicts on faces. On the npm package's real photos.

use axum::{
    body::Body,
    http::{Method, header},
};
use image::{RgbImage, imageops};
use perse_protocol::{
    Code, field,
    response::{Comparison, Detection, Face},
    route,
};
use perse_sandbox::Data;

use crate::common::{Answer, Form, Sandbox, jpeg, pixels, request, sample, wall};

/// Returns a face of the photo with some room around it, as a person's own photo would be.
async fn portrait(sandbox: &Sandbox, number: u32) -> RgbImage {
    let file = sample(number);
    let answer = sandbox.upload(route::DETECT, Form::image(&file)).await;
    let found: Detection = serde_json::from_value(answer.is_ok().clone()).unwrap();
    // The middle of the face, in pixels from the left: photos 1 and 3 show the same woman there.
    let middle = match number {
        1 => 1560.0,
        3 => 1180.0,
        6 => 1590.0,
        _ => panic!("no portrait was chosen of photo {number}"),
    };
    let distance = |face: &&Face| (face.bounding_box[0] + face.bounding_box[2] / 2.0 - middle).abs();
    let nearest = found.faces.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
    let [x, y, width, height] = nearest.expect("no face").bounding_box;
    let image = pixels(&file);
    let left = (x - width * 0.5).max(0.0) as u32;
    let top = (y - height * 0.5).max(0.0) as u32;
    imageops::crop_imm(&image, left, top, (width * 2.0) as u32, (height * 2.0) as u32).to_image()
}

/// Every level through a curve.
fn relit(image: &RgbImage, curve: impl Fn(f32) -> f32) -> Vec<u8> {
    let mut image = image.clone();
    image.iter_mut().for_each(|level| *level = curve(f32::from(*level)) as u8);
    jpeg(&image)
}

async fn enrol(sandbox: &Sandbox, file: &[u8]) -> String {
    let answer = sandbox.upload(route::ENROLLMENT, Form::image(file)).await;
    answer.is_ok()["user_token"].as_str().unwrap().to_owned()
}

async fn users(sandbox: &Sandbox) -> Vec<String> {
    let answer = sandbox.get(route::ENROLLMENT_LIST).await;
    let json = answer.is_ok();
    assert_eq!(json["status"], 200);
    assert!(json["time_taken"].is_number());
    let users: Vec<String> = serde_json::from_value(json["user_tokens"].clone()).unwrap();
    assert_eq!(json["total_users"], users.len());
    users
}

async fn compare_with(sandbox: &Sandbox, file: &[u8], user: &str) -> Answer {
    sandbox.upload(route::COMPARE, Form::image(file).text(field::USER_TOKEN, user)).await
}

async fn delete(sandbox: &Sandbox, user: &str) -> Answer {
    sandbox.send(request(Method::DELETE, &format!("{}/{user}", route::ENROLLMENT), Body::empty())).await
}

fn is_uuid(token: &str) -> bool {
    token.len() == 36 && token.bytes().filter(|&byte| byte == b'-').count() == 4
}

#[tokio::test]
async fn detect_answers_as_the_contract_says() {
    let sandbox = Sandbox::new().await;
    let answer = sandbox.upload(route::DETECT, Form::image(&sample(2))).await;
    let json = answer.is_ok();
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    let keys = |json: &serde_json::Value| json.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        keys(json),
        ["default_thresholds", "faces", "image_metrics", "image_token", "time_taken", "total_faces"]
    );
    let face = &json["faces"][0];
    assert_eq!(keys(face), ["bounding_box", "confidence", "face_metrics", "landmarks", "liveness_score"]);
    assert_eq!(
        keys(&face["face_metrics"]),
        ["color", "overexposure", "pitch", "roll", "rotation", "sharpness", "underexposure", "yaw"]
    );
    assert_eq!(keys(&json["image_metrics"]), ["color", "overexposure", "sharpness", "underexposure"]);

    let found: Detection = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(found.total_faces as usize, found.faces.len());
    assert!(is_uuid(&found.image_token));
    assert!(found.time_taken > 0.0 && found.time_taken < 10.0);
    let limits = found.default_thresholds;
    assert_eq!((limits.underexposure, limits.overexposure, limits.sharpness), (0.7, 0.65, 0.1591));
    let (width, height) = pixels(&sample(2)).dimensions();
    for face in &found.faces {
        let [x, y, w, h] = face.bounding_box;
        assert!(x >= 0.0 && y >= 0.0 && x + w <= f64::from(width) && y + h <= f64::from(height), "{face:?}");
        assert!((0.0..=1.0).contains(&face.confidence));
        assert!(face.liveness_score.is_some_and(|score| (0.0..=1.0).contains(&score)));
        // The person's right is on the picture's left.
        assert!(face.landmarks.right_eye[0] < face.landmarks.left_eye[0]);
        assert!(face.landmarks.mouth_right[1] > face.landmarks.right_eye[1]);
    }
}

#[tokio::test]
async fn a_picture_of_nobody_has_no_faces_and_still_its_metrics() {
    let sandbox = Sandbox::new().await;
    let file = jpeg(&wall());
    let answer = sandbox.upload(route::DETECT, Form::image(&file)).await;
    let json = answer.is_ok();
    assert_eq!((json["total_faces"].as_u64(), json["faces"].as_array().map(Vec::len)), (Some(0), Some(0)));
    assert!(json["image_metrics"]["sharpness"].is_number());
    sandbox.upload(route::COMPARE, Form::pair(&file, &file)).await.is(Code::NoFaceDetected);
    sandbox.upload(route::COMPARE, Form::pair(&sample(1), &file)).await.is(Code::NoFaceDetected);
    sandbox.upload(route::ENROLLMENT, Form::image(&file)).await.is(Code::NoFaceDetected);
    assert!(users(&sandbox).await.is_empty());
}

#[tokio::test]
async fn one_person_is_similar_to_herself_and_not_to_another() {
    let sandbox = Sandbox::new().await;
    let compare = async |one: &[u8], other: &[u8]| {
        let answer = sandbox.upload(route::COMPARE, Form::pair(one, other)).await;
        let found: Comparison = serde_json::from_value(answer.is_ok().clone()).unwrap();
        assert!(found.image_tokens.iter().all(|token| is_uuid(token)));
        assert_ne!(found.image_tokens[0], found.image_tokens[1]);
        assert!(found.time_taken > 0.0);
        (found.similarity, found.default_thresholds.similarity)
    };
    let (one, other) = (portrait(&sandbox, 1).await, portrait(&sandbox, 6).await);
    let smaller =
        imageops::resize(&one, one.width() * 3 / 4, one.height() * 3 / 4, imageops::FilterType::Triangle);
    let (same, threshold) = compare(&jpeg(&one), &relit(&smaller, |level| level * 0.8)).await;
    let (different, _) = compare(&jpeg(&one), &jpeg(&other)).await;
    assert!(different < threshold && threshold <= same, "{different} < {threshold} <= {same}");
    // The same woman stands foremost in the third photo, turned another way.
    let (again, _) = compare(&jpeg(&one), &jpeg(&portrait(&sandbox, 3).await)).await;
    assert!(threshold <= again, "{threshold} <= {again}");
    let (itself, _) = compare(&jpeg(&one), &jpeg(&one)).await;
    assert!(itself > 99.0, "{itself}");
}

#[tokio::test]
async fn a_user_is_enrolled_listed_compared_updated_and_deleted() {
    let sandbox = Sandbox::new().await;
    let (one, other) = (jpeg(&portrait(&sandbox, 1).await), jpeg(&portrait(&sandbox, 6).await));
    assert!(users(&sandbox).await.is_empty());
    let answer = sandbox.upload(route::ENROLLMENT, Form::image(&one)).await;
    let json = answer.is_ok();
    assert_eq!(json["status"], 200);
    assert!(json["time_taken"].as_f64().unwrap() > 0.0);
    let user = json["user_token"].as_str().unwrap().to_owned();
    assert!(is_uuid(&user));
    let second = enrol(&sandbox, &other).await;
    assert_eq!(users(&sandbox).await, [user.clone(), second.clone()]);

    let similar = async |file: &[u8], user: &str| {
        let answer = compare_with(&sandbox, file, user).await;
        let found: Comparison = serde_json::from_value(answer.is_ok().clone()).unwrap();
        assert!(found.image_tokens.iter().all(|token| is_uuid(token)));
        found.similarity >= found.default_thresholds.similarity
    };
    assert!(similar(&one, &user).await);
    assert!(!similar(&other, &user).await);

    let form = Form::image(&other).text(field::USER_TOKEN, &user);
    let answer = sandbox.send(form.request(Method::PUT, route::ENROLLMENT)).await;
    assert_eq!(answer.is_ok()["user_token"], *user);
    assert_eq!(answer.json["status"], 200);
    assert!(similar(&other, &user).await);
    assert!(!similar(&one, &user).await);

    let answer = delete(&sandbox, &user).await;
    assert_eq!(answer.is_ok()["status"], 200);
    assert!(answer.json["time_taken"].is_number());
    delete(&sandbox, &user).await.is(Code::UserTokenNotFound);
    assert_eq!(users(&sandbox).await, [second]);
    compare_with(&sandbox, &one, &user).await.is(Code::NoFaceBiometricData);
}

#[tokio::test]
async fn an_unknown_user_is_told_in_each_calls_own_code() {
    let sandbox = Sandbox::new().await;
    let file = jpeg(&wall());
    delete(&sandbox, "nobody").await.is(Code::UserTokenNotFound);
    compare_with(&sandbox, &file, "nobody").await.is(Code::NoFaceBiometricData);
    let form = Form::image(&file).text(field::USER_TOKEN, "nobody");
    sandbox.send(form.request(Method::PUT, route::ENROLLMENT)).await.is(Code::ImageIdInvalid);
}

#[tokio::test]
async fn the_published_threshold_is_the_configured_one() {
    for (threshold, sandbox) in [
        (50.0, Sandbox::new().await),
        (72.5, Sandbox::with(|config| config.similarity_threshold = 72.5).await),
    ] {
        let face = jpeg(&portrait(&sandbox, 1).await);
        let answer = sandbox.upload(route::COMPARE, Form::pair(&face, &face)).await;
        assert_eq!(answer.is_ok()["default_thresholds"]["similarity"].as_f64(), Some(threshold));
    }
}

#[tokio::test]
async fn a_face_in_the_dark_or_in_the_glare_is_not_enrolled() {
    let sandbox = Sandbox::new().await;
    let face = portrait(&sandbox, 1).await;
    let user = enrol(&sandbox, &jpeg(&face)).await;
    let dark = relit(&face, |level| level * 0.22);
    let bright = relit(&face, |level| 255.0 * (level / 255.0).powf(0.3));
    for (file, code) in [(dark, Code::ImageUnderexposed), (bright, Code::ImageOverexposed)] {
        sandbox.upload(route::ENROLLMENT, Form::image(&file)).await.is(code);
        let form = Form::image(&file).text(field::USER_TOKEN, &user);
        sandbox.send(form.request(Method::PUT, route::ENROLLMENT)).await.is(code);
    }
    assert_eq!(users(&sandbox).await, [user]);
}

#[tokio::test]
async fn enrolments_outlive_the_server_in_a_file() {
    let folder = std::env::temp_dir().join(format!("perse-sandbox-durable-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("users.sqlite");
    let open = || Sandbox::with(|config| config.data = Some(Data::File(file.clone())));
    let first = open().await;
    let face = jpeg(&portrait(&first, 1).await);
    let user = enrol(&first, &face).await;
    drop(first);
    let second = open().await;
    assert_eq!(users(&second).await, std::slice::from_ref(&user));
    let found = compare_with(&second, &face, &user).await;
    assert!(found.is_ok()["similarity"].as_f64().unwrap() > 99.0);
    // In memory nothing is left.
    assert!(users(&Sandbox::new().await).await.is_empty());
    drop(second);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_user_whose_face_cannot_be_compared_is_asked_to_enrol_again() {
    let path = std::env::temp_dir().join(format!("perse-sandbox-networks-{}.sqlite", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let sandbox = Sandbox::with(|config| config.data = Some(Data::File(path.clone()))).await;
    let file = jpeg(&portrait(&sandbox, 1).await);
    let user = enrol(&sandbox, &file).await;
    compare_with(&sandbox, &file, &user).await.is_ok();
    let file_connection = rusqlite::Connection::open(&path).unwrap();
    for sql in [
        "UPDATE enrollment SET network = 'an earlier one'",
        // A NaN in place of its first number.
        "UPDATE enrollment SET network = 'an earlier one', descriptor = x'0000c07f'",
    ] {
        file_connection.execute(sql, []).unwrap();
        let answer = compare_with(&sandbox, &file, &user).await;
        answer.is(Code::NoFaceBiometricData);
        assert!(answer.json["message"].as_str().unwrap().contains("Enrol the user again."), "{answer:?}");
        assert_eq!(users(&sandbox).await, std::slice::from_ref(&user));
    }
    let form = Form::image(&file).text(field::USER_TOKEN, &user);
    sandbox.send(form.request(Method::PUT, route::ENROLLMENT)).await.is_ok();
    compare_with(&sandbox, &file, &user).await.is_ok();
    drop((sandbox, file_connection));
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", path.display()));
    }
}
