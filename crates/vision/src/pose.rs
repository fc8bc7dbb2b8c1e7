//! How far a head is turned away from the camera.
//!
//! A rigid model of six points of a head is fitted to the same six points in the picture under scaled
//! orthographic projection, by least squares: the first step of POSIT (D. DeMenthon and L. Davis,
//! "Model-based object pose in 25 lines of code", 1995). That gives the rotation between the head and
//! the camera. By Euler's theorem it is one turn about some axis, whatever roll, pitch and yaw it is
//! made of; its angle is the result.

use crate::landmarks::Points;

/// A point in space or a direction: right, down and away in the picture.
type Vector = [f64; 3];

/// Which of the 68 points are fitted: nose tip, chin, outer eye corners, mouth corners.
const FITTED: [usize; 6] = [30, 8, 36, 45, 48, 54];

/// The same points on a head that looks into the camera, relative to the nose tip, where its outer eye
/// corners are 450 units apart. Heights and widths are the medians of 21 faces on photos, so that the
/// landmark network's typical face counts as frontal; depths are those of the generic six-point head
/// model in wide use for this purpose.
const MODEL: [Vector; 6] = [
    [0.0, 0.0, 0.0],
    [0.0, 380.0, 65.0],
    [-225.0, -230.0, 135.0],
    [225.0, -230.0, 135.0],
    [-138.0, 132.0, 125.0],
    [138.0, 132.0, 125.0],
];

/// The angle in degrees between the head and one that looks straight and upright into the camera:
/// 0 is frontal, 180 the most there can be.
pub(crate) fn rotation(points: &Points) -> f32 {
    let [right, down, away] = axes(points);
    let trace = right[0] + down[1] + away[2];
    ((trace - 1.0) / 2.0).clamp(-1.0, 1.0).acos().to_degrees() as f32
}

/// The rotation matrix's rows: where the picture's axes point on the head.
fn axes(points: &Points) -> [Vector; 3] {
    let count = FITTED.len() as f64;
    let seen = FITTED.map(|i| points.0[i].map(f64::from));
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

    /// The model, turned by an angle about one of the axes, as the camera sees it.
    fn turned(axis: usize, degrees: f64) -> Points {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (i, j) = [(1, 2), (2, 0), (0, 1)][axis];
        let mut points = [[0.0; 2]; POINTS];
        for (index, model) in FITTED.iter().zip(MODEL) {
            let mut at = model;
            (at[i], at[j]) = (cos * model[i] - sin * model[j], sin * model[i] + cos * model[j]);
            points[*index] = [(at[0] * 0.3 + 500.0) as f32, (at[1] * 0.3 + 400.0) as f32];
        }
        Points(points)
    }

    #[test]
    fn a_turn_about_any_axis_is_measured() {
        for axis in 0..3 {
            for degrees in [-50.0, -20.0, -5.0, 0.0, 5.0, 20.0, 50.0] {
                let measured = rotation(&turned(axis, degrees));
                assert!(
                    (measured - degrees.abs() as f32).abs() < 0.1,
                    "axis {axis}: {degrees} as {measured}"
                );
            }
        }
    }

    #[test]
    fn points_in_one_place_have_some_angle() {
        assert!((0.0..360.0).contains(&rotation(&Points([[7.0; 2]; POINTS]))));
    }
}
