//! A face in 512 numbers.
//!
//! The network was trained on faces that a similarity transform brought to five fixed places (eyes, nose,
//! corners of the mouth; the template of ArcFace, J. Deng and others, "ArcFace: Additive Angular Margin
//! Loss for Deep Face Recognition", 2019). The transform is the one of least squares, after S. Umeyama,
//! "Least-squares estimation of transformation parameters between two point patterns", 1991.

use crate::{
    image::Image,
    kernels::Backend,
    landmarks::Points,
    network::fr_feature::{FrFeature, MEAN, SIDE},
    sampling::Crop,
    similarity::Descriptor,
};

/// Places of eyes, nose and corners of the mouth, in pixels of the input; the person's right first.
const TEMPLATE: [[f32; 2]; 5] =
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]];

/// Describes the face with these points.
pub(crate) fn describe(
    network: &FrFeature,
    backend: Backend,
    image: Image<'_>,
    points: &Points,
) -> Descriptor {
    let input = aligned(points).sample(image, SIDE, MEAN, 1);
    Descriptor::normalised(network.run(backend, &input))
}

/// The square of the image that the network is shown.
fn aligned(points: &Points) -> Crop {
    let five = points.five();
    let seen = [five.right_eye, five.left_eye, five.nose, five.mouth_right, five.mouth_left];
    let (seen_middle, middle) = (mean(&seen), mean(&TEMPLATE));
    // The transform from the image to the template is a multiplication by a complex number: the sum of
    // conj(seen) · template, over the sum of |seen|², both about their means.
    let (mut product, mut spread) = ([0.0_f32; 2], 0.0_f32);
    for (seen, template) in seen.iter().zip(&TEMPLATE) {
        let [a, b] = [seen[0] - seen_middle[0], seen[1] - seen_middle[1]];
        let [c, d] = [template[0] - middle[0], template[1] - middle[1]];
        product = [product[0] + a * c + b * d, product[1] + a * d - b * c];
        spread += a * a + b * b;
    }
    let length = product[0].hypot(product[1]);
    if !(length > 0.0 && length.is_finite()) {
        // Points in one place: any square does, the result means nothing.
        return Crop { centre: seen_middle, side: 1.0, along: [1.0, 0.0] };
    }
    let scale = spread / length;
    let along @ [cos, sin] = [product[0] / length, -product[1] / length];
    // The middle of the input, as the image has it.
    let [x, y] = [0, 1].map(|axis| (SIDE as f32 / 2.0 - middle[axis]) * scale);
    let centre = [seen_middle[0] + x * cos - y * sin, seen_middle[1] + x * sin + y * cos];
    Crop { centre, side: SIDE as f32 * scale, along }
}

fn mean(points: &[[f32; 2]; 5]) -> [f32; 2] {
    [0, 1].map(|axis| points.iter().map(|point| point[axis]).sum::<f32>() / 5.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::face_landmark_68::POINTS;

    /// 68 points of which those that count are where the template has them, turned, scaled and moved.
    fn placed(degrees: f32, scale: f32, to: [f32; 2]) -> Points {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let place =
            |[x, y]: [f32; 2]| [to[0] + scale * (x * cos - y * sin), to[1] + scale * (x * sin + y * cos)];
        let mut points = [[0.0; 2]; POINTS];
        let [right_eye, left_eye, nose, mouth_right, mouth_left] = TEMPLATE.map(place);
        points[36..42].fill(right_eye);
        points[42..48].fill(left_eye);
        (points[30], points[48], points[54]) = (nose, mouth_right, mouth_left);
        Points(points)
    }

    #[test]
    fn a_face_is_brought_to_the_template() {
        for degrees in [-170.0, -35.0, 0.0, 12.0, 90.0] {
            for scale in [0.4, 1.0, 7.0] {
                let points = placed(degrees, scale, [300.0, 200.0]);
                let crop = aligned(&points);
                assert!((crop.side - 112.0 * scale).abs() < 0.01 * scale, "{crop:?}");
                for (template, point) in TEMPLATE.iter().zip([36, 42, 30, 48, 54]) {
                    let at = crop.point(template.map(|v| v / SIDE as f32));
                    let expected = points.0[point];
                    let distance = (at[0] - expected[0]).hypot(at[1] - expected[1]);
                    assert!(distance < 0.01 * scale, "{degrees}°, × {scale}: {at:?} for {expected:?}");
                }
            }
        }
    }

    #[test]
    fn points_in_one_place_give_some_square() {
        let crop = aligned(&Points([[7.0; 2]; POINTS]));
        assert!(crop.side > 0.0 && crop.side.is_finite());
    }
}
