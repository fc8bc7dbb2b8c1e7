//! The store's idea of a database: rows in and out. It is the store that knows what a descriptor is, and who may read
//! it.

use std::time::Duration;

use async_trait::async_trait;

use super::{Account, IdempotencyKey};

/// Why a database did not carry out a statement. The text is for the log and names no user.
#[derive(Debug)]
pub(super) enum DatabaseError {
    /// It cannot be reached, or is busy: the same statement may work later.
    Unavailable(String),
    /// It refused the statement.
    Failed(String),
}

pub(super) type Result<T> = std::result::Result<T, DatabaseError>;

/// A face as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FaceRow {
    pub(super) image_token: String,
    /// The name of the network that computed the descriptor.
    pub(super) network: String,
    /// The id of the data key that sealed the descriptor; `None`: it is not sealed.
    pub(super) data_key: Option<Vec<u8>>,
    pub(super) descriptor: Vec<u8>,
}

/// A user as stored.
#[derive(Clone, Debug)]
pub(super) struct UserRow {
    pub(super) account: Account,
    pub(super) user_token: String,
    pub(super) face: FaceRow,
}

/// A private key as stored: never the key itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// Names the key, and reveals nothing of it.
    pub id: String,
    /// The account that it opens.
    pub account: Account,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Whether it opens nothing any more.
    pub is_revoked: bool,
}

/// The place of a row in the order of enrolment; greater than those of all earlier rows.
pub(crate) type Position = i64;

/// A database. Each method is one transaction: it happens whole or not at all, and what it has returned is
/// durable.
#[async_trait]
pub(super) trait Database: Send + Sync {
    /// Checks that it responds.
    async fn check(&self) -> Result<()>;

    /// Adds a user and returns its user token; or returns the user that the same key added within a day.
    async fn create(&self, user: UserRow, key: Option<IdempotencyKey>) -> Result<String>;

    /// Returns the user that was added under this key within a day.
    async fn find_repeated(&self, key: IdempotencyKey) -> Result<Option<String>>;

    /// Returns user tokens of an account after a position, the oldest first, at most `limit` of them.
    async fn list(
        &self,
        account: &Account,
        after: Option<Position>,
        limit: Option<u32>,
    ) -> Result<Vec<(Position, String)>>;

    /// Returns the number of an account's users.
    async fn count(&self, account: &Account) -> Result<u64>;

    /// Returns whether an account has this user.
    async fn contains(&self, account: &Account, user_token: &str) -> Result<bool>;

    /// Returns the face of an account's user.
    async fn find(&self, account: &Account, user_token: &str) -> Result<Option<FaceRow>>;

    /// Replaces the face of the user; returns whether there is one.
    async fn update(&self, user: UserRow) -> Result<bool>;

    /// Deletes the user, and what its idempotency key was; returns whether there was one.
    async fn delete(&self, account: &Account, user_token: &str) -> Result<bool>;

    /// Returns users of all accounts after a position, the oldest first, at most `limit` of them.
    async fn users(&self, after: Option<Position>, limit: u32) -> Result<Vec<(Position, UserRow)>>;

    /// Replaces the descriptor at a position by another form of it, unless it has changed from `from` since.
    async fn reseal(&self, position: Position, from: FaceRow, to: FaceRow) -> Result<bool>;

    /// Adds a private key.
    async fn add_key(&self, id: &str, account: &Account, hash: [u8; 32]) -> Result<()>;

    /// Returns all private keys, the oldest first.
    async fn keys(&self) -> Result<Vec<KeyRow>>;

    /// Revokes a private key; returns whether there was one to revoke.
    async fn revoke_key(&self, id: &str) -> Result<bool>;

    /// Returns the account that a key of this hash opens.
    async fn account_of_key(&self, hash: [u8; 32]) -> Result<Option<Account>>;

    /// Takes a number of guesses, which may be 0, from the bucket of a network of clients; or returns how long to wait
    /// until it holds one. See `guess_buckets`.
    async fn take_guess(&self, network: &str, count: f64) -> Result<Duration>;
}
