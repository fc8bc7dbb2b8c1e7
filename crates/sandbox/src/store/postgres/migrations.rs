//! The versions of the database's tables, and how one becomes the next.
//!
//! A version is never edited once it was released: append a new one. All that are missing run inside one
//! transaction, one server at a time.

use tokio_postgres::Client;

/// Names the lock of a migration: "PSbx".
const LOCK: i64 = i32::from_be_bytes(*b"PSbx") as i64;

/// The SQL of each version, the first at index 0.
const MIGRATIONS: &[&str] = &[FIRST];

/// Rows that are deleted or replaced stay in the table's file until it is vacuumed, so that is done early.
/// Guess buckets may be lost in a crash, and cost no durable write.
const FIRST: &str = "
    CREATE TABLE enrollment (
        id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        account     text        NOT NULL,
        user_token  text        NOT NULL UNIQUE,
        image_token text        NOT NULL,
        network     text        NOT NULL,
        data_key    bytea,
        descriptor  bytea       NOT NULL,
        created_at  timestamptz NOT NULL DEFAULT now(),
        updated_at  timestamptz NOT NULL DEFAULT now()
    ) WITH (autovacuum_vacuum_scale_factor = 0.01);
    CREATE INDEX enrollment_account ON enrollment (account, id);
    CREATE TABLE idempotency (
        key        bytea       PRIMARY KEY CHECK (length(key) = 32),
        user_token text        NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX idempotency_created_at ON idempotency (created_at);
    CREATE INDEX idempotency_user_token ON idempotency (user_token);
    CREATE TABLE private_key (
        position   bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        id         text        NOT NULL UNIQUE,
        account    text        NOT NULL,
        hash       bytea       NOT NULL UNIQUE CHECK (length(hash) = 32),
        created_at timestamptz NOT NULL DEFAULT now(),
        revoked_at timestamptz
    );
    CREATE UNLOGGED TABLE guess_bucket (
        network     text             PRIMARY KEY,
        guesses     double precision NOT NULL,
        was_granted boolean          NOT NULL,
        at          timestamptz      NOT NULL DEFAULT clock_timestamp()
    );
    CREATE INDEX guess_bucket_at ON guess_bucket (at)";

/// Brings the tables to the last version, or refuses those of a newer server as they are.
pub(super) async fn migrate(client: &mut Client) -> Result<(), String> {
    let failed = |error: tokio_postgres::Error| match error.as_db_error() {
        Some(refusal) => refusal.message().to_owned(),
        None => error.to_string(),
    };
    let newest = i32::try_from(MIGRATIONS.len()).unwrap_or(i32::MAX);
    let transaction = client.transaction().await.map_err(failed)?;
    // Until the transaction's end: another server that starts waits, and then finds the tables.
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await.map_err(failed)?;
    let is_new = transaction
        .query_one("SELECT to_regclass('perse_version') IS NULL", &[])
        .await
        .map_err(failed)?
        .get::<_, bool>(0);
    let version = if is_new {
        0
    } else {
        let row = transaction.query_one("SELECT version FROM perse_version", &[]).await.map_err(failed)?;
        row.get::<_, i32>(0)
    };
    if version > newest {
        return Err(format!(
            "its tables are of version {version}, and this server knows versions 1 to {newest}; they were left as they are"
        ));
    }
    let pending = usize::try_from(version).ok().and_then(|done| MIGRATIONS.get(done..)).unwrap_or_default();
    if pending.is_empty() {
        return Ok(());
    }
    for sql in pending {
        transaction.batch_execute(sql).await.map_err(failed)?;
    }
    if is_new {
        transaction
            .batch_execute("CREATE TABLE perse_version (version integer NOT NULL)")
            .await
            .map_err(failed)?;
        transaction.execute("INSERT INTO perse_version VALUES ($1)", &[&newest]).await.map_err(failed)?;
    } else {
        transaction.execute("UPDATE perse_version SET version = $1", &[&newest]).await.map_err(failed)?;
    }
    transaction.commit().await.map_err(failed)
}
