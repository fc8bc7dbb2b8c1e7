//! The face engine as the evaluation uses it. Nothing else here knows its types.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use image::RgbImage;
use perse_vision::{Descriptor, FaceEngine, FaceFinderWeights, Image, SIMILARITY_THRESHOLD, similarity};

use crate::analysis::{Area, Describe, Detection};

/// Names the score in the report and the pictures.
pub(crate) const SCORE_NAME: &str = "cosine";
/// The range of scores that [`threshold`] searches.
const SCORE_RANGE: [f32; 2] = [-1.0, 1.0];

/// Returns how alike two faces are; higher is more alike.
pub(crate) fn score(a: &Descriptor, b: &Descriptor) -> f32 {
    a.cosine(b)
}

/// Returns the similarity, 0..=100, that the API reports for a score.
fn similarity_of(score: f32) -> f32 {
    similarity(score)
}

/// Returns the lowest score that the published threshold accepts.
///
/// It is searched rather than written down, so that it cannot differ from what the sandbox does.
pub(crate) fn threshold() -> f32 {
    let [mut refused, mut accepted] = SCORE_RANGE;
    loop {
        let middle = f32::midpoint(refused, accepted);
        if middle <= refused || middle >= accepted {
            return accepted;
        }
        if similarity_of(middle) >= SIMILARITY_THRESHOLD {
            accepted = middle;
        } else {
            refused = middle;
        }
    }
}

/// The face engine with its weights.
pub(crate) struct Engine(FaceEngine);

impl Engine {
    /// Reads the weights from the folder into which the set-up packs them.
    ///
    /// # Errors
    /// When a file is missing, or does not belong to its network.
    pub(crate) fn load(models: &Path) -> Result<Self> {
        let read = |network: &str| {
            let path = models.join(format!("{network}.bin"));
            fs::read(&path).with_context(|| {
                format!(
                    "Cannot read the face engine's weights {}. Run `npm run setup` in the project's folder, \
                     or say where they are with --models.",
                    path.display()
                )
            })
        };
        let finder = FaceFinderWeights {
            tiny_face_detector: &read("tiny_face_detector")?,
            face_landmark_68: &read("face_landmark_68")?,
            face_detection_short_range: &read("face_detection_short_range")?,
            face_detection_full_range: &read("face_detection_full_range")?,
        };
        Ok(Self(FaceEngine::new(&finder, &read("fr_feature")?)?))
    }
}

impl Describe for Engine {
    type Face = perse_vision::Face;
    type Descriptor = Descriptor;

    fn detect(&self, photo: &RgbImage) -> Result<Vec<Detection<Self::Face>>> {
        let faces = self.0.detect(pixels(photo)?);
        Ok(faces
            .into_iter()
            .map(|face| {
                let rect = face.bounding_box;
                Detection {
                    area: Area { x: rect.x, y: rect.y, width: rect.width, height: rect.height },
                    confidence: face.confidence,
                    face,
                }
            })
            .collect())
    }

    fn describe(&self, photo: &RgbImage, face: &Self::Face) -> Result<Descriptor> {
        Ok(self.0.describe(pixels(photo)?, face))
    }
}

fn pixels(photo: &RgbImage) -> Result<Image<'_>> {
    Ok(Image::new(photo.width(), photo.height(), photo.as_raw())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threshold_is_the_lowest_score_that_the_similarity_accepts() {
        assert!(similarity_of(threshold()) >= SIMILARITY_THRESHOLD);
        assert!(similarity_of(threshold().next_down()) < SIMILARITY_THRESHOLD);
        let [lowest, highest] = SCORE_RANGE;
        assert!(threshold() > lowest && threshold() < highest);
    }
}
