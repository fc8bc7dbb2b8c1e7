//! A face in 128 numbers.

use crate::{
    image::Image,
    kernels::Backend,
    landmarks::{Points, mean},
    network::face_recognition::{FaceRecognition, MEAN, SIDE},
    sampling::Crop,
    similarity::Descriptor,
};

/// The mean distance of the eyes from the mouth, as a share of the described square's side.
const EYE_TO_MOUTH: f32 = 0.45;
/// How far down the square the middle of eyes and mouth lies.
const MIDDLE: f32 = 0.43;

/// Describes the face with these points.
pub(crate) fn describe(
    network: &FaceRecognition,
    backend: Backend,
    image: Image<'_>,
    points: &Points,
) -> Descriptor {
    let input = square(points).sample(image, SIDE, MEAN, 0);
    Descriptor::from_array(network.run(backend, &input))
}

/// The square that the network is shown: placed by eyes and mouth, turned so that the eyes are level.
fn square(points: &Points) -> Crop {
    let (right, left, mouth) = (points.right_eye(), points.left_eye(), points.mouth());
    let distance = |eye: [f32; 2]| (eye[0] - mouth[0]).hypot(eye[1] - mouth[1]);
    let side = (distance(right) + distance(left)) / 2.0 / EYE_TO_MOUTH;
    let along @ [cos, sin] = points.eye_line();
    let middle = mean(&[right, left, mouth]);
    let down = (0.5 - MIDDLE) * side;
    Crop { centre: [middle[0] - sin * down, middle[1] + cos * down], side, along }
}
