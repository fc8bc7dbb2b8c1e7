//! The program: what it prints, how it starts, how it stops.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use perse_protocol::{field, route};

use crate::common::{Form, KEY, jpeg, models, wall};

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perse-sandbox"));
    command
        .env_remove("DATABASE_URL")
        .arg("--models")
        .arg(models())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A running server, killed when the test is over.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        Self::start_with(&mut command(), arguments)
    }

    fn start_with(command: &mut Command, arguments: &[&str]) -> Self {
        let mut child = command.args(["--port", "0"]).args(arguments).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening on http://").expect(&line).to_owned();
        Self { child, address }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// Sends a whole request, with one header of its own, and reads until the server closes.
    fn ask(&self, request: &str, header: &str, body: &[u8]) -> String {
        let mut stream = self.connect();
        let length = body.len();
        let fixed = format!("Host: x\r\nConnection: close\r\nContent-Length: {length}");
        stream.write_all(format!("{request} HTTP/1.1\r\n{fixed}\r\n{header}\r\n\r\n").as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[cfg(unix)]
    fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Ends in time, or the test fails.
fn wait(child: &mut Child, time: Duration) -> Option<i32> {
    let start = Instant::now();
    loop {
        match child.try_wait().unwrap() {
            Some(status) => return status.code(),
            None if start.elapsed() > time => panic!("still running after {time:?}"),
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Returns the message of a start that fails, and its exit code.
fn failure(command: &mut Command) -> (Option<i32>, String) {
    let mut child = command.spawn().unwrap();
    let code = wait(&mut child, Duration::from_secs(20));
    let mut said = String::new();
    child.stderr.unwrap().read_to_string(&mut said).unwrap();
    (code, said)
}

const LIST: &str = "GET /v0/face/enrollment/list";

#[test]
fn prints_where_it_listens_and_answers_there() {
    let server = Server::start(&["--private-key", KEY]);
    let port = server.address.strip_prefix("127.0.0.1:").unwrap();
    assert!(port.parse::<u16>().unwrap() > 0);
    let answer = server.ask(LIST, &format!("{}: {KEY}", route::API_KEY), b"");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(server.ask(LIST, "Accept: */*", b"").starts_with("HTTP/1.1 401 "));
}

#[test]
fn a_key_that_it_made_up_is_shown_to_the_developer_and_opens_it() {
    let mut server = Server::start(&[]);
    let mut said = BufReader::new(server.child.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    let key = line.trim_end().strip_prefix("private key for POST /v0/login: ").expect(&line);
    let answer = server.ask(LIST, &format!("{}: {key}", route::API_KEY), b"");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[cfg(unix)]
#[test]
fn logs_tell_the_route_and_never_who() {
    let user = "0c5e6f8a-0000-4000-8000-1234567890ab";
    let mut server = Server::start_with(command().env("RUST_LOG", "trace"), &["--private-key", KEY]);
    let login = |key: &str| {
        server.ask("POST /v0/login", "Accept: */*", format!(r#"{{"privateKey":"{key}"}}"#).as_bytes())
    };
    let session = login(KEY);
    server.ask(LIST, "x-request-id: trace-1", b"");
    let (_, token) = session.split_once(r#"{"token":""#).expect(&session);
    let token = token.trim_end_matches("\"}");
    login("a-wrong-key");
    let bearer = format!("Authorization: Bearer {token}");
    server.ask(&format!("DELETE /v0/face/enrollment/{user}"), &bearer, b"");
    server.ask(&format!("GET /nothing/{user}?token={token}"), &bearer, b"");
    server.ask(LIST, &format!("{bearer}\r\nx-request-id: {token}\r\nidempotency-key: {user}"), b"");
    let body = Form::image(&jpeg(&wall())).text(field::USER_TOKEN, user).body();
    let form = format!("{bearer}\r\nContent-Type: {}", Form::content_type());
    let answer = server.ask("POST /v0/face/detect", &form, &body);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    server.ask("POST /v0/face/compare", &form, &body);
    server.terminate();
    wait(&mut server.child, Duration::from_secs(5));
    let mut log = String::new();
    server.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();

    for line in [
        r#" id="trace-1""#,
        r#"method=POST route="/v0/login" status=200 ms="#,
        r#"method=POST route="/v0/login" status=401 ms="#,
        r#"method=DELETE route="/v0/face/enrollment/{user_token}" status=422 ms="#,
        r#"method=GET route="-" status=404 ms="#,
        r#"method=POST route="/v0/face/detect" status=200 ms="#,
        r#"method=POST route="/v0/face/compare" status=422 ms="#,
    ] {
        assert!(log.contains(line), "{line} is not in\n{log}");
    }
    let signature = token.split('.').next_back().unwrap();
    assert!(signature.len() > 40, "{token}");
    for secret in [token, signature, user, KEY, "a-wrong-key", "Bearer"] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[cfg(unix)]
#[test]
fn a_request_under_way_is_answered_before_it_stops() {
    let mut server = Server::start(&["--private-key", KEY]);
    let body = Form::agreed().file(field::IMAGE, &jpeg(&wall())).body();
    let head = format!(
        "POST /v0/face/detect HTTP/1.1\r\nHost: x\r\n{}: {KEY}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
        route::API_KEY,
        Form::content_type(),
        body.len()
    );
    let idle = server.connect();
    let mut stream = server.connect();
    let (first, rest) = body.split_at(body.len() / 2);
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(first).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    server.terminate();
    std::thread::sleep(Duration::from_millis(300));
    assert!(TcpStream::connect(&server.address).is_err(), "takes new connections");
    stream.write_all(rest).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_eq!(wait(&mut server.child, Duration::from_secs(5)), Some(0));
    drop(idle);
}

#[test]
fn a_refusal_reaches_a_client_that_is_still_sending() {
    let server = Server::start(&["--private-key", KEY]);
    let mut stream = server.connect();
    let head = "POST /v0/face/detect HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    // All of it, before a look at the answer, as a browser does.
    stream.write_all(&vec![0; 8_000_000]).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 401");
}

#[test]
fn says_clearly_why_it_cannot_start() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, said) = failure(command().args(["--port", &port]));
    assert_eq!(code, Some(1));
    assert!(said.contains(&format!("port {port} is in use")), "{said}");

    let (code, said) = failure(command().args(["--port", "0", "--data", "/no/such/folder/users.sqlite"]));
    assert_eq!(code, Some(1));
    assert!(said.contains("cannot open the data file /no/such/folder/users.sqlite"), "{said}");

    let mut no_models = Command::new(env!("CARGO_BIN_EXE_perse-sandbox"));
    no_models.args(["--port", "0", "--models", "/no/models"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let (code, said) = failure(&mut no_models);
    assert_eq!(code, Some(1));
    assert!(said.contains("npm run setup") && said.contains("/no/models"), "{said}");

    let (code, said) = failure(command().args(["--port", "0", "--cors", "localhost:5173"]));
    assert_eq!(code, Some(1));
    assert!(said.contains("--cors") && said.contains("not an origin"), "{said}");

    let (code, _) = failure(command().args(["--port", "0", "--token-ttl", "0"]));
    assert_eq!(code, Some(2));

    for similarity in ["101", "-1", "NaN", "half"] {
        let (code, said) =
            failure(command().arg("--port=0").arg(format!("--similarity-threshold={similarity}")));
        assert_eq!(code, Some(2));
        assert!(said.contains("--similarity-threshold"), "{said}");
    }
}

#[test]
fn fails_on_purpose_only_when_told() {
    let ask = "GET /faults/a:503-7/v0/face/enrollment/list";
    let server = Server::start(&["--faults"]);
    assert!(server.ask(ask, "Accept: */*", b"").starts_with("HTTP/1.1 503 "));
    assert_eq!(server.ask("GET /faults/a:drop-after/v0/nothing", "Accept: */*", b""), "");
    let server = Server::start(&[]);
    assert!(server.ask(ask, "Accept: */*", b"").starts_with("HTTP/1.1 404 "));
}

#[test]
fn keys_cannot_be_guessed() {
    let server = Server::start(&["--private-key", KEY]);
    let login = |key: &str| {
        server.ask("POST /v0/login", "Accept: */*", format!(r#"{{"privateKey":"{key}"}}"#).as_bytes())
    };
    assert!(login(KEY).starts_with("HTTP/1.1 200 "));
    let refused = (0..20).map(|guess| login(&format!("guess-{guess}"))).collect::<Vec<_>>();
    let count = |status| refused.iter().filter(|answer| answer.starts_with(status)).count();
    let guessed = count("HTTP/1.1 401 ");
    assert!((9..=11).contains(&guessed), "{guessed}");
    assert_eq!(count("HTTP/1.1 429 "), 20 - guessed);
    let last = refused.last().unwrap();
    let (_, seconds) = last.split_once("retry-after: ").expect(last);
    assert!((1..=5).contains(&seconds.lines().next().unwrap().parse::<u32>().unwrap()), "{last}");
    assert!(last.contains(r#""code":"rate_limited""#), "{last}");
    // The right key is not told apart either, and the older header is no way around.
    assert!(login(KEY).starts_with("HTTP/1.1 429 "));
    let with_key = |key: &str| server.ask(LIST, &format!("{}: {key}", route::API_KEY), b"");
    assert!(with_key(KEY).starts_with("HTTP/1.1 429 ") && with_key("guess").starts_with("HTTP/1.1 429 "));
}

#[test]
fn the_health_command_asks_a_server() {
    let server = Server::start(&[]);
    let (_, port) = server.address.split_once(':').unwrap();
    for host in ["127.0.0.1", "0.0.0.0"] {
        let health = command().args(["--host", host, "--port", port, "health"]).output().unwrap();
        assert!(health.status.success(), "{host}: {health:?}");
    }
    let port = port.to_owned();
    drop(server);
    let (code, said) = failure(command().args(["--port", &port, "health"]));
    assert_eq!(code, Some(1));
    assert!(said.contains("cannot be reached"), "{said}");
}

#[test]
fn behind_a_proxy_each_client_has_its_own_guesses() {
    let server = Server::start(&["--private-key", KEY, "--trusted-proxy", "127.0.0.1,10.0.0.0/8"]);
    let from = |client: &str, key: &str| {
        let body = format!(r#"{{"privateKey":"{key}"}}"#);
        server.ask("POST /v0/login", &format!("X-Forwarded-For: {client}"), body.as_bytes())
    };
    for _ in 0..12 {
        from("203.0.113.7", "guess");
    }
    assert!(from("203.0.113.7", KEY).starts_with("HTTP/1.1 429 "));
    assert!(from("203.0.113.8, 10.0.0.9", KEY).starts_with("HTTP/1.1 200 "));
    // The client's own words about where it is do not help it.
    assert!(from("203.0.113.9, 203.0.113.7", KEY).starts_with("HTTP/1.1 429 "));
}

#[test]
fn the_key_may_come_from_the_environment_or_a_file() {
    let opens = |server: &Server| {
        server.ask(LIST, &format!("{}: {KEY}", route::API_KEY), b"").starts_with("HTTP/1.1 200 ")
    };
    assert!(opens(&Server::start_with(command().env("PERSE_PRIVATE_KEY", KEY), &[])));
    let path = std::env::temp_dir().join(format!("perse-sandbox-key-{}", std::process::id()));
    std::fs::write(&path, format!("{KEY}\n")).unwrap();
    assert!(opens(&Server::start(&["--private-key-file", path.to_str().unwrap()])));
    std::fs::write(&path, "\n").unwrap();
    let mut empty = command();
    let (code, said) = failure(empty.args(["--port", "0", "--private-key-file"]).arg(&path));
    assert_eq!(code, Some(1));
    assert!(said.contains("--private-key-file") && said.contains("cannot be empty"), "{said}");
    std::fs::remove_file(&path).unwrap();
    let (code, said) = failure(command().args(["--port", "0", "--private-key-file", "/no/such/file"]));
    assert_eq!(code, Some(1));
    assert!(said.contains("/no/such/file"), "{said}");
}

#[test]
fn settings_may_come_from_the_environment() {
    let folder = std::env::temp_dir().join(format!("perse-sandbox-environment-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, text: &str| {
        std::fs::write(folder.join(name), text).unwrap();
        folder.join(name)
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_perse-sandbox"));
    command
        .env("PERSE_SANDBOX_MODELS", models())
        .env("PERSE_PRIVATE_KEY_FILE", file("key", KEY))
        .env("PERSE_SANDBOX_JWT_SECRET_FILE", file("secret", "a secret of this test alone, and long\n"))
        .env("PERSE_SANDBOX_DATA", folder.join("users.sqlite"))
        .env("PERSE_SANDBOX_CORS", "http://a.test,http://b.test")
        .env("PERSE_SANDBOX_METRICS", "true")
        .env("PERSE_SANDBOX_WORKERS", "1")
        .env("PERSE_SANDBOX_QUEUE", "2")
        .stdout(Stdio::piped());
    let server = Server::start_with(&mut command, &[]);
    let origin = format!("{}: {KEY}\r\nOrigin: http://b.test", route::API_KEY);
    let answer = server.ask(LIST, &origin, b"");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("access-control-allow-origin: http://b.test"), "{answer}");
    assert!(server.ask("GET /metrics", "Accept: */*", b"").contains("perse_jobs_limit 3\n"));
    assert!(folder.join("users.sqlite").exists());
    drop(server);
    std::fs::remove_dir_all(folder).unwrap();
}

#[cfg(unix)]
#[test]
fn the_log_may_be_json() {
    let mut server = Server::start(&["--private-key", KEY, "--log", "json"]);
    server.ask(LIST, "x-request-id: trace-1", b"");
    server.ask("GET /health/live", "Accept: */*", b"");
    server.terminate();
    wait(&mut server.child, Duration::from_secs(5));
    let mut log = String::new();
    server.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    let lines: Vec<serde_json::Value> =
        log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let [line] = &lines[..] else { panic!("health checks are not in the log: {log}") };
    assert_eq!((&line["level"], &line["id"]), (&"INFO".into(), &"trace-1".into()));
    assert_eq!((&line["route"], &line["status"]), (&"/v0/face/enrollment/list".into(), &401.into()));
}

#[test]
fn a_configuration_is_checked_without_listening() {
    let mut child = command().args(["--check-config", "--private-key", KEY]).spawn().unwrap();
    assert_eq!(wait(&mut child, Duration::from_secs(20)), Some(0));
    let mut said = String::new();
    child.stdout.unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said, "The configuration is right.\n");
    for (arguments, problem) in [
        (["--data", "/no/such/folder/users.sqlite"], "cannot open the data file"),
        (["--jwt-secret-file", "/no/such/file"], "--jwt-secret-file: cannot read /no/such/file"),
        (["--cors", "localhost"], "not an origin"),
    ] {
        let (code, said) = failure(command().arg("--check-config").args(arguments));
        assert_eq!(code, Some(1));
        assert!(said.contains(problem), "{said}");
    }
}

#[test]
fn keys_cannot_be_guessed_by_the_older_header_and_the_right_one_is_not_limited() {
    let server = Server::start(&["--private-key", KEY]);
    let with_key = |key: &str| server.ask(LIST, &format!("{}: {key}", route::API_KEY), b"");
    assert!((0..150).all(|_| with_key(KEY).starts_with("HTTP/1.1 200 ")));
    let refused = (0..20).map(|guess| with_key(&format!("guess-{guess}"))).collect::<Vec<_>>();
    let guessed = refused.iter().filter(|answer| answer.starts_with("HTTP/1.1 401 ")).count();
    assert!((9..=13).contains(&guessed), "{guessed}");
    assert!(refused.last().unwrap().starts_with("HTTP/1.1 429 "));
}

/// A folder for `--www` with one large file in it.
fn www(name: &str, bytes: usize) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("perse-sandbox-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("large.bin"), vec![0; bytes]).unwrap();
    folder
}

#[test]
fn a_path_that_no_file_system_has_is_not_found() {
    let folder = www("long-path", 1);
    let server = Server::start(&["--demo", "--www", folder.to_str().unwrap()]);
    for length in [200, 256, 300, 1_000, 5_000, 60_000] {
        for name in ["x".repeat(length), "x/".repeat(length / 2), "%41".repeat(length / 3)] {
            let answer = server.ask(&format!("GET /{name}"), "Accept: */*", b"");
            let status = &answer[..answer.len().min(12)];
            assert!(["HTTP/1.1 404", "HTTP/1.1 414"].contains(&status), "{length}: {status}");
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[cfg(unix)]
#[test]
fn a_client_that_reads_nothing_is_cut_off_and_does_not_delay_the_end() {
    let folder = www("unread", 50_000_000);
    let mut server = Server::start(&["--demo", "--www", folder.to_str().unwrap()]);
    let mut reader = server.connect();
    reader.write_all(b"GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    std::thread::sleep(Duration::from_secs(12));
    let start = Instant::now();
    server.terminate();
    assert_eq!(wait(&mut server.child, Duration::from_secs(3)), Some(0));
    assert!(start.elapsed() < Duration::from_secs(3));
    std::fs::remove_dir_all(folder).unwrap();
}

#[cfg(unix)]
#[test]
fn the_second_signal_ends_it_at_once() {
    let mut server = Server::start(&["--private-key", KEY]);
    // A request that never ends.
    let mut stalled = server.connect();
    let head = format!(
        "POST /v0/face/detect HTTP/1.1\r\nHost: x\r\n{}: {KEY}\r\nContent-Type: {}\r\nContent-Length: 1000\r\n\r\n",
        route::API_KEY,
        Form::content_type()
    );
    stalled.write_all(head.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    server.terminate();
    std::thread::sleep(Duration::from_millis(500));
    assert!(server.child.try_wait().unwrap().is_none(), "it was to wait for the request");
    server.terminate();
    assert_eq!(wait(&mut server.child, Duration::from_secs(2)), Some(130));
}

#[test]
fn a_demo_for_everybody_is_warned_of() {
    for (host, is_warned) in [("0.0.0.0", true), ("127.0.0.1", false)] {
        let mut child = command().args(["--port", "0", "--demo", "--host", host]).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(said.contains("--demo issues sessions"), is_warned, "{host}: {said}");
    }
}
