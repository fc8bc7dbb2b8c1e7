//! A descriptor as it is stored: little-endian `f32`s, and the network that computed them.

use std::sync::atomic::{AtomicU64, Ordering};

use perse_protocol::Code;

use crate::error::Failure;

/// A recognition network, as far as the store knows one. Descriptors of two networks cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    /// The name that is stored beside each descriptor.
    pub(crate) name: &'static str,
    /// Length of the network's descriptors.
    pub(crate) descriptor_len: usize,
}

/// Returns a descriptor's bytes.
pub(super) fn to_bytes(descriptor: &[f32]) -> Vec<u8> {
    descriptor.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Reads a stored descriptor, and counts those that cannot be read.
pub(super) struct Reader {
    network: Network,
    damaged: AtomicU64,
}

impl Reader {
    pub(super) fn new(network: Network) -> Self {
        Self { network, damaged: AtomicU64::new(0) }
    }

    pub(super) fn network(&self) -> Network {
        self.network
    }

    /// Returns the numbers of a descriptor of this server's network.
    ///
    /// # Errors
    ///
    /// [`Code::NoFaceBiometricData`] for another network's descriptor, for one of another length, and
    /// for one with a number that is not finite. The last two are logged with their count: a NaN
    /// would make every comparison's result meaningless.
    pub(super) fn read(&self, network: &str, bytes: &[u8]) -> Result<Vec<f32>, Failure> {
        let Network { name, descriptor_len } = self.network;
        if network != name {
            return Err(Failure::because(
                Code::NoFaceBiometricData,
                "The user was enrolled with an earlier face recognition network. Enrol the user again.",
            ));
        }
        let (numbers, rest) = bytes.as_chunks::<4>();
        let values: Vec<f32> = numbers.iter().copied().map(f32::from_le_bytes).collect();
        let is_whole = rest.is_empty() && values.len() == descriptor_len;
        if is_whole && values.iter().all(|value| value.is_finite()) {
            return Ok(values);
        }
        Err(self.refuse_damaged())
    }

    /// Logs and counts a damaged descriptor, and returns its failure.
    pub(super) fn refuse_damaged(&self) -> Failure {
        let count = self.damaged.fetch_add(1, Ordering::Relaxed) + 1;
        tracing::error!(count, "a damaged descriptor was refused");
        Failure::because(
            Code::NoFaceBiometricData,
            "The stored face of the user is damaged. Enrol the user again.",
        )
    }

    /// Returns how many damaged descriptors were refused since the start.
    #[cfg(test)]
    pub(super) fn damaged(&self) -> u64 {
        self.damaged.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use perse_protocol::Code;

    use super::{Network, Reader, to_bytes};

    const NETWORK: Network = Network { name: "this", descriptor_len: 3 };

    #[test]
    fn a_descriptor_is_read_bit_by_bit() {
        let values = [0.1, -3.5e-20, f32::MAX];
        assert_eq!(Reader::new(NETWORK).read("this", &to_bytes(&values)).unwrap(), values);
    }

    #[test]
    fn a_damaged_descriptor_is_refused_and_counted() {
        let reader = Reader::new(NETWORK);
        let mut cut = to_bytes(&[0.1, 0.2, 0.3]);
        cut.pop();
        let damaged = [
            to_bytes(&[0.1, f32::NAN, 0.3]),
            to_bytes(&[0.1, f32::INFINITY, 0.3]),
            to_bytes(&[f32::NEG_INFINITY, 0.2, 0.3]),
            to_bytes(&[0.1, 0.2]),
            to_bytes(&[0.1, 0.2, 0.3, 0.4]),
            cut,
            Vec::new(),
        ];
        for (bytes, count) in damaged.iter().zip(1..) {
            let failure = reader.read("this", bytes).unwrap_err();
            assert_eq!(failure.code(), Code::NoFaceBiometricData);
            assert!(failure.message().contains("damaged"), "{failure:?}");
            assert_eq!(reader.damaged(), count);
        }
    }

    #[test]
    fn another_networks_descriptor_says_to_enrol_again() {
        let reader = Reader::new(NETWORK);
        let failure = reader.read("that", &to_bytes(&[0.1, 0.2, 0.3])).unwrap_err();
        assert_eq!(failure.code(), Code::NoFaceBiometricData);
        assert!(failure.message().contains("Enrol the user again."), "{failure:?}");
        assert_eq!(reader.damaged(), 0);
    }
}
