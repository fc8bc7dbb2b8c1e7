//! Enrolled users in SQLite: a token, the descriptor of a face, and when. Never a photo.
//!
//! A descriptor is biometric data: the file is readable by its owner only, and what is deleted is
//! overwritten.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use perse_protocol::Code;
use perse_vision::Descriptor;
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::error::{Failure, StartError};

/// The form of the tables that this version reads and writes.
const VERSION: i64 = 1;

const TABLES: &str = "
    CREATE TABLE enrollment (
        user_token  TEXT    NOT NULL UNIQUE,
        image_token TEXT    NOT NULL,
        descriptor  BLOB    NOT NULL CHECK (length(descriptor) = 512),
        created_at  INTEGER NOT NULL DEFAULT (unixepoch()),
        updated_at  INTEGER NOT NULL DEFAULT (unixepoch())
    ) STRICT;
";

/// A user's face as it was enrolled.
pub(crate) struct Enrolled {
    /// The unique id of the photo that it was taken from.
    pub(crate) image_token: String,
    /// The face.
    pub(crate) descriptor: Descriptor,
}

/// The enrolments. Clones are the same store.
#[derive(Clone)]
pub(crate) struct Store {
    connection: Arc<Mutex<Connection>>,
}

impl Store {
    /// Opens the file, or makes it; without one, keeps everything in memory.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, StartError> {
        let failed = |reason: String| StartError::Store { path: path.map(Path::to_owned), reason };
        let connection = match path {
            Some(path) => {
                own_file(path).map_err(|error| failed(error.to_string()))?;
                Connection::open(path)
            }
            None => Connection::open_in_memory(),
        };
        let connection = connection.map_err(|error| failed(error.to_string()))?;
        prepare(&connection).map_err(failed)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Enrols a face under a new user token.
    pub(crate) async fn create(&self, face: Enrolled) -> Result<String, Failure> {
        let user_token = Uuid::new_v4().to_string();
        self.with(move |connection| {
            connection.execute(
                "INSERT INTO enrollment (user_token, image_token, descriptor) VALUES (?1, ?2, ?3)",
                params![user_token, face.image_token, bytes_of(&face.descriptor)],
            )?;
            Ok(user_token)
        })
        .await
    }

    /// The tokens of all users, the oldest first.
    pub(crate) async fn list(&self) -> Result<Vec<String>, Failure> {
        self.with(|connection| {
            connection
                .prepare("SELECT user_token FROM enrollment ORDER BY rowid")?
                .query_map([], |row| row.get(0))?
                .collect()
        })
        .await
    }

    /// The face of a user, if there is one of that token.
    pub(crate) async fn find(&self, user_token: String) -> Result<Option<Enrolled>, Failure> {
        self.with(move |connection| {
            connection
                .query_row(
                    "SELECT image_token, descriptor FROM enrollment WHERE user_token = ?1",
                    [user_token],
                    |row| Ok(Enrolled { image_token: row.get(0)?, descriptor: descriptor_of(row.get(1)?) }),
                )
                .optional()
        })
        .await
    }

    /// Replaces the face of a user; `false` if there is none of that token.
    pub(crate) async fn update(&self, user_token: String, face: Enrolled) -> Result<bool, Failure> {
        self.with(move |connection| {
            let changed = connection.execute(
                "UPDATE enrollment SET image_token = ?2, descriptor = ?3, updated_at = unixepoch()
                 WHERE user_token = ?1",
                params![user_token, face.image_token, bytes_of(&face.descriptor)],
            )?;
            forget(connection)?;
            Ok(changed > 0)
        })
        .await
    }

    /// Deletes a user; `false` if there is none of that token.
    pub(crate) async fn delete(&self, user_token: String) -> Result<bool, Failure> {
        self.with(move |connection| {
            let changed = connection.execute("DELETE FROM enrollment WHERE user_token = ?1", [user_token])?;
            forget(connection)?;
            Ok(changed > 0)
        })
        .await
    }

    /// Does something with the database, off the threads that answer the network.
    async fn with<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let connection = Arc::clone(&self.connection);
        tokio::task::spawn_blocking(move || query(&connection.lock().unwrap_or_else(PoisonError::into_inner)))
            .await
            .map_err(|_| Code::ServerError)?
            .map_err(|error| {
                tracing::error!(%error, "the data file failed");
                Code::ServerError.into()
            })
    }
}

/// Makes a new file the owner's alone before SQLite writes to it.
fn own_file(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Sets the connection up and makes the tables of a new file.
fn prepare(connection: &Connection) -> Result<(), String> {
    let said = |error: rusqlite::Error| error.to_string();
    connection.busy_timeout(Duration::from_secs(5)).map_err(said)?;
    // An answer is only given once its enrolment is on the disk; readers do not wait for writers.
    connection.pragma_update(None, "journal_mode", "WAL").map_err(said)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(said)?;
    connection.pragma_update(None, "secure_delete", true).map_err(said)?;
    match connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).map_err(said)? {
        0 => connection
            .execute_batch(&format!("BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;"))
            .map_err(said),
        VERSION => Ok(()),
        other => Err(format!("its tables are of version {other}, and this server knows version {VERSION}")),
    }
}

/// Takes what was overwritten out of the write-ahead log too, unless another process reads from it.
fn forget(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

fn bytes_of(descriptor: &Descriptor) -> Vec<u8> {
    descriptor.as_array().iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn descriptor_of(bytes: [u8; 512]) -> Descriptor {
    let (values, _) = bytes.as_chunks::<4>();
    Descriptor::from_array(std::array::from_fn(|i| values.get(i).copied().map_or(0.0, f32::from_le_bytes)))
}

#[cfg(test)]
mod tests {
    use perse_vision::Descriptor;

    use super::{Enrolled, Store, bytes_of, descriptor_of};
    use crate::error::StartError;

    fn face(seed: f32) -> Enrolled {
        let values = std::array::from_fn(|i| seed + i as f32 / 128.0);
        Enrolled { image_token: format!("image {seed}"), descriptor: Descriptor::from_array(values) }
    }

    fn folder(name: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("perse-sandbox-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_descriptor_comes_back_bit_by_bit() {
        let descriptor = face(-0.3).descriptor;
        assert_eq!(descriptor_of(bytes_of(&descriptor).try_into().unwrap()), descriptor);
    }

    #[tokio::test]
    async fn enrols_lists_finds_updates_and_deletes() {
        let store = Store::open(None).unwrap();
        assert!(store.list().await.unwrap().is_empty());
        let (one, other) = (store.create(face(0.1)).await.unwrap(), store.create(face(0.2)).await.unwrap());
        assert_eq!(store.list().await.unwrap(), [one.clone(), other.clone()]);
        assert_eq!(store.find(one.clone()).await.unwrap().unwrap().descriptor, face(0.1).descriptor);
        assert!(store.update(one.clone(), face(0.3)).await.unwrap());
        let found = store.find(one.clone()).await.unwrap().unwrap();
        assert_eq!((found.descriptor, found.image_token), (face(0.3).descriptor, "image 0.3".to_owned()));
        assert!(store.delete(one.clone()).await.unwrap());
        assert!(!store.delete(one.clone()).await.unwrap());
        assert!(!store.update(one.clone(), face(0.4)).await.unwrap());
        assert!(store.find(one).await.unwrap().is_none());
        assert_eq!(store.list().await.unwrap(), [other]);
    }

    #[tokio::test]
    async fn what_is_deleted_leaves_no_trace_in_the_files() {
        let folder = folder("forget");
        let path = folder.join("users.sqlite");
        let store = Store::open(Some(&path)).unwrap();
        let token = store.create(face(0.7)).await.unwrap();
        let trace = bytes_of(&face(0.7).descriptor);
        let holds_trace = || {
            std::fs::read_dir(&folder).unwrap().any(|file| {
                let bytes = std::fs::read(file.unwrap().path()).unwrap();
                bytes.windows(trace.len()).any(|window| window == trace)
            })
        };
        assert!(holds_trace());
        store.delete(token).await.unwrap();
        assert!(!holds_trace());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder("mode");
        let path = folder.join("users.sqlite");
        let _store = Store::open(Some(&path)).unwrap();
        for file in std::fs::read_dir(&folder).unwrap() {
            let file = file.unwrap();
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", file.file_name());
        }
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_file_that_is_not_ours_is_refused() {
        let folder = folder("refuse");
        let text = folder.join("notes.txt");
        std::fs::write(&text, "not a database, but long enough to look like one".repeat(100)).unwrap();
        let newer = folder.join("newer.sqlite");
        let connection = rusqlite::Connection::open(&newer).unwrap();
        connection.pragma_update(None, "user_version", 9).unwrap();
        for path in [text, newer, folder.join("missing").join("users.sqlite"), folder.clone()] {
            let error = Store::open(Some(&path)).err().unwrap();
            assert!(matches!(error, StartError::Store { .. }));
            assert!(error.to_string().contains(&path.display().to_string()), "{error}");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
