//! Failures on purpose, as a client meets them on a socket.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    http::{Method, Request},
};
use perse_protocol::{Code, field, route};
use perse_sandbox::{Config, Cors, app_with_engine, serve};
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime::Runtime, sync::oneshot, task::JoinHandle};

use crate::common::{Form, KEY, Sandbox, config, engine, jpeg, login, sample, wall};

const ORIGIN: &str = "http://localhost:5173";

/// A server with faults, on a socket.
struct Server {
    address: SocketAddr,
    runtime: Runtime,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Server {
    fn start() -> Self {
        Self::with(|_| ())
    }

    fn with(set: impl FnOnce(&mut Config)) -> Self {
        let mut config = config();
        set(&mut config);
        config.faults = true;
        config.cors = Cors::parse(&[ORIGIN]).unwrap();
        let runtime = Runtime::new().unwrap();
        let router = runtime.block_on(app_with_engine(config, engine())).unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let served = runtime.spawn(serve(listener, router, async { drop(stopped.await) }));
        Self { address, runtime, stop, served }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// Sends a request, and nothing about the connection, which would be kept by itself.
    fn send(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> TcpStream {
        let mut stream = self.connect();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nOrigin: {ORIGIN}\r\n", self.address);
        let length = body.len();
        stream.write_all(format!("{head}Content-Length: {length}\r\n{headers}\r\n").as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        stream
    }

    /// The same, and all that comes back until the connection ends.
    fn ask(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Reply {
        let mut bytes = Vec::new();
        self.send(method, path, headers, body).read_to_end(&mut bytes).unwrap();
        Reply::of(bytes)
    }

    /// Lists the users with the key by this script.
    fn list(&self, script: &str) -> Reply {
        self.ask("GET", &list(script), &key(), b"")
    }

    /// Looks for faces by this script.
    fn detect(&self, script: &str) -> Reply {
        let (headers, body) = detect();
        self.ask("POST", &below(script, route::DETECT), &headers, &body)
    }

    fn met(&self, name: &str) -> Value {
        let reply = self.ask("GET", &format!("/faults/{name}"), "", b"");
        assert_eq!(reply.status, "200");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        reply.is_readable_elsewhere();
        reply.json()
    }

    /// Number of requests that a name has met.
    fn requests(&self, name: &str) -> u64 {
        self.met(name)["requests"].as_u64().unwrap()
    }

    /// Number of users.
    fn users(&self) -> u64 {
        let reply = self.ask("GET", "/faults/users:ok/v0/face/enrollment/list", &key(), b"");
        reply.json()["total_users"].as_u64().unwrap()
    }
}

/// The bytes before the connection ended, if any.
#[derive(Debug)]
struct Reply {
    status: String,
    head: String,
    body: Vec<u8>,
}

impl Reply {
    fn of(bytes: Vec<u8>) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.strip_prefix("HTTP/1.1 ").expect(&head)[..3].to_owned();
        Self { status, head, body: bytes[end + 4..].to_vec() }
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The length that its headers give the body.
    fn length(&self) -> usize {
        self.header("content-length").expect(&self.head).parse().unwrap()
    }

    fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/json"));
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Asserts that it is a whole answer of this status, which a page of the other origin may read.
    #[track_caller]
    fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status.to_string(), "{}", self.head);
        assert_eq!(self.body.len(), self.length());
        assert_eq!(self.header("connection"), Some("close"));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        self.is_readable_elsewhere();
        self
    }

    #[track_caller]
    fn is_readable_elsewhere(&self) {
        assert_eq!(self.header("access-control-allow-origin"), Some(ORIGIN), "{}", self.head);
        assert_eq!(self.header("access-control-expose-headers"), Some("retry-after,x-request-id"));
    }

    /// Asserts that it is this refusal in the API's form.
    #[track_caller]
    fn refuses(&self, status: u16, code: &str) {
        let json = self.is(status).json();
        assert_eq!(json["code"], code);
        assert_eq!(json["status"], false);
        assert!(json["message"].as_str().unwrap().ends_with('.'));
        assert_eq!(json.as_object().unwrap().len(), 3);
    }
}

fn below(script: &str, path: &str) -> String {
    format!("/faults/{script}{}{path}", route::PREFIX)
}

fn list(script: &str) -> String {
    below(script, route::ENROLLMENT_LIST)
}

fn key() -> String {
    format!("{}: {KEY}\r\n", route::API_KEY)
}

/// The headers and the body of a form with this image.
fn image(file: &[u8]) -> (String, Vec<u8>) {
    (format!("{}Content-Type: {}\r\n", key(), Form::content_type()), Form::image(file).body())
}

fn detect() -> (String, Vec<u8>) {
    image(&jpeg(&wall()))
}

/// A photo of one face that is fit to be enrolled.
fn portrait() -> Vec<u8> {
    sample(1)
}

/// All that still comes, in the time given.
fn rest(stream: &mut TcpStream, time: Duration) -> (Vec<u8>, ErrorKind) {
    stream.set_read_timeout(Some(time)).unwrap();
    let mut bytes = Vec::new();
    let mut some = [0; 4096];
    loop {
        match stream.read(&mut some) {
            Ok(0) => return (bytes, ErrorKind::UnexpectedEof),
            Ok(count) => bytes.extend_from_slice(&some[..count]),
            Err(error) => return (bytes, error.kind()),
        }
    }
}

/// Whether the connection stayed open until time ran out.
fn is_open(end: ErrorKind) -> bool {
    matches!(end, ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

#[test]
fn steps_are_taken_in_turn_and_the_last_one_stays() {
    let server = Server::start();
    let script = "turns:503,401,ok";
    let statuses: Vec<_> = (0..5).map(|_| server.list(script).status).collect();
    assert_eq!(statuses, ["503", "401", "200", "200", "200"]);
    // The name counts, not the script or the route; another name begins again.
    assert_eq!(server.detect("turns:500,500,500,500,500,504").status, "504");
    assert_eq!(server.list("other:503,ok").status, "503");
    assert_eq!(server.requests("turns"), 6);
}

#[test]
fn every_route_works_as_usual() {
    let server = Server::start();
    let (headers, body) = image(&portrait());
    let create = server.ask("POST", &below("usual:ok", route::ENROLLMENT), &headers, &body);
    let user = create.is(200).json()["user_token"].as_str().unwrap().to_owned();
    assert_eq!(server.list("usual:ok").is(200).json()["user_tokens"], json!([user]));
    let update = Form::image(&portrait()).text(field::USER_TOKEN, &user).body();
    server.ask("PUT", &below("usual:ok", route::ENROLLMENT), &headers, &update).is(200);
    let pair = Form::pair(&portrait(), &portrait()).body();
    let compare = server.ask("POST", &below("usual:ok", route::COMPARE), &headers, &pair);
    assert!(compare.is(200).json()["similarity"].as_f64().unwrap() > 99.0);
    server.detect("usual:ok").is(200);
    let delete = below("usual:ok", &format!("{}/{user}", route::ENROLLMENT));
    server.ask("DELETE", &delete, &key(), b"").is(200);
    server.ask("DELETE", &delete, &key(), b"").refuses(422, "user_token_not_found");
    let path = below("usual:ok", route::LOGIN);
    server.ask("POST", &path, "", json!({ "privateKey": KEY }).to_string().as_bytes()).is(200);
    // Its refusals too.
    server.ask("GET", &list("usual:ok"), "", b"").refuses(401, "unauthorized");
    server.ask("GET", &below("usual:ok", "/nothing"), &key(), b"").refuses(404, "route_not_found");
    server.ask("DELETE", &below("usual:ok", route::DETECT), &key(), b"").refuses(405, "method_not_allowed");
    assert_eq!(server.requests("usual"), 11);
    // A path that is no text is refused before its script is read.
    let strange = below("usual:drop-after", "/face/enrollment/%FF");
    server.ask("DELETE", &strange, &key(), b"").refuses(400, "invalid_request");
    assert_eq!(server.requests("usual"), 11);
}

#[test]
fn a_delay_comes_before_the_usual_answer() {
    let server = Server::start();
    let start = Instant::now();
    server.detect("slow:delay-300").is(200);
    assert!((300..5000).contains(&start.elapsed().as_millis()));
}

#[test]
fn dropped_before_it_is_read() {
    let server = Server::start();
    let mut stream = server.connect();
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n{}\r\n",
        below("before:drop-before", route::ENROLLMENT),
        detect().0
    );
    stream.write_all(head.as_bytes()).unwrap();
    // Still uploading while it is dropped: writing may fail, and reading gives nothing at all.
    for _ in 0..100 {
        if stream.write_all(&[0; 10_000]).is_err() {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let (bytes, end) = rest(&mut stream, Duration::from_secs(10));
    assert_eq!(bytes, b"", "{end:?}");
    assert!(!is_open(end), "{end:?}");
    // The same without a body, and all at once.
    let mut stream = server.send("GET", &list("before:drop-before"), &key(), b"");
    assert_eq!(rest(&mut stream, Duration::from_secs(10)), (Vec::new(), ErrorKind::UnexpectedEof));
    let (headers, _) = detect();
    let mut stream = server.connect();
    let path = below("before:drop-before", route::DETECT);
    let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n{headers}\r\n");
    let _ = stream.write_all(&[head.as_bytes(), &vec![0; 1_000_000]].concat());
    let (bytes, end) = rest(&mut stream, Duration::from_secs(10));
    assert_eq!(bytes, b"", "{end:?}");
    assert!(!is_open(end), "{end:?}");
    assert_eq!(server.requests("before"), 3);
}

#[test]
fn dropped_after_the_work_is_done() {
    let server = Server::start();
    let (headers, body) = image(&portrait());
    let enrol = |step: &str| {
        let path = below(&format!("{step}:{step}"), route::ENROLLMENT);
        let mut stream = server.send("POST", &path, &headers, &body);
        rest(&mut stream, Duration::from_secs(20))
    };
    assert_eq!(enrol("drop-before").0, b"");
    assert_eq!(server.users(), 0);
    assert_eq!(enrol("drop-after"), (Vec::new(), ErrorKind::UnexpectedEof));
    assert_eq!(server.users(), 1);
    let (bytes, end) = enrol("drop-inside");
    assert_eq!(end, ErrorKind::UnexpectedEof);
    assert_eq!(server.users(), 2);
    let reply = Reply::of(bytes);
    assert_eq!((reply.status.as_str(), reply.body.len()), ("200", reply.length() / 2));
    assert!(reply.body.starts_with(b"{\"user_token\":"));
    reply.is_readable_elsewhere();
}

#[test]
fn a_refusal_is_dropped_inside_too() {
    let server = Server::start();
    let reply = server.ask("GET", &list("refusal:drop-inside"), "", b"");
    assert_eq!((reply.status.as_str(), reply.body.len()), ("401", reply.length() / 2));
    assert!(reply.body.starts_with(b"{\"message\":"));
}

#[test]
fn an_answer_may_never_come_or_stop_half_way() {
    let server = Server::start();
    let (headers, body) = image(&portrait());
    let mut hanging = server.send("POST", &below("hang:hang", route::ENROLLMENT), &headers, &body);
    let (bytes, end) = rest(&mut hanging, Duration::from_millis(700));
    assert!(bytes.is_empty() && is_open(end), "{end:?}");
    // Nothing was done, but all was read, also of a body longer than any buffer.
    assert_eq!(server.users(), 0);
    let long = server.send("POST", &below("hang:hang", route::ENROLLMENT), &headers, &vec![0; 20_000_000]);
    let mut stalled = server.send("GET", &list("stall:stall"), &key(), b"");
    let (bytes, end) = rest(&mut stalled, Duration::from_millis(700));
    assert!(is_open(end), "{end:?}");
    let reply = Reply::of(bytes);
    assert_eq!((reply.status.as_str(), reply.body.len()), ("200", reply.length() / 2));

    // They end with their clients: nothing is left that a stop would wait for.
    drop((hanging, long, stalled));
    let start = Instant::now();
    server.stop.send(()).unwrap();
    server.runtime.block_on(server.served).unwrap();
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[test]
fn those_who_wait_for_ever_hold_no_worker() {
    let server = Server::with(|config| {
        config.workers = 1.try_into().unwrap();
        config.queue = 1;
    });
    let (headers, body) = detect();
    // Several times the eight that may read a body at once.
    let waiting: Vec<_> = (0..60)
        .map(|number| {
            let step = ["hang", "stall", "delay-60000"][number % 3];
            server.send("POST", &below(&format!("{step}-{number}:{step}"), route::DETECT), &headers, &body)
        })
        .collect();
    while server.requests("hang-57") + server.requests("stall-58") + server.requests("delay-60000-59") < 3 {
        std::thread::sleep(Duration::from_millis(10));
    }
    // The work of those who stall may still be pending.
    let is_served = || {
        (0..200).any(|_| {
            std::thread::sleep(Duration::from_millis(50));
            server.detect("others:ok").status == "200"
        })
    };
    assert!((0..3).all(|_| is_served()));
    drop(waiting);
}

#[test]
fn a_truncated_answer_is_whole_to_http() {
    let server = Server::start();
    let reply = server.detect("short:truncated");
    assert!(reply.is(200).body.starts_with(b"{\"total_faces\":"));
    assert!(serde_json::from_slice::<Value>(&reply.body).is_err());
    let refusal = server.ask("GET", &list("short:truncated"), "", b"");
    assert!(refusal.is(200).body.starts_with(b"{\"message\":"));
}

#[test]
fn answers_of_something_else() {
    let server = Server::start();
    let garbage = server.detect("garbage:garbage");
    assert_eq!(garbage.is(200).header("content-type"), Some("application/json"));
    assert!(std::str::from_utf8(&garbage.body).is_err());
    assert_eq!(server.list("garbage:garbage").body, garbage.body);
    for (step, status) in [("html", 200), ("html-502", 502)] {
        let reply = server.detect(&format!("{step}:{step}"));
        assert_eq!(reply.is(status).header("content-type"), Some("text/html; charset=utf-8"));
        assert!(reply.body.starts_with(b"<!doctype html>"));
    }
    assert_eq!(server.detect("empty:empty").is(200).body, b"");
    assert_eq!(server.detect("shape:shape").is(200).json(), json!({}));
    assert_eq!(server.detect("null:null").is(200).json(), Value::Null);
}

#[test]
fn refusals_say_when_to_try_again_only_when_told() {
    let server = Server::start();
    for (step, status, code, after) in [
        ("401", 401, "unauthorized", None),
        ("500", 500, "server_error", None),
        ("502", 502, "server_error", None),
        ("503", 503, "server_busy", None),
        ("503-7", 503, "server_busy", Some("7")),
        ("504", 504, "server_error", None),
        ("429", 429, "rate_limited", None),
        ("429-0", 429, "rate_limited", Some("0")),
    ] {
        for reply in [server.list(&format!("a{step}:{step}")), server.detect(&format!("b{step}:{step}"))] {
            reply.refuses(status, code);
            assert_eq!(reply.header("retry-after"), after, "{step}");
            assert_eq!(reply.header("www-authenticate"), (status == 401).then_some("Bearer"));
        }
    }
}

#[test]
fn a_refusal_reaches_a_client_that_is_still_sending() {
    let server = Server::start();
    let (headers, _) = detect();
    for step in ["401", "503", "garbage", "redirect"] {
        let path = below(&format!("sending:{step}"), route::DETECT);
        let reply = server.ask("POST", &path, &headers, &vec![0; 8_000_000]);
        assert_eq!(reply.body.len(), reply.length(), "{step}");
    }
}

#[test]
fn a_redirect_leads_to_another_origin_and_is_counted_there() {
    let server = Server::start();
    let reply = server.ask("GET", &format!("{}?a=b", list("there:redirect")), &key(), b"");
    let location = reply.is(307).header("location").unwrap().to_owned();
    let port = server.address.port();
    let path = location.strip_prefix(&format!("http://localhost:{port}")).expect(&location);
    assert_eq!(path, "/faults/there-redirected:ok/v0/face/enrollment/list?a=b");
    assert_eq!(server.requests("there-redirected"), 0);
    let bearer = "Authorization: Bearer x\r\n";
    server.ask("GET", path, bearer, b"").refuses(401, "unauthorized");
    assert_eq!(server.met("there-redirected"), json!({ "requests": 1, "tokens": 1, "authorized": 1 }));
    assert_eq!(server.requests("there"), 1);
}

#[test]
fn hostile_json_is_sent_as_json() {
    let server = Server::start();
    for (kind, least) in
        [("deep", 200_000), ("huge", 5_000_000), ("types", 100), ("duplicates", 1000), ("numbers", 1000)]
    {
        let reply = server.detect(&format!("{kind}:hostile-{kind}"));
        assert_eq!(reply.is(200).header("content-type"), Some("application/json"));
        assert!(reply.length() > least, "{kind}");
    }
    let counts = ["1.5", "-1", "4294967296"].map(|count| {
        let body = String::from_utf8(server.list("counts:hostile-numbers").body).unwrap();
        assert!(body.contains(&format!("\"total_users\": {count},")), "{body}");
        body
    });
    assert!(counts.iter().all(|body| body.contains("1e999")));
}

#[test]
fn requests_and_tokens_are_counted_but_not_preflights() {
    let server = Server::start();
    assert_eq!(server.met("nobody"), json!({ "requests": 0, "tokens": 0, "authorized": 0 }));
    let preflight =
        "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization\r\n";
    let path = list("counted:503,drop-after,hang,ok");
    for _ in 0..3 {
        let reply = server.ask("OPTIONS", &path, preflight, b"");
        assert_eq!(reply.status, "200");
        assert_eq!(
            reply.header("access-control-allow-headers"),
            Some("authorization,content-type,x-api-key,idempotency-key,x-request-id")
        );
        assert_eq!(reply.header("connection"), Some("close"));
    }
    assert_eq!(server.requests("counted"), 0);
    for header in
        ["Authorization: Bearer a\r\n", "Authorization: Bearer b\r\n", "", "Authorization: Bearer a\r\n"]
    {
        drop(rest(&mut server.send("GET", &path, header, b""), Duration::from_millis(300)));
    }
    assert_eq!(server.met("counted"), json!({ "requests": 4, "tokens": 2, "authorized": 3 }));
    // Asking is not counted, and not refused to anyone.
    assert_eq!(server.requests("counted"), 4);
    assert_eq!(server.ask("POST", "/faults/counted", "", b"").status, "405");
}

#[test]
fn a_script_that_is_none_is_explained() {
    let server = Server::start();
    for script in ["a", "a:", "a:nonsense", "a:ok,", "a:delay-x", "a:hostile-mild", "a:ok,OK"] {
        let reply = server.list(script);
        reply.refuses(400, "invalid_request");
        let message = reply.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains("drop-inside") && message.contains("hostile-numbers"), "{message}");
    }
    for name in [":ok", "a.b:ok", "a%20b:ok", &format!("{}:ok", "x".repeat(65))] {
        let reply = server.list(name);
        reply.refuses(400, "invalid_request");
        assert!(reply.json()["message"].as_str().unwrap().contains("A-Z"));
    }
    server.list(&format!("{}:ok", "x".repeat(64))).is(200);
    server.ask("GET", "/faults/a:ok", "", b"").refuses(400, "invalid_request");
    server.ask("GET", "/faults/%FF", "", b"").refuses(400, "invalid_request");
    assert_eq!(server.requests("a"), 0);
    // A client may write the marks of a script in the other way.
    assert_eq!(server.list("coded%3A503%2Cok").status, "503");
    assert_eq!(server.list("coded%3A503%2Cok").status, "200");
}

#[tokio::test]
async fn names_are_forgotten_and_not_gathered() {
    let sandbox = Sandbox::alone(|config| config.faults = true).await;
    let ask = |path: String| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        async { sandbox.send(request).await }
    };
    for number in 0..10_001 {
        assert_eq!(ask(list(&format!("n{number}:503"))).await.status, 503);
    }
    for (name, requests) in [("n0", 0), ("n1", 1), ("n10000", 1)] {
        let met = ask(format!("/faults/{name}")).await;
        assert_eq!(met.is_ok()["requests"], requests, "{name}");
    }
}

#[tokio::test]
async fn without_the_switch_there_is_nothing_of_it() {
    let sandbox = Sandbox::new().await;
    for method in [Method::GET, Method::POST, Method::DELETE] {
        for path in
            ["/faults/a", "/faults/a:ok", "/faults/a:ok/v0/face/enrollment/list", "/faults/a:503/v0/login"]
        {
            let request = Request::builder().method(method.clone()).uri(path).body(Body::empty()).unwrap();
            sandbox.send(request).await.is(Code::RouteNotFound);
        }
    }
}

#[tokio::test]
async fn with_the_switch_the_api_itself_stays_as_it_is() {
    let sandbox = Sandbox::with(|config| config.faults = true).await;
    let answer = sandbox.send(login(&json!({ "privateKey": KEY }).to_string())).await;
    answer.is_ok();
    assert!(!answer.headers.contains_key("connection"));
    sandbox.get(route::ENROLLMENT_LIST).await.is_ok();
    for path in ["/faults", "/faults/", "/faults/a:ok/v1/login", "/faults/a:ok/v0", "/nothing"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        sandbox.send(request).await.is(Code::RouteNotFound);
    }
}
