//! The sandbox server's program.

mod command_line;

use std::{
    future::pending,
    io::{IsTerminal, Write, stderr, stdout},
    process::ExitCode,
};

use clap::Parser;
use perse_sandbox::{Data, app, serve};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use crate::command_line::{Arguments, LogForm};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_log(arguments.log);
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start_log(form: LogForm) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    match form {
        LogForm::Text => log.with_ansi(stderr().is_terminal()).init(),
        LogForm::Json => log.json().flatten_event(true).init(),
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    if let Some(command) = &arguments.command {
        return command.run(&arguments).await;
    }
    let (host, port) = (arguments.host.clone(), arguments.port);
    // A key that was not given is the developer's to see, once, and not in the logs.
    let is_key_new = arguments.private_key.is_none() && arguments.private_key_file.is_none();
    let is_demo = arguments.demo;
    let is_check = arguments.check_config;
    let is_secret_new = arguments.jwt_secret.is_none() && arguments.jwt_secret_file.is_none();
    let config = arguments.into_config()?;
    if is_check {
        drop(app(config).await.map_err(|error| error.to_string())?);
        println!("The configuration is right.");
        return Ok(());
    }
    let private_key = is_key_new.then(|| config.private_key.clone());

    let listener = TcpListener::bind((host.as_str(), port)).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!("port {port} is in use: choose another with --port, or --port 0 for a free one")
        }
        _ => format!("cannot listen on {host}:{port}: {error}"),
    })?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let is_shared = matches!(config.data, Some(Data::Postgres(_)));
    let router = app(config).await.map_err(|error| error.to_string())?;

    if is_demo && !address.ip().is_loopback() {
        tracing::warn!(
            "--demo issues sessions to every client that reaches {address}, and with them access to every enrolled user"
        );
    }
    if is_shared && is_secret_new {
        tracing::warn!(
            "other servers on this database refuse this one's session tokens: give them all one --jwt-secret"
        );
    }
    if let Some(key) = private_key {
        eprintln!("private key for POST /v0/login: {}", key.reveal());
    }
    // Scripts wait for this line. That no reader is left is no failure.
    let mut out = stdout();
    let _ = writeln!(out, "listening on http://{address}").and_then(|()| out.flush());
    serve(listener, router, stop_twice()).await;
    Ok(())
}

/// Ready at the first signal; the second one ends the process at once.
async fn stop_twice() {
    stop_signal().await;
    tokio::spawn(async {
        stop_signal().await;
        std::process::exit(130);
    });
}

/// Ready on Ctrl-C or when the system asks the process to end.
async fn stop_signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => pending().await,
        };
    };
    #[cfg(not(unix))]
    let terminate = pending::<()>();
    tokio::select! { () = interrupt => {}, () = terminate => {} }
}
