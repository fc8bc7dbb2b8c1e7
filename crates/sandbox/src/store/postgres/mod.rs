//! PostgreSQL: one database for several servers, which others keep running.
//!
//! A database that cannot be reached, or is about to stop, is [unavailable](DatabaseError::Unavailable) for as
//! long: connections are made again when they are needed.

mod connect;
mod migrations;
#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use deadpool_postgres::{Object, Pool, PoolError};
use tokio_postgres::{
    Row,
    error::SqlState,
    types::{FromSql, ToSql},
};

use super::{
    Account, IdempotencyKey,
    database::{Database, DatabaseError, FaceRow, KeyRow, Position, Result, UserRow},
    guess_buckets::{self, BURST, PER_SECOND},
    idempotency::LIFETIME_SECONDS,
};
use crate::config::Secret;

/// Time limit for a statement, with the wait for a connection.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Time after which a bucket of guesses is full again, with some to spare.
const BUCKET_SECONDS: f64 = 60.0;

/// Connections to one database.
pub(super) struct Postgres {
    pool: Pool,
}

type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Postgres {
    /// Connects and migrates the tables. At most `connections` are open at a time.
    pub(super) async fn open(url: &Secret, connections: usize) -> std::result::Result<Self, String> {
        let pool = connect::pool(url, connections)?;
        let migrate = async {
            let mut client = pool.get().await.map_err(|error| connect::explain(&error))?;
            migrations::migrate(&mut client).await
        };
        tokio::time::timeout(TIMEOUT * 3, migrate).await.map_err(|_| "it does not respond".to_owned())??;
        Ok(Self { pool })
    }

    async fn client(&self) -> Result<Object> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => error.into(),
            other => DatabaseError::Unavailable(other.to_string()),
        })
    }

    async fn query(&self, sql: &str, parameters: Parameters<'_>) -> Result<Vec<Row>> {
        in_time(async {
            let client = self.client().await?;
            let statement = client.prepare_cached(sql).await?;
            Ok(client.query(&statement, parameters).await?)
        })
        .await
    }

    async fn query_opt(&self, sql: &str, parameters: Parameters<'_>) -> Result<Option<Row>> {
        Ok(self.query(sql, parameters).await?.into_iter().next())
    }

    async fn execute(&self, sql: &str, parameters: Parameters<'_>) -> Result<u64> {
        in_time(async {
            let client = self.client().await?;
            let statement = client.prepare_cached(sql).await?;
            Ok(client.execute(&statement, parameters).await?)
        })
        .await
    }
}

/// A database that is reached and does not respond keeps no request longer than this.
async fn in_time<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(TIMEOUT, work)
        .await
        .unwrap_or_else(|_| Err(DatabaseError::Unavailable("no response in time".to_owned())))
}

impl From<tokio_postgres::Error> for DatabaseError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(refusal) = error.as_db_error() else {
            // Of the connection, or of a value that could not be read.
            let is_passing = error.is_closed() || std::error::Error::source(&error).is_some_and(is_io);
            let text = error.to_string();
            return if is_passing { Self::Unavailable(text) } else { Self::Failed(text) };
        };
        let code = refusal.code();
        // The detail is left out: it may hold a row.
        let text = format!("{} ({})", refusal.message(), code.code());
        let is_passing = *code == SqlState::T_R_SERIALIZATION_FAILURE
            || *code == SqlState::T_R_DEADLOCK_DETECTED
            || *code == SqlState::READ_ONLY_SQL_TRANSACTION
            // Connections, resources, an operator's intervention: a restart is one.
            || ["08", "53", "57"].iter().any(|class| code.code().starts_with(class));
        if is_passing { Self::Unavailable(text) } else { Self::Failed(text) }
    }
}

fn is_io(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<std::io::Error>()
}

#[async_trait]
impl Database for Postgres {
    async fn check(&self) -> Result<()> {
        self.query("SELECT 1 FROM enrollment LIMIT 1", &[]).await.map(drop)
    }

    async fn create(&self, user: UserRow, key: Option<IdempotencyKey>) -> Result<String> {
        in_time(async {
            let mut client = self.client().await?;
            // One transaction: of two requests with one key, also to two servers, one enrols.
            let transaction = client.transaction().await?;
            if let Some(IdempotencyKey(key)) = &key {
                let forget = transaction.prepare_cached(
                    "DELETE FROM idempotency WHERE created_at <= now() - make_interval(secs => $1)",
                );
                transaction.execute(&forget.await?, &[&f64::from(LIFETIME_SECONDS)]).await?;
                // Waits for another transaction that has inserted the key and is not at its end.
                let insert = transaction.prepare_cached(
                    "INSERT INTO idempotency (key, user_token) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                );
                if transaction.execute(&insert.await?, &[&key.as_slice(), &user.user_token]).await? == 0 {
                    let find =
                        transaction.prepare_cached("SELECT user_token FROM idempotency WHERE key = $1");
                    return get(&transaction.query_one(&find.await?, &[&key.as_slice()]).await?, 0);
                }
            }
            let insert = transaction.prepare_cached(
                "INSERT INTO enrollment (account, user_token, image_token, network, data_key, descriptor)
                 VALUES ($1, $2, $3, $4, $5, $6)",
            );
            let UserRow { account, user_token, face } = &user;
            let FaceRow { image_token, network, data_key, descriptor } = face;
            let values: Parameters<'_> =
                &[&account.as_str(), user_token, image_token, network, data_key, descriptor];
            transaction.execute(&insert.await?, values).await?;
            transaction.commit().await?;
            Ok(user.user_token)
        })
        .await
    }

    async fn find_repeated(&self, key: IdempotencyKey) -> Result<Option<String>> {
        let sql = "SELECT user_token FROM idempotency
            WHERE key = $1 AND created_at > now() - make_interval(secs => $2)";
        let row = self.query_opt(sql, &[&key.0.as_slice(), &f64::from(LIFETIME_SECONDS)]).await?;
        row.map(|row| get(&row, 0)).transpose()
    }

    async fn list(
        &self,
        account: &Account,
        after: Option<Position>,
        limit: Option<u32>,
    ) -> Result<Vec<(Position, String)>> {
        let sql = "SELECT id, user_token FROM enrollment WHERE account = $1 AND id > $2 ORDER BY id LIMIT $3";
        let after = after.unwrap_or(Position::MIN);
        let rows = self.query(sql, &[&account.as_str(), &after, &limit.map(i64::from)]).await?;
        rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
    }

    async fn count(&self, account: &Account) -> Result<u64> {
        let sql = "SELECT count(*) FROM enrollment WHERE account = $1";
        let count = self.query_opt(sql, &[&account.as_str()]).await?.map(|row| get::<i64>(&row, 0));
        Ok(count.transpose()?.map_or(0, |count| count.try_into().unwrap_or(0)))
    }

    async fn contains(&self, account: &Account, user_token: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM enrollment WHERE user_token = $1 AND account = $2";
        Ok(self.query_opt(sql, &[&user_token, &account.as_str()]).await?.is_some())
    }

    async fn find(&self, account: &Account, user_token: &str) -> Result<Option<FaceRow>> {
        let sql = "SELECT image_token, network, data_key, descriptor FROM enrollment
            WHERE user_token = $1 AND account = $2";
        let row = self.query_opt(sql, &[&user_token, &account.as_str()]).await?;
        row.map(|row| face(&row, 0)).transpose()
    }

    async fn update(&self, user: UserRow) -> Result<bool> {
        let sql = "UPDATE enrollment
            SET image_token = $3, network = $4, data_key = $5, descriptor = $6, updated_at = now()
            WHERE user_token = $2 AND account = $1";
        let UserRow { account, user_token, face } = &user;
        let FaceRow { image_token, network, data_key, descriptor } = face;
        let values: Parameters<'_> =
            &[&account.as_str(), user_token, image_token, network, data_key, descriptor];
        Ok(self.execute(sql, values).await? > 0)
    }

    async fn delete(&self, account: &Account, user_token: &str) -> Result<bool> {
        // One statement is one transaction.
        let sql = "WITH deleted AS (
                DELETE FROM enrollment WHERE user_token = $1 AND account = $2 RETURNING user_token
            ), forgotten AS (
                DELETE FROM idempotency WHERE user_token IN (SELECT user_token FROM deleted)
            )
            SELECT user_token FROM deleted";
        Ok(self.query_opt(sql, &[&user_token, &account.as_str()]).await?.is_some())
    }

    async fn users(&self, after: Option<Position>, limit: u32) -> Result<Vec<(Position, UserRow)>> {
        let sql = "SELECT id, account, user_token, image_token, network, data_key, descriptor
            FROM enrollment WHERE id > $1 ORDER BY id LIMIT $2";
        let rows = self.query(sql, &[&after.unwrap_or(Position::MIN), &i64::from(limit)]).await?;
        rows.iter()
            .map(|row| {
                let user =
                    UserRow { account: account(row, 1)?, user_token: get(row, 2)?, face: face(row, 3)? };
                Ok((get(row, 0)?, user))
            })
            .collect()
    }

    async fn reseal(&self, position: Position, from: FaceRow, to: FaceRow) -> Result<bool> {
        let sql = "UPDATE enrollment SET data_key = $2, descriptor = $3 WHERE id = $1 AND descriptor = $4";
        let values: Parameters<'_> = &[&position, &to.data_key, &to.descriptor, &from.descriptor];
        Ok(self.execute(sql, values).await? > 0)
    }

    async fn add_key(&self, id: &str, account: &Account, hash: [u8; 32]) -> Result<()> {
        let sql = "INSERT INTO private_key (id, account, hash) VALUES ($1, $2, $3)";
        self.execute(sql, &[&id, &account.as_str(), &hash.as_slice()]).await.map(drop)
    }

    async fn keys(&self) -> Result<Vec<KeyRow>> {
        let sql = "SELECT id, account, extract(epoch FROM created_at)::bigint, revoked_at IS NOT NULL
            FROM private_key ORDER BY position";
        let rows = self.query(sql, &[]).await?;
        rows.iter()
            .map(|row| {
                Ok(KeyRow {
                    id: get(row, 0)?,
                    account: account(row, 1)?,
                    created_at: get(row, 2)?,
                    is_revoked: get(row, 3)?,
                })
            })
            .collect()
    }

    async fn revoke_key(&self, id: &str) -> Result<bool> {
        let sql = "UPDATE private_key SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL";
        Ok(self.execute(sql, &[&id]).await? > 0)
    }

    async fn account_of_key(&self, hash: [u8; 32]) -> Result<Option<Account>> {
        let sql = "SELECT account FROM private_key WHERE hash = $1 AND revoked_at IS NULL";
        let row = self.query_opt(sql, &[&hash.as_slice()]).await?;
        row.map(|row| account(&row, 0)).transpose()
    }

    async fn take_guess(&self, network: &str, count: f64) -> Result<Duration> {
        let left = "least($2::float8, guesses + $3::float8 *
            greatest(0, extract(epoch FROM clock_timestamp() - at)::float8))";
        if count == 0.0 {
            let sql = format!("SELECT {left} FROM guess_bucket WHERE network = $1");
            let row = self.query_opt(&sql, &[&network, &BURST, &PER_SECOND]).await?;
            return Ok(row.map(|row| get(&row, 0)).transpose()?.map_or(Duration::ZERO, guess_buckets::wait));
        }
        let forget = "DELETE FROM guess_bucket WHERE at < now() - make_interval(secs => $1)";
        self.execute(forget, &[&BUCKET_SECONDS]).await?;
        // Locks the row, so that servers that ask at once take one after the other.
        let take = format!(
            "INSERT INTO guess_bucket AS bucket (network, guesses, was_granted) VALUES ($1, $2::float8 - $4, true)
            ON CONFLICT (network) DO UPDATE SET (guesses, was_granted, at) = (
                SELECT CASE WHEN held >= 1 THEN held - $4::float8 ELSE held END, held >= 1, clock_timestamp()
                FROM (SELECT {} AS held) refilled
            )
            RETURNING guesses, was_granted",
            left.replace("guesses", "bucket.guesses").replace(" at)", " bucket.at)")
        );
        let row = self.query_opt(&take, &[&network, &BURST, &PER_SECOND, &count]).await?;
        let Some(row) = row else { return Ok(Duration::ZERO) };
        Ok(if get(&row, 1)? { Duration::ZERO } else { guess_buckets::wait(get(&row, 0)?) })
    }
}

fn get<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T> {
    Ok(row.try_get(column)?)
}

/// Reads a face from this column on.
fn face(row: &Row, first: usize) -> Result<FaceRow> {
    Ok(FaceRow {
        image_token: get(row, first)?,
        network: get(row, first + 1)?,
        data_key: get(row, first + 2)?,
        descriptor: get(row, first + 3)?,
    })
}

fn account(row: &Row, column: usize) -> Result<Account> {
    get::<String>(row, column)?.parse().map_err(|error: &str| DatabaseError::Failed(error.to_owned()))
}
