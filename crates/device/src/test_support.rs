//! Weights and photos of the unit tests.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, path::Path};

fn file(path: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    fs::read(path).expect("run `npm run setup` in the project's root first")
}

/// The weights of a network.
pub(crate) fn weights(network: &str) -> Vec<u8> {
    file(&format!("models/{network}.bin"))
}

/// The weights of two networks, each after its length.
pub(crate) fn packed(networks: [&str; 2]) -> Vec<u8> {
    let files = networks.map(weights);
    files.iter().flat_map(|file| [&(file.len() as u32).to_le_bytes(), &file[..]].concat()).collect()
}

/// The RGBA pixels of a sample photo, and its width.
pub(crate) fn sample(number: u32) -> (Vec<u8>, u32) {
    let jpeg = file(&format!("node_modules/@vladmandic/face-api/demo/sample{number}.jpg"));
    let mut decoder = mozjpeg::Decompress::new_mem(&jpeg).unwrap().rgba().unwrap();
    let width = decoder.width() as u32;
    (decoder.read_scanlines().unwrap(), width)
}
