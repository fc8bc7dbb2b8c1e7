//! Connections to PostgreSQL, encrypted unless they stay on this machine or the URL says otherwise.

use std::{sync::Arc, time::Duration};

use deadpool_postgres::{Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::{
    Config, NoTls,
    config::{Host, SslMode},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::config::Secret;

/// Time limit for making a connection, and for waiting until one is free.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time after which the system gives a connection up whose other end is gone.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(15);
/// Limits of the database itself, should this server be gone.
const STATEMENT_TIMEOUT: &str = "-c statement_timeout=10s -c idle_in_transaction_session_timeout=10s";

/// Prepares connections, and makes none yet.
///
/// # Errors
///
/// What is wrong with the URL, without the URL, which may hold a password.
pub(super) fn pool(url: &Secret, connections: usize) -> Result<Pool, String> {
    let mut config = parse(url.reveal())?;
    config.connect_timeout(CONNECT_TIMEOUT).tcp_user_timeout(SILENCE_TIMEOUT);
    if config.get_application_name().is_none() {
        config.application_name("perse-sandbox");
    }
    let options = [STATEMENT_TIMEOUT, config.get_options().unwrap_or_default()].join(" ");
    config.options(options.trim());
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = if config.get_ssl_mode() == SslMode::Disable {
        Manager::from_config(config, NoTls, recycling)
    } else {
        Manager::from_config(config, tls()?, recycling)
    };
    Pool::builder(manager)
        .max_size(connections)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(CONNECT_TIMEOUT))
        .create_timeout(Some(CONNECT_TIMEOUT))
        .build()
        .map_err(|error| error.to_string())
}

/// Reads a URL. To another machine, a connection is encrypted and the server's certificate verified, as libpq does
/// with `verify-full`, unless the URL says `sslmode=disable`.
fn parse(url: &str) -> Result<Config, String> {
    let url =
        url.replace("sslmode=verify-full", "sslmode=require").replace("sslmode=verify-ca", "sslmode=require");
    let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
        let cause = std::error::Error::source(&error).map_or_else(String::new, |cause| format!(": {cause}"));
        format!("{error}{cause}")
    })?;
    if config.get_ssl_mode() == SslMode::Prefer {
        let is_local = config.get_hosts().iter().all(is_local);
        config.ssl_mode(if is_local { SslMode::Disable } else { SslMode::Require });
    }
    Ok(config)
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// TLS that trusts whom the machine trusts, or the file that `SSL_CERT_FILE` names.
fn tls() -> Result<MakeRustlsConnect, String> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(
            "no certificate authorities were found on this machine; name a file of them in SSL_CERT_FILE, \
            or add sslmode=disable to the URL if the connection is protected otherwise"
                .to_owned(),
        );
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// Says why no connection could be made, and what to do.
pub(super) fn explain(error: &PoolError) -> String {
    let PoolError::Backend(error) = error else {
        return "it does not respond; is the address right, and is the database running?".to_owned();
    };
    if let Some(refusal) = error.as_db_error() {
        return refusal.message().to_owned();
    }
    let cause = std::error::Error::source(error).map_or_else(String::new, |cause| format!(": {cause}"));
    let is_tls = cause.contains("certificate") || error.to_string().contains("TLS");
    let advice = if is_tls {
        "; name a file of the authorities to trust in SSL_CERT_FILE, or add sslmode=disable to the URL if the \
        connection is protected otherwise"
    } else {
        ""
    };
    format!("{error}{cause}{advice}")
}

#[cfg(test)]
mod tests {
    use tokio_postgres::config::SslMode;

    use super::parse;

    #[test]
    fn a_connection_to_another_machine_is_encrypted_unless_the_url_says_otherwise() {
        for (url, mode) in [
            ("postgres://localhost/perse", SslMode::Disable),
            ("postgres://127.0.0.1:5433/perse", SslMode::Disable),
            ("postgres://[::1]/perse", SslMode::Disable),
            ("postgres:///perse?host=/run/postgresql", SslMode::Disable),
            ("postgres://db/perse", SslMode::Require),
            ("postgres://localhost,db/perse", SslMode::Require),
            ("postgres://db/perse?sslmode=disable", SslMode::Disable),
            ("postgres://db/perse?sslmode=prefer", SslMode::Require),
            ("postgres://db/perse?sslmode=verify-full", SslMode::Require),
            ("postgres://localhost/perse?sslmode=require", SslMode::Require),
        ] {
            assert_eq!(parse(url).unwrap().get_ssl_mode(), mode, "{url}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said_without_its_password() {
        for url in ["postgres://a:geheim@db:port/x", "postgres://a:geheim@db/x?sslmode=maybe"] {
            let error = parse(url).unwrap_err();
            assert!(!error.contains("geheim") && error.len() > 10, "{error}");
        }
    }
}
