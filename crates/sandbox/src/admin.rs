//! Commands of an operator on the store, also while servers run on it.

use std::{fmt, sync::Arc};

use crate::{
    config::{Config, Secret},
    error::{Failure, StartError},
    face,
    metrics::Metrics,
    store::{Account, KeyRow, Store},
};

/// The store of a configuration, without a server.
pub struct Admin(Store);

/// The store did not carry out what was asked; the log says why.
#[derive(Debug)]
pub struct AdminError(Failure);

impl fmt::Display for AdminError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.message())
    }
}

impl std::error::Error for AdminError {}

impl From<Failure> for AdminError {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl Admin {
    /// Opens the store.
    ///
    /// # Errors
    ///
    /// When the data file or database cannot be opened.
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        Ok(Self(Store::open(config, face::NETWORK, Arc::new(Metrics::default())).await?))
    }

    /// Generates a private key for an account, which is new if it has none yet. Returns the key's id, and the key, which
    /// cannot be read again.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn add_key(&self, account: &Account) -> Result<(String, Secret), AdminError> {
        Ok(self.0.add_key(account).await?)
    }

    /// Returns the generated keys, the oldest first, without the keys themselves.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn keys(&self) -> Result<Vec<KeyRow>, AdminError> {
        Ok(self.0.keys().await?)
    }

    /// Revokes a key, for all servers at once; its session tokens live until they expire. Returns `false` if no key has
    /// this id, or it is revoked already.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn revoke_key(&self, id: &str) -> Result<bool, AdminError> {
        Ok(self.0.revoke_key(id).await?)
    }

    /// Returns the users, by account and user token, who cannot be compared until they enrol again, because an earlier
    /// network described their faces.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn users_to_reenrol(&self) -> Result<Vec<(Account, String)>, AdminError> {
        Ok(self.0.users_of_other_networks().await?)
    }

    /// Seals every descriptor with the first data key of the configuration, or unseals them if it has none. Returns how
    /// many it changed. May be interrupted, and repeated.
    ///
    /// # Errors
    ///
    /// When the store fails, or the configuration lacks the key that a descriptor is sealed with.
    pub async fn reencrypt(&self) -> Result<u64, AdminError> {
        Ok(self.0.reseal().await?)
    }
}
