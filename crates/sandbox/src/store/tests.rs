//! The store as the handlers use it, on each database: SQLite in memory and in a file, and PostgreSQL where
//! `PERSE_TEST_POSTGRES` is the URL of one in which schemas may be made.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
    sync::Arc,
};

use perse_protocol::Code;
use uuid::Uuid;

use super::{Account, DataKey, Enrolled, IdempotencyKey, Network, Store};
use crate::{
    config::{Config, Data},
    error::StartError,
};

pub(super) const NETWORK: Network = Network { name: "face_recognition", descriptor_len: 128 };
const LATER_NETWORK: Network = Network { name: "a_later_one", descriptor_len: 512 };

pub(super) fn face(seed: f32) -> Enrolled {
    let descriptor = (0..128).map(|i| seed + i as f32 / 128.0).collect();
    Enrolled { image_token: format!("image {seed}"), descriptor }
}

pub(super) fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("perse-sandbox-{name}-{}", Uuid::new_v4()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

pub(super) async fn open(data: Option<Data>, network: Network) -> Result<Store, StartError> {
    let config = Config { data, ..Config::default() };
    Store::open(&config, network, Arc::default()).await
}

/// A place of one kind for a store, empty at first.
pub(super) struct Place {
    data: Option<Data>,
    folder: Option<PathBuf>,
    schema: Option<Schema>,
}

impl Place {
    fn memory() -> Self {
        Self { data: None, folder: None, schema: None }
    }

    fn file() -> Self {
        let folder = folder("store");
        let data = Some(Data::File(folder.join("users.sqlite")));
        Self { data, folder: Some(folder), schema: None }
    }

    async fn postgres() -> Option<Self> {
        let schema = Schema::create().await?;
        Some(Self { data: Some(schema.url.parse().unwrap()), folder: None, schema: Some(schema) })
    }

    async fn open(&self) -> Store {
        open(self.data.clone(), NETWORK).await.unwrap()
    }

    async fn open_with(&self, network: Network, data_keys: &[DataKey]) -> Store {
        let config = Config { data: self.data.clone(), data_keys: data_keys.to_vec(), ..Config::default() };
        Store::open(&config, network, Arc::default()).await.unwrap()
    }

    /// Runs SQL beside the store.
    async fn run(&self, sqlite: &str, postgres: &str) {
        match (&self.data, &self.schema) {
            (_, Some(schema)) => schema.client.batch_execute(postgres).await.unwrap(),
            (Some(Data::File(path)), None) => {
                rusqlite::Connection::open(path).unwrap().execute_batch(sqlite).unwrap();
            }
            _ => panic!("nothing runs beside a store in memory"),
        }
    }

    async fn count(&self, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        match (&self.data, &self.schema) {
            (_, Some(schema)) => schema.client.query_one(&sql, &[]).await.unwrap().get(0),
            (Some(Data::File(path)), None) => {
                rusqlite::Connection::open(path).unwrap().query_row(&sql, [], |row| row.get(0)).unwrap()
            }
            _ => panic!("nothing runs beside a store in memory"),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// A schema of its own in the tests' PostgreSQL.
pub(super) struct Schema {
    pub(super) url: String,
    pub(super) client: tokio_postgres::Client,
}

impl Schema {
    /// `None`, and a note, where there is no PostgreSQL to test with.
    pub(super) async fn create() -> Option<Self> {
        let Ok(url) = std::env::var("PERSE_TEST_POSTGRES") else {
            eprintln!("PERSE_TEST_POSTGRES is not set: tested WITHOUT PostgreSQL");
            return None;
        };
        let name = format!("test_{}", Uuid::new_v4().simple());
        let (admin, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        admin.batch_execute(&format!("CREATE SCHEMA {name}")).await.unwrap();
        let url = format!("{url}?options=-csearch_path%3D{name}");
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        Some(Self { url, client })
    }
}

async fn on_each_store(test: impl AsyncFn(&Place)) {
    test(&Place::memory()).await;
    on_each_durable_store(test).await;
}

async fn on_each_durable_store(test: impl AsyncFn(&Place)) {
    test(&Place::file()).await;
    if let Some(place) = Place::postgres().await {
        test(&place).await;
    }
}

fn shop() -> Account {
    "shop".parse().unwrap()
}

async fn users(store: &Store, account: &Account) -> Vec<String> {
    store.list(account, None, None).await.unwrap().user_tokens
}

#[tokio::test]
async fn enrols_lists_finds_updates_and_deletes() {
    on_each_store(async |place| {
        let (store, account) = (place.open().await, Account::default());
        store.check().await.unwrap();
        assert!(users(&store, &account).await.is_empty());
        let one = store.create(&account, face(0.1), None).await.unwrap();
        let other = store.create(&account, face(0.2), None).await.unwrap();
        assert_eq!(users(&store, &account).await, [one.clone(), other.clone()]);
        assert!(store.contains(&account, &one).await.unwrap());
        let found = store.find(&account, &one).await.unwrap().unwrap();
        assert_eq!((found.descriptor, found.image_token), (face(0.1).descriptor, "image 0.1".to_owned()));
        assert!(store.update(&account, &one, face(0.3)).await.unwrap());
        let found = store.find(&account, &one).await.unwrap().unwrap();
        assert_eq!((found.descriptor, found.image_token), (face(0.3).descriptor, "image 0.3".to_owned()));
        // The place in the list is that of the enrolment.
        assert_eq!(users(&store, &account).await, [one.clone(), other.clone()]);
        assert!(store.delete(&account, &one).await.unwrap());
        assert!(!store.delete(&account, &one).await.unwrap());
        assert!(!store.update(&account, &one, face(0.4)).await.unwrap());
        assert!(!store.contains(&account, &one).await.unwrap());
        assert!(store.find(&account, &one).await.unwrap().is_none());
        assert_eq!(users(&store, &account).await, [other]);
    })
    .await;
}

#[tokio::test]
async fn nothing_of_an_account_is_reachable_from_another() {
    on_each_store(async |place| {
        let (store, mine, theirs) = (place.open().await, Account::default(), shop());
        let user = store.create(&mine, face(0.1), None).await.unwrap();
        assert!(users(&store, &theirs).await.is_empty());
        assert!(!store.contains(&theirs, &user).await.unwrap());
        assert!(store.find(&theirs, &user).await.unwrap().is_none());
        assert!(!store.update(&theirs, &user, face(0.2)).await.unwrap());
        assert!(!store.delete(&theirs, &user).await.unwrap());
        let other = store.create(&theirs, face(0.3), None).await.unwrap();
        assert_eq!(users(&store, &mine).await, std::slice::from_ref(&user));
        assert_eq!(users(&store, &theirs).await, [other]);
        assert_eq!(store.list(&theirs, None, Some(1)).await.unwrap().total, 1);
        assert_eq!(store.find(&mine, &user).await.unwrap().unwrap().descriptor, face(0.1).descriptor);
    })
    .await;
}

#[tokio::test]
async fn a_list_has_parts_that_miss_nobody() {
    on_each_store(async |place| {
        let (store, account) = (place.open().await, Account::default());
        let mut tokens = Vec::new();
        for number in 0..7_u8 {
            tokens.push(store.create(&account, face(f32::from(number)), None).await.unwrap());
            store.create(&shop(), face(0.5), None).await.unwrap();
        }
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = store.list(&account, after, Some(3)).await.unwrap();
            assert_eq!(page.total, 7 - u64::try_from(if seen.is_empty() { 0 } else { 1 }).unwrap());
            if seen.is_empty() {
                // The last one of a part is deleted before the next one is asked for.
                assert!(store.delete(&account, &page.user_tokens[2]).await.unwrap());
            }
            seen.extend(page.user_tokens);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, tokens);
        let exactly = store.list(&account, None, Some(6)).await.unwrap();
        assert_eq!((exactly.user_tokens.len(), exactly.next), (6, None));
    })
    .await;
}

#[tokio::test]
async fn another_networks_user_is_kept_and_has_to_enrol_again() {
    on_each_durable_store(async |place| {
        let account = Account::default();
        let token = place.open().await.create(&account, face(0.1), None).await.unwrap();
        let later = place.open_with(LATER_NETWORK, &[]).await;
        assert!(later.contains(&account, &token).await.unwrap());
        let failure = later.find(&account, &token).await.err().unwrap();
        assert_eq!(failure.code(), Code::NoFaceBiometricData);
        assert!(failure.message().contains("Enrol the user again."), "{failure:?}");
        assert_eq!(later.users_of_other_networks().await.unwrap(), [(account.clone(), token.clone())]);
        let again = Enrolled { image_token: "new".into(), descriptor: vec![0.5; 512] };
        assert!(later.update(&account, &token, again).await.unwrap());
        assert_eq!(later.find(&account, &token).await.unwrap().unwrap().descriptor, [0.5; 512]);
        assert!(later.users_of_other_networks().await.unwrap().is_empty());
        assert!(place.open().await.find(&account, &token).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_damaged_descriptor_is_refused_and_can_be_replaced() {
    on_each_durable_store(async |place| {
        let (store, account) = (place.open().await, Account::default());
        let token = store.create(&account, face(0.5), None).await.unwrap();
        let with_nan = format!("{}0000c07f", "00".repeat(508));
        for bytes in [with_nan, "00".repeat(100), "00".repeat(511)] {
            place
                .run(
                    &format!("UPDATE enrollment SET descriptor = x'{bytes}'"),
                    &format!("UPDATE enrollment SET descriptor = '\\x{bytes}'"),
                )
                .await;
            let failure = store.find(&account, &token).await.err().unwrap();
            assert_eq!(failure.code(), Code::NoFaceBiometricData);
            assert!(failure.message().contains("damaged"), "{failure:?}");
        }
        assert_eq!(store.descriptors.damaged(), 3);
        assert!(store.contains(&account, &token).await.unwrap());
        assert!(store.update(&account, &token, face(0.6)).await.unwrap());
        assert_eq!(store.find(&account, &token).await.unwrap().unwrap().descriptor, face(0.6).descriptor);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_enrols_once_until_it_is_a_day_old_or_its_user_is_deleted() {
    on_each_durable_store(async |place| {
        let (store, account) = (place.open().await, Account::default());
        let key = |key: &str, credentials: &str| IdempotencyKey::new(key.as_bytes(), credentials.as_bytes());
        let create = |key| store.create(&account, face(0.5), Some(key));
        let first = create(key("a", "token")).await.unwrap();
        assert_eq!(store.find_repeated(key("a", "token")).await.unwrap(), Some(first.clone()));
        assert_eq!(create(key("a", "token")).await.unwrap(), first);
        // Also by another server, and all at once.
        let other = place.open().await;
        let calls = (0..20).map(|number| {
            let store = if number % 2 == 0 { store.clone() } else { other.clone() };
            let (key, account) = (key("b", "token"), account.clone());
            tokio::spawn(async move { store.create(&account, face(0.6), Some(key)).await.unwrap() })
        });
        let mut tokens = Vec::new();
        for call in calls.collect::<Vec<_>>() {
            tokens.push(call.await.unwrap());
        }
        tokens.dedup();
        assert_eq!(tokens.len(), 1);
        assert_eq!(users(&store, &account).await.len(), 2);

        for other in [key("a", "another"), key("at", "oken"), key("", "atoken")] {
            assert!(store.find_repeated(other).await.unwrap().is_none());
        }
        place
            .run(
                "UPDATE idempotency SET created_at = created_at - 86400",
                "UPDATE idempotency SET created_at = created_at - interval '1 day'",
            )
            .await;
        assert!(store.find_repeated(key("a", "token")).await.unwrap().is_none());
        let second = create(key("a", "token")).await.unwrap();
        assert_ne!(second, first);
        assert!(store.delete(&account, &second).await.unwrap());
        assert_ne!(create(key("a", "token")).await.unwrap(), second);
        assert_eq!(place.count("idempotency").await, 1, "old keys and those of deleted users are forgotten");
    })
    .await;
}

#[tokio::test]
async fn a_generated_key_opens_its_account_until_it_is_revoked() {
    on_each_store(async |place| {
        let store = place.open().await;
        let (id, key) = store.add_key(&shop()).await.unwrap();
        let (other_id, other) = store.add_key(&shop()).await.unwrap();
        assert_eq!(key.reveal().len(), 64);
        assert_eq!(store.account_of_key(key.reveal()).await.unwrap(), Some(shop()));
        assert_eq!(store.account_of_key(other.reveal()).await.unwrap(), Some(shop()));
        for wrong in ["", "a", &key.reveal()[1..], &id] {
            assert_eq!(store.account_of_key(wrong).await.unwrap(), None);
        }
        assert!(store.revoke_key(&id).await.unwrap());
        assert!(!store.revoke_key(&id).await.unwrap() && !store.revoke_key("another").await.unwrap());
        assert_eq!(store.account_of_key(key.reveal()).await.unwrap(), None);
        assert_eq!(store.account_of_key(other.reveal()).await.unwrap(), Some(shop()));
        let keys = store.keys().await.unwrap();
        assert_eq!(
            keys.iter().map(|key| (&*key.id, key.is_revoked)).collect::<Vec<_>>(),
            [(&*id, true), (&*other_id, false)]
        );
        assert!(keys.iter().all(|key| key.account == shop() && key.created_at > 1_700_000_000));
    })
    .await;
}

#[tokio::test]
async fn a_data_key_seals_what_is_stored_and_can_be_replaced() {
    on_each_durable_store(async |place| {
        let account = Account::default();
        let data_key = |digit: &str| digit.repeat(64).parse::<DataKey>().unwrap();
        let (first, second) = (data_key("1"), data_key("2"));
        let open = async |keys: &[DataKey]| place.open_with(NETWORK, keys).await;
        let plain = open(&[]).await.create(&account, face(0.1), None).await.unwrap();
        let store = open(std::slice::from_ref(&first)).await;
        let sealed = store.create(&account, face(0.2), None).await.unwrap();
        let stored = store.database.find(&account, &sealed).await.unwrap().unwrap();
        assert_eq!(stored.data_key.as_deref(), Some(first.id()));
        assert!(!stored.descriptor.windows(8).any(|bytes| super::to_bytes(&face(0.2).descriptor).starts_with(bytes)));
        // A face from before there was a key is still read, and sealed when it is told.
        assert_eq!(store.find(&account, &plain).await.unwrap().unwrap().descriptor, face(0.1).descriptor);
        assert_eq!((store.reseal().await.unwrap(), store.reseal().await.unwrap()), (1, 0));
        assert_eq!(store.find(&account, &plain).await.unwrap().unwrap().descriptor, face(0.1).descriptor);
        // Without the key nothing is read, and nothing is called damaged.
        let failure = open(std::slice::from_ref(&second)).await.find(&account, &sealed).await.err().unwrap();
        assert_eq!(failure.code(), Code::ServerError);
        assert!(open(&[]).await.find(&account, &sealed).await.is_err());
        // Rotation: both keys while servers run, then the new one alone.
        let both = open(&[second.clone(), first]).await;
        assert_eq!(both.find(&account, &sealed).await.unwrap().unwrap().descriptor, face(0.2).descriptor);
        assert_eq!(both.reseal().await.unwrap(), 2);
        let later = open(std::slice::from_ref(&second)).await;
        for (token, seed) in [(&plain, 0.1), (&sealed, 0.2)] {
            assert_eq!(later.find(&account, token).await.unwrap().unwrap().descriptor, face(seed).descriptor);
        }
        // A row that was copied to another user is refused.
        let copy = "UPDATE enrollment SET descriptor = (SELECT descriptor FROM enrollment ORDER BY user_token LIMIT 1)";
        place.run(copy, copy).await;
        let refused = async |token| later.find(&account, token).await.is_err();
        assert!(refused(&plain).await != refused(&sealed).await);
    })
    .await;
}

#[tokio::test]
async fn wrong_keys_are_counted_together_where_servers_share_a_database() {
    on_each_store(async |place| {
        let (store, attacker) = (place.open().await, "192.0.2.1");
        assert!(store.take_guess(attacker, 0.0).await.unwrap().is_zero());
        let mut granted = 0;
        while store.take_guess(attacker, 1.0).await.unwrap().is_zero() {
            granted += 1;
        }
        assert!((10..=11).contains(&granted), "{granted}");
        let wait = store.take_guess(attacker, 0.0).await.unwrap().as_secs_f64();
        assert!(wait > 1.0 && wait <= 5.0, "{wait}");
        assert!(store.take_guess("192.0.2.2", 0.0).await.unwrap().is_zero());
        if place.schema.is_some() {
            let other = place.open().await;
            for count in [0.0, 1.0] {
                assert!(!other.take_guess(attacker, count).await.unwrap().is_zero());
            }
            let later = "UPDATE guess_bucket SET at = at - interval '10 seconds'";
            place.run("", later).await;
            assert!(other.take_guess(attacker, 1.0).await.unwrap().is_zero());
        }
    })
    .await;
}

/// Ended by force in the middle of enrolling, again and again, a server loses no user that it has acknowledged, and a
/// client that repeats with its key is enrolled once.
#[tokio::test]
async fn a_server_that_is_killed_loses_nothing_that_it_acknowledged() {
    const USERS: usize = 1_000;
    on_each_durable_store(async |place| {
        let mut acknowledged: Vec<String> = Vec::new();
        let mut kills = 0;
        while acknowledged.len() < USERS {
            let data = match place.data.as_ref().unwrap() {
                Data::File(path) => path.display().to_string(),
                Data::Postgres(url) => url.reveal().to_owned(),
            };
            let mut server = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "--ignored", "--nocapture", "store::tests::enrols_until_it_is_killed"])
                .env("PERSE_TEST_ENROL_IN", data)
                .env("PERSE_TEST_ENROL_FROM", acknowledged.len().to_string())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let lines = BufReader::new(server.stdout.take().unwrap()).lines().map(Result::unwrap);
            let mut tokens = lines.filter_map(|line| line.strip_prefix("enrolled ").map(str::to_owned));
            // Each server is killed after another number of users.
            acknowledged.extend(tokens.by_ref().take(150 + kills * 37));
            server.kill().unwrap();
            // Those that it had acknowledged by then count, too.
            acknowledged.extend(tokens);
            server.wait().unwrap();
            kills += 1;
        }
        assert!(kills >= 4, "{kills}");
        let store = place.open().await;
        let listed = users(&store, &Account::default()).await;
        assert!(acknowledged.iter().all(|token| listed.contains(token)));
        // At most the one that was not acknowledged to its client before the last end.
        assert!(listed.len() <= acknowledged.len() + 1, "{} of {}", listed.len(), acknowledged.len());
        for token in acknowledged.iter().step_by(97) {
            assert!(store.find(&Account::default(), token).await.unwrap().is_some());
        }
    })
    .await;
}

/// The server of the test above: enrols, and says so, until it is killed.
#[tokio::test]
#[ignore = "run by another test in a process of its own"]
async fn enrols_until_it_is_killed() {
    let Ok(data) = std::env::var("PERSE_TEST_ENROL_IN") else { return };
    let first: usize = std::env::var("PERSE_TEST_ENROL_FROM").unwrap().parse().unwrap();
    let store = open(Some(data.parse().unwrap()), NETWORK).await.unwrap();
    for number in first.. {
        let key = IdempotencyKey::new(number.to_string().as_bytes(), b"credentials");
        println!("enrolled {}", store.create(&Account::default(), face(0.5), Some(key)).await.unwrap());
    }
}
