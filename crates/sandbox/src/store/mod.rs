//! Enrolled users: an account, a token, the descriptor of a face, and when. Never a photo.
//!
//! The [`Store`] knows what a descriptor is, seals it, and generates user tokens; a [`Database`] keeps rows:
//! SQLite on one machine, or PostgreSQL for several servers.

mod account;
mod database;
mod descriptor;
mod guess_buckets;
mod idempotency;
mod postgres;
mod seal;
mod sqlite;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use perse_protocol::Code;
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use self::{account::Account, database::KeyRow, seal::DataKey};
pub(crate) use self::{database::Position, descriptor::Network, idempotency::IdempotencyKey};
use self::{
    database::{Database, DatabaseError, FaceRow, UserRow},
    descriptor::{Reader, to_bytes},
    postgres::Postgres,
    sqlite::Sqlite,
};
use crate::{
    config::{Config, Data, Secret},
    error::{Failure, StartError},
    metrics::Metrics,
};

/// Users that are read at a time where all are.
const BATCH: u32 = 1_000;

/// A user's face as it was enrolled.
pub(crate) struct Enrolled {
    /// The unique id of the enrolled photo.
    pub(crate) image_token: String,
    /// The numbers of this server's [`Network`].
    pub(crate) descriptor: Vec<f32>,
}

/// A part of the list of users.
pub(crate) struct Page {
    /// The user tokens, the oldest first.
    pub(crate) user_tokens: Vec<String>,
    /// The position after which the next part begins, if there is one.
    pub(crate) next: Option<Position>,
    /// The number of all users of the account.
    pub(crate) total: u64,
}

/// The enrolments. Clones are the same store.
#[derive(Clone)]
pub(crate) struct Store {
    database: Arc<dyn Database>,
    descriptors: Arc<Reader>,
    data_keys: Arc<[DataKey]>,
    metrics: Arc<Metrics>,
}

impl Store {
    /// Opens what the configuration names, and creates it if need be. Stores and compares descriptors of this
    /// network only.
    pub(crate) async fn open(
        config: &Config,
        network: Network,
        metrics: Arc<Metrics>,
    ) -> Result<Self, StartError> {
        let failed = |reason: String| StartError::Store { data: config.data.clone(), reason };
        let database: Arc<dyn Database> = match &config.data {
            None => Arc::new(Sqlite::open(None).map_err(failed)?),
            Some(Data::File(path)) => Arc::new(Sqlite::open(Some(path)).map_err(failed)?),
            Some(Data::Postgres(url)) => {
                Arc::new(Postgres::open(url, config.database_connections.get()).await.map_err(failed)?)
            }
        };
        let descriptors = Arc::new(Reader::new(network));
        Ok(Self { database, descriptors, data_keys: config.data_keys.clone().into(), metrics })
    }

    /// Checks that the store responds.
    pub(crate) async fn check(&self) -> Result<(), Failure> {
        self.told(self.database.check().await)
    }

    /// Enrols a face under a new user token, and returns that. A key that was used within a day
    /// enrols no second user: its first user token is returned.
    pub(crate) async fn create(
        &self,
        account: &Account,
        face: Enrolled,
        key: Option<IdempotencyKey>,
    ) -> Result<String, Failure> {
        let user = self.seal(account.clone(), Uuid::new_v4().to_string(), face)?;
        self.told(self.database.create(user, key).await)
    }

    /// Returns the user that was enrolled under this key within a day.
    pub(crate) async fn find_repeated(&self, key: IdempotencyKey) -> Result<Option<String>, Failure> {
        self.told(self.database.find_repeated(key).await)
    }

    /// Returns the users of an account that were enrolled after this position, the oldest first; at most `limit` of
    /// them, all if there is none.
    pub(crate) async fn list(
        &self,
        account: &Account,
        after: Option<Position>,
        limit: Option<u32>,
    ) -> Result<Page, Failure> {
        // One more tells whether there is a next part.
        let mut rows =
            self.told(self.database.list(account, after, limit.map(|limit| limit.saturating_add(1))).await)?;
        let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| has_more).map(|&(position, _)| position);
        let total = if has_more || after.is_some() {
            self.told(self.database.count(account).await)?
        } else {
            u64::try_from(rows.len()).unwrap_or(u64::MAX)
        };
        Ok(Page { user_tokens: rows.into_iter().map(|(_, user_token)| user_token).collect(), next, total })
    }

    /// Returns whether an account has a user of this token, also where the face cannot be compared.
    pub(crate) async fn contains(&self, account: &Account, user_token: &str) -> Result<bool, Failure> {
        self.told(self.database.contains(account, user_token).await)
    }

    /// Returns the face of an account's user, if there is one of this token.
    ///
    /// # Errors
    ///
    /// [`Code::NoFaceBiometricData`] for a face that another network described, or a damaged one.
    pub(crate) async fn find(
        &self,
        account: &Account,
        user_token: &str,
    ) -> Result<Option<Enrolled>, Failure> {
        let row = self.told(self.database.find(account, user_token).await)?;
        row.map(|row| {
            let bytes = self.unsealed(account, user_token, &row)?;
            let descriptor = self.descriptors.read(&row.network, &bytes)?;
            Ok(Enrolled { image_token: row.image_token, descriptor })
        })
        .transpose()
    }

    /// Replaces the face of an account's user; returns `false` if there is none of this token.
    pub(crate) async fn update(
        &self,
        account: &Account,
        user_token: &str,
        face: Enrolled,
    ) -> Result<bool, Failure> {
        let user = self.seal(account.clone(), user_token.to_owned(), face)?;
        self.told(self.database.update(user).await)
    }

    /// Deletes an account's user; returns `false` if there is none of this token.
    pub(crate) async fn delete(&self, account: &Account, user_token: &str) -> Result<bool, Failure> {
        self.told(self.database.delete(account, user_token).await)
    }

    /// Generates a private key for an account. It is returned this once: the database keeps its hash.
    pub(crate) async fn add_key(&self, account: &Account) -> Result<(String, Secret), Failure> {
        let random = || Uuid::new_v4().simple().to_string();
        // Two of them, because 6 bits of each are fixed: 244 random bits.
        let key = format!("{}{}", random(), random());
        let id = random().get(..12).unwrap_or_default().to_owned();
        self.told(self.database.add_key(&id, account, hash(&key)).await)?;
        Ok((id, key.parse().map_err(|_| Code::ServerError)?))
    }

    /// Returns all generated private keys, without the keys themselves.
    pub(crate) async fn keys(&self) -> Result<Vec<KeyRow>, Failure> {
        self.told(self.database.keys().await)
    }

    /// Revokes a generated key by its id; returns `false` if there is none to revoke.
    pub(crate) async fn revoke_key(&self, id: &str) -> Result<bool, Failure> {
        self.told(self.database.revoke_key(id).await)
    }

    /// Returns the account that a generated key opens.
    pub(crate) async fn account_of_key(&self, key: &str) -> Result<Option<Account>, Failure> {
        self.told(self.database.account_of_key(hash(key)).await)
    }

    /// Counts wrong keys of a network of clients, 0 to only ask; returns how long to wait if it has sent too many.
    pub(crate) async fn take_guess(&self, network: &str, count: f64) -> Result<Duration, Failure> {
        self.told(self.database.take_guess(network, count).await)
    }

    /// Returns the users whose faces another network than this server's described.
    pub(crate) async fn users_of_other_networks(&self) -> Result<Vec<(Account, String)>, Failure> {
        let network = self.descriptors.network().name;
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let users = self.told(self.database.users(after, BATCH).await)?;
            let Some(&(last, _)) = users.last() else { return Ok(found) };
            after = Some(last);
            found.extend(
                users
                    .into_iter()
                    .filter(|(_, user)| user.face.network != network)
                    .map(|(_, user)| (user.account, user.user_token)),
            );
        }
    }

    /// Seals all descriptors with the first data key, or unseals them where there is none. Returns how many it changed.
    ///
    /// # Errors
    ///
    /// [`Code::NoFaceBiometricData`] for a descriptor that none of the data keys opens; those before it are changed.
    pub(crate) async fn reseal(&self) -> Result<u64, Failure> {
        let current = self.data_keys.first().map(DataKey::id);
        let mut changed = 0;
        let mut after = None;
        loop {
            let users = self.told(self.database.users(after, BATCH).await)?;
            let Some(&(last, _)) = users.last() else { return Ok(changed) };
            after = Some(last);
            for (position, user) in users {
                if user.face.data_key.as_deref() == current {
                    continue;
                }
                let bytes = self.unsealed(&user.account, &user.user_token, &user.face)?;
                let to = self.sealed(
                    &user.account,
                    &user.user_token,
                    FaceRow { descriptor: bytes, ..user.face.clone() },
                )?;
                // One that was replaced in the meantime was sealed by the server that did.
                changed += u64::from(self.told(self.database.reseal(position, user.face, to).await)?);
            }
        }
    }

    fn seal(&self, account: Account, user_token: String, face: Enrolled) -> Result<UserRow, Failure> {
        let face = FaceRow {
            image_token: face.image_token,
            network: self.descriptors.network().name.to_owned(),
            data_key: None,
            descriptor: to_bytes(&face.descriptor),
        };
        Ok(UserRow { face: self.sealed(&account, &user_token, face)?, account, user_token })
    }

    /// Seals the descriptor with the first data key, if there is one.
    fn sealed(&self, account: &Account, user_token: &str, face: FaceRow) -> Result<FaceRow, Failure> {
        let Some(key) = self.data_keys.first() else { return Ok(FaceRow { data_key: None, ..face }) };
        let descriptor = key.seal(account, user_token, &face.descriptor).ok_or(Code::ServerError)?;
        Ok(FaceRow { data_key: Some(key.id().to_owned()), descriptor, ..face })
    }

    /// Returns the bytes of a descriptor that may be sealed.
    fn unsealed(&self, account: &Account, user_token: &str, face: &FaceRow) -> Result<Vec<u8>, Failure> {
        let Some(id) = face.data_key.as_deref() else { return Ok(face.descriptor.clone()) };
        let Some(key) = self.data_keys.iter().find(|key| key.id() == id) else {
            tracing::error!("a descriptor is sealed with a data key that this server was not given");
            self.metrics.add_store_error();
            return Err(Code::ServerError.into());
        };
        key.open(account, user_token, &face.descriptor).ok_or_else(|| self.descriptors.refuse_damaged())
    }

    /// Turns an error of the database into what a client reads, and logs and counts it.
    fn told<T>(&self, result: database::Result<T>) -> Result<T, Failure> {
        result.map_err(|error| {
            self.metrics.add_store_error();
            match error {
                DatabaseError::Unavailable(error) => {
                    tracing::error!(error, "the database is not available");
                    Code::ServerBusy.into()
                }
                DatabaseError::Failed(error) => {
                    tracing::error!(error, "the database failed");
                    Code::ServerError.into()
                }
            }
        })
    }
}

/// Returns what is stored of a private key. A generated one is too long to be guessed, so it needs no slow hash.
fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key).into()
}
