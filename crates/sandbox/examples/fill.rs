//! Adds made-up users to a store beside one that is enrolled, for measurements: `fill FILE|URL COUNT`.

// A measurement stops at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::env;

use perse_sandbox::Data;

#[tokio::main]
async fn main() {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [data, count] = &arguments[..] else { panic!("FILE|URL COUNT") };
    let count: u32 = count.parse().unwrap();
    match data.parse().unwrap() {
        Data::File(path) => {
            let sql = "INSERT INTO enrollment (user_token, image_token, network, data_key, descriptor)
                WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?1)
                SELECT lower(hex(randomblob(16))), lower(hex(randomblob(16))), network, data_key, descriptor
                FROM number, (SELECT network, data_key, descriptor FROM enrollment LIMIT 1)";
            rusqlite::Connection::open(path).unwrap().execute(sql, [count]).unwrap();
        }
        Data::Postgres(url) => {
            let sql = format!(
                "INSERT INTO enrollment (account, user_token, image_token, network, data_key, descriptor)
                SELECT account, gen_random_uuid(), gen_random_uuid(), network, data_key, descriptor
                FROM generate_series(1, {count}), (SELECT * FROM enrollment LIMIT 1) one"
            );
            let (client, connection) =
                tokio_postgres::connect(url.reveal(), tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute(&sql).await.unwrap();
            client.batch_execute("VACUUM ANALYZE enrollment").await.unwrap();
        }
    }
}
