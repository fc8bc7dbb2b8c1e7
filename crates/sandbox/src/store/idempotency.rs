//! Enrolments that a client may send twice: the first one's user token, by key and credentials.

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

/// Time for which a key is remembered, in seconds.
const LIFETIME_SECONDS: u32 = 24 * 60 * 60;

/// A client's key together with its credentials; neither can be read from it.
#[derive(Clone)]
pub(crate) struct IdempotencyKey([u8; 32]);

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

/// Returns the user that was enrolled under this key.
pub(super) fn find(connection: &Connection, key: &IdempotencyKey) -> rusqlite::Result<Option<String>> {
    connection
        .query_row(
            "SELECT user_token FROM idempotency WHERE key = ?1 AND created_at > unixepoch() - ?2",
            params![key.0, LIFETIME_SECONDS],
            |row| row.get(0),
        )
        .optional()
}

/// Remembers the user that was enrolled under this key, and forgets old keys.
pub(super) fn insert(
    connection: &Connection,
    key: &IdempotencyKey,
    user_token: &str,
) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM idempotency WHERE created_at <= unixepoch() - ?1", [LIFETIME_SECONDS])?;
    connection
        .execute("INSERT INTO idempotency (key, user_token) VALUES (?1, ?2)", params![key.0, user_token])?;
    Ok(())
}

/// Forgets a user's keys: a repeated request then enrols again.
pub(super) fn forget(connection: &Connection, user_token: &str) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM idempotency WHERE user_token = ?1", [user_token]).map(drop)
}
