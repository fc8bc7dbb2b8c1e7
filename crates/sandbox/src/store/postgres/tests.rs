//! Cases that only PostgreSQL has: servers that start at once, a database that goes away.

use std::time::{Duration, Instant};

use perse_protocol::Code;

use crate::store::{
    Account,
    tests::{NETWORK, Schema, face, open},
};

#[tokio::test]
async fn servers_that_start_at_once_share_new_tables() {
    let Some(schema) = Schema::create().await else { return };
    let starts: Vec<_> = (0..8)
        .map(|_| {
            let url = schema.url.clone();
            tokio::spawn(async move { open(Some(url.parse().unwrap()), NETWORK).await.map(drop) })
        })
        .collect();
    for start in starts {
        start.await.unwrap().unwrap();
    }
    let versions = schema.client.query("SELECT version FROM perse_version", &[]).await.unwrap();
    assert_eq!(versions.iter().map(|row| row.get::<_, i32>(0)).collect::<Vec<_>>(), [1]);
}

#[tokio::test]
async fn tables_that_are_not_ours_are_refused_and_left_as_they_are() {
    for (sql, reason) in [
        ("CREATE TABLE perse_version AS SELECT 99 AS version", "version 99"),
        ("CREATE TABLE enrollment (name text)", "already exists"),
    ] {
        let Some(schema) = Schema::create().await else { return };
        schema.client.batch_execute(sql).await.unwrap();
        let error = open(Some(schema.url.parse().unwrap()), NETWORK).await.err().unwrap().to_string();
        assert!(error.contains("PostgreSQL") && error.contains(reason), "{error}");
        let tables = schema
            .client
            .query_one("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()", &[])
            .await
            .unwrap();
        assert_eq!(tables.get::<_, i64>(0), 1);
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_named_without_its_password() {
    // Port 1 of this machine refuses; the host name does not exist.
    for url in
        ["postgres://me:geheim@127.0.0.1:1/x", "postgres://me:geheim@no.such.host.invalid/x?sslmode=disable"]
    {
        let error = open(Some(url.parse().unwrap()), NETWORK).await.err().unwrap().to_string();
        assert!(error.starts_with("cannot open the PostgreSQL database: "), "{error}");
        assert!(!error.contains("geheim") && !error.ends_with(": "), "{error}");
    }
}

#[tokio::test]
async fn connections_that_the_database_ends_are_made_again() {
    let Some(schema) = Schema::create().await else { return };
    let url = format!("{}&application_name=ended", schema.url);
    let store = open(Some(url.parse().unwrap()), NETWORK).await.unwrap();
    let account = Account::default();
    let token = store.create(&account, face(0.1), None).await.unwrap();
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ended'";
    for _ in 0..5 {
        assert!(!schema.client.query(end, &[]).await.unwrap().is_empty());
        // A request that meets the end may be told to come again; the one after it is served.
        let start = Instant::now();
        while let Err(failure) = store.find(&account, &token).await {
            assert_eq!(failure.code(), Code::ServerBusy);
            assert!(start.elapsed() < Duration::from_secs(5));
        }
    }
}

#[tokio::test]
async fn a_database_that_does_not_respond_holds_no_request_for_long() {
    let Some(mut schema) = Schema::create().await else { return };
    let store = open(Some(schema.url.parse().unwrap()), NETWORK).await.unwrap();
    let lock = schema.client.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE enrollment").await.unwrap();
    let start = Instant::now();
    assert_eq!(store.check().await.unwrap_err().code(), Code::ServerBusy);
    assert!(start.elapsed() < Duration::from_secs(15));
    lock.rollback().await.unwrap();
    store.check().await.unwrap();
}
