//! The figures of biometric testing, from scores; higher is more alike, and a pair is accepted when its
//! score is at least the threshold. Words as in ISO/IEC 19795-1: false match rate (FMR), the share of
//! impostor pairs that are accepted; false non-match rate (FNMR), the share of genuine pairs that are not.

use serde::Serialize;

/// A listed pair with its score.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScoredPair {
    /// The score, or minus infinity when a photo has no face: never accepted.
    pub(crate) score: f32,
    /// Whether the pair is genuine.
    pub(crate) same: bool,
    /// Its fold.
    pub(crate) fold: usize,
}

/// Counts the scores at or above a threshold. `ascending` must be sorted.
pub(crate) fn accepted(ascending: &[f32], threshold: f32) -> usize {
    ascending.len() - ascending.partition_point(|&score| score < threshold)
}

/// Returns `count / total`, or nothing of nothing.
pub(crate) fn share(count: usize, total: usize) -> Option<f64> {
    (total > 0).then(|| count as f64 / total as f64)
}

/// Returns the lowest threshold at which at most `rate` of the impostor scores are accepted. Equal
/// scores are accepted or refused together. Nothing when `rate` is less than one score.
///
/// `ascending` must be sorted.
pub(crate) fn threshold_at_fmr(ascending: &[f32], rate: f64) -> Option<f32> {
    // The small term keeps 0.1 % of 1,000 at 1.
    let allowed = (ascending.len() as f64 * rate + 1e-9).floor() as usize;
    if allowed == 0 {
        return None;
    }
    match ascending.len().checked_sub(allowed + 1) {
        Some(highest_refused) => Some(ascending[highest_refused].next_up()),
        None => ascending.first().copied(),
    }
}

/// One point of the curve of errors over thresholds, as shares.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct RocPoint {
    pub(crate) fmr: f64,
    pub(crate) fnmr: f64,
}

/// Returns `points` points of the curve, evenly spaced in log FMR, from one impostor score to all of them.
///
/// Both lists must be sorted ascending.
pub(crate) fn roc(genuine: &[f32], impostor: &[f32], points: usize) -> Vec<RocPoint> {
    let total = impostor.len();
    let mut curve: Vec<RocPoint> = (0..points)
        .filter_map(|index| {
            let rate = (total as f64).powf(index as f64 / (points.max(2) - 1) as f64 - 1.0);
            let threshold = threshold_at_fmr(impostor, rate)?;
            let refused = genuine.len() - accepted(genuine, threshold);
            Some(RocPoint {
                fmr: share(accepted(impostor, threshold), total)?,
                fnmr: share(refused, genuine.len())?,
            })
        })
        .filter(|point| point.fmr > 0.0)
        .collect();
    curve.dedup();
    curve
}

/// Accuracy of each fold at the threshold that is best on the other folds, as shares.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct FoldAccuracy {
    /// Mean of the folds.
    pub(crate) mean: f64,
    /// Standard error of the mean: the folds' standard deviation by the root of their number.
    pub(crate) standard_error: f64,
    /// Each fold.
    pub(crate) folds: Vec<Fold>,
}

/// One fold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Fold {
    /// Share of its pairs that are judged rightly.
    pub(crate) accuracy: f64,
    /// The threshold from the other folds.
    pub(crate) threshold: f32,
}

/// Computes the accuracy by folds; nothing for less than two.
pub(crate) fn fold_accuracy(pairs: &[ScoredPair], folds: usize) -> Option<FoldAccuracy> {
    if folds < 2 {
        return None;
    }
    let folds: Vec<Fold> = (0..folds)
        .map(|fold| {
            let threshold = best_threshold(pairs.iter().filter(|pair| pair.fold != fold));
            let tested = || pairs.iter().filter(|pair| pair.fold == fold);
            let right = tested().filter(|pair| (pair.score >= threshold) == pair.same).count();
            share(right, tested().count()).map(|accuracy| Fold { accuracy, threshold })
        })
        .collect::<Option<_>>()?;
    let count = folds.len() as f64;
    let mean = folds.iter().map(|fold| fold.accuracy).sum::<f64>() / count;
    let variance = folds.iter().map(|fold| (fold.accuracy - mean).powi(2)).sum::<f64>() / (count - 1.0);
    Some(FoldAccuracy { mean, standard_error: (variance / count).sqrt(), folds })
}

/// Returns the threshold with the fewest errors: the lowest of the best, in the middle between the lowest
/// score that it accepts and the highest that it refuses.
fn best_threshold<'a>(pairs: impl Iterator<Item = &'a ScoredPair>) -> f32 {
    let mut pairs: Vec<&ScoredPair> = pairs.collect();
    pairs.sort_by(|a, b| a.score.total_cmp(&b.score));
    // Errors by a threshold below all scores, that is, when everything is accepted.
    let mut errors = pairs.iter().filter(|pair| !pair.same).count();
    let mut best = (usize::MAX, f32::NEG_INFINITY);
    let mut refused = f32::NEG_INFINITY;
    for group in pairs.chunk_by(|a, b| a.score == b.score) {
        let score = group[0].score;
        // A pair without a score is never accepted.
        if score > f32::NEG_INFINITY && errors < best.0 {
            best = (errors, if refused.is_finite() { f32::midpoint(refused, score) } else { score });
        }
        for pair in group {
            if pair.same {
                errors += 1;
            } else {
                errors -= 1;
            }
        }
        refused = score;
    }
    if errors < best.0 { refused.next_up() } else { best.1 }
}

/// Returns Wilson's 95 % confidence interval of a share, for independent trials.
pub(crate) fn wilson(count: usize, total: usize) -> Option<[f64; 2]> {
    const Z: f64 = 1.959_963_985;
    let (share, total) = (share(count, total)?, total as f64);
    let square = Z * Z / total;
    let middle = share + square / 2.0;
    let half = Z * (share * (1.0 - share) / total + square / (4.0 * total)).sqrt();
    Some([(middle - half) / (1.0 + square), (middle + half) / (1.0 + square)].map(|end| end.clamp(0.0, 1.0)))
}

/// Returns a quantile, 0..=1, interpolated between neighbours. `ascending` must be sorted.
pub(crate) fn quantile(ascending: &[f64], share: f64) -> Option<f64> {
    let last = ascending.len().checked_sub(1)?;
    let place = share.clamp(0.0, 1.0) * last as f64;
    let (below, above) = (ascending[place.floor() as usize], ascending[place.ceil() as usize]);
    Some(below + (above - below) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threshold_refuses_all_but_the_allowed_share() {
        let scores = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
        for (rate, expected) in [(0.1, 1), (0.19, 1), (0.2, 2), (0.5, 5), (1.0, 10)] {
            let threshold = threshold_at_fmr(&scores, rate).unwrap();
            assert_eq!(accepted(&scores, threshold), expected, "at {rate}");
        }
        assert_eq!(threshold_at_fmr(&scores, 0.1), Some(0.9_f32.next_up()), "the lowest such threshold");
        assert_eq!(threshold_at_fmr(&scores, 0.09), None, "less than one score");
        assert_eq!(threshold_at_fmr(&[], 0.5), None);
    }

    #[test]
    fn equal_scores_are_refused_together() {
        let scores = [0.1, 0.5, 0.5, 0.5, 0.9];
        let threshold = threshold_at_fmr(&scores, 0.4).unwrap();
        assert_eq!(accepted(&scores, threshold), 1, "two would be allowed, but three are equal");
        assert_eq!(threshold_at_fmr(&[0.5; 4], 0.5).map(|threshold| accepted(&[0.5; 4], threshold)), Some(0));
    }

    #[test]
    fn fnmr_at_fmr_is_as_computed_by_hand() {
        let impostor: Vec<f32> = (0..1000).map(|i| i as f32 / 1000.0).collect();
        let genuine = [0.5, 0.95, 0.985, 0.9895, 0.99, 1.2];
        let fnmr = |rate| {
            let threshold = threshold_at_fmr(&impostor, rate).unwrap();
            genuine.len() - accepted(&genuine, threshold)
        };
        assert_eq!(fnmr(0.01), 3, "the ten highest impostors begin at 0.990");
        assert_eq!(fnmr(0.001), 5, "the highest impostor has 0.999");
        assert_eq!(fnmr(0.1), 1);
        let curve = roc(&genuine, &impostor, 4);
        assert_eq!(curve.last(), Some(&RocPoint { fmr: 1.0, fnmr: 0.0 }));
        assert_eq!(curve.iter().map(|point| point.fmr).collect::<Vec<_>>(), [0.001, 0.01, 0.1, 1.0]);
    }

    fn pair(score: f32, same: bool, fold: usize) -> ScoredPair {
        ScoredPair { score, same, fold }
    }

    #[test]
    fn each_fold_is_judged_at_the_best_threshold_of_the_others() {
        let pairs = [
            pair(0.9, true, 0),
            pair(0.3, false, 0),
            // Refused by the threshold of the other folds, (0.8 + 0.35) / 2.
            pair(0.5, true, 1),
            pair(0.2, false, 1),
            pair(0.8, true, 2),
            pair(0.35, false, 2),
        ];
        let accuracy = fold_accuracy(&pairs, 3).unwrap();
        let expected = [(1.0, 0.425), (0.5, 0.575), (1.0, 0.4)];
        assert_eq!(accuracy.folds.len(), expected.len());
        for (fold, (accuracy, threshold)) in accuracy.folds.iter().zip(expected) {
            assert_eq!(fold.accuracy, accuracy);
            assert!((fold.threshold - threshold).abs() < 1e-6, "{} for {threshold}", fold.threshold);
        }
        assert!((accuracy.mean - 5.0 / 6.0).abs() < 1e-12);
        assert!((accuracy.standard_error - 1.0 / 6.0).abs() < 1e-12, "{}", accuracy.standard_error);
        assert_eq!(fold_accuracy(&pairs, 1), None);
    }

    #[test]
    fn best_threshold_keeps_ties_together_and_never_accepts_a_missing_face() {
        let best = |pairs: &[ScoredPair]| best_threshold(pairs.iter());
        // Two impostors and one genuine pair share a score: refusing all three costs one error.
        let tied = [pair(0.5, true, 0), pair(0.5, false, 0), pair(0.5, false, 0), pair(0.9, true, 0)];
        assert!((best(&tied) - 0.7).abs() < 1e-6);
        let missing = [pair(f32::NEG_INFINITY, true, 0), pair(0.4, false, 0), pair(0.6, true, 0)];
        assert_eq!(best(&missing), 0.5);
        let hopeless = [pair(0.4, true, 0), pair(0.6, false, 0), pair(0.7, false, 0)];
        assert!(best(&hopeless) > 0.7, "refusing everything is best");
    }

    #[test]
    fn wilson_interval_is_the_published_one() {
        let [low, high] = wilson(10, 100).unwrap();
        assert!((low - 0.0552).abs() < 1e-4 && (high - 0.1744).abs() < 1e-4, "{low} {high}");
        assert_eq!(wilson(0, 50).unwrap()[0], 0.0);
        assert_eq!(wilson(0, 0), None);
    }

    #[test]
    fn quantile_is_interpolated() {
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0], 0.5), Some(2.5));
        assert_eq!(quantile(&[1.0, 2.0], 1.0), Some(2.0));
        assert_eq!(quantile(&[], 0.5), None);
    }
}
