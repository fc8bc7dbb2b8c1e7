//! Computes the pose of a head: yaw, pitch and roll.
//!
//! A rigid model of 31 points of a head, those of brows, nose and eyes, which move little with expression, is
//! fitted to the same points in the picture under scaled orthographic projection, by least squares: the first
//! step of POSIT (D. DeMenthon and L. Davis, "Model-based object pose in 25 lines of code", 1995). The model
//! was found by factorization (C. Tomasi and T. Kanade, "Shape and motion from image streams under
//! orthography", 1992) from the landmark network's points on 290 photos of Labeled Faces in the Wild and their
//! mirror images; its zero is the mean pose of those photos.

use crate::{face::Pose, landmarks::Points};

/// A point in space or a direction: right, down and away in the picture.
type Vector = [f64; 3];

/// The fitted points: brows, nose, eyes.
const FITTED: std::ops::Range<usize> = 17..48;

/// The same points on a head that looks into the camera, about their mean, where the outer eye corners are 100
/// units apart.
const MODEL: [Vector; 31] = [
    [-67.2, -22.1, 18.6],
    [-57.4, -28.8, 5.9],
    [-43.8, -31.3, -2.2],
    [-31.9, -30.1, -7.1],
    [-21.0, -26.5, -9.5],
    [21.0, -26.5, -9.5],
    [31.9, -30.1, -7.1],
    [43.8, -31.3, -2.2],
    [57.4, -28.8, 5.9],
    [67.2, -22.1, 18.6],
    [0.0, -2.4, -8.9],
    [0.0, 12.8, -17.1],
    [0.0, 26.9, -26.4],
    [0.0, 40.0, -28.5],
    [-14.4, 48.2, -5.5],
    [-8.0, 50.1, -9.4],
    [0.0, 52.0, -11.3],
    [8.0, 50.1, -9.4],
    [14.4, 48.2, -5.5],
    [-50.0, -4.5, 14.8],
    [-42.5, -8.1, 7.2],
    [-31.5, -8.3, 7.2],
    [-22.0, -3.0, 8.8],
    [-30.8, -0.1, 7.5],
    [-42.0, -0.2, 9.7],
    [22.0, -3.0, 8.8],
    [31.5, -8.3, 7.2],
    [42.5, -8.1, 7.2],
    [50.0, -4.5, 14.8],
    [42.0, -0.2, 9.7],
    [30.8, -0.1, 7.5],
];

/// Measures the pose of a face.
pub(crate) fn pose(points: &Points) -> Pose {
    let [right, down, away] = axes(points);
    let degrees = |radians: f64| radians.to_degrees() as f32;
    let trace = right[0] + down[1] + away[2];
    Pose {
        yaw: degrees(away[0].clamp(-1.0, 1.0).asin()),
        pitch: degrees((-away[1]).atan2(away[2])),
        roll: degrees((-down[0]).atan2(right[0])),
        rotation: degrees(((trace - 1.0) / 2.0).clamp(-1.0, 1.0).acos()),
    }
}

/// The rotation matrix's rows: where the picture's axes point on the head.
fn axes(points: &Points) -> [Vector; 3] {
    let count = MODEL.len() as f64;
    let seen: Vec<[f64; 2]> = points.0[FITTED].iter().map(|point| point.map(f64::from)).collect();
    let middle = [0, 1].map(|axis| seen.iter().map(|point| point[axis]).sum::<f64>() / count);
    let centre = [0, 1, 2].map(|axis| MODEL.iter().map(|point| point[axis]).sum::<f64>() / count);

    // Normal equations: `spread · row = product` for each of the picture's two axes.
    let (mut spread, mut products) = ([[0.0; 3]; 3], [[0.0; 3]; 2]);
    for (model, seen) in MODEL.iter().zip(&seen) {
        let model = [0, 1, 2].map(|axis| model[axis] - centre[axis]);
        for i in 0..3 {
            for j in 0..3 {
                spread[i][j] += model[i] * model[j];
            }
            for (axis, product) in products.iter_mut().enumerate() {
                product[i] += model[i] * (seen[axis] - middle[axis]);
            }
        }
    }
    let [right, down] = products.map(|product| unit(solve(&spread, product)));

    // Turn both by the same small angle so that they are perpendicular.
    let (sum, difference) = (unit(add(right, down, 1.0)), unit(add(right, down, -1.0)));
    let (right, down) = (unit(add(sum, difference, 1.0)), unit(add(sum, difference, -1.0)));
    [right, down, cross(right, down)]
}

/// Solves three equations by Cramer's rule.
fn solve(matrix: &[Vector; 3], right: Vector) -> Vector {
    let [a, b, c] = *matrix;
    let determinant = dot(a, cross(b, c));
    [dot(right, cross(b, c)), dot(right, cross(c, a)), dot(right, cross(a, b))].map(|x| x / determinant)
}

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn add(a: Vector, b: Vector, factor: f64) -> Vector {
    [a[0] + factor * b[0], a[1] + factor * b[1], a[2] + factor * b[2]]
}

fn unit(a: Vector) -> Vector {
    let length = dot(a, a).sqrt();
    if length > 0.0 { a.map(|x| x / length) } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::face_landmark_68::POINTS;

    /// The model as the camera sees it after turns about the picture's axes, one after the other: 0 is the
    /// axis to the right, 1 down, 2 away.
    fn turned(turns: &[(usize, f64)]) -> Points {
        let mut points = [[0.0; 2]; POINTS];
        for (point, mut at) in points[FITTED].iter_mut().zip(MODEL) {
            for &(axis, degrees) in turns {
                let (sin, cos) = degrees.to_radians().sin_cos();
                let (i, j) = [(1, 2), (2, 0), (0, 1)][axis];
                (at[i], at[j]) = (cos * at[i] - sin * at[j], sin * at[i] + cos * at[j]);
            }
            *point = [(at[0] * 0.3 + 500.0) as f32, (at[1] * 0.3 + 400.0) as f32];
        }
        Points(points)
    }

    #[test]
    fn a_turn_about_one_axis_is_measured_by_its_own_angle() {
        for degrees in [-50.0, -20.0, -5.0, 0.0, 5.0, 20.0, 50.0] {
            // The right-hand rule turns down to away, away to the right, right to down.
            for (axis, expected) in [[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, -1.0]].iter().enumerate() {
                let Pose { yaw, pitch, roll, rotation } = pose(&turned(&[(axis, degrees)]));
                let expected = expected.map(|sign: f64| (sign * degrees) as f32);
                let expected = [expected[0], -expected[1], expected[2]];
                for (angle, expected) in [yaw, pitch, roll].iter().zip(expected) {
                    assert!((angle - expected).abs() < 0.1, "axis {axis}, {degrees}: {yaw} {pitch} {roll}");
                }
                assert!((rotation - degrees.abs() as f32).abs() < 0.1, "{rotation}");
            }
        }
    }

    #[test]
    fn a_tilted_head_that_turns_keeps_its_yaw() {
        for roll in [-40.0, 0.0, 40.0] {
            let measured = pose(&turned(&[(1, -25.0), (2, -roll)]));
            assert!(
                (measured.yaw - 25.0).abs() < 0.1 && (measured.roll - roll as f32).abs() < 0.1,
                "{measured:?}"
            );
            assert!(measured.pitch.abs() < 0.1, "{measured:?}");
        }
    }

    #[test]
    fn the_mouth_and_the_jaw_do_not_count() {
        let mut points = turned(&[(1, 10.0)]);
        let before = pose(&points);
        points.0[..17].fill([0.0, 900.0]);
        points.0[48..].fill([900.0, 0.0]);
        assert_eq!(pose(&points), before);
    }

    #[test]
    fn points_in_one_place_have_some_angle() {
        let Pose { yaw, pitch, roll, rotation } = pose(&Points([[7.0; 2]; POINTS]));
        assert!([yaw, pitch, roll, rotation].iter().all(|angle| angle.is_finite()));
        assert!((0.0..360.0).contains(&rotation));
    }
}
