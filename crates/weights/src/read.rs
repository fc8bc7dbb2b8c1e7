//! Reads a weights file.

use crate::{Kind, MAGIC, VERSION, checksum};
use std::fmt;

/// Why bytes are not a weights file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// They do not begin as one.
    NotWeights,
    /// The file was written for another version of the reader.
    Version(u32),
    /// The checksum or a length does not fit the content.
    Damaged,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWeights => f.write_str("the file is not a weights file"),
            Self::Version(version) => {
                write!(f, "the file has version {version}, this reader needs version {VERSION}")
            }
            Self::Damaged => f.write_str("the file is damaged or incomplete"),
        }
    }
}

impl std::error::Error for ReadError {}

/// The tensors of one network, still packed.
pub struct Tensors<'a> {
    network: &'a str,
    entries: Vec<Entry<'a>>,
}

struct Entry<'a> {
    name: &'a str,
    kind: Kind,
    shape: Vec<usize>,
    bytes: &'a [u8],
}

impl<'a> Tensors<'a> {
    /// Checks a whole file and reads its table; no number is unpacked yet.
    ///
    /// # Errors
    /// When the bytes are not a weights file of this version, or are damaged.
    pub fn read(file: &'a [u8]) -> Result<Self, ReadError> {
        let mut rest = file.strip_prefix(MAGIC).ok_or(ReadError::NotWeights)?;
        let version = u32::from_le_bytes(take(&mut rest)?);
        if version != VERSION {
            return Err(ReadError::Version(version));
        }
        let expected = u64::from_le_bytes(take(&mut rest)?);
        if checksum(rest) != expected {
            return Err(ReadError::Damaged);
        }
        let network = take_name(&mut rest)?;
        let count = u16::from_le_bytes(take(&mut rest)?);
        let mut entries = Vec::with_capacity(count.into());
        for _ in 0..count {
            let name = take_name(&mut rest)?;
            let [kind, rank] = take(&mut rest)?;
            let kind = Kind::from_byte(kind).ok_or(ReadError::Damaged)?;
            let mut shape = Vec::with_capacity(rank.into());
            for _ in 0..rank {
                shape.push(u32::from_le_bytes(take(&mut rest)?) as usize);
            }
            entries.push(Entry { name, kind, shape, bytes: &[] });
        }
        for entry in &mut entries {
            let length = packed_length(entry.kind, &entry.shape).ok_or(ReadError::Damaged)?;
            (entry.bytes, rest) = rest.split_at_checked(length).ok_or(ReadError::Damaged)?;
        }
        if rest.is_empty() { Ok(Self { network, entries }) } else { Err(ReadError::Damaged) }
    }

    /// Returns the name of the network.
    pub fn network(&self) -> &'a str {
        self.network
    }

    /// Returns the tensors' names in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.entries.iter().map(|entry| entry.name)
    }

    /// Unpacks one tensor: its shape and its numbers, the last side innermost.
    pub fn values(&self, name: &str) -> Option<(Vec<usize>, Vec<f32>)> {
        let entry = self.entries.iter().find(|entry| entry.name == name)?;
        Some((entry.shape.clone(), entry.unpack()?))
    }
}

impl Entry<'_> {
    fn unpack(&self) -> Option<Vec<f32>> {
        let channels = self.shape.last().copied()?;
        Some(match self.kind {
            Kind::Exact => floats(self.bytes).collect(),
            Kind::PerChannel => {
                let (scales, values) = self.bytes.split_at_checked(channels * 4)?;
                let scales: Vec<f32> = floats(scales).collect();
                values.iter().zip(scales.iter().cycle()).map(|(&q, s)| f32::from(q as i8) * s).collect()
            }
            Kind::Affine => {
                let mut values = self.bytes;
                let [scale, min] = [take(&mut values).ok()?, take(&mut values).ok()?].map(f64::from_le_bytes);
                values.iter().map(|&q| (f64::from(q) * scale + min) as f32).collect()
            }
        })
    }
}

fn packed_length(kind: Kind, shape: &[usize]) -> Option<usize> {
    let count = shape.iter().try_fold(1_usize, |product, side| product.checked_mul(*side))?;
    match kind {
        Kind::Exact => count.checked_mul(4),
        Kind::PerChannel => count.checked_add(shape.last()?.checked_mul(4)?),
        Kind::Affine => count.checked_add(16),
    }
}

fn floats(bytes: &[u8]) -> impl Iterator<Item = f32> {
    bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes))
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], ReadError> {
    let (taken, after) = rest.split_first_chunk().ok_or(ReadError::Damaged)?;
    *rest = after;
    Ok(*taken)
}

fn take_name<'a>(rest: &mut &'a [u8]) -> Result<&'a str, ReadError> {
    let [length] = take(rest)?;
    let (name, after) = rest.split_at_checked(length.into()).ok_or(ReadError::Damaged)?;
    *rest = after;
    str::from_utf8(name).map_err(|_| ReadError::Damaged)
}
