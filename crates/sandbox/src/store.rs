//! Enrolled users in SQLite: a token, the descriptor of a face, and when. Never a photo.
//!
//! A descriptor is biometric data: the file is readable by its owner only, and what is deleted is
//! overwritten. A file that is another program's, or a newer version's, is refused as it is.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use perse_protocol::Code;
use perse_vision::Descriptor;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, config::DbConfig, params};
use uuid::Uuid;

use crate::error::{Failure, StartError};

/// The form of the tables that this version reads and writes.
const VERSION: i32 = 1;
/// SQLite's `application_id` of this server's files: "PSbx".
const APPLICATION: i32 = i32::from_be_bytes(*b"PSbx");

/// Files from before the mark are known by this text: SQLite keeps it as it is written here.
const TABLES: &str = "CREATE TABLE enrollment (
        user_token  TEXT    NOT NULL UNIQUE,
        image_token TEXT    NOT NULL,
        descriptor  BLOB    NOT NULL CHECK (length(descriptor) = 512),
        created_at  INTEGER NOT NULL DEFAULT (unixepoch()),
        updated_at  INTEGER NOT NULL DEFAULT (unixepoch())
    ) STRICT";

const NO_DATABASE: &str = "it is not a SQLite database; it was left as it is";
const FOREIGN: &str = "it is another program's database; it was left as it is";

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
            Some(path) => open_file(path),
            None => Connection::open_in_memory().map_err(said),
        };
        let connection = connection.map_err(failed)?;
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

/// Opens the file, or makes it, if it is this server's or nobody's yet, and makes it its owner's alone.
fn open_file(path: &Path) -> Result<Connection, String> {
    look_at(path)?;
    make_file(path).map_err(said)?;
    let connection = Connection::open(path).map_err(said)?;
    // What another program's log holds is not written into its file when this connection is closed.
    let leave_log =
        |on| connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on).map_err(said);
    leave_log(true)?;
    // One transaction, so that all is of one moment.
    recognise(&transaction(&connection, TransactionBehavior::Deferred)?)?;
    leave_log(false)?;
    own_files(path).map_err(said)?;
    Ok(connection)
}

/// Refuses a file by its first bytes, without SQLite, which would write to some that it only reads
/// (<https://www.sqlite.org/fileformat.html>).
fn look_at(path: &Path) -> Result<(), String> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(said(error)),
    };
    let mut head = Vec::new();
    file.by_ref().take(108).read_to_end(&mut head).map_err(said)?;
    if head.is_empty() {
        return Ok(());
    }
    let head: [u8; 108] = head.try_into().map_err(|_| NO_DATABASE)?;
    if !head.starts_with(b"SQLite format 3\0") {
        return Err(NO_DATABASE.to_owned());
    }
    let number =
        |at: usize| head.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |&b| i32::from_be_bytes(b));
    // The first page is that of the tables' names: a leaf without cells has none.
    let is_empty = head.get(100) == Some(&13) && head.get(103..105) == Some(&[0, 0]);
    match (number(68), number(60)) {
        (APPLICATION, VERSION) | (0, VERSION) => Ok(()),
        (APPLICATION, other) => Err(unknown_version(other)),
        (0, 0) if is_empty => Ok(()),
        _ => Err(FOREIGN.to_owned()),
    }
}

/// What a database is to this server.
enum Content {
    /// Nobody's: there is nothing in it.
    Nothing,
    /// This server's own tables, from before it marked them with its id.
    Unmarked,
    /// This server's own.
    Own,
}

/// Tells what is in a database, and refuses what is not this server's, without writing to it. Unlike
/// the first bytes, this also knows what still is in a write-ahead log.
fn recognise(connection: &Transaction<'_>) -> Result<Content, String> {
    let number = |of| connection.query_row(of, [], |row| row.get::<_, i32>(0)).map_err(said);
    let application = number("PRAGMA application_id")?;
    let version = number("PRAGMA user_version")?;
    match (application, version) {
        (APPLICATION, VERSION) => Ok(Content::Own),
        (APPLICATION, other) => Err(unknown_version(other)),
        (0, 0) if tables(connection)?.is_empty() => Ok(Content::Nothing),
        (0, VERSION) if tables(connection)? == [TABLES] => Ok(Content::Unmarked),
        _ => Err(FOREIGN.to_owned()),
    }
}

/// Everything that was made in a database, as it was written.
fn tables(connection: &Connection) -> Result<Vec<String>, String> {
    let tables = || {
        connection
            .prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()
    };
    tables().map_err(said)
}

fn unknown_version(version: i32) -> String {
    format!(
        "its tables are of version {version}, and this server knows version {VERSION}; it was left as it is"
    )
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Makes a new file the owner's alone before SQLite writes to it.
fn make_file(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Makes a file that is there already, and what SQLite keeps beside it, the owner's alone.
#[cfg(unix)]
fn own_files(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match fs::metadata(&name) {
            Ok(file) if file.permissions().mode() & 0o077 == 0 => {}
            Ok(_) => fs::set_permissions(&name, fs::Permissions::from_mode(0o600))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn own_files(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Makes the tables of a new database and sets the connection up.
fn prepare(connection: &Connection) -> Result<(), String> {
    connection.busy_timeout(Duration::from_secs(5)).map_err(said)?;
    connection.pragma_update(None, "secure_delete", true).map_err(said)?;
    // Made before there is a write-ahead log, so that the file itself says from the start whose it is.
    make_tables(connection)?;
    // An answer is only given once its enrolment is on the disk; readers do not wait for writers.
    connection.pragma_update(None, "journal_mode", "WAL").map_err(said)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(said)
}

/// Makes and marks the tables, if that is not done yet.
fn make_tables(connection: &Connection) -> Result<(), String> {
    let transaction = transaction(connection, TransactionBehavior::Immediate)?;
    match recognise(&transaction)? {
        Content::Own => return Ok(()),
        Content::Unmarked => {}
        Content::Nothing => transaction.execute_batch(TABLES).map_err(said)?,
    }
    transaction.pragma_update(None, "user_version", VERSION).map_err(said)?;
    transaction.pragma_update(None, "application_id", APPLICATION).map_err(said)?;
    transaction.commit().map_err(said)
}

/// One that is rolled back unless it is committed.
fn transaction(connection: &Connection, behavior: TransactionBehavior) -> Result<Transaction<'_>, String> {
    Transaction::new_unchecked(connection, behavior).map_err(said)
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
    use std::{
        collections::BTreeMap,
        path::{Path, PathBuf},
    };

    use perse_vision::Descriptor;
    use rusqlite::Connection;

    use super::{
        APPLICATION, Enrolled, FOREIGN, NO_DATABASE, Store, bytes_of, descriptor_of, make_tables, open_file,
    };
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

    /// Every file of a folder, with its bytes and, where there is one, its mode.
    fn files(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, u32)> {
        let mode = |path: &Path| {
            #[cfg(unix)]
            return std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions()) & 0o777;
            #[cfg(not(unix))]
            return 0;
        };
        let paths = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        paths.map(|path| (path.clone(), (std::fs::read(&path).unwrap(), mode(&path)))).collect()
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_file_is_its_owners_alone() {
        use std::{fs::Permissions, os::unix::fs::PermissionsExt};
        let folder = folder("mode");
        let path = folder.join("users.sqlite");
        let is_private = || files(&folder).values().all(|(_, mode)| *mode == 0o600);
        let store = Store::open(Some(&path)).unwrap();
        let token = store.create(face(0.6)).await.unwrap();
        assert!(is_private());
        // As after a crash: the log is still there, and the next start takes it over.
        let copy = |from: &str, to: &str| {
            std::fs::copy(folder.join(from), folder.join(to)).unwrap();
            std::fs::set_permissions(folder.join(to), Permissions::from_mode(0o644)).unwrap();
        };
        copy("users.sqlite", "copy.sqlite");
        copy("users.sqlite-wal", "copy.sqlite-wal");
        drop(store);
        std::fs::write(folder.join("empty.sqlite"), "").unwrap();
        std::fs::set_permissions(folder.join("empty.sqlite"), Permissions::from_mode(0o644)).unwrap();
        assert!(!is_private());
        let copied = Store::open(Some(&folder.join("copy.sqlite"))).unwrap();
        assert_eq!(copied.list().await.unwrap(), [token]);
        let filled = Store::open(Some(&folder.join("empty.sqlite"))).unwrap();
        filled.create(face(0.6)).await.unwrap();
        assert!(folder.join("copy.sqlite-wal").exists() && folder.join("empty.sqlite-wal").exists());
        assert!(is_private(), "{:?}", files(&folder).values().map(|(_, mode)| mode).collect::<Vec<_>>());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_file_is_found_again_also_one_from_before_it_was_marked() {
        let folder = folder("again");
        let path = folder.join("users.sqlite");
        let tokens = [Store::open(Some(&path)).unwrap().create(face(0.5)).await.unwrap()];
        let number = |of: &str| {
            let connection = Connection::open(&path).unwrap();
            connection.query_row(of, [], |row| row.get::<_, i32>(0)).unwrap()
        };
        for mark in [APPLICATION, 0] {
            Connection::open(&path).unwrap().pragma_update(None, "application_id", mark).unwrap();
            let store = Store::open(Some(&path)).unwrap();
            assert_eq!(store.list().await.unwrap(), tokens);
            drop(store);
            assert_eq!((number("PRAGMA application_id"), number("PRAGMA user_version")), (APPLICATION, 1));
        }
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn two_servers_that_start_at_once_share_a_new_file() {
        let folder = folder("race");
        let path = folder.join("users.sqlite");
        // Both have seen that the file is new before either writes to it.
        let both = [open_file(&path).unwrap(), open_file(&path).unwrap()];
        for connection in &both {
            make_tables(connection).unwrap();
        }
        drop(both);
        Store::open(Some(&path)).unwrap();
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_file_that_is_not_ours_is_refused_and_left_as_it_is() {
        let folder = folder("refuse");
        let made = |name: &str, content: &str| {
            let path = folder.join(name);
            Connection::open(&path).unwrap().execute_batch(content).unwrap();
            path
        };
        let text = folder.join("notes.txt");
        std::fs::write(&text, "not a database, but long enough to look like one".repeat(100)).unwrap();
        let short = folder.join("short.txt");
        std::fs::write(&short, "x").unwrap();
        let newer =
            format!("PRAGMA application_id = {APPLICATION}; PRAGMA user_version = 2; CREATE TABLE later (x)");
        // Another program's that is open, or was not closed: its tables are in the log alone.
        let open = folder.join("open.sqlite");
        let connection = Connection::open(&open).unwrap();
        connection.pragma_update(None, "journal_mode", "WAL").unwrap();
        connection.execute_batch("CREATE TABLE note (text)").unwrap();
        let crashed = folder.join("crashed.sqlite");
        std::fs::copy(&open, &crashed).unwrap();
        std::fs::copy(folder.join("open.sqlite-wal"), folder.join("crashed.sqlite-wal")).unwrap();
        let cases = [
            (text, NO_DATABASE),
            (short, NO_DATABASE),
            (made("newer.sqlite", &newer), "version 2"),
            (made("unversioned.sqlite", "CREATE TABLE note (text)"), FOREIGN),
            (made("versioned.sqlite", "CREATE TABLE note (text); PRAGMA user_version = 1"), FOREIGN),
            (made("later.sqlite", "CREATE TABLE note (text); PRAGMA user_version = 9"), FOREIGN),
            (made("marked.sqlite", "PRAGMA application_id = 7"), FOREIGN),
            (made("log.sqlite", "PRAGMA journal_mode = WAL; CREATE TABLE note (text)"), FOREIGN),
            (made("like.sqlite", "CREATE TABLE enrollment (user_token); PRAGMA user_version = 1"), FOREIGN),
            (open, FOREIGN),
            (crashed, FOREIGN),
        ];
        #[cfg(unix)]
        for (path, _) in &cases {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
            std::fs::set_permissions(path, mode).unwrap();
        }
        let content = || {
            let mut files = files(&folder);
            // What processes tell each other about the log, and no content.
            files.retain(|path, _| path.extension() != Some("sqlite-shm".as_ref()));
            files
        };
        let before = content();
        for (path, reason) in cases {
            let error = Store::open(Some(&path)).err().unwrap();
            assert!(matches!(error, StartError::Store { .. }));
            let error = error.to_string();
            assert!(error.contains(&path.display().to_string()) && error.contains(reason), "{error}");
        }
        assert!(content() == before, "a file was changed");
        drop(connection);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_path_that_is_no_file_is_refused() {
        let folder = folder("no-file");
        for path in [folder.join("missing").join("users.sqlite"), folder.clone()] {
            let error = Store::open(Some(&path)).err().unwrap();
            assert!(matches!(error, StartError::Store { .. }));
            assert!(error.to_string().contains(&path.display().to_string()), "{error}");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
