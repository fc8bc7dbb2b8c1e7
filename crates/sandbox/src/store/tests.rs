//! The store as the handlers use it, and the files that it opens and refuses.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use perse_protocol::Code;
use rusqlite::{Connection, params};

use super::{
    Enrolled, IdempotencyKey, Network, Store,
    descriptor::to_bytes,
    file::open_file,
    migrations::{APPLICATION, VERSION, migrate},
};
use crate::error::StartError;

const NETWORK: Network = Network { name: "face_recognition", descriptor_len: 128 };
const LATER_NETWORK: Network = Network { name: "a_later_one", descriptor_len: 512 };
const NO_DATABASE: &str = "not a SQLite database";
const FOREIGN: &str = "another program's database";

fn face(seed: f32) -> Enrolled {
    let descriptor = (0..128).map(|i| seed + i as f32 / 128.0).collect();
    Enrolled { image_token: format!("image {seed}"), descriptor }
}

fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("perse-sandbox-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[tokio::test]
async fn enrols_lists_finds_updates_and_deletes() {
    let store = Store::open(None, NETWORK, Arc::default()).unwrap();
    assert!(store.list().await.unwrap().is_empty());
    let (one, other) =
        (store.create(face(0.1), None).await.unwrap(), store.create(face(0.2), None).await.unwrap());
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
    let store = Store::open(Some(&path), NETWORK, Arc::default()).unwrap();
    let token = store.create(face(0.7), None).await.unwrap();
    let trace = to_bytes(&face(0.7).descriptor);
    let holds_trace = || count_in(&folder, &trace) > 0;
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
    let store = Store::open(Some(&path), NETWORK, Arc::default()).unwrap();
    let token = store.create(face(0.6), None).await.unwrap();
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
    let copied = Store::open(Some(&folder.join("copy.sqlite")), NETWORK, Arc::default()).unwrap();
    assert_eq!(copied.list().await.unwrap(), [token]);
    let filled = Store::open(Some(&folder.join("empty.sqlite")), NETWORK, Arc::default()).unwrap();
    filled.create(face(0.6), None).await.unwrap();
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
            let store = Store::open(Some(&path), NETWORK, Arc::default()).unwrap();
            assert_eq!(store.list().await.unwrap(), ["two", "one"]);
            let found = store.find("one".into()).await.unwrap().unwrap();
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
    let store = Store::open(Some(&path), NETWORK, Arc::default()).unwrap();
    let count = count_in(&folder, &to_bytes(&face(0.1).descriptor));
    assert_eq!(count, 1);
    store.delete("one".into()).await.unwrap();
    assert_eq!(count_in(&folder, &to_bytes(&face(0.1).descriptor)), 0);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn another_networks_user_is_kept_and_has_to_enrol_again() {
    let folder = folder("network");
    let path = folder.join("users.sqlite");
    write_version_1(&path, APPLICATION);
    let store = Store::open(Some(&path), LATER_NETWORK, Arc::default()).unwrap();
    assert_eq!(store.list().await.unwrap(), ["two", "one"]);
    assert!(store.contains("one".into()).await.unwrap());
    let failure = store.find("one".into()).await.err().unwrap();
    assert_eq!(failure.code(), Code::NoFaceBiometricData);
    assert!(failure.message().contains("Enrol the user again."), "{failure:?}");

    let again = Enrolled { image_token: "new".into(), descriptor: vec![0.5; 512] };
    assert!(store.update("one".into(), again).await.unwrap());
    assert_eq!(store.find("one".into()).await.unwrap().unwrap().descriptor, [0.5; 512]);
    // The earlier network's server still reads its own users.
    let earlier = Store::open(Some(&path), NETWORK, Arc::default()).unwrap();
    assert!(earlier.find("one".into()).await.is_err());
    assert_eq!(earlier.find("two".into()).await.unwrap().unwrap().descriptor, face(0.2).descriptor);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_damaged_descriptor_is_refused_and_can_be_replaced() {
    let folder = folder("damaged");
    let path = folder.join("users.sqlite");
    let store = Store::open(Some(&path), NETWORK, Arc::default()).unwrap();
    let token = store.create(face(0.5), None).await.unwrap();
    let connection = Connection::open(&path).unwrap();
    let mut with_nan = face(0.5).descriptor;
    with_nan[77] = f32::NAN;
    for bytes in [to_bytes(&with_nan), vec![0; 100], vec![0; 511]] {
        connection.execute("UPDATE enrollment SET descriptor = ?1", [bytes]).unwrap();
        assert_eq!(store.find(token.clone()).await.err().unwrap().code(), Code::NoFaceBiometricData);
    }
    assert_eq!(store.descriptors.damaged(), 3);
    assert!(store.contains(token.clone()).await.unwrap());
    assert!(store.update(token.clone(), face(0.6)).await.unwrap());
    assert_eq!(store.find(token).await.unwrap().unwrap().descriptor, face(0.6).descriptor);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_write_that_waits_for_a_lock_blocks_no_reader() {
    let folder = folder("lock");
    let path = folder.join("users.sqlite");
    let store = Store::open(Some(&path), NETWORK, Arc::default()).unwrap();
    let token = store.create(face(0.5), None).await.unwrap();
    let other_process = Connection::open(&path).unwrap();
    other_process.execute_batch("BEGIN IMMEDIATE").unwrap();
    let writing = tokio::spawn({
        let store = store.clone();
        async move { store.create(face(0.6), None).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    for _ in 0..10 {
        assert_eq!(store.list().await.unwrap(), std::slice::from_ref(&token));
        assert!(store.find(token.clone()).await.unwrap().is_some());
    }
    assert!(!writing.is_finished(), "the write was to wait");
    other_process.execute_batch("COMMIT").unwrap();
    let second = writing.await.unwrap().unwrap();
    assert_eq!(store.list().await.unwrap(), [token, second]);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_key_enrols_once_until_it_is_a_day_old_or_its_user_is_deleted() {
    let folder = folder("idempotency");
    let path = folder.join("users.sqlite");
    let store = Store::open(Some(&path), NETWORK, Arc::default()).unwrap();
    let key = |key: &str, credentials: &str| IdempotencyKey::new(key.as_bytes(), credentials.as_bytes());
    let create = |key| store.create(face(0.5), Some(key));
    let first = create(key("a", "token")).await.unwrap();
    assert_eq!(store.find_repeated(key("a", "token")).await.unwrap(), Some(first.clone()));
    assert_eq!(create(key("a", "token")).await.unwrap(), first);
    // Also by another process, and all at once.
    let other = Store::open(Some(&path), NETWORK, Arc::default()).unwrap();
    let racing = key("b", "token");
    let calls = (0..20).map(|number| {
        let (store, key) = (if number % 2 == 0 { store.clone() } else { other.clone() }, racing.clone());
        tokio::spawn(async move { store.create(face(0.6), Some(key)).await.unwrap() })
    });
    let mut tokens = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        tokens.push(call.await.unwrap());
    }
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    assert_eq!(store.list().await.unwrap().len(), 2);

    for other in [key("a", "another"), key("at", "oken"), key("", "atoken")] {
        assert!(store.find_repeated(other).await.unwrap().is_none());
    }
    let connection = Connection::open(&path).unwrap();
    connection.execute("UPDATE idempotency SET created_at = created_at - 86400", []).unwrap();
    let second = create(key("a", "token")).await.unwrap();
    assert_ne!(second, first);
    let keys = || connection.query_row("SELECT count(*) FROM idempotency", [], |row| row.get::<_, u32>(0));
    assert_eq!(keys().unwrap(), 1, "old keys are forgotten");
    assert!(store.delete(second.clone()).await.unwrap());
    assert_eq!(keys().unwrap(), 0);
    assert_ne!(create(key("a", "token")).await.unwrap(), second);
    std::fs::remove_dir_all(folder).unwrap();
}

/// Counts how often the bytes stand in the files of a folder.
fn count_in(folder: &Path, bytes: &[u8]) -> usize {
    let contents =
        std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    contents.map(|content| content.windows(bytes.len()).filter(|window| *window == bytes).count()).sum()
}

#[test]
fn two_servers_that_start_at_once_share_a_new_file() {
    let folder = folder("race");
    let path = folder.join("users.sqlite");
    // Both have seen that the file is new before either writes to it.
    let both = [open_file(&path).unwrap(), open_file(&path).unwrap()];
    for connection in &both {
        migrate(connection).unwrap();
    }
    drop(both);
    Store::open(Some(&path), NETWORK, Arc::default()).unwrap();
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
        let error = Store::open(Some(&path), NETWORK, Arc::default()).err().unwrap();
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
        let error = Store::open(Some(&path), NETWORK, Arc::default()).err().unwrap();
        assert!(matches!(error, StartError::Store { .. }));
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
