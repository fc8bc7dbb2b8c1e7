//! The names of enrolments that a client may send twice.

use sha2::{Digest, Sha256};

/// Time for which a key is remembered, in seconds.
pub(super) const LIFETIME_SECONDS: u32 = 24 * 60 * 60;

/// A client's key together with its credentials; neither can be read from it.
#[derive(Clone)]
pub(crate) struct IdempotencyKey(pub(super) [u8; 32]);

impl IdempotencyKey {
    pub(crate) fn new(key: &[u8], credentials: &[u8]) -> Self {
        // The lengths keep two pairs of the same letters apart.
        let mut hash = Sha256::new();
        for part in [key, credentials] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }
}
