//! Runs an engine on photos, on all cores.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::Result;
use image::RgbImage;
use indicatif::{ParallelProgressIterator, ProgressBar, ProgressStyle};
use rayon::prelude::*;

use crate::photo;

/// An axis-aligned rectangle in pixels of the upright photo, from its top left corner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Area {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) width: f32,
    pub(crate) height: f32,
}

/// A face that an engine found.
pub(crate) struct Detection<F> {
    /// The area of the face, in pixels of the photo.
    pub(crate) area: Area,
    /// The detector's confidence, 0..=1.
    pub(crate) confidence: f32,
    /// The engine's own record of the face, for describing it.
    pub(crate) face: F,
}

/// An engine that finds and describes faces.
pub(crate) trait Describe: Sync {
    /// A found face.
    type Face;
    /// The numbers by which faces are compared.
    type Descriptor: Send;

    /// Finds the faces of a photo.
    fn detect(&self, photo: &RgbImage) -> Result<Vec<Detection<Self::Face>>>;
    /// Computes the descriptor of a face of that photo.
    fn describe(&self, photo: &RgbImage, face: &Self::Face) -> Result<Self::Descriptor>;
}

/// Which face of a photo counts when there are several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaceChoice {
    /// The one with the largest bounding box.
    Largest,
    /// The one whose bounding box's middle is nearest the photo's.
    Central,
}

impl FaceChoice {
    /// Both, in the report's order.
    pub(crate) const ALL: [Self; 2] = [Self::Largest, Self::Central];

    /// Returns its name in the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Largest => "largest face",
            Self::Central => "face nearest the centre",
        }
    }
}

/// Milliseconds that the stages took; absent when a stage did not run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Times {
    /// File to pixels.
    pub(crate) decode: Option<f64>,
    /// Pixels to faces, with their landmarks.
    pub(crate) detect: Option<f64>,
    /// One face to its descriptor.
    pub(crate) describe: Option<f64>,
}

/// An engine's detections and descriptors of one photo.
pub(crate) struct Analysis<D> {
    /// The confidence of each face found.
    pub(crate) confidences: Vec<f32>,
    /// The descriptors of the faces that count.
    descriptors: Vec<D>,
    /// For each [`FaceChoice`] the index of its descriptor.
    chosen: Option<[usize; 2]>,
    /// The time it took.
    pub(crate) times: Times,
    /// Why the photo could not be looked at.
    pub(crate) problem: Option<String>,
}

impl<D> Analysis<D> {
    /// Returns the descriptor of the face that counts, if there is a face.
    pub(crate) fn descriptor(&self, choice: FaceChoice) -> Option<&D> {
        self.descriptors.get(self.chosen?[choice as usize])
    }

    /// Makes the analysis of a photo that could not be looked at.
    pub(crate) fn failed(problem: String) -> Self {
        Self {
            confidences: Vec::new(),
            descriptors: Vec::new(),
            chosen: None,
            times: Times::default(),
            problem: Some(problem),
        }
    }

    /// Makes the analysis of a photo with `faces`, and asks for the descriptors of those that count.
    pub(crate) fn of<F>(
        faces: &[Detection<F>],
        size: [u32; 2],
        mut times: Times,
        mut describe: impl FnMut(usize) -> Result<D>,
    ) -> Result<Self> {
        let areas: Vec<Area> = faces.iter().map(|face| face.area).collect();
        let wanted = choose(&areas, size);
        let mut descriptors = Vec::new();
        let mut chosen = None;
        if let Some([largest, central]) = wanted {
            let start = Instant::now();
            descriptors.push(describe(largest)?);
            times.describe = times.describe.or(Some(milliseconds(start)));
            if central != largest {
                descriptors.push(describe(central)?);
            }
            chosen = Some([0, descriptors.len() - 1]);
        }
        let confidences = faces.iter().map(|face| face.confidence).collect();
        Ok(Self { confidences, descriptors, chosen, times, problem: None })
    }
}

/// Chooses the largest face and the one nearest the centre of a photo of `size`.
fn choose(areas: &[Area], [width, height]: [u32; 2]) -> Option<[usize; 2]> {
    let from_centre = |area: &Area| {
        let x = area.x + area.width / 2.0 - width as f32 / 2.0;
        let y = area.y + area.height / 2.0 - height as f32 / 2.0;
        x.hypot(y)
    };
    let best = |cost: &dyn Fn(&Area) -> f32| {
        areas.iter().enumerate().min_by(|(_, a), (_, b)| cost(a).total_cmp(&cost(b))).map(|(index, _)| index)
    };
    Some([best(&|area| -area.width * area.height)?, best(&from_centre)?])
}

/// Runs an engine on every photo. A photo that cannot be decoded is recorded, and does not end the run.
pub(crate) fn analyse<E: Describe>(
    engine: &E,
    photos: &[PathBuf],
    task: &str,
) -> Vec<Analysis<E::Descriptor>> {
    let style = ProgressStyle::with_template("eval: {msg} {pos} of {len} photos, {eta} left");
    let bar = ProgressBar::new(photos.len() as u64).with_message(task.to_owned());
    let bar = match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    };
    photos
        .par_iter()
        // One photo at a time: photos differ in their cost.
        .with_max_len(1)
        .progress_with(bar)
        .map(|path| analyse_one(engine, path).unwrap_or_else(|error| Analysis::failed(format!("{error:#}"))))
        .collect()
}

fn analyse_one<E: Describe>(engine: &E, path: &Path) -> Result<Analysis<E::Descriptor>> {
    let start = Instant::now();
    let pixels = photo::decode(path)?;
    let decode = Some(milliseconds(start));
    let start = Instant::now();
    let faces = engine.detect(&pixels)?;
    let times = Times { decode, detect: Some(milliseconds(start)), describe: None };
    Analysis::of(&faces, [pixels.width(), pixels.height()], times, |index| {
        engine.describe(&pixels, &faces[index].face)
    })
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn largest_and_central_face_are_chosen_apart() {
        let large = Area { x: 0.0, y: 0.0, width: 40.0, height: 40.0 };
        let central = Area { x: 45.0, y: 45.0, width: 10.0, height: 10.0 };
        assert_eq!(choose(&[central, large], [100, 100]), Some([1, 0]));
        assert_eq!(choose(&[large], [100, 100]), Some([0, 0]));
        assert_eq!(choose(&[], [100, 100]), None);
    }
}
