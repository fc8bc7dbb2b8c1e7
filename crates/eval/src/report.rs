//! Writes the report: `report.json` with all figures, `report.md` with tables.

use serde::Serialize;

use crate::{
    Args,
    assess::{EngineReport, NamedPair, OperatingPoint, QUANTILES, RATES, Verification},
    pairs::PairSet,
};

/// Fewer false matches than this leave a rate uncertain by more than a third ("rule of 30").
const CERTAIN_ERRORS: usize = 30;
/// Stands where a figure cannot be computed.
const NOTHING: &str = "–";

/// Everything that is reported.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) set: SetReport,
    pub(crate) engines: Vec<EngineReport>,
}

/// The photos and pairs on which the figures are measured.
#[derive(Serialize)]
pub(crate) struct SetReport {
    pub(crate) pairs_file: String,
    pub(crate) photos: usize,
    /// As far as the pairs tell people apart.
    pub(crate) people: usize,
    pub(crate) genuine_pairs: usize,
    pub(crate) impostor_pairs: usize,
    pub(crate) folds: usize,
}

impl Report {
    /// Joins the figures of all engines with the set that they are from.
    pub(crate) fn new(args: &Args, set: &PairSet, engines: Vec<EngineReport>) -> Self {
        let genuine = set.pairs.iter().filter(|pair| pair.same).count();
        let set = SetReport {
            pairs_file: args.pairs.display().to_string(),
            photos: set.photos.len(),
            people: set.people(),
            genuine_pairs: genuine,
            impostor_pairs: set.pairs.len() - genuine,
            folds: set.folds,
        };
        Self { set, engines }
    }

    /// Returns the figures of all engines side by side, in Markdown.
    pub(crate) fn summary(&self) -> String {
        let columns: Vec<Column<'_>> = self
            .engines
            .iter()
            .flat_map(|engine| engine.verification.iter().map(move |faces| Column { engine, faces }))
            .collect();
        let mut rows = vec![
            row("photos with a face", &columns, |column| percent(column.engine.detection.rate, 2)),
            row("pictures without people that report a face", &columns, |column| {
                column.engine.false_faces.as_ref().map_or(NOTHING.to_owned(), |false_faces| {
                    format!("{} of {}", false_faces.pictures_with_face, false_faces.pictures)
                })
            }),
            row("published threshold", &columns, |column| number(column.engine.published_threshold)),
            row("FNMR there", &columns, |column| fnmr(&column.published())),
            row("the same, missing faces as refusals", &columns, |column| {
                percent(column.published().refused_with_missing_faces, 2)
            }),
            row("FMR there, cross pairs", &columns, |column| fmr(&column.published())),
            row("FMR there, listed pairs", &columns, |column| {
                let point = column.published();
                format!("{} of {}", point.listed_accepted, point.listed_impostor_pairs)
            }),
        ];
        for (index, rate) in RATES.iter().enumerate() {
            rows.push(row(&format!("FNMR at FMR {} %", rate * 100.0), &columns, |column| {
                let point = column.faces.at_fmr.get(index).and_then(|(_, point)| point.as_ref());
                point.map_or("too few pairs".to_owned(), |point| {
                    let uncertain = if point.accepted < CERTAIN_ERRORS { " (uncertain)" } else { "" };
                    format!("{} at {}{uncertain}", percent(point.fnmr, 2), number(point.threshold))
                })
            }));
        }
        rows.push(row(&format!("accuracy by {} folds", self.set.folds.max(2)), &columns, |column| {
            column.faces.accuracy.as_ref().map_or("too few pairs".to_owned(), |accuracy| {
                format!("{} ± {}", percent(Some(accuracy.mean), 2), percent(Some(accuracy.standard_error), 2))
            })
        }));
        let heads: Vec<String> =
            columns.iter().map(|column| format!("{}, {}", column.engine.engine, column.faces.face)).collect();
        table("", &heads, &rows)
    }

    /// Returns the whole report in Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::from("# Evaluation of the face engine\n\n");
        let SetReport { pairs_file, photos, people, genuine_pairs, impostor_pairs, .. } = &self.set;
        push(
            &mut text,
            format!(
                "Pairs: `{pairs_file}`, {} genuine and {} impostor pairs of {} photos of {} people. The project's \
                 `docs/evaluating.md` says what each figure means.\n",
                grouped(*genuine_pairs),
                grouped(*impostor_pairs),
                grouped(*photos),
                grouped(*people)
            ),
        );
        push(&mut text, self.summary());
        text.push_str("![Genuine pairs accepted, over the false match rate](roc.svg)\n\n");
        text.push_str("![Scores of genuine and impostor pairs](scores.svg)\n\n");
        push(&mut text, self.times());
        push(&mut text, self.distributions());
        push(&mut text, self.folds());
        for engine in &self.engines {
            push(&mut text, photos_of(engine));
            for faces in &engine.verification {
                push(&mut text, worst_pairs(engine, faces));
            }
        }
        text
    }

    fn times(&self) -> String {
        let stages = self.engines.first().map(|engine| &engine.times[..]).unwrap_or_default();
        let heads: Vec<String> = self.engines.iter().map(|engine| engine.engine.clone()).collect();
        let rows: Vec<Vec<String>> = stages
            .iter()
            .enumerate()
            .map(|(index, stage)| {
                let times = self.engines.iter().map(|engine| {
                    let time = engine.times.get(index);
                    let [median, p90] = [time.and_then(|time| time.median), time.and_then(|time| time.p90)];
                    format!("{} / {}", milliseconds(median), milliseconds(p90))
                });
                [stage.stage.to_owned()].into_iter().chain(times).collect()
            })
            .collect();
        format!(
            "## Time\n\nMilliseconds a photo, median / 90th percentile, with all cores at work. Detecting includes \
             the landmarks; describing is for one face.\n\n{}",
            table("stage", &heads, &rows)
        )
    }

    fn distributions(&self) -> String {
        let mut heads = vec!["pairs".to_owned(), "mean".to_owned(), "sd".to_owned()];
        heads.extend(QUANTILES.iter().map(|share| match share {
            0.0 => "min".to_owned(),
            0.5 => "median".to_owned(),
            1.0 => "max".to_owned(),
            share => format!("{:.0} %", share * 100.0),
        }));
        let mut rows = Vec::new();
        for engine in &self.engines {
            for faces in &engine.verification {
                for (kind, distribution) in [("genuine", &faces.genuine), ("impostor", &faces.impostor)] {
                    let Some(told) = distribution else { continue };
                    let mut cells = vec![format!("{}, {}, {kind}", engine.engine, faces.face)];
                    cells.push(grouped(told.count));
                    cells.extend([told.mean, told.standard_deviation].map(|value| format!("{value:.3}")));
                    cells.extend(told.quantiles.iter().map(|value| format!("{value:.3}")));
                    rows.push(cells);
                }
            }
        }
        let names: Vec<String> = self
            .engines
            .iter()
            .map(|engine| format!("{} by the {}", engine.engine, engine.score_name))
            .collect();
        format!(
            "## Scores\n\nHigher is more alike: {}. Impostor pairs are all cross pairs.\n\n{}",
            names.join(", "),
            table("", &heads, &rows)
        )
    }

    fn folds(&self) -> String {
        let heads: Vec<String> = (1..=self.set.folds).map(|fold| format!("fold {fold}")).collect();
        let mut rows = Vec::new();
        for engine in &self.engines {
            for faces in &engine.verification {
                let Some(accuracy) = &faces.accuracy else { continue };
                let mut cells = vec![format!("{}, {}", engine.engine, faces.face)];
                cells.extend(accuracy.folds.iter().map(|fold| {
                    format!("{} at {}", percent(Some(fold.accuracy), 2), number(fold.threshold))
                }));
                rows.push(cells);
            }
        }
        if rows.is_empty() {
            return String::new();
        }
        format!(
            "## Accuracy by folds\n\nEach fold at the threshold that is best on the others. A pair with a missing \
             face counts as refused.\n\n{}",
            table("", &heads, &rows)
        )
    }
}

/// One column of the summary.
struct Column<'a> {
    engine: &'a EngineReport,
    faces: &'a Verification,
}

impl Column<'_> {
    fn published(&self) -> OperatingPoint {
        self.faces.at_published_threshold
    }
}

fn row(name: &str, columns: &[Column<'_>], cell: impl Fn(&Column<'_>) -> String) -> Vec<String> {
    [name.to_owned()].into_iter().chain(columns.iter().map(cell)).collect()
}

fn photos_of(engine: &EngineReport) -> String {
    let detection = &engine.detection;
    let mut text = format!(
        "## Faces found by {}\n\n{} of {} photos have a face, {} of them several.\n\n",
        engine.engine,
        grouped(detection.photos_with_face),
        grouped(detection.photos),
        grouped(detection.photos_with_several)
    );
    push(&mut text, listing("Photos without a face", &detection.without_face));
    push(&mut text, listing("Photos that could not be read", &detection.unreadable));
    if let Some(false_faces) = &engine.false_faces {
        push(
            &mut text,
            format!(
                "{} faces are reported in {} of {} pictures without people.\n\n",
                false_faces.faces, false_faces.pictures_with_face, false_faces.pictures
            ),
        );
        let names: Vec<String> = false_faces
            .names
            .iter()
            .map(|face| {
                let confidences: Vec<String> = face.confidences.iter().map(|c| format!("{c:.2}")).collect();
                format!("{} (confidence {})", face.picture, confidences.join(", "))
            })
            .collect();
        push(&mut text, listing("False faces", &names));
        push(&mut text, listing("Pictures that could not be read", &false_faces.unreadable));
    }
    text
}

fn listing(title: &str, items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let items: String = items.iter().map(|item| format!("- {item}\n")).collect();
    format!("{title}:\n\n{items}\n")
}

fn worst_pairs(engine: &EngineReport, faces: &Verification) -> String {
    let rows = |pairs: &[NamedPair]| -> Vec<Vec<String>> {
        pairs.iter().map(|pair| vec![number(pair.score), pair.a.clone(), pair.b.clone()]).collect()
    };
    let heads = ["one photo", "other photo"].map(str::to_owned);
    format!(
        "## Worst pairs by {}, {}\n\nGenuine pairs with the lowest scores; the published threshold is {}.\n\n{}\
         Cross pairs of different people with the highest scores.\n\n{}",
        engine.engine,
        faces.face,
        number(engine.published_threshold),
        table("score", &heads, &rows(&faces.worst_genuine)),
        table("score", &heads, &rows(&faces.worst_impostor))
    )
}

/// Returns a Markdown table whose columns line up in the source too.
fn table(corner: &str, heads: &[String], rows: &[Vec<String>]) -> String {
    let head: Vec<String> = [corner.to_owned()].into_iter().chain(heads.iter().cloned()).collect();
    let widths: Vec<usize> = (0..head.len())
        .map(|column| {
            let cells = [&head].into_iter().chain(rows).filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default().max(3)
        })
        .collect();
    let line = |cells: &[String]| {
        let cells: Vec<String> =
            cells.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rule: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
    let body: String = rows.iter().map(|row| line(row)).collect();
    format!("{}{}{body}\n", line(&head), line(&rule))
}

/// Appends a part and an empty line; nothing for an empty part.
fn push(text: &mut String, part: impl AsRef<str>) {
    let part = part.as_ref().trim_end();
    if !part.is_empty() {
        text.push_str(part);
        text.push_str("\n\n");
    }
}

fn percent(share: Option<f64>, decimals: usize) -> String {
    share.map_or(NOTHING.to_owned(), |share| format!("{:.decimals$} %", share * 100.0))
}

fn fnmr(point: &OperatingPoint) -> String {
    match point.fnmr_interval {
        Some([low, high]) => {
            format!("{} ({:.2} to {:.2})", percent(point.fnmr, 2), low * 100.0, high * 100.0)
        }
        None => NOTHING.to_owned(),
    }
}

fn fmr(point: &OperatingPoint) -> String {
    match point.fmr {
        Some(_) => format!(
            "{} ({} of {})",
            percent(point.fmr, 3),
            grouped(point.accepted),
            grouped(point.impostor_pairs)
        ),
        None => NOTHING.to_owned(),
    }
}

fn number(score: f32) -> String {
    format!("{score:.3}")
}

fn milliseconds(time: Option<f64>) -> String {
    time.map_or(NOTHING.to_owned(), |time| format!("{time:.1}"))
}

/// Returns a number with commas between groups of three digits.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && index % 3 == first {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let cases = [(0, "0"), (999, "999"), (1000, "1,000"), (2_688_841, "2,688,841"), (12_345, "12,345")];
        for (value, expected) in cases {
            assert_eq!(grouped(value), expected);
        }
    }

    #[test]
    fn table_columns_line_up() {
        let text =
            table("", &["a".to_owned(), "long head".to_owned()], &[vec!["é".into(), "b".into(), "c".into()]]);
        let lengths: Vec<usize> = text.trim_end().lines().map(|line| line.chars().count()).collect();
        assert!(lengths.windows(2).all(|pair| pair[0] == pair[1]), "{text}");
    }
}
