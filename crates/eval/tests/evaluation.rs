//! Runs the program on the sample photos of the npm package `@vladmandic/face-api`.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

/// The pinned npm package: `PERSE_FACE_API_DIR`, or where `npm install` puts it.
fn package() -> PathBuf {
    match std::env::var_os("PERSE_FACE_API_DIR") {
        Some(path) => path.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../node_modules/@vladmandic/face-api"),
    }
}

/// A folder with the sample photos and a second file of two of them.
fn photos() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let copy = |from: usize, to: &str| {
        let from = package().join(format!("demo/sample{from}.jpg"));
        fs::copy(&from, folder.path().join(to))
            .unwrap_or_else(|error| panic!("{}: {error}. Run `npm install` first.", from.display()));
    };
    for number in 1..=6 {
        copy(number, &format!("sample{number}.jpg"));
    }
    copy(3, "again3.jpg");
    copy(5, "again5.jpg");
    folder
}

fn run(folder: &TempDir, pairs: &str, more: &[&str]) -> Output {
    let file = folder.path().join("pairs");
    fs::write(&file, pairs).unwrap();
    Command::new(env!("CARGO_BIN_EXE_perse-eval"))
        .arg("--pairs")
        .arg(file)
        .arg("--images")
        .arg(folder.path())
        .arg("--out")
        .arg(folder.path().join("out"))
        .arg("--models")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models"))
        .args(more)
        .output()
        .unwrap()
}

fn report(folder: &TempDir) -> Value {
    serde_json::from_slice(&fs::read(folder.path().join("out/report.json")).unwrap()).unwrap()
}

fn error(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn sample_photos_are_evaluated_into_tables_and_pictures() {
    let folder = photos();
    let things = folder.path().join("things");
    fs::create_dir(&things).unwrap();
    image::RgbImage::from_fn(200, 150, |x, y| image::Rgb([(x * y % 251) as u8, x as u8, y as u8]))
        .save(things.join("noise.png"))
        .unwrap();
    let pairs = "a,b,same\nsample3.jpg,again3.jpg,1\nsample5.jpg,again5.jpg,1\n\
                 sample3.jpg,sample5.jpg,0\nsample3.jpg,sample6.jpg,0\n";
    let output = run(&folder, pairs, &["--no-face", things.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let report = report(&folder);
    assert_eq!(report["set"]["people"], 3);
    let engine = &report["engines"][0];
    assert_eq!(engine["detection"]["photos_with_face"], 5);
    assert_eq!(engine["false_faces"]["pictures"], 1);
    assert_eq!(engine["false_faces"]["faces"], 0);
    for faces in engine["verification"].as_array().unwrap() {
        let published = &faces["at_published_threshold"];
        assert_eq!(published["genuine_pairs"], 2);
        assert_eq!(published["refused"], 0, "a photo is like itself");
        assert_eq!(published["impostor_pairs"], 6, "two photos with two, and two with one");
        assert_eq!(published["accepted"], 0);
        assert_eq!(faces["accuracy"]["mean"], 1.0);
        assert_eq!(faces["worst_impostor"].as_array().unwrap().len(), 6);
    }
    for time in engine["times"].as_array().unwrap() {
        assert!(time["median"].as_f64().unwrap() > 0.0, "{time}");
    }
    let markdown = fs::read_to_string(folder.path().join("out/report.md")).unwrap();
    assert!(markdown.contains("FNMR at FMR 0.1 %") && markdown.contains("too few pairs"));
    for (picture, label) in [("roc.svg", "false match rate"), ("scores.svg", "published threshold")] {
        let svg = fs::read_to_string(folder.path().join("out").join(picture)).unwrap();
        assert!(svg.starts_with("<svg") && svg.contains(label), "{picture}");
    }
}

#[test]
fn peers_results_are_scored_by_the_same_figures() {
    let folder = photos();
    let pairs = "a,b,same\nsample3.jpg,again3.jpg,1\nsample3.jpg,sample5.jpg,0\n";
    let listed = run(&folder, pairs, &["--list-photos"]);
    assert!(listed.status.success());
    let paths = String::from_utf8(listed.stdout).unwrap();
    assert_eq!(paths.lines().count(), 3);
    // Two faces in each photo; the descriptor of the central one tells all photos apart.
    let rows: String = paths
        .lines()
        .enumerate()
        .map(|(index, path)| {
            let descriptor = |value: f32| vec![value; 128];
            let row = serde_json::json!({
                "path": path, "width": 100, "height": 100,
                "faces": [
                    { "box": [0, 0, 60, 60], "confidence": 0.9, "descriptor": descriptor(0.0) },
                    { "box": [45, 45, 10, 10], "confidence": 0.8, "descriptor": descriptor(index as f32) },
                ],
                "ms": { "decode": 1.0, "detect": 2.0, "describe": 3.0 },
            });
            format!("{row}\n")
        })
        .collect();
    let results = folder.path().join("peer.jsonl");
    fs::write(&results, rows).unwrap();
    let output = run(&folder, pairs, &["--peer-results", results.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report = report(&folder);
    let verification = &report["engines"][1]["verification"];
    assert_eq!(verification[0]["at_published_threshold"]["accepted"], 2, "the largest faces are all equal");
    assert_eq!(verification[1]["at_published_threshold"]["accepted"], 0);
    assert_eq!(verification[1]["at_published_threshold"]["refused"], 1);
    assert_eq!(report["engines"][1]["times"][1]["median"], 2.0);

    fs::write(&results, "").unwrap();
    assert!(
        error(&run(&folder, pairs, &["--peer-results", results.to_str().unwrap()]))
            .contains("has no results")
    );
}

#[test]
fn errors_say_what_is_wrong_and_where() {
    let folder = photos();
    let message = |pairs: &str, more: &[&str]| error(&run(&folder, pairs, more));
    assert!(message("a,b,same\nsample1.jpg,sample2.jpg,perhaps\n", &[]).contains("Line 2: the column same"));
    assert!(message("a,b,same\nsample1.jpg,sample9.jpg,0\n", &[]).contains("for example sample9.jpg"));
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let pairs = "a,b,same\nsample1.jpg,sample2.jpg,0\n";
    assert!(message(pairs, &["--no-face", empty.to_str().unwrap()]).contains("No photos in"));
    assert!(!folder.path().join("out").exists(), "nothing is written after an error");
}

#[test]
fn photo_that_cannot_be_read_is_reported_and_does_not_end_the_run() {
    let folder = photos();
    fs::write(folder.path().join("broken.jpg"), "not a photo").unwrap();
    let output = run(&folder, "a,b,same\nsample3.jpg,again3.jpg,1\nsample3.jpg,broken.jpg,1\n", &[]);
    assert!(output.status.success());
    let engine = &report(&folder)["engines"][0];
    assert!(engine["detection"]["unreadable"][0].as_str().unwrap().starts_with("broken.jpg: "));
    let published = &engine["verification"][0]["at_published_threshold"];
    assert_eq!(published["refused_with_missing_faces"], 0.5);
}
