//! The weights of `@vladmandic/face-api`: a JSON manifest beside a binary, most tensors as bytes with one
//! scale and one minimum. They are kept as published, so that the networks give the published numbers.

use perse_weights::Writer;
use serde::Deserialize;
use std::{error::Error, fs, path::Path};

#[derive(Deserialize)]
struct Group {
    weights: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    shape: Vec<usize>,
    dtype: String,
    quantization: Option<Quantization>,
}

#[derive(Deserialize)]
struct Quantization {
    dtype: String,
    scale: f64,
    min: f64,
}

/// Packs the network whose files are `PREFIX-weights_manifest.json` and `PREFIX.bin`.
pub(crate) fn pack(prefix: &Path, writer: &mut Writer) -> Result<(), Box<dyn Error>> {
    let manifest = fs::read(format!("{}-weights_manifest.json", prefix.display()))?;
    let groups: Vec<Group> = serde_json::from_slice(&manifest)?;
    let data = fs::read(format!("{}.bin", prefix.display()))?;
    let mut rest = &data[..];
    for Entry { name, shape, dtype, quantization } in groups.into_iter().flat_map(|group| group.weights) {
        let count: usize = shape.iter().product();
        let size = match (dtype.as_str(), quantization.as_ref().map(|q| q.dtype.as_str())) {
            ("float32", None) => 4,
            ("float32", Some("uint8")) => 1,
            _ => return Err(format!("{name} has a number format that is not supported").into()),
        };
        let (bytes, after) =
            rest.split_at_checked(count * size).ok_or_else(|| format!("the binary ends within {name}"))?;
        rest = after;
        match quantization {
            Some(q) => writer.affine(&name, &shape, bytes, q.scale, q.min),
            None => {
                let values: Vec<f32> = bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect();
                writer.exact(&name, &shape, &values);
            }
        }
    }
    if rest.is_empty() { Ok(()) } else { Err("the binary is longer than its manifest says".into()) }
}
