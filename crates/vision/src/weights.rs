//! Published weights: a JSON manifest that names the tensors in a binary, most of them as bytes
//! `q` that stand for `q * scale + min`.

use serde::Deserialize;
use std::{collections::HashMap, fmt};

/// One network's weights as published: the manifest's JSON text and the binary that it describes.
#[derive(Clone, Copy)]
pub struct Weights<'a> {
    /// The manifest, JSON.
    pub manifest: &'a [u8],
    /// The binary: the tensors in the manifest's order, without gaps.
    pub data: &'a [u8],
}

/// Everything that a [`FaceEngine`](crate::FaceEngine) needs.
#[derive(Clone, Copy)]
pub struct FaceEngineWeights<'a> {
    /// Finds faces: `tiny_face_detector_model`.
    pub tiny_face_detector: Weights<'a>,
    /// Finds 68 points on a face: `face_landmark_68_model`.
    pub face_landmark_68: Weights<'a>,
    /// Describes a face in 128 numbers: `face_recognition_model`.
    pub face_recognition: Weights<'a>,
}

/// Why a weights file cannot be used; names the network and what is wrong with its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightsError {
    network: &'static str,
    problem: String,
}

impl fmt::Display for WeightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "weights of {}: {}", self.network, self.problem)
    }
}

impl std::error::Error for WeightsError {}

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

/// The tensors of one network by name, until its layers take them.
pub(crate) struct WeightMap {
    network: &'static str,
    tensors: HashMap<String, (Vec<usize>, Vec<f32>)>,
}

impl WeightMap {
    /// Unpacks all tensors. The binary must be exactly as long as the manifest says.
    pub(crate) fn new(network: &'static str, weights: &Weights<'_>) -> Result<Self, WeightsError> {
        let fail = |problem: String| WeightsError { network, problem };
        let groups: Vec<Group> = serde_json::from_slice(weights.manifest)
            .map_err(|error| fail(format!("the manifest is not one ({error})")))?;
        let mut tensors = HashMap::new();
        let mut rest = weights.data;
        for entry in groups.into_iter().flat_map(|group| group.weights) {
            let Entry { name, shape, dtype, quantization } = entry;
            let count = shape.iter().try_fold(1_usize, |product, side| product.checked_mul(*side));
            let size = match (dtype.as_str(), quantization.as_ref().map(|q| q.dtype.as_str())) {
                ("float32", None) => 4,
                ("float32", Some("uint8")) => 1,
                _ => return Err(fail(format!("{name} has a number format that is not supported"))),
            };
            let part = count
                .and_then(|count| count.checked_mul(size))
                .and_then(|length| rest.split_at_checked(length));
            let Some((bytes, after)) = part else {
                let length = weights.data.len();
                return Err(fail(format!("the binary ends within {name}: {length} bytes are too few")));
            };
            rest = after;
            let values = match quantization {
                Some(q) => bytes.iter().map(|&byte| (f64::from(byte) * q.scale + q.min) as f32).collect(),
                None => bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect(),
            };
            tensors.insert(name, (shape, values));
        }
        if !rest.is_empty() {
            return Err(fail(format!("the binary has {} bytes more than its manifest names", rest.len())));
        }
        Ok(Self { network, tensors })
    }

    /// Takes one tensor out, which must have the given shape and hold nothing but numbers.
    pub(crate) fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
        let Some((actual, values)) = self.tensors.remove(name) else {
            return Err(self.error(format!("{name} is missing")));
        };
        if actual != shape {
            return Err(self.error(format!("{name} has the shape {actual:?}, not {shape:?}")));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(self.error(format!("{name} holds something that is not a number")));
        }
        Ok(values)
    }

    /// Makes sure that every tensor was used.
    pub(crate) fn finish(self) -> Result<(), WeightsError> {
        match self.tensors.keys().min() {
            Some(name) => Err(self.error(format!("{name} does not belong to this network"))),
            None => Ok(()),
        }
    }

    fn error(&self, problem: String) -> WeightsError {
        WeightsError { network: self.network, problem }
    }
}
