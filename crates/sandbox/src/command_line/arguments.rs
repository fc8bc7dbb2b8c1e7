//! Flags, and the variables that stand for them.

use std::{
    env, fs,
    net::IpAddr,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use clap::Parser;
use ipnet::IpNet;
use perse_protocol::limit;
use perse_sandbox::{Admin, Config, Cors, Data, DataKey, Demo, Secret};

use super::commands::Command;

/// The face verification API on this machine, for development and tests.
#[derive(Parser)]
#[command(name = "perse-sandbox", version)]
pub(crate) struct Arguments {
    /// Port to listen on; 0 picks a free one
    #[arg(long, default_value_t = 8788, env = "PERSE_SANDBOX_PORT")]
    pub(crate) port: u16,
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1", env = "PERSE_SANDBOX_HOST")]
    pub(crate) host: String,
    /// Key that POST /login accepts; a random one, shown at the start, unless given. Other users of the machine
    /// can read a command line: prefer the variable or the file
    #[arg(long, value_name = "KEY", env = "PERSE_PRIVATE_KEY", hide_env_values = true)]
    pub(crate) private_key: Option<Secret>,
    /// File that holds the key
    #[arg(long, value_name = "FILE", conflicts_with = "private_key", env = "PERSE_PRIVATE_KEY_FILE")]
    pub(crate) private_key_file: Option<PathBuf>,
    /// Signs session tokens; random at each start unless given
    #[arg(long, value_name = "SECRET", env = "PERSE_SANDBOX_JWT_SECRET", hide_env_values = true)]
    pub(crate) jwt_secret: Option<Secret>,
    /// File that holds that secret
    #[arg(long, value_name = "FILE", conflicts_with = "jwt_secret", env = "PERSE_SANDBOX_JWT_SECRET_FILE")]
    pub(crate) jwt_secret_file: Option<PathBuf>,
    /// Lifetime of a session token
    #[arg(long, value_name = "SECONDS", default_value_t = limit::TOKEN_SECONDS, env = "PERSE_SANDBOX_TOKEN_TTL",
        value_parser = clap::value_parser!(u64).range(1..=31_536_000))]
    token_ttl: u64,
    #[command(flatten)]
    pub(crate) store: StoreArguments,
    /// Origin whose pages may call, like http://localhost:5173, or * for any; may be repeated, or a list with commas
    #[arg(long, value_name = "ORIGIN", value_delimiter = ',', env = "PERSE_SANDBOX_CORS")]
    cors: Vec<String>,
    /// Address or network of a proxy before the server, like 10.0.0.0/8, whose X-Forwarded-For says where a wrong key
    /// comes from; may be repeated, or a list with commas
    #[arg(long, value_name = "NETWORK", value_delimiter = ',', value_parser = parse_network,
        env = "PERSE_SANDBOX_TRUSTED_PROXIES")]
    trusted_proxy: Vec<IpNet>,
    /// Folder of the face engine's weights
    #[arg(long, value_name = "DIR", default_value = Config::MODELS, env = "PERSE_SANDBOX_MODELS")]
    models: PathBuf,
    /// Least similarity, 0 to 100, of one person's photos, published with each comparison. Evaluate it on photos
    /// of your own before you change it: npm run eval
    #[arg(long, value_name = "SIMILARITY", default_value_t = perse_vision::SIMILARITY_THRESHOLD.into(),
        value_parser = parse_similarity, env = "PERSE_SANDBOX_SIMILARITY_THRESHOLD")]
    similarity_threshold: f64,
    /// Also serve the demo page, and give it session tokens at POST /demo/session
    #[arg(long)]
    pub(crate) demo: bool,
    /// Folder of the demo page, served at /
    #[arg(long, value_name = "DIR", default_value = Demo::WWW)]
    www: PathBuf,
    /// Folder of the built package, served at /pkg/
    #[arg(long, value_name = "DIR", default_value = Demo::PKG)]
    pkg: PathBuf,
    /// Folder of sample1.jpg to sample6.jpg, served at /samples/
    #[arg(long, value_name = "DIR", default_value = Demo::SAMPLES)]
    samples: PathBuf,
    /// Also serve the API below /faults/NAME:STEP,STEP/v0, where it fails as the steps say, for tests of
    /// clients; a wrong step is answered with the list of them
    #[arg(long)]
    faults: bool,
    /// Uploads that may wait beside those that are worked on
    #[arg(long, value_name = "N", default_value_t = Config::QUEUE, env = "PERSE_SANDBOX_QUEUE")]
    queue: usize,
    /// Uploads of one account that may be pending at once, so that none takes all of the server; any number unless given
    #[arg(long, value_name = "N", env = "PERSE_SANDBOX_ACCOUNT_LIMIT")]
    account_limit: Option<NonZeroUsize>,
    /// Threads that decode and look at images; one per core unless given
    #[arg(long, value_name = "N", env = "PERSE_SANDBOX_WORKERS")]
    workers: Option<NonZeroUsize>,
    /// Publish counters and durations at /metrics, for Prometheus; anyone who reaches the port can read them
    #[arg(long, env = "PERSE_SANDBOX_METRICS")]
    metrics: bool,
    /// Form of the log, which goes to stderr; RUST_LOG chooses what is in it
    #[arg(long, value_name = "FORM", default_value = "text", env = "PERSE_SANDBOX_LOG")]
    pub(crate) log: LogForm,
    /// Load and check everything, say what is wrong, and end without listening
    #[arg(long)]
    pub(crate) check_config: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// The place of the enrolments, and the keys that seal them.
#[derive(clap::Args)]
pub(crate) struct StoreArguments {
    /// Keeps enrolments in a SQLite file, or at the URL of a PostgreSQL database, as
    /// postgres://user:password@host/database; in memory without. DATABASE_URL is read, too
    #[arg(long, value_name = "FILE|URL", env = "PERSE_SANDBOX_DATA", hide_env_values = true, global = true)]
    data: Option<Data>,
    /// File that holds the URL of the database
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "data",
        env = "PERSE_SANDBOX_DATABASE_URL_FILE",
        global = true
    )]
    database_url_file: Option<PathBuf>,
    /// Connections to PostgreSQL that may be open at once
    #[arg(long, value_name = "N", default_value_t = Config::DATABASE_CONNECTIONS,
        env = "PERSE_SANDBOX_DATABASE_CONNECTIONS", global = true)]
    database_connections: NonZeroUsize,
    /// Encrypts faces in the store: 64 hexadecimal digits, as `openssl rand -hex 32` makes them. Several, with commas,
    /// while keys are rotated: the first encrypts, all of them decrypt
    #[arg(
        long,
        value_name = "KEY",
        env = "PERSE_DATA_KEY",
        value_delimiter = ',',
        hide_env_values = true,
        global = true
    )]
    data_key: Vec<Secret>,
    /// File that holds that key or those keys, each in a line
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "data_key",
        env = "PERSE_DATA_KEY_FILE",
        global = true
    )]
    data_key_file: Option<PathBuf>,
}

impl StoreArguments {
    fn data(&self) -> Result<Option<Data>, String> {
        if let Some(path) = &self.database_url_file {
            let url: Data = read_secret("--database-url-file", path)?;
            return match url {
                Data::Postgres(_) => Ok(Some(url)),
                Data::File(_) => {
                    Err(format!("--database-url-file: {} holds no postgres:// URL", path.display()))
                }
            };
        }
        if self.data.is_some() {
            return Ok(self.data.clone());
        }
        // The usual variable of hosts; what else it may name is another program's.
        let url = env::var("DATABASE_URL").ok().and_then(|url| url.parse().ok());
        Ok(url.filter(|data| matches!(data, Data::Postgres(_))))
    }

    /// Returns the data keys, the one that seals first.
    pub(crate) fn data_keys(&self) -> Result<Vec<DataKey>, String> {
        let Some(path) = &self.data_key_file else {
            // Parsed here, because clap would print what it cannot parse.
            let keys = self.data_key.iter().map(|key| key.reveal().trim().parse());
            return keys.collect::<Result<_, _>>().map_err(|error: &str| format!("--data-key: {error}"));
        };
        let failed = |error: String| format!("--data-key-file: {}: {error}", path.display());
        let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        let keys = text.split_whitespace().map(str::parse).collect::<Result<Vec<_>, _>>();
        match keys.map_err(|error: &str| failed(error.to_owned()))? {
            keys if keys.is_empty() => Err(failed("there is no key in it".to_owned())),
            keys => Ok(keys),
        }
    }

    /// Opens the store for a command.
    pub(crate) async fn open(&self) -> Result<Admin, String> {
        let config = self.add_to(Config::default())?;
        if config.data.is_none() {
            return Err(
                "name the store with --data: a SQLite file, or the URL of a PostgreSQL database".to_owned()
            );
        }
        Admin::open(&config).await.map_err(|error| error.to_string())
    }

    fn add_to(&self, config: Config) -> Result<Config, String> {
        let (data, data_keys) = (self.data()?, self.data_keys()?);
        Ok(Config { data, data_keys, database_connections: self.database_connections, ..config })
    }
}

/// Forms of the log.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum LogForm {
    /// A line for people
    Text,
    /// A JSON object a line, for programs
    Json,
}

impl Arguments {
    /// Reads the files that are named, and returns the settings of a server.
    pub(crate) fn into_config(self) -> Result<Config, String> {
        let defaults = Config::default();
        let private_key = match &self.private_key_file {
            Some(path) => Some(read_secret("--private-key-file", path)?),
            None => self.private_key,
        };
        let jwt_secret = match &self.jwt_secret_file {
            Some(path) => Some(read_secret("--jwt-secret-file", path)?),
            None => self.jwt_secret,
        };
        let config = Config {
            private_key: private_key.unwrap_or(defaults.private_key),
            jwt_secret: jwt_secret.unwrap_or(defaults.jwt_secret),
            token_ttl: Duration::from_secs(self.token_ttl),
            cors: Cors::parse(&self.cors).map_err(|error| format!("--cors: {error}"))?,
            trusted_proxies: self.trusted_proxy,
            models: self.models,
            demo: self.demo.then_some(Demo { www: self.www, pkg: self.pkg, samples: self.samples }),
            faults: self.faults,
            queue: self.queue,
            account_limit: self.account_limit,
            metrics: self.metrics,
            similarity_threshold: self.similarity_threshold,
            workers: self.workers.unwrap_or(defaults.workers),
            ..defaults
        };
        self.store.add_to(config)
    }
}

fn parse_similarity(text: &str) -> Result<f64, String> {
    let value = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=100.0).contains(&value) { Ok(value) } else { Err("a similarity is from 0 to 100".to_owned()) }
}

fn parse_network(text: &str) -> Result<IpNet, String> {
    let address = |_| text.parse::<IpAddr>().map(IpNet::from);
    text.parse().or_else(address).map_err(|_| "not an address, and not a network like 10.0.0.0/8".to_owned())
}

fn read_secret<T: FromStr<Err = &'static str>>(flag: &str, path: &Path) -> Result<T, String> {
    let text = fs::read_to_string(path)
        .map_err(|error| format!("{flag}: cannot read {}: {error}", path.display()))?;
    text.trim().parse().map_err(|error| format!("{flag}: {}: {error}", path.display()))
}
