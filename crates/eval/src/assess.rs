//! From an engine's analyses to its figures.

use rayon::prelude::*;
use serde::Serialize;

use crate::{
    analysis::{Analysis, FaceChoice, Times},
    metrics::{
        FoldAccuracy, RocPoint, ScoredPair, accepted, fold_accuracy, quantile, roc, share, threshold_at_fmr,
        wilson,
    },
    pairs::PairSet,
};

/// The false match rates at which the false non-match rate is reported.
pub(crate) const RATES: [f64; 3] = [0.01, 0.001, 0.0001];
/// Number of the worst pairs of each kind that are named.
const WORST: usize = 20;
/// Points of the curve in the picture and in `report.json`.
const ROC_POINTS: usize = 300;

/// Comparison of an engine's descriptors.
pub(crate) struct Comparison<D> {
    /// The engine's name.
    pub(crate) engine: String,
    /// The score's name in the report, for example `cosine`.
    pub(crate) score_name: &'static str,
    /// Returns the score of two descriptors; higher is more alike.
    pub(crate) score: fn(&D, &D) -> f32,
    /// The lowest score that the engine's published threshold accepts.
    pub(crate) threshold: f32,
}

/// All figures of an engine. Rates are shares, 0..=1; times are milliseconds.
#[derive(Serialize)]
pub(crate) struct EngineReport {
    pub(crate) engine: String,
    pub(crate) score_name: &'static str,
    pub(crate) published_threshold: f32,
    pub(crate) detection: Detection,
    /// Absent without a folder of pictures without people.
    pub(crate) false_faces: Option<FalseFaces>,
    /// One for each choice of the face that counts.
    pub(crate) verification: Vec<Verification>,
    pub(crate) times: Vec<StageTime>,
}

/// Faces found in the photos of the pairs.
#[derive(Serialize)]
pub(crate) struct Detection {
    pub(crate) photos: usize,
    pub(crate) photos_with_face: usize,
    pub(crate) rate: Option<f64>,
    /// Photos with more than one face.
    pub(crate) photos_with_several: usize,
    pub(crate) without_face: Vec<String>,
    /// Photos that could not be looked at, with the reason. They count as photos without a face.
    pub(crate) unreadable: Vec<String>,
}

/// Faces found where there are none.
#[derive(Serialize)]
pub(crate) struct FalseFaces {
    pub(crate) pictures: usize,
    pub(crate) pictures_with_face: usize,
    pub(crate) faces: usize,
    /// The pictures with a face, by their highest confidence.
    pub(crate) names: Vec<FalseFace>,
    /// Pictures that could not be looked at, with the reason.
    pub(crate) unreadable: Vec<String>,
}

/// A picture with a face that is none.
#[derive(Serialize)]
pub(crate) struct FalseFace {
    pub(crate) picture: String,
    /// Confidence of each face.
    pub(crate) confidences: Vec<f32>,
}

/// The figures of comparing, for one choice of the face that counts.
#[derive(Serialize)]
pub(crate) struct Verification {
    pub(crate) face: &'static str,
    pub(crate) genuine: Option<Distribution>,
    pub(crate) impostor: Option<Distribution>,
    pub(crate) at_published_threshold: OperatingPoint,
    /// At [`RATES`]; absent where the cross pairs are too few for the rate.
    pub(crate) at_fmr: Vec<(f64, Option<OperatingPoint>)>,
    pub(crate) accuracy: Option<FoldAccuracy>,
    /// The genuine pairs with the lowest scores.
    pub(crate) worst_genuine: Vec<NamedPair>,
    /// The cross pairs with the highest scores.
    pub(crate) worst_impostor: Vec<NamedPair>,
    pub(crate) roc: Vec<RocPoint>,
    /// Scores of the genuine pairs, ascending.
    #[serde(skip)]
    pub(crate) genuine_scores: Vec<f32>,
    /// Scores of all cross pairs, ascending.
    #[serde(skip)]
    pub(crate) impostor_scores: Vec<f32>,
}

/// The errors at one threshold.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct OperatingPoint {
    pub(crate) threshold: f32,
    /// Genuine pairs with a face in both photos.
    pub(crate) genuine_pairs: usize,
    /// Those of them that are refused.
    pub(crate) refused: usize,
    pub(crate) fnmr: Option<f64>,
    /// 95 % confidence interval of the FNMR.
    pub(crate) fnmr_interval: Option<[f64; 2]>,
    /// Share of all genuine pairs that are refused, also those with a photo in which no face was found.
    pub(crate) refused_with_missing_faces: Option<f64>,
    /// Cross pairs.
    pub(crate) impostor_pairs: usize,
    /// Those of them that are accepted.
    pub(crate) accepted: usize,
    pub(crate) fmr: Option<f64>,
    /// The impostor pairs that the file lists, with a face in both photos.
    pub(crate) listed_impostor_pairs: usize,
    /// Those of them that are accepted.
    pub(crate) listed_accepted: usize,
}

/// A distribution of scores.
#[derive(Serialize)]
pub(crate) struct Distribution {
    pub(crate) count: usize,
    pub(crate) mean: f64,
    pub(crate) standard_deviation: f64,
    /// Quantiles 0, 1, 5, 25, 50, 75, 95, 99 and 100 %.
    pub(crate) quantiles: [f64; 9],
}

/// The quantiles of a [`Distribution`].
pub(crate) const QUANTILES: [f64; 9] = [0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0];

/// Two photos and their score.
#[derive(Serialize)]
pub(crate) struct NamedPair {
    pub(crate) score: f32,
    pub(crate) a: String,
    pub(crate) b: String,
}

/// The time of one stage over all photos.
#[derive(Serialize)]
pub(crate) struct StageTime {
    pub(crate) stage: &'static str,
    pub(crate) median: Option<f64>,
    pub(crate) p90: Option<f64>,
}

/// Computes all figures of an engine.
///
/// `photos` are the analyses of the set's photos, in its order; `no_face` those of pictures without people,
/// with their names.
pub(crate) fn assess<D: Sync>(
    set: &PairSet,
    comparison: Comparison<D>,
    photos: &[Analysis<D>],
    no_face: Option<(&[String], &[Analysis<D>])>,
) -> EngineReport {
    let verification = FaceChoice::ALL.map(|choice| verify(set, &comparison, photos, choice));
    EngineReport {
        detection: detection(set, photos),
        false_faces: no_face.map(|(names, analyses)| false_faces(names, analyses)),
        verification: verification.into(),
        times: times(photos),
        engine: comparison.engine,
        score_name: comparison.score_name,
        published_threshold: comparison.threshold,
    }
}

fn detection<D>(set: &PairSet, photos: &[Analysis<D>]) -> Detection {
    let names = |wanted: &dyn Fn(&Analysis<D>) -> bool| -> Vec<String> {
        let matching = photos.iter().enumerate().filter(|(_, photo)| wanted(photo));
        matching.map(|(index, _)| set.name(index)).collect()
    };
    let with_face = photos.iter().filter(|photo| !photo.confidences.is_empty()).count();
    let problems =
        photos.iter().enumerate().filter_map(|(index, photo)| Some((index, photo.problem.as_ref()?)));
    Detection {
        photos: photos.len(),
        photos_with_face: with_face,
        rate: share(with_face, photos.len()),
        photos_with_several: photos.iter().filter(|photo| photo.confidences.len() > 1).count(),
        without_face: names(&|photo| photo.confidences.is_empty() && photo.problem.is_none()),
        unreadable: problems.map(|(index, problem)| format!("{}: {problem}", set.name(index))).collect(),
    }
}

fn false_faces<D>(names: &[String], pictures: &[Analysis<D>]) -> FalseFaces {
    let mut found: Vec<FalseFace> = names
        .iter()
        .zip(pictures)
        .filter(|(_, picture)| !picture.confidences.is_empty())
        .map(|(name, picture)| FalseFace { picture: name.clone(), confidences: picture.confidences.clone() })
        .collect();
    let highest = |face: &FalseFace| face.confidences.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    found.sort_by(|a, b| highest(b).total_cmp(&highest(a)));
    FalseFaces {
        pictures: pictures.len(),
        pictures_with_face: found.len(),
        faces: found.iter().map(|face| face.confidences.len()).sum(),
        names: found,
        unreadable: names
            .iter()
            .zip(pictures)
            .filter_map(|(name, picture)| Some(format!("{name}: {}", picture.problem.as_ref()?)))
            .collect(),
    }
}

fn times<D>(photos: &[Analysis<D>]) -> Vec<StageTime> {
    let stage = |stage, time: fn(&Times) -> Option<f64>| {
        let mut times: Vec<f64> = photos.iter().filter_map(|photo| time(&photo.times)).collect();
        times.sort_by(f64::total_cmp);
        StageTime { stage, median: quantile(&times, 0.5), p90: quantile(&times, 0.9) }
    };
    vec![
        stage("decode", |times| times.decode),
        stage("detect", |times| times.detect),
        stage("describe", |times| times.describe),
    ]
}

/// A score and the photos that it belongs to.
type Scored = (f32, usize, usize);

fn verify<D: Sync>(
    set: &PairSet,
    comparison: &Comparison<D>,
    photos: &[Analysis<D>],
    choice: FaceChoice,
) -> Verification {
    let descriptors: Vec<Option<&D>> = photos.iter().map(|photo| photo.descriptor(choice)).collect();
    let score = |a: usize, b: usize| Some((comparison.score)(descriptors[a]?, descriptors[b]?));

    let listed: Vec<ScoredPair> = set
        .pairs
        .iter()
        .map(|pair| {
            let score = score(pair.a, pair.b).unwrap_or(f32::NEG_INFINITY);
            ScoredPair { score, same: pair.same, fold: pair.fold }
        })
        .collect();
    let mut genuine: Vec<Scored> = set
        .pairs
        .iter()
        .filter(|pair| pair.same)
        .filter_map(|pair| Some((score(pair.a, pair.b)?, pair.a, pair.b)))
        .collect();
    genuine.sort_by(|a, b| a.0.total_cmp(&b.0));
    let genuine_scores: Vec<f32> = genuine.iter().map(|scored| scored.0).collect();

    let (impostor_scores, highest) = cross(set, photos.len(), score);
    let at = |threshold| operating_point(&listed, &genuine_scores, &impostor_scores, threshold);
    let named = |&(score, a, b): &Scored| NamedPair { score, a: set.name(a), b: set.name(b) };
    Verification {
        face: choice.name(),
        genuine: distribution(&genuine_scores),
        impostor: distribution(&impostor_scores),
        at_published_threshold: at(comparison.threshold),
        at_fmr: RATES.map(|rate| (rate, threshold_at_fmr(&impostor_scores, rate).map(at))).into(),
        accuracy: fold_accuracy(&listed, set.folds),
        worst_genuine: genuine.iter().take(WORST).map(named).collect(),
        worst_impostor: highest.iter().map(named).collect(),
        roc: roc(&genuine_scores, &impostor_scores, ROC_POINTS),
        genuine_scores,
        impostor_scores,
    }
}

/// Compares all photos of different people: returns the scores, ascending, and the highest with their photos.
fn cross(
    set: &PairSet,
    photos: usize,
    score: impl Fn(usize, usize) -> Option<f32> + Sync,
) -> (Vec<f32>, Vec<Scored>) {
    let highest_of = |mut scored: Vec<Scored>| {
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        scored.truncate(WORST);
        scored
    };
    let rows: Vec<(Vec<f32>, Vec<Scored>)> = (0..photos)
        .into_par_iter()
        .map(|a| {
            let others = (a + 1..photos).filter(|&b| set.are_different(a, b));
            let scored: Vec<Scored> = others.filter_map(|b| Some((score(a, b)?, a, b))).collect();
            (scored.iter().map(|scored| scored.0).collect(), highest_of(scored))
        })
        .collect();
    let mut scores = Vec::with_capacity(rows.iter().map(|(scores, _)| scores.len()).sum());
    let mut highest = Vec::new();
    for (row, row_highest) in rows {
        scores.extend(row);
        highest.extend(row_highest);
    }
    scores.par_sort_unstable_by(f32::total_cmp);
    (scores, highest_of(highest))
}

/// `genuine` and `impostor` are sorted scores of pairs with faces; `listed` has all pairs of the file.
fn operating_point(
    listed: &[ScoredPair],
    genuine: &[f32],
    impostor: &[f32],
    threshold: f32,
) -> OperatingPoint {
    let refused = genuine.len() - accepted(genuine, threshold);
    let all_genuine = listed.iter().filter(|pair| pair.same).count();
    let accepted = accepted(impostor, threshold);
    let listed_impostor = || listed.iter().filter(|pair| !pair.same && pair.score.is_finite());
    OperatingPoint {
        threshold,
        genuine_pairs: genuine.len(),
        refused,
        fnmr: share(refused, genuine.len()),
        fnmr_interval: wilson(refused, genuine.len()),
        refused_with_missing_faces: share(refused + all_genuine - genuine.len(), all_genuine),
        impostor_pairs: impostor.len(),
        accepted,
        fmr: share(accepted, impostor.len()),
        listed_impostor_pairs: listed_impostor().count(),
        listed_accepted: listed_impostor().filter(|pair| pair.score >= threshold).count(),
    }
}

fn distribution(ascending: &[f32]) -> Option<Distribution> {
    let scores: Vec<f64> = ascending.iter().copied().map(f64::from).collect();
    let count = scores.len() as f64;
    let mean = scores.iter().sum::<f64>() / count;
    let variance = scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
    let mut quantiles = [0.0; QUANTILES.len()];
    for (value, share) in quantiles.iter_mut().zip(QUANTILES) {
        *value = quantile(&scores, share)?;
    }
    Some(Distribution { count: scores.len(), mean, standard_deviation: variance.sqrt(), quantiles })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Makes an analysis of a photo whose descriptor is one number, or that has no face.
    fn photo(descriptor: Option<f32>) -> Analysis<f32> {
        use crate::analysis::{Area, Detection};
        let area = Area { x: 0.0, y: 0.0, width: 1.0, height: 1.0 };
        let faces: Vec<_> =
            descriptor.into_iter().map(|face| Detection { area, confidence: 0.9, face }).collect();
        Analysis::of(&faces, [2, 2], Times::default(), |index| Ok(faces[index].face)).unwrap()
    }

    #[test]
    fn pairs_without_a_face_are_refused_and_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pairs.csv");
        for name in ["a1", "a2", "a3", "b1", "b2"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        std::fs::write(&file, "a,b,same\na1,a2,1\na1,a3,1\nb1,b2,1\na1,b1,0\na2,b2,0\n").unwrap();
        let set = PairSet::read(Path::new(&file), folder.path()).unwrap();
        let photos = [Some(0.0), Some(0.1), None, Some(1.0), Some(0.4)].map(photo);
        let comparison = Comparison {
            engine: "test".to_owned(),
            score_name: "minus difference",
            score: |a: &f32, b: &f32| -(a - b).abs(),
            threshold: -0.35,
        };
        let report = assess(&set, comparison, &photos, None);
        assert_eq!(report.detection.without_face, ["a3"]);
        let verification = &report.verification[0];
        let point = verification.at_published_threshold;
        assert_eq!((point.refused, point.genuine_pairs), (1, 2), "b1 and b2 are 0.6 apart");
        assert_eq!(point.refused_with_missing_faces, Some(2.0 / 3.0));
        // a1 and a2 with b1 and b2; of these only a2 and b2 are closer than 0.35.
        assert_eq!((point.accepted, point.impostor_pairs), (1, 4));
        assert_eq!((point.listed_accepted, point.listed_impostor_pairs), (1, 2));
        let worst = &verification.worst_impostor[0];
        assert_eq!((worst.a.as_str(), worst.b.as_str()), ("a2", "b2"));
        assert_eq!(verification.worst_genuine[0].a, "b1");
        assert!(verification.at_fmr.iter().all(|(_, point)| point.is_none()), "four pairs tell no 1 %");
    }
}
