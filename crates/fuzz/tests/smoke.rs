//! Runs each target on stable Rust for a moment: on whole files, and on files that were changed in a random but
//! repeatable way.
#![allow(clippy::unwrap_used)]

use std::{fs, path::PathBuf};

use perse_fuzz::{BOUNDARY, TARGETS};

/// Changed files for each whole one.
const CHANGES: u64 = 1_500;

/// Whole files of a target: its corpus, which fuzzing adds to.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Numbers of splitmix64 (<https://prng.di.unimi.it/splitmix64.c>).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Overwrites, cuts, repeats or removes parts, mostly near the beginning, where headers are.
fn change(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(6) {
        let reach = if random.below(3) > 0 { bytes.len().min(600) } else { bytes.len() };
        let at = random.below(reach);
        match random.below(5) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..(at + random.below(40)).min(bytes.len()))),
            2 => {
                let part = bytes[at..(at + random.below(40)).min(bytes.len())].to_vec();
                bytes.splice(at..at, part);
            }
            _ if bytes.is_empty() => {}
            3 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
            _ => bytes[at] = random.next() as u8,
        }
    }
}

#[test]
fn no_bytes_make_a_target_fail() {
    for (name, target) in TARGETS {
        let corpus = corpus(name);
        assert!(corpus.len() >= 3, "{name} has a corpus of {}", corpus.len());
        target(&[]);
        for (number, whole) in (0_u64..).zip(&corpus) {
            target(whole);
            let mut random = Random(number);
            for _ in 0..CHANGES {
                let mut bytes = whole.clone();
                change(&mut bytes, &mut random);
                target(&bytes);
            }
        }
    }
}

#[test]
fn the_corpus_of_uploads_is_accepted() {
    let whole = corpus("upload");
    assert!(whole.iter().all(|body| body.windows(BOUNDARY.len()).any(|part| part == BOUNDARY.as_bytes())));
}
