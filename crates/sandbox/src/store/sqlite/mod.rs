//! SQLite: one durable file, which several processes of one machine may share, or memory.
//!
//! A descriptor is biometric data: the file is readable by its owner only, and what is deleted is
//! overwritten. A file that is another program's, or a newer version's, is refused as it is.

mod file;
mod migrations;
#[cfg(test)]
mod tests;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use self::{file::open_file, migrations::migrate};
use super::{
    Account, IdempotencyKey,
    database::{Database, DatabaseError, FaceRow, KeyRow, Position, Result, UserRow},
    guess_buckets::GuessBuckets,
    idempotency::LIFETIME_SECONDS,
};

/// Time limit for a statement that waits for another process's lock.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// Connections to one file or one memory.
pub(super) struct Sqlite {
    writer: Arc<Mutex<Connection>>,
    /// A file's readers do not wait for its writers; in memory, both are one connection.
    reader: Arc<Mutex<Connection>>,
    /// Of this process: another one on the same file counts its own.
    guesses: GuessBuckets,
}

impl Sqlite {
    /// Opens or creates the file; without a path, keeps everything in memory.
    pub(super) fn open(path: Option<&Path>) -> std::result::Result<Self, String> {
        let shared = |connection| Arc::new(Mutex::new(connection));
        let guesses = GuessBuckets::default();
        let Some(path) = path else {
            let connection = Connection::open_in_memory().map_err(|error| error.to_string())?;
            prepare(&connection)?;
            let connection = shared(connection);
            return Ok(Self { writer: Arc::clone(&connection), reader: connection, guesses });
        };
        let writer = open_file(path)?;
        prepare(&writer)?;
        let reader = open_reader(path).map_err(|error| error.to_string())?;
        Ok(Self { writer: shared(writer), reader: shared(reader), guesses })
    }

    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        run(&self.reader, query).await
    }

    async fn write<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        run(&self.writer, query).await
    }
}

/// Runs a query off the threads that serve the network.
async fn run<T: Send + 'static>(
    connection: &Arc<Mutex<Connection>>,
    query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
) -> Result<T> {
    let connection = Arc::clone(connection);
    tokio::task::spawn_blocking(move || query(&connection.lock().unwrap_or_else(PoisonError::into_inner)))
        .await
        .map_err(|error| DatabaseError::Failed(error.to_string()))?
        .map_err(|error| match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                DatabaseError::Unavailable(error.to_string())
            }
            _ => DatabaseError::Failed(error.to_string()),
        })
}

#[async_trait]
impl Database for Sqlite {
    async fn check(&self) -> Result<()> {
        self.read(|connection| {
            connection.query_row("SELECT 1 FROM enrollment LIMIT 1", [], |_| Ok(())).optional()
        })
        .await
        .map(drop)
    }

    async fn create(&self, user: UserRow, key: Option<IdempotencyKey>) -> Result<String> {
        self.write(move |connection| {
            // One transaction: of two requests with one key, also in two processes, one enrols.
            let transaction = begin(connection)?;
            if let Some(key) = &key {
                if let Some(first) = find_repeated(&transaction, key)? {
                    return Ok(first);
                }
                transaction.execute(
                    "DELETE FROM idempotency WHERE created_at <= unixepoch() - ?1",
                    [LIFETIME_SECONDS],
                )?;
                transaction.execute(
                    "INSERT INTO idempotency (key, user_token) VALUES (?1, ?2)",
                    params![key.0, user.user_token],
                )?;
            }
            transaction.execute(
                "INSERT INTO enrollment (account, user_token, image_token, network, data_key, descriptor)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    user.account.as_str(),
                    user.user_token,
                    user.face.image_token,
                    user.face.network,
                    user.face.data_key,
                    user.face.descriptor
                ],
            )?;
            transaction.commit()?;
            Ok(user.user_token)
        })
        .await
    }

    async fn find_repeated(&self, key: IdempotencyKey) -> Result<Option<String>> {
        self.read(move |connection| find_repeated(connection, &key)).await
    }

    async fn list(
        &self,
        account: &Account,
        after: Option<Position>,
        limit: Option<u32>,
    ) -> Result<Vec<(Position, String)>> {
        let account = account.clone();
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT rowid, user_token FROM enrollment WHERE account = ?1 AND rowid > ?2
                     ORDER BY rowid LIMIT ?3",
                )?
                .query_map(
                    params![account.as_str(), after.unwrap_or(Position::MIN), limit.map_or(-1, i64::from)],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )?
                .collect()
        })
        .await
    }

    async fn count(&self, account: &Account) -> Result<u64> {
        let account = account.clone();
        self.read(move |connection| {
            connection.query_row(
                "SELECT count(*) FROM enrollment WHERE account = ?1",
                [account.as_str()],
                |row| Ok(row.get::<_, i64>(0)?.try_into().unwrap_or(0)),
            )
        })
        .await
    }

    async fn contains(&self, account: &Account, user_token: &str) -> Result<bool> {
        let (account, user_token) = (account.clone(), user_token.to_owned());
        self.read(move |connection| {
            connection.query_row(
                "SELECT EXISTS (SELECT 1 FROM enrollment WHERE user_token = ?1 AND account = ?2)",
                [user_token.as_str(), account.as_str()],
                |row| row.get(0),
            )
        })
        .await
    }

    async fn find(&self, account: &Account, user_token: &str) -> Result<Option<FaceRow>> {
        let (account, user_token) = (account.clone(), user_token.to_owned());
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT image_token, network, data_key, descriptor FROM enrollment
                     WHERE user_token = ?1 AND account = ?2",
                )?
                .query_row([user_token.as_str(), account.as_str()], |row| face(row, 0))
                .optional()
        })
        .await
    }

    async fn update(&self, user: UserRow) -> Result<bool> {
        self.write(move |connection| {
            let changed = connection.execute(
                "UPDATE enrollment
                 SET image_token = ?3, network = ?4, data_key = ?5, descriptor = ?6, updated_at = unixepoch()
                 WHERE user_token = ?2 AND account = ?1",
                params![
                    user.account.as_str(),
                    user.user_token,
                    user.face.image_token,
                    user.face.network,
                    user.face.data_key,
                    user.face.descriptor
                ],
            )?;
            checkpoint_wal(connection)?;
            Ok(changed > 0)
        })
        .await
    }

    async fn delete(&self, account: &Account, user_token: &str) -> Result<bool> {
        let (account, user_token) = (account.clone(), user_token.to_owned());
        self.write(move |connection| {
            let transaction = begin(connection)?;
            let changed = transaction.execute(
                "DELETE FROM enrollment WHERE user_token = ?1 AND account = ?2",
                [user_token.as_str(), account.as_str()],
            )?;
            if changed > 0 {
                // A repeated request then enrols again.
                transaction.execute("DELETE FROM idempotency WHERE user_token = ?1", [&user_token])?;
            }
            transaction.commit()?;
            checkpoint_wal(connection)?;
            Ok(changed > 0)
        })
        .await
    }

    async fn users(&self, after: Option<Position>, limit: u32) -> Result<Vec<(Position, UserRow)>> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT rowid, account, user_token, image_token, network, data_key, descriptor
                     FROM enrollment WHERE rowid > ?1 ORDER BY rowid LIMIT ?2",
                )?
                .query_map(params![after.unwrap_or(Position::MIN), limit], |row| {
                    let user =
                        UserRow { account: account(row, 1)?, user_token: row.get(2)?, face: face(row, 3)? };
                    Ok((row.get(0)?, user))
                })?
                .collect()
        })
        .await
    }

    async fn reseal(&self, position: Position, from: FaceRow, to: FaceRow) -> Result<bool> {
        self.write(move |connection| {
            let changed = connection.execute(
                "UPDATE enrollment SET data_key = ?2, descriptor = ?3 WHERE rowid = ?1 AND descriptor = ?4",
                params![position, to.data_key, to.descriptor, from.descriptor],
            )?;
            checkpoint_wal(connection)?;
            Ok(changed > 0)
        })
        .await
    }

    async fn add_key(&self, id: &str, account: &Account, hash: [u8; 32]) -> Result<()> {
        let (id, account) = (id.to_owned(), account.clone());
        self.write(move |connection| {
            connection
                .execute(
                    "INSERT INTO private_key (id, account, hash) VALUES (?1, ?2, ?3)",
                    params![id, account.as_str(), hash],
                )
                .map(drop)
        })
        .await
    }

    async fn keys(&self) -> Result<Vec<KeyRow>> {
        self.read(|connection| {
            connection
                .prepare(
                    "SELECT id, account, created_at, revoked_at IS NOT NULL FROM private_key ORDER BY rowid",
                )?
                .query_map([], |row| {
                    Ok(KeyRow {
                        id: row.get(0)?,
                        account: account(row, 1)?,
                        created_at: row.get(2)?,
                        is_revoked: row.get(3)?,
                    })
                })?
                .collect()
        })
        .await
    }

    async fn revoke_key(&self, id: &str) -> Result<bool> {
        let id = id.to_owned();
        self.write(move |connection| {
            let changed = connection.execute(
                "UPDATE private_key SET revoked_at = unixepoch() WHERE id = ?1 AND revoked_at IS NULL",
                [id],
            )?;
            Ok(changed > 0)
        })
        .await
    }

    async fn account_of_key(&self, hash: [u8; 32]) -> Result<Option<Account>> {
        self.read(move |connection| {
            connection
                .query_row(
                    "SELECT account FROM private_key WHERE hash = ?1 AND revoked_at IS NULL",
                    [hash],
                    |row| account(row, 0),
                )
                .optional()
        })
        .await
    }

    async fn take_guess(&self, network: &str, count: f64) -> Result<Duration> {
        Ok(self.guesses.take(network, count, Instant::now()))
    }
}

fn begin(connection: &Connection) -> rusqlite::Result<Transaction<'_>> {
    Transaction::new_unchecked(connection, TransactionBehavior::Immediate)
}

fn find_repeated(connection: &Connection, key: &IdempotencyKey) -> rusqlite::Result<Option<String>> {
    connection
        .query_row(
            "SELECT user_token FROM idempotency WHERE key = ?1 AND created_at > unixepoch() - ?2",
            params![key.0, LIFETIME_SECONDS],
            |row| row.get(0),
        )
        .optional()
}

/// Reads a face from this column on.
fn face(row: &Row<'_>, first: usize) -> rusqlite::Result<FaceRow> {
    Ok(FaceRow {
        image_token: row.get(first)?,
        network: row.get(first + 1)?,
        data_key: row.get(first + 2)?,
        descriptor: row.get(first + 3)?,
    })
}

fn account(row: &Row<'_>, column: usize) -> rusqlite::Result<Account> {
    row.get::<_, String>(column)?.parse().map_err(|error: &str| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error.into())
    })
}

/// Migrates the tables and sets the connection up.
fn prepare(connection: &Connection) -> std::result::Result<(), String> {
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
