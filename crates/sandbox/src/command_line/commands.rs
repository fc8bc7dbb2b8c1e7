//! Commands instead of serving.

use std::{
    io::{Write, stdout},
    time::{Duration, UNIX_EPOCH},
};

use perse_sandbox::{Account, Admin, AdminError, openapi};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::arguments::Arguments;

/// A command; those on the store may be given while servers run on it.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Ask the server at --host and --port whether it is ready; fails if not
    Health,
    /// Print the API as an OpenAPI document, as GET /v0/openapi.json responds
    Openapi,
    /// Private keys of accounts, each of which has its own users
    #[command(subcommand)]
    Keys(Keys),
    /// Enrolled users
    #[command(subcommand)]
    Users(Users),
}

#[derive(clap::Subcommand)]
pub(crate) enum Keys {
    /// Generate a private key and print it, this once
    Add {
        /// Account that it opens, an existing or a new one: a to z, 0 to 9, `-`, `_`, `.`
        #[arg(long, value_name = "NAME")]
        account: Account,
    },
    /// List the generated keys, without the keys themselves: id, account, time of creation, state
    List,
    /// Revoke a key; tokens that it was exchanged for live until they expire
    Revoke {
        /// The key's id, as `keys list` prints it
        id: String,
    },
}

#[derive(clap::Subcommand)]
pub(crate) enum Users {
    /// List the users who have to enrol again because an earlier network described their faces: account, user token
    Reenrol,
    /// Encrypt every face with the first data key, or decrypt them all if none is given
    Reencrypt,
}

impl Command {
    /// Carries the command out, with the other arguments of the line.
    pub(crate) async fn run(&self, arguments: &Arguments) -> Result<(), String> {
        match self {
            Self::Health => check_health(&arguments.host, arguments.port).await,
            Self::Openapi => writeln!(stdout(), "{}", openapi()).map_err(|error| error.to_string()),
            Self::Keys(command) => manage_keys(command, &arguments.store.open().await?).await,
            Self::Users(command) => {
                let is_sealed = !arguments.store.data_keys()?.is_empty();
                manage_users(command, &arguments.store.open().await?, is_sealed).await
            }
        }
    }
}

async fn manage_keys(command: &Keys, store: &Admin) -> Result<(), String> {
    let failed = |error: AdminError| error.to_string();
    let mut out = stdout().lock();
    match command {
        Keys::Add { account } => {
            let (id, key) = store.add_key(account).await.map_err(failed)?;
            eprintln!("Key {id} of the account {account}. It is not shown again:");
            writeln!(out, "{}", key.reveal())
        }
        Keys::List => store.keys().await.map_err(failed)?.iter().try_for_each(|key| {
            let state = if key.is_revoked { "revoked" } else { "active" };
            let created_at = UNIX_EPOCH + Duration::from_secs(key.created_at.try_into().unwrap_or(0));
            let created_at = humantime::format_rfc3339_seconds(created_at);
            writeln!(out, "{}\t{}\t{created_at}\t{state}", key.id, key.account)
        }),
        Keys::Revoke { id } if store.revoke_key(id).await.map_err(failed)? => {
            writeln!(out, "Key {id} opens nothing any more.")
        }
        Keys::Revoke { id } => return Err(format!("no active key has the id {id}: `keys list` lists them")),
    }
    .map_err(|error| error.to_string())
}

async fn manage_users(command: &Users, store: &Admin, is_sealed: bool) -> Result<(), String> {
    let failed = |error: AdminError| error.to_string();
    let mut out = stdout().lock();
    match command {
        Users::Reenrol => {
            let users = store.users_to_reenrol().await.map_err(failed)?;
            users.iter().try_for_each(|(account, user_token)| writeln!(out, "{account}\t{user_token}"))
        }
        Users::Reencrypt => {
            let changed = store.reencrypt().await.map_err(failed)?;
            let how = if is_sealed { "encrypted with the first data key" } else { "decrypted" };
            writeln!(out, "{changed} faces were {how}.")
        }
    }
    .map_err(|error| error.to_string())
}

/// Asks a server on this machine whether it is ready.
async fn check_health(host: &str, port: u16) -> Result<(), String> {
    // A server that listens on every address is reached at these, also where no name is known, as in a container.
    let host = match host {
        "0.0.0.0" => "127.0.0.1",
        "::" => "::1",
        host => host,
    };
    let ask = async {
        let mut stream = TcpStream::connect((host, port)).await?;
        stream
            .write_all(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await?;
        let mut response = String::new();
        stream.read_to_string(&mut response).await?;
        std::io::Result::Ok(response)
    };
    let response = tokio::time::timeout(Duration::from_secs(4), ask)
        .await
        .map_err(|_| "the server does not respond".to_owned())?
        .map_err(|error| format!("the server cannot be reached: {error}"))?;
    if response.starts_with("HTTP/1.1 200 ") { Ok(()) } else { Err("the server is not ready".to_owned()) }
}
