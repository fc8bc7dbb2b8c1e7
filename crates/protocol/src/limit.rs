//! Limits on what may be sent.

/// The largest image file, in bytes ("less than 1 MB").
pub const IMAGE_BYTES: usize = 1_000_000;
/// Seconds that a session token lives.
pub const TOKEN_SECONDS: u64 = 15 * 60;
