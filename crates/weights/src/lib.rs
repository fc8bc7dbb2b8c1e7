//! The compact file in which one network's weights travel: written once at set-up, read by the face
//! engine on the server and in the tab.
//!
//! | part | content |
//! | --- | --- |
//! | head | `PERSEWTS`, version (`u32`), FNV-1a checksum (`u64`) of all that follows |
//! | name | the network's name |
//! | table | `u16` count; for each tensor its name, [kind](Kind) (`u8`), rank (`u8`), sides (`u32` each) |
//! | values | the tensors in the table's order, without gaps |
//!
//! All numbers are little-endian. A name is one length byte and UTF-8. The last side of a tensor is the
//! output channel, the innermost one.

mod read;
mod write;

pub use read::{ReadError, Tensors};
pub use write::Writer;

const MAGIC: &[u8; 8] = b"PERSEWTS";
const VERSION: u32 = 1;

/// Storage of a tensor's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// `f32`, exact: 4 bytes a number.
    Exact = 0,
    /// One `f32` scale for each output channel, then one `i8` a number; a number is `i8 · scale`.
    PerChannel = 1,
    /// One scale and one minimum (`f64` each), then one `u8` a number; a number is `u8 · scale + min`.
    Affine = 2,
}

impl Kind {
    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Exact, Self::PerChannel, Self::Affine].into_iter().find(|kind| *kind as u8 == byte)
    }
}

/// The 64-bit FNV-1a hash: finds damage, not forgery.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn file() -> Vec<u8> {
        let mut writer = Writer::new("sample");
        writer.exact("bias", &[3], &[0.5, -1.25, 1e-9]);
        writer.per_channel("filters", &[2, 3], &[1.0, 0.02, 0.0, -0.5, -0.01, 0.0]);
        writer.affine("old", &[4], &[0, 1, 128, 255], 0.013, -1.7);
        writer.finish()
    }

    #[test]
    fn reads_back_what_was_written() {
        let file = file();
        let tensors = Tensors::read(&file).unwrap();
        assert_eq!(tensors.network(), "sample");
        assert_eq!(tensors.names().collect::<Vec<_>>(), ["bias", "filters", "old"]);
        let values = |name| tensors.values(name).unwrap();
        assert_eq!(values("bias"), (vec![3], vec![0.5, -1.25, 1e-9]));
        assert_eq!(values("filters").0, [2, 3]);
        let expected = [1.0, 0.02, 0.0, -0.5, -0.01, 0.0];
        for (value, expected) in values("filters").1.iter().zip(expected) {
            assert!((value - expected).abs() <= expected.abs() / 127.0, "{value} for {expected}");
        }
        let affine = [0_u8, 1, 128, 255].map(|byte| (f64::from(byte) * 0.013 - 1.7) as f32);
        assert_eq!(values("old"), (vec![4], affine.to_vec()));
        assert!(tensors.values("missing").is_none());
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let good = file();
        for length in 0..good.len() {
            assert!(Tensors::read(&good[..length]).is_err(), "cut at {length}");
        }
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            assert!(Tensors::read(&bad).is_err(), "byte {at} changed");
        }
        assert_eq!(Tensors::read(&[good, vec![0]].concat()).err(), Some(ReadError::Damaged));
    }

    #[test]
    fn a_file_that_lies_about_its_size_is_refused() {
        for sides in [[u32::MAX; 4], [1 << 16, 1 << 16, 1 << 16, 1 << 16], [0, 1, 1, u32::MAX]] {
            let mut body = vec![4, b's', b'a', b'm', b'e', 1, 0, 1, b'x', 0, 4];
            body.extend(sides.iter().flat_map(|side| side.to_le_bytes()));
            let head = [MAGIC.as_slice(), &VERSION.to_le_bytes(), &checksum(&body).to_le_bytes()].concat();
            let read = Tensors::read(&[head, body].concat()).map(|tensors| tensors.values("x"));
            // A tensor without numbers is harmless; one that is too large for its file is refused.
            assert!(matches!(read, Err(ReadError::Damaged) | Ok(Some((_, _)))), "{sides:?}");
        }
    }
}
