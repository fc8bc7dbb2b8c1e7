//! The peer, `@vladmandic/face-api`: reads what `scripts/eval-peer/peer.mjs` wrote.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::analysis::{Analysis, Area, Detection, Times};

/// Names the score in the report and the pictures.
pub(crate) const SCORE_NAME: &str = "negative Euclidean distance";
/// The score at the distance of 0.6 that the package's documentation and `FaceMatcher` use.
pub(crate) const THRESHOLD: f32 = -0.6;

/// The peer's descriptor.
pub(crate) type Descriptor = Vec<f32>;

/// Returns how alike two faces are; higher is more alike.
pub(crate) fn score(a: &Descriptor, b: &Descriptor) -> f32 {
    -a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
}

/// One line of the file.
#[derive(Deserialize)]
struct Row {
    path: PathBuf,
    #[serde(default)]
    width: u32,
    #[serde(default)]
    height: u32,
    #[serde(default)]
    faces: Vec<Face>,
    #[serde(default)]
    ms: Milliseconds,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Face {
    /// Left, top, width, height.
    #[serde(rename = "box")]
    area: [f32; 4],
    confidence: f32,
    descriptor: Descriptor,
}

#[derive(Default, Deserialize)]
struct Milliseconds {
    decode: Option<f64>,
    detect: Option<f64>,
    describe: Option<f64>,
}

/// Reads the peer's results for `photos`, in their order.
///
/// # Errors
/// When the file cannot be read, a line is wrong, or a photo is not in it.
pub(crate) fn read(file: &Path, photos: &[&[PathBuf]]) -> Result<Vec<Vec<Analysis<Descriptor>>>> {
    let lines =
        File::open(file).with_context(|| format!("Cannot read the peer's results {}.", file.display()))?;
    let mut rows = HashMap::new();
    for (index, line) in BufReader::new(lines).lines().enumerate() {
        let line = line?;
        // The last line of a run that was interrupted may be cut off; its photo has another line then.
        let Ok(row) = serde_json::from_str::<Row>(&line) else { continue };
        if row.faces.iter().any(|face| face.descriptor.len() != 128) {
            bail!("{}: line {} has a descriptor that is not 128 numbers.", file.display(), index + 1);
        }
        rows.insert(row.path.clone(), row);
    }
    photos
        .iter()
        .map(|photos| {
            photos
                .iter()
                .map(|path| match rows.remove(path) {
                    Some(row) => analysis(row),
                    None => {
                        bail!("{} has no results for {}. Run the peer again.", file.display(), path.display())
                    }
                })
                .collect()
        })
        .collect()
}

fn analysis(row: Row) -> Result<Analysis<Descriptor>> {
    if let Some(error) = row.error {
        return Ok(Analysis::failed(error));
    }
    let faces: Vec<_> = row
        .faces
        .into_iter()
        .map(|face| {
            let [x, y, width, height] = face.area;
            let area = Area { x, y, width, height };
            Detection { area, confidence: face.confidence, face: face.descriptor }
        })
        .collect();
    let times = Times { decode: row.ms.decode, detect: row.ms.detect, describe: row.ms.describe };
    Analysis::of(&faces, [row.width, row.height], times, |index| Ok(faces[index].face.clone()))
}
