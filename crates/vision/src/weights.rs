//! The weights of the networks, each in one file of `perse-weights`.

use perse_weights::{ReadError, Tensors};
use std::fmt;

/// The files that [`FaceFinder`](crate::FaceFinder) needs.
#[derive(Clone, Copy)]
pub struct FaceFinderWeights<'a> {
    /// Finds places where a face may be.
    pub tiny_face_detector: &'a [u8],
    /// Finds 68 points on a face.
    pub face_landmark_68: &'a [u8],
    /// Verifies a face at short range.
    pub face_detection_short_range: &'a [u8],
    /// Verifies a face at full range.
    pub face_detection_full_range: &'a [u8],
}

/// The files that [`Tracker`](crate::Tracker) needs.
#[derive(Clone, Copy)]
pub struct TrackerWeights<'a> {
    /// Finds and verifies faces.
    pub face_detection_short_range: &'a [u8],
    /// Finds 68 points on a face.
    pub face_landmark_68: &'a [u8],
}

/// Why a weights file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightsError {
    network: &'static str,
    problem: Problem,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    File(ReadError),
    OtherNetwork,
    Missing(String),
    Shape(String),
    NotFinite(String),
    Unused(String),
}

impl fmt::Display for WeightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "weights of {}: ", self.network)?;
        match &self.problem {
            Problem::File(error) => error.fmt(f),
            Problem::OtherNetwork => f.write_str("the file is of another network"),
            Problem::Missing(name) => write!(f, "{name} is missing"),
            Problem::Shape(name) => write!(f, "{name} has another shape than the network needs"),
            Problem::NotFinite(name) => write!(f, "{name} holds a value that is not a finite number"),
            Problem::Unused(name) => write!(f, "{name} does not belong to this network"),
        }
    }
}

impl std::error::Error for WeightsError {}

/// The tensors of one network by name, until its layers take them.
pub(crate) struct WeightMap<'a> {
    network: &'static str,
    tensors: Tensors<'a>,
    unused: Vec<&'a str>,
}

impl<'a> WeightMap<'a> {
    /// Reads the file's table. The file must be of the network with this name.
    pub(crate) fn new(network: &'static str, file: &'a [u8]) -> Result<Self, WeightsError> {
        let fail = |problem| WeightsError { network, problem };
        let tensors = Tensors::read(file).map_err(|error| fail(Problem::File(error)))?;
        if tensors.network() != network {
            return Err(fail(Problem::OtherNetwork));
        }
        let unused = tensors.names().collect();
        Ok(Self { network, tensors, unused })
    }

    /// Unpacks one tensor, which must have the given shape and hold finite numbers only.
    pub(crate) fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
        let fail = |problem: fn(String) -> Problem| self.error(problem(name.to_owned()));
        let (actual, values) = self.tensors.values(name).ok_or_else(|| fail(Problem::Missing))?;
        if actual != shape {
            return Err(fail(Problem::Shape));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(fail(Problem::NotFinite));
        }
        self.unused.retain(|unused| *unused != name);
        Ok(values)
    }

    /// Checks that every tensor was used.
    pub(crate) fn finish(self) -> Result<(), WeightsError> {
        match self.unused.first() {
            Some(name) => Err(self.error(Problem::Unused((*name).to_owned()))),
            None => Ok(()),
        }
    }

    fn error(&self, problem: Problem) -> WeightsError {
        WeightsError { network: self.network, problem }
    }
}
