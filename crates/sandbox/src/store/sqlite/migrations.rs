//! The versions of the data file's tables, and how one becomes the next.
//!
//! A version is never edited once it was released: append a new one. Each runs inside one transaction,
//! so that a file is of one version, whenever the process ends.

use rusqlite::{Connection, Transaction, TransactionBehavior};

/// SQLite's `application_id` of this server's files: "PSbx".
pub(super) const APPLICATION: i32 = i32::from_be_bytes(*b"PSbx");

/// The SQL of each version, the first at index 0.
const MIGRATIONS: &[&str] = &[ENROLLMENT, ENROLLMENT_WITH_NETWORK, IDEMPOTENCY, ACCOUNTS];

/// The version that this server reads and writes.
pub(super) const VERSION: i32 = MIGRATIONS.len() as i32;

/// Files of version 1 without `application_id` are recognised by this text, which SQLite keeps as it
/// is written here.
const ENROLLMENT: &str = "CREATE TABLE enrollment (
        user_token  TEXT    NOT NULL UNIQUE,
        image_token TEXT    NOT NULL,
        descriptor  BLOB    NOT NULL CHECK (length(descriptor) = 512),
        created_at  INTEGER NOT NULL DEFAULT (unixepoch()),
        updated_at  INTEGER NOT NULL DEFAULT (unixepoch())
    ) STRICT";

/// Adds the name of the network that computed a descriptor, and lets a descriptor have any length.
///
/// SQLite cannot drop a CHECK constraint, so the rows move to a new table. They keep their `rowid`,
/// which is the order of the list.
const ENROLLMENT_WITH_NETWORK: &str = "CREATE TABLE enrollment_2 (
        user_token  TEXT    NOT NULL UNIQUE,
        image_token TEXT    NOT NULL,
        network     TEXT    NOT NULL,
        descriptor  BLOB    NOT NULL,
        created_at  INTEGER NOT NULL DEFAULT (unixepoch()),
        updated_at  INTEGER NOT NULL DEFAULT (unixepoch())
    ) STRICT;
    INSERT INTO enrollment_2 (rowid, user_token, image_token, network, descriptor, created_at, updated_at)
        SELECT rowid, user_token, image_token, 'face_recognition', descriptor, created_at, updated_at
        FROM enrollment;
    DROP TABLE enrollment;
    ALTER TABLE enrollment_2 RENAME TO enrollment";

/// Adds the keys of enrolments that may be sent twice, as hashes.
const IDEMPOTENCY: &str = "CREATE TABLE idempotency (
        key        BLOB    NOT NULL PRIMARY KEY CHECK (length(key) = 32),
        user_token TEXT    NOT NULL,
        created_at INTEGER NOT NULL DEFAULT (unixepoch())
    ) STRICT, WITHOUT ROWID";

/// Adds accounts, their private keys, and which data key sealed a descriptor.
const ACCOUNTS: &str = "ALTER TABLE enrollment ADD COLUMN account TEXT NOT NULL DEFAULT 'default';
    ALTER TABLE enrollment ADD COLUMN data_key BLOB;
    CREATE INDEX enrollment_account ON enrollment (account);
    CREATE INDEX idempotency_created_at ON idempotency (created_at);
    CREATE INDEX idempotency_user_token ON idempotency (user_token);
    CREATE TABLE private_key (
        id         TEXT    NOT NULL UNIQUE,
        account    TEXT    NOT NULL,
        hash       BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
        created_at INTEGER NOT NULL DEFAULT (unixepoch()),
        revoked_at INTEGER
    ) STRICT";

const FOREIGN: &str = "it is another program's database; it was left as it is";

/// Checks the version marks of a file; `is_empty`: the file has no tables.
pub(super) fn check_marks(application: i32, version: i32, is_empty: bool) -> Result<(), String> {
    match (application, version) {
        (APPLICATION, 1..=VERSION) | (0, 1) => Ok(()),
        (APPLICATION, other) => Err(unknown_version(other)),
        (0, 0) if is_empty => Ok(()),
        _ => Err(FOREIGN.to_owned()),
    }
}

/// Returns the version of a database, 0 for an empty one. Refuses a database that is not this
/// server's, without writing to it.
pub(super) fn identify(connection: &Transaction<'_>) -> Result<i32, String> {
    let number = |pragma| {
        connection.query_row(pragma, [], |row| row.get::<_, i32>(0)).map_err(|error| error.to_string())
    };
    let application = number("PRAGMA application_id")?;
    let version = number("PRAGMA user_version")?;
    let tables = tables(connection)?;
    check_marks(application, version, tables.is_empty())?;
    if application == 0 && version == 1 && tables != [ENROLLMENT] {
        return Err(FOREIGN.to_owned());
    }
    Ok(version)
}

/// Brings a database to [`VERSION`] and marks it as this server's. Returns whether it was of an earlier
/// version.
pub(super) fn migrate(connection: &Connection) -> Result<bool, String> {
    let run = |transaction: &Transaction<'_>, pending: &[&str]| {
        for sql in pending {
            transaction.execute_batch(sql)?;
        }
        transaction.pragma_update(None, "user_version", VERSION)?;
        transaction.pragma_update(None, "application_id", APPLICATION)
    };
    let transaction = transaction(connection, TransactionBehavior::Immediate)?;
    let version = identify(&transaction)?;
    let pending = usize::try_from(version).ok().and_then(|done| MIGRATIONS.get(done..)).unwrap_or_default();
    run(&transaction, pending).and_then(|()| transaction.commit()).map_err(|error| error.to_string())?;
    Ok((1..VERSION).contains(&version))
}

/// Begins a transaction that is rolled back unless it is committed.
pub(super) fn transaction(
    connection: &Connection,
    behavior: TransactionBehavior,
) -> Result<Transaction<'_>, String> {
    Transaction::new_unchecked(connection, behavior).map_err(|error| error.to_string())
}

/// Returns the SQL of everything in a database, as it was written.
fn tables(connection: &Connection) -> Result<Vec<String>, String> {
    let tables = || {
        connection
            .prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()
    };
    tables().map_err(|error| error.to_string())
}

fn unknown_version(version: i32) -> String {
    format!(
        "its tables are of version {version}, and this server knows versions 1 to {VERSION}; it was left as it is"
    )
}
