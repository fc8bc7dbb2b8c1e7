//! Enrolled users in SQLite: a token, the descriptor of a face, and when. Never a photo.
//!
//! A descriptor is biometric data: the file is readable by its owner only, and what is deleted is
//! overwritten. A file that is another program's, or a newer version's, is refused as it is.

mod descriptor;
mod file;
mod idempotency;
mod migrations;
#[cfg(test)]
mod tests;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use perse_protocol::Code;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use uuid::Uuid;

pub(crate) use self::{descriptor::Network, idempotency::IdempotencyKey};
use self::{
    descriptor::{Reader, to_bytes},
    file::open_file,
    migrations::migrate,
};
use crate::{
    error::{Failure, StartError},
    metrics::Metrics,
};

/// Time limit for a statement that waits for another process's lock.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// A user's face as it was enrolled.
pub(crate) struct Enrolled {
    /// The unique id of the enrolled photo.
    pub(crate) image_token: String,
    /// The numbers of this server's [`Network`].
    pub(crate) descriptor: Vec<f32>,
}

/// The enrolments. Clones are the same store.
#[derive(Clone)]
pub(crate) struct Store {
    writer: Arc<Mutex<Connection>>,
    /// A file's readers do not wait for its writers; in memory, both are one connection.
    reader: Arc<Mutex<Connection>>,
    descriptors: Arc<Reader>,
    metrics: Arc<Metrics>,
}

impl Store {
    /// Opens or creates the file; without a path, keeps everything in memory. Stores and compares
    /// descriptors of this network only.
    pub(crate) fn open(
        path: Option<&Path>,
        network: Network,
        metrics: Arc<Metrics>,
    ) -> Result<Self, StartError> {
        let failed = |reason: String| StartError::Store { path: path.map(Path::to_owned), reason };
        let shared = |connection| Arc::new(Mutex::new(connection));
        let descriptors = Arc::new(Reader::new(network));
        let Some(path) = path else {
            let connection = Connection::open_in_memory().map_err(|error| failed(error.to_string()))?;
            prepare(&connection).map_err(failed)?;
            let connection = shared(connection);
            return Ok(Self { writer: Arc::clone(&connection), reader: connection, descriptors, metrics });
        };
        let writer = open_file(path).map_err(failed)?;
        prepare(&writer).map_err(failed)?;
        let reader = open_reader(path).map_err(|error| failed(error.to_string()))?;
        Ok(Self { writer: shared(writer), reader: shared(reader), descriptors, metrics })
    }

    /// Checks that the store responds.
    pub(crate) async fn check(&self) -> Result<(), Failure> {
        self.read(|connection| {
            connection.query_row("SELECT 1 FROM enrollment LIMIT 1", [], |_| Ok(())).optional()
        })
        .await
        .map(drop)
    }

    /// Enrols a face under a new user token, and returns that. A key that was used within a day
    /// enrols no second user: its first user token is returned.
    pub(crate) async fn create(
        &self,
        face: Enrolled,
        key: Option<IdempotencyKey>,
    ) -> Result<String, Failure> {
        let user_token = Uuid::new_v4().to_string();
        let network = self.descriptors.network().name;
        self.write(move |connection| {
            // One transaction: of two requests with one key, also in two processes, one enrols.
            let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
            if let Some(key) = &key {
                if let Some(first) = idempotency::find(&transaction, key)? {
                    return Ok(first);
                }
                idempotency::insert(&transaction, key, &user_token)?;
            }
            transaction.execute(
                "INSERT INTO enrollment (user_token, image_token, network, descriptor)
                 VALUES (?1, ?2, ?3, ?4)",
                params![user_token, face.image_token, network, to_bytes(&face.descriptor)],
            )?;
            transaction.commit()?;
            Ok(user_token)
        })
        .await
    }

    /// Returns the user that was enrolled under this key within a day.
    pub(crate) async fn find_repeated(&self, key: IdempotencyKey) -> Result<Option<String>, Failure> {
        self.read(move |connection| idempotency::find(connection, &key)).await
    }

    /// Returns the tokens of all users, the oldest first.
    pub(crate) async fn list(&self) -> Result<Vec<String>, Failure> {
        self.read(|connection| {
            connection
                .prepare("SELECT user_token FROM enrollment ORDER BY rowid")?
                .query_map([], |row| row.get(0))?
                .collect()
        })
        .await
    }

    /// Returns whether a user of this token is enrolled, also where the face cannot be compared.
    pub(crate) async fn contains(&self, user_token: String) -> Result<bool, Failure> {
        self.read(move |connection| {
            connection.query_row(
                "SELECT EXISTS (SELECT 1 FROM enrollment WHERE user_token = ?1)",
                [user_token],
                |row| row.get(0),
            )
        })
        .await
    }

    /// Returns the face of a user, if there is one of this token.
    ///
    /// # Errors
    ///
    /// [`Code::NoFaceBiometricData`] for a face that another network described, or a damaged one.
    pub(crate) async fn find(&self, user_token: String) -> Result<Option<Enrolled>, Failure> {
        type Row = (String, String, Vec<u8>);
        let row: Option<Row> = self
            .read(move |connection| {
                connection
                    .query_row(
                        "SELECT image_token, network, descriptor FROM enrollment WHERE user_token = ?1",
                        [user_token],
                        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                    )
                    .optional()
            })
            .await?;
        row.map(|(image_token, network, bytes)| {
            Ok(Enrolled { image_token, descriptor: self.descriptors.read(&network, &bytes)? })
        })
        .transpose()
    }

    /// Replaces the face of a user; returns `false` if there is none of this token.
    pub(crate) async fn update(&self, user_token: String, face: Enrolled) -> Result<bool, Failure> {
        let network = self.descriptors.network().name;
        self.write(move |connection| {
            let changed = connection.execute(
                "UPDATE enrollment
                 SET image_token = ?2, network = ?3, descriptor = ?4, updated_at = unixepoch()
                 WHERE user_token = ?1",
                params![user_token, face.image_token, network, to_bytes(&face.descriptor)],
            )?;
            checkpoint_wal(connection)?;
            Ok(changed > 0)
        })
        .await
    }

    /// Deletes a user; returns `false` if there is none of this token.
    pub(crate) async fn delete(&self, user_token: String) -> Result<bool, Failure> {
        self.write(move |connection| {
            let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
            let changed =
                transaction.execute("DELETE FROM enrollment WHERE user_token = ?1", [&user_token])?;
            idempotency::forget(&transaction, &user_token)?;
            transaction.commit()?;
            checkpoint_wal(connection)?;
            Ok(changed > 0)
        })
        .await
    }

    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        self.run(&self.reader, query).await
    }

    async fn write<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        self.run(&self.writer, query).await
    }

    /// Runs a query off the threads that serve the network.
    async fn run<T: Send + 'static>(
        &self,
        connection: &Arc<Mutex<Connection>>,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let connection = Arc::clone(connection);
        tokio::task::spawn_blocking(move || query(&connection.lock().unwrap_or_else(PoisonError::into_inner)))
            .await
            .map_err(|_| Code::ServerError)?
            .map_err(|error| {
                tracing::error!(%error, "the data file failed");
                self.metrics.add_store_error();
                Code::ServerError.into()
            })
    }
}

/// Migrates the tables and sets the connection up.
fn prepare(connection: &Connection) -> Result<(), String> {
    let set_up = || {
        connection.busy_timeout(LOCK_TIMEOUT)?;
        connection.pragma_update(None, "secure_delete", true)
    };
    let make_durable = |has_moved_rows| {
        if has_moved_rows {
            checkpoint_wal(connection)?;
        }
        // A response is sent only after its enrolment is on the disk; readers do not wait for writers.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")
    };
    set_up().map_err(|error| error.to_string())?;
    // Before there is a write-ahead log, so that the header of a new file is marked from the start.
    let has_moved_rows = migrate(connection)?;
    make_durable(has_moved_rows).map_err(|error| error.to_string())
}

/// Opens a second connection to a file, which cannot write.
fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(LOCK_TIMEOUT)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Removes overwritten data from the write-ahead log too, unless another process reads from it.
fn checkpoint_wal(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}
