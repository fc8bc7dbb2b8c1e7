//! The pictures of the report, as SVG.

use anyhow::{Result, anyhow};
use plotters::prelude::*;

use crate::assess::{EngineReport, Verification};

/// Width and height of a picture, in pixels.
const SIZE: (u32, u32) = (960, 600);
/// Height of the histogram of one engine.
const PANEL_HEIGHT: u32 = 400;
/// Columns of a histogram.
const BINS: usize = 80;

/// Height of a histogram over its highest column: the legend stands there.
const LEGEND_ROOM: f64 = 1.45;

const FONT: &str = "sans-serif";
const INK: RGBColor = RGBColor(40, 40, 40);
const PALE: RGBColor = RGBColor(225, 225, 225);
/// Blue and orange, which people who confuse red and green tell apart.
const COLOURS: [RGBColor; 4] =
    [RGBColor(0, 90, 181), RGBColor(220, 90, 0), RGBColor(110, 110, 110), RGBColor(120, 60, 150)];

/// Draws the share of genuine pairs that are accepted over the false match rate, which has a log axis.
/// Solid lines are for the largest face, thin ones for the face nearest the centre; dots are at the
/// published thresholds.
pub(crate) fn roc(engines: &[EngineReport]) -> Result<String> {
    let mut text = String::new();
    draw_roc(engines, &mut text).map_err(|error| anyhow!("Cannot draw the ROC: {error}"))?;
    Ok(text)
}

/// Draws the distributions of scores, one panel for each engine, with the published threshold.
pub(crate) fn scores(engines: &[EngineReport]) -> Result<String> {
    let mut text = String::new();
    draw_scores(engines, &mut text).map_err(|error| anyhow!("Cannot draw the scores: {error}"))?;
    Ok(text)
}

type Drawn = Result<(), Box<dyn std::error::Error>>;

fn draw_roc(engines: &[EngineReport], text: &mut String) -> Drawn {
    let root = SVGBackend::with_string(text, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let curves =
        || engines.iter().flat_map(|engine| engine.verification.iter().map(move |faces| (engine, faces)));
    let points = || curves().flat_map(|(_, faces)| &faces.roc);
    let lowest_fmr = points().map(|point| point.fmr).fold(1.0, f64::min).clamp(1e-7, 0.1);
    // A whole decade, so that the axis begins at a label.
    let from = 10_f64.powi(lowest_fmr.log10().floor() as i32);
    let worst = points().map(|point| point.fnmr).fold(0.0, f64::max);
    // Whole steps of 5 %, with some room.
    let bottom = (100.0 - (worst * 20.0).ceil() * 5.0 - 0.5).clamp(-0.5, 94.5);
    let mut chart = ChartBuilder::on(&root)
        .caption("Genuine pairs accepted, over the false match rate", (FONT, 22, &INK))
        .margin(16)
        .margin_right(36)
        .x_label_area_size(52)
        .y_label_area_size(72)
        .build_cartesian_2d((from..1.0).log_scale(), bottom..100.5)?;
    chart
        .configure_mesh()
        .x_desc("false match rate, all cross pairs (log scale)")
        .y_desc("genuine pairs accepted")
        .x_label_formatter(&|rate| rate_label(*rate))
        .y_label_formatter(&|share| format!("{share:.0} %"))
        .y_labels(11)
        .light_line_style(WHITE)
        .bold_line_style(PALE)
        .axis_style(INK)
        .label_style((FONT, 15, &INK))
        .axis_desc_style((FONT, 16, &INK))
        .draw()?;
    for (index, engine) in engines.iter().enumerate() {
        let colour = COLOURS[index % COLOURS.len()];
        for (faces, width) in engine.verification.iter().zip([3, 1]) {
            let line = faces.roc.iter().map(|point| (point.fmr, 100.0 * (1.0 - point.fnmr)));
            chart
                .draw_series(LineSeries::new(line, colour.stroke_width(width)))?
                .label(format!("{}, {}", engine.engine, faces.face))
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 28, y)], colour.stroke_width(width)));
        }
        let published = engine.verification.iter().filter_map(published);
        chart
            .draw_series(published.map(|at| Circle::new(at, 6, colour.filled())))?
            .label(format!("{}, published threshold", engine.engine))
            .legend(move |(x, y)| Circle::new((x + 14, y), 6, colour.filled()));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerRight)
        .margin(14)
        .legend_area_size(40)
        .background_style(WHITE)
        .border_style(PALE)
        .label_font((FONT, 15, &INK))
        .draw()?;
    root.present()?;
    Ok(())
}

/// Returns where the published threshold lies in the ROC, if it is within the picture.
fn published(faces: &Verification) -> Option<(f64, f64)> {
    let point = faces.at_published_threshold;
    let fmr = point.fmr.filter(|&fmr| fmr > 0.0)?;
    Some((fmr, 100.0 * (1.0 - point.fnmr?)))
}

fn rate_label(rate: f64) -> String {
    let percent = rate * 100.0;
    let decimals = (-percent.log10().floor()).max(0.0) as usize;
    format!("{percent:.decimals$} %")
}

fn draw_scores(engines: &[EngineReport], text: &mut String) -> Drawn {
    let height = PANEL_HEIGHT * engines.len().max(1) as u32;
    let root = SVGBackend::with_string(text, (SIZE.0, height)).into_drawing_area();
    root.fill(&WHITE)?;
    for (panel, engine) in root.split_evenly((engines.len().max(1), 1)).iter().zip(engines) {
        // The choice of the face hardly moves the distributions: one panel an engine is enough.
        let Some(faces) = engine.verification.first() else { continue };
        let ends = [&faces.genuine_scores, &faces.impostor_scores]
            .into_iter()
            .flat_map(|scores| [scores.first(), scores.last()])
            .flatten()
            .copied();
        // Whole tenths, so that the axis begins and ends at labels.
        let low = (ends.clone().fold(engine.published_threshold, f32::min) * 10.0).floor() / 10.0;
        let high = (ends.fold(engine.published_threshold, f32::max) * 10.0).ceil() / 10.0;
        let width = ((high - low) / BINS as f32).max(f32::EPSILON);
        let genuine = histogram(&faces.genuine_scores, low, width);
        let impostor = histogram(&faces.impostor_scores, low, width);
        let top = genuine.iter().chain(&impostor).copied().fold(1.0, f64::max) * LEGEND_ROOM;
        let mut chart = ChartBuilder::on(panel)
            .caption(format!("{}: scores, {}", engine.engine, faces.face), (FONT, 22, &INK))
            .margin(16)
            .margin_right(36)
            .x_label_area_size(48)
            .y_label_area_size(72)
            .build_cartesian_2d(low..high, 0.0..top)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .x_desc(format!("{} (higher is more alike)", engine.score_name))
            .y_desc("share of the pairs")
            .x_label_formatter(&|score| format!("{score:.2}"))
            .y_label_formatter(&|share| format!("{share:.0} %"))
            .y_labels(6)
            .light_line_style(WHITE)
            .bold_line_style(PALE)
            .axis_style(INK)
            .label_style((FONT, 15, &INK))
            .axis_desc_style((FONT, 16, &INK))
            .draw()?;
        let series = [
            ("different people, all cross pairs", impostor, COLOURS[1]),
            ("same person, genuine pairs", genuine, COLOURS[0]),
        ];
        for (name, shares, colour) in series {
            let steps = shares.iter().enumerate().flat_map(|(bin, &share)| {
                let left = low + bin as f32 * width;
                [(left, share), (left + width, share)]
            });
            chart
                .draw_series(
                    AreaSeries::new(steps, 0.0, colour.mix(0.35)).border_style(colour.stroke_width(2)),
                )?
                .label(name)
                .legend(move |(x, y)| {
                    Rectangle::new([(x, y - 6), (x + 28, y + 6)], colour.mix(0.5).filled())
                });
        }
        let threshold = engine.published_threshold;
        chart
            .draw_series([PathElement::new([(threshold, 0.0), (threshold, top)], INK.stroke_width(2))])?
            .label(format!("published threshold, {threshold:.3}"))
            .legend(|(x, y)| PathElement::new([(x, y), (x + 28, y)], INK.stroke_width(2)));
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .margin(10)
            .legend_area_size(40)
            .background_style(WHITE)
            .border_style(PALE)
            .label_font((FONT, 15, &INK))
            .draw()?;
    }
    root.present()?;
    Ok(())
}

/// Returns the percentage of scores in each of [`BINS`] bins.
fn histogram(scores: &[f32], low: f32, width: f32) -> Vec<f64> {
    let mut shares = vec![0.0; BINS];
    let one = 100.0 / scores.len().max(1) as f64;
    for score in scores {
        let bin = ((score - low) / width) as usize;
        shares[bin.min(BINS - 1)] += one;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_labelled_without_superfluous_digits() {
        let labels = [1.0, 0.1, 0.01, 0.001, 0.0001, 1e-6].map(rate_label);
        assert_eq!(labels, ["100 %", "10 %", "1 %", "0.1 %", "0.01 %", "0.0001 %"]);
    }

    #[test]
    fn histogram_counts_the_highest_score_in_the_last_bin() {
        let shares = histogram(&[0.0, 0.0, 0.5, 1.0], 0.0, 1.0 / BINS as f32);
        assert_eq!((shares[0], shares[BINS / 2], shares[BINS - 1]), (50.0, 25.0, 25.0));
    }
}
