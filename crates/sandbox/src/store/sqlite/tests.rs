//! The files that SQLite opens and refuses, and what it leaves in them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use perse_protocol::Code;
use rusqlite::{Connection, params};

use super::{
    file::open_file,
    migrations::{APPLICATION, VERSION, migrate},
};
use crate::{
    config::Data,
    error::StartError,
    store::{
        Account, Enrolled, Network, Store,
        descriptor::to_bytes,
        tests::{NETWORK, face, folder, open},
    },
};

const LATER_NETWORK: Network = Network { name: "a_later_one", descriptor_len: 512 };
const NO_DATABASE: &str = "not a SQLite database";
const FOREIGN: &str = "another program's database";

async fn open_file_of(path: &Path, network: Network) -> Result<Store, StartError> {
    open(Some(Data::File(path.to_owned())), network).await
}

async fn users(store: &Store) -> Vec<String> {
    store.list(&Account::default(), None, None).await.unwrap().user_tokens
}

#[tokio::test]
async fn what_is_deleted_leaves_no_trace_in_the_files() {
    let folder = folder("forget");
    let path = folder.join("users.sqlite");
    let store = open_file_of(&path, NETWORK).await.unwrap();
    let token = store.create(&Account::default(), face(0.7), None).await.unwrap();
    let trace = to_bytes(&face(0.7).descriptor);
    let holds_trace = || count_in(&folder, &trace) > 0;
    assert!(holds_trace());
    store.delete(&Account::default(), &token).await.unwrap();
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
    let store = open_file_of(&path, NETWORK).await.unwrap();
    let token = store.create(&Account::default(), face(0.6), None).await.unwrap();
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
    let copied = open_file_of(&folder.join("copy.sqlite"), NETWORK).await.unwrap();
    assert_eq!(users(&copied).await, [token]);
    let filled = open_file_of(&folder.join("empty.sqlite"), NETWORK).await.unwrap();
    filled.create(&Account::default(), face(0.6), None).await.unwrap();
    assert!(folder.join("copy.sqlite-wal").exists() && folder.join("empty.sqlite-wal").exists());
    assert!(is_private(), "{:?}", files(&folder).values().map(|(_, mode)| mode).collect::<Vec<_>>());
    std::fs::remove_dir_all(folder).unwrap();
}

/// The SQL of a file as version 1 of the server wrote it, with users `one` and `two`.
fn version_1(application: i32) -> String {
    format!(
        "PRAGMA journal_mode = WAL;
        CREATE TABLE enrollment (
        user_token  TEXT    NOT NULL UNIQUE,
        image_token TEXT    NOT NULL,
        descriptor  BLOB    NOT NULL CHECK (length(descriptor) = 512),
        created_at  INTEGER NOT NULL DEFAULT (unixepoch()),
        updated_at  INTEGER NOT NULL DEFAULT (unixepoch())
    ) STRICT;
        PRAGMA user_version = 1;
        PRAGMA application_id = {application};"
    )
}

/// Writes that file, with the users in another order than their tokens'.
fn write_version_1(path: &Path, application: i32) {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch(&version_1(application)).unwrap();
    for (token, seed, time) in [("two", 0.2, 1_700_000_000), ("one", 0.1, 1_700_000_001)] {
        connection
            .execute(
                "INSERT INTO enrollment VALUES (?1, ?2, ?3, ?4, ?4)",
                params![token, format!("image {seed}"), to_bytes(&face(seed).descriptor), time],
            )
            .unwrap();
    }
}

#[tokio::test]
async fn a_file_of_version_1_is_migrated_with_all_its_users() {
    let folder = folder("migrate");
    for application in [APPLICATION, 0] {
        let path = folder.join(format!("{application}.sqlite"));
        write_version_1(&path, application);
        // Twice: what is migrated is opened as any other file.
        for _ in 0..2 {
            let store = open_file_of(&path, NETWORK).await.unwrap();
            assert_eq!(users(&store).await, ["two", "one"]);
            let found = store.find(&Account::default(), "one").await.unwrap().unwrap();
            assert_eq!((found.descriptor, found.image_token), (face(0.1).descriptor, "image 0.1".to_owned()));
            let connection = Connection::open(&path).unwrap();
            let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
            assert_eq!(number("PRAGMA application_id"), i64::from(APPLICATION));
            assert_eq!(number("PRAGMA user_version"), i64::from(VERSION));
            assert_eq!(number("SELECT count(*) FROM enrollment WHERE network = 'face_recognition'"), 2);
            assert_eq!(number("SELECT created_at FROM enrollment WHERE user_token = 'two'"), 1_700_000_000);
            assert_eq!(number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_migration_leaves_no_second_copy_of_a_descriptor() {
    let folder = folder("migrate-trace");
    let path = folder.join("users.sqlite");
    write_version_1(&path, APPLICATION);
    let store = open_file_of(&path, NETWORK).await.unwrap();
    let count = count_in(&folder, &to_bytes(&face(0.1).descriptor));
    assert_eq!(count, 1);
    store.delete(&Account::default(), "one").await.unwrap();
    assert_eq!(count_in(&folder, &to_bytes(&face(0.1).descriptor)), 0);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn another_networks_user_is_kept_and_has_to_enrol_again() {
    let folder = folder("network");
    let path = folder.join("users.sqlite");
    write_version_1(&path, APPLICATION);
    let store = open_file_of(&path, LATER_NETWORK).await.unwrap();
    assert_eq!(users(&store).await, ["two", "one"]);
    assert!(store.contains(&Account::default(), "one").await.unwrap());
    let failure = store.find(&Account::default(), "one").await.err().unwrap();
    assert_eq!(failure.code(), Code::NoFaceBiometricData);
    assert!(failure.message().contains("Enrol the user again."), "{failure:?}");

    let again = Enrolled { image_token: "new".into(), descriptor: vec![0.5; 512] };
    assert!(store.update(&Account::default(), "one", again).await.unwrap());
    assert_eq!(store.find(&Account::default(), "one").await.unwrap().unwrap().descriptor, [0.5; 512]);
    // The earlier network's server still reads its own users.
    let earlier = open_file_of(&path, NETWORK).await.unwrap();
    assert!(earlier.find(&Account::default(), "one").await.is_err());
    assert_eq!(
        earlier.find(&Account::default(), "two").await.unwrap().unwrap().descriptor,
        face(0.2).descriptor
    );
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_write_that_waits_for_a_lock_blocks_no_reader() {
    let folder = folder("lock");
    let path = folder.join("users.sqlite");
    let store = open_file_of(&path, NETWORK).await.unwrap();
    let token = store.create(&Account::default(), face(0.5), None).await.unwrap();
    let other_process = Connection::open(&path).unwrap();
    other_process.execute_batch("BEGIN IMMEDIATE").unwrap();
    let writing = tokio::spawn({
        let store = store.clone();
        async move { store.create(&Account::default(), face(0.6), None).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    for _ in 0..10 {
        assert_eq!(users(&store).await, std::slice::from_ref(&token));
        assert!(store.find(&Account::default(), &token).await.unwrap().is_some());
    }
    assert!(!writing.is_finished(), "the write was to wait");
    other_process.execute_batch("COMMIT").unwrap();
    let second = writing.await.unwrap().unwrap();
    assert_eq!(users(&store).await, [token, second]);
    std::fs::remove_dir_all(folder).unwrap();
}

/// Counts how often the bytes stand in the files of a folder.
fn count_in(folder: &Path, bytes: &[u8]) -> usize {
    let contents =
        std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    contents.map(|content| content.windows(bytes.len()).filter(|window| *window == bytes).count()).sum()
}

#[tokio::test]
async fn two_servers_that_start_at_once_share_a_new_file() {
    let folder = folder("race");
    let path = folder.join("users.sqlite");
    // Both have seen that the file is new before either writes to it.
    let both = [open_file(&path).unwrap(), open_file(&path).unwrap()];
    for connection in &both {
        migrate(connection).unwrap();
    }
    drop(both);
    open_file_of(&path, NETWORK).await.unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_file_that_is_not_ours_is_refused_and_left_as_it_is() {
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
        format!("PRAGMA application_id = {APPLICATION}; PRAGMA user_version = 99; CREATE TABLE later (x)");
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
        (made("newer.sqlite", &newer), "version 99"),
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
        // Processes share facts about the log there, and no content.
        files.retain(|path, _| path.extension() != Some("sqlite-shm".as_ref()));
        files
    };
    let before = content();
    for (path, reason) in cases {
        let error = open_file_of(&path, NETWORK).await.err().unwrap();
        assert!(matches!(error, StartError::Store { .. }));
        let error = error.to_string();
        assert!(error.contains(&path.display().to_string()) && error.contains(reason), "{error}");
    }
    assert!(content() == before, "a file was changed");
    drop(connection);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_path_that_is_no_file_is_refused() {
    let folder = folder("no-file");
    for path in [folder.join("missing").join("users.sqlite"), folder.clone()] {
        let error = open_file_of(&path, NETWORK).await.err().unwrap();
        assert!(matches!(error, StartError::Store { .. }));
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
