//! Measures the face engine on labelled photos; see `docs/evaluating.md`.

mod analysis;
mod assess;
mod engine;
mod metrics;
mod pairs;
mod peer;
mod photo;
mod plot;
mod report;

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf, absolute},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};
use clap::Parser;

use crate::{
    analysis::analyse,
    assess::{Comparison, EngineReport, assess},
    engine::Engine,
    pairs::PairSet,
    report::Report,
};

/// Measures the face engine on labelled photos, and writes a report and two pictures.
#[derive(Parser)]
#[command(name = "perse-eval", version)]
struct Args {
    /// The pairs: a file in LFW's format, or a CSV with the columns a,b,same
    #[arg(long, value_name = "FILE")]
    pairs: PathBuf,
    /// The folder of the photos that the pairs name
    #[arg(long, value_name = "DIR")]
    images: PathBuf,
    /// A folder of pictures without people, to count false faces
    #[arg(long, value_name = "DIR")]
    no_face: Option<PathBuf>,
    /// The folder that the report and the pictures are written to
    #[arg(long, value_name = "DIR", default_value = "build/eval")]
    out: PathBuf,
    /// The folder of the face engine's weights
    #[arg(long, value_name = "DIR", default_value = "models")]
    models: PathBuf,
    /// The file that the peer's script wrote about the same photos
    #[arg(long, value_name = "FILE", hide = true)]
    peer_results: Option<PathBuf>,
    /// Name of the peer in the report
    #[arg(long, value_name = "NAME", hide = true, default_value = "face-api")]
    peer_name: String,
    /// Prints the absolute path of every photo, one a line, and ends: the peer's script reads them
    #[arg(long, hide = true)]
    list_photos: bool,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("perse-eval: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    let set = PairSet::read(&args.pairs, &args.images)?;
    let images = absolute(&args.images)?;
    let photos: Vec<PathBuf> = set.photos.iter().map(|photo| images.join(photo)).collect();
    let no_face = args.no_face.as_deref().map(no_face_pictures).transpose()?;
    let (no_face_names, no_face_paths) = no_face.unzip();
    let no_face_paths = no_face_paths.unwrap_or_default();
    if args.list_photos {
        return list(photos.iter().chain(&no_face_paths));
    }

    let engine = Engine::load(&args.models)?;
    let analyses = analyse(&engine, &photos, "perse-vision, pairs,");
    if analyses.iter().all(|photo| photo.problem.is_some()) {
        let problem = analyses.iter().find_map(|photo| photo.problem.as_deref()).unwrap_or_default();
        bail!("None of the photos could be read, for example {}: {problem}", set.name(0));
    }
    let comparison = Comparison {
        engine: "perse-vision".to_owned(),
        score_name: engine::SCORE_NAME,
        score: engine::score,
        threshold: engine::threshold(),
    };
    let pictures = analyse(&engine, &no_face_paths, "perse-vision, pictures without people,");
    let no_face = no_face_names.as_deref().map(|names| (names, &pictures[..]));
    let mut engines = vec![assess(&set, comparison, &analyses, no_face)];
    if let Some(file) = &args.peer_results {
        engines.push(assess_peer(args, file, &set, [&photos, &no_face_paths], no_face_names.as_deref())?);
    }

    let report = Report::new(args, &set, engines);
    fs::create_dir_all(&args.out)
        .with_context(|| format!("Cannot make the folder {}.", args.out.display()))?;
    let write = |name: &str, text: String| {
        let path = args.out.join(name);
        fs::write(&path, text).with_context(|| format!("Cannot write {}.", path.display()))
    };
    write("report.json", serde_json::to_string_pretty(&report)?)?;
    write("roc.svg", plot::roc(&report.engines)?)?;
    write("scores.svg", plot::scores(&report.engines)?)?;
    write("report.md", report.markdown())?;
    writeln!(io::stdout(), "{}", report.summary())?;
    writeln!(io::stdout(), "Everything is in {}.", args.out.join("report.md").display())?;
    Ok(())
}

fn assess_peer(
    args: &Args,
    file: &Path,
    set: &PairSet,
    [photos, no_face_paths]: [&[PathBuf]; 2],
    no_face_names: Option<&[String]>,
) -> Result<EngineReport> {
    let mut results = peer::read(file, &[photos, no_face_paths])?;
    let pictures = results.pop().unwrap_or_default();
    let analyses = results.pop().unwrap_or_default();
    let comparison = Comparison {
        engine: args.peer_name.clone(),
        score_name: peer::SCORE_NAME,
        score: peer::score,
        threshold: peer::THRESHOLD,
    };
    Ok(assess(set, comparison, &analyses, no_face_names.map(|names| (names, &pictures[..]))))
}

/// Returns the names, relative to the folder, and the absolute paths of the pictures without people.
fn no_face_pictures(folder: &Path) -> Result<(Vec<String>, Vec<PathBuf>)> {
    let folder = absolute(folder)?;
    let paths = photo::list(&folder)?;
    let name = |path: &PathBuf| path.strip_prefix(&folder).unwrap_or(path).display().to_string();
    Ok((paths.iter().map(name).collect(), paths))
}

fn list<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> Result<()> {
    let mut out = io::stdout().lock();
    for path in paths {
        writeln!(out, "{}", path.display())?;
    }
    Ok(())
}
