//! The gateway over HTTP: sessions, streams, versions without sessions, and everything that is turned away.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::talk::{Place, text};

/// A gateway that listens.
pub(crate) struct Listening {
    child: Child,
    pub(crate) address: String,
    said: thread::JoinHandle<String>,
}

/// An answer: status, session, body.
struct Answer {
    status: u16,
    session: String,
    body: String,
}

impl Answer {
    /// The last message in it.
    fn message(&self) -> Value {
        let data = self.body.lines().filter_map(|line| line.strip_prefix("data: ")).next_back();
        serde_json::from_str(data.unwrap_or(&self.body)).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

pub(crate) fn listen(place: &Place, options: &[&str], server: &[&str]) -> Listening {
    let mut command = place.program.command(place.folder.path());
    command.args(["mcp", "gateway", "--policy", "policy.yaml", "--listen", "127.0.0.1:0"]).args(options).arg("--");
    command.arg(env!("CARGO_BIN_EXE_fake-mcp-server")).args(["--log", "server.log"]).args(server);
    command.env("QUAY_TOKEN", "s3cret");
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("gait");
    let mut lines = BufReader::new(child.stderr.take().expect("piped"));
    let address = loop {
        let mut line = String::new();
        assert!(lines.read_line(&mut line).is_ok_and(|read| read > 0), "it does not listen");
        if let Some(rest) = line.trim().strip_prefix("gait: listening on http://") {
            break rest.trim_end_matches("/mcp").to_owned();
        }
    };
    let said = thread::spawn(move || {
        let mut text = String::new();
        let _ = lines.read_to_string(&mut text);
        text
    });
    Listening { child, address, said }
}

impl Listening {
    fn open(&self, method: &str, headers: &[(&str, &str)], body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
        let mut head = format!("{method} /mcp HTTP/1.1\r\n");
        let given = |name: &str| headers.iter().any(|(one, _)| one.eq_ignore_ascii_case(name));
        let usual = [
            ("Host", self.address.as_str()),
            ("Accept", "application/json, text/event-stream"),
            ("Content-Type", "application/json"),
            ("Connection", "close"),
        ];
        for (name, value) in usual.iter().filter(|(name, _)| !given(name)).chain(headers) {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("Content-Length: {}\r\n\r\n", body.len());
        // Whoever is turned away early may not read all of it.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
        stream
    }

    fn ask(&self, method: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut answer = Vec::new();
        let _ = self.open(method, headers, body).read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
        let header = |name: &str| {
            let lines = head.lines().filter_map(|line| line.split_once(": "));
            lines.filter(|(one, _)| one.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned()).next()
        };
        let chunked = header("transfer-encoding").is_some();
        let body = if chunked { body.split("\r\n").skip(1).step_by(2).collect() } else { body.to_owned() };
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        Answer { status, session: header("mcp-session-id").unwrap_or_default(), body }
    }

    fn post(&self, headers: &[(&str, &str)], message: &Value) -> Answer {
        self.ask("POST", headers, &message.to_string())
    }

    fn initialize(&self) -> String {
        let params =
            json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}});
        let answer = self.post(&[], &json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params}));
        assert_eq!((answer.status, &answer.message()["result"]["serverInfo"]["name"]), (200, &json!("fake")));
        assert_eq!(answer.session.len(), 32);
        answer.session
    }

    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let asked = std::process::Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(asked.is_ok_and(|status| status.success()), "a signal");
        let end = Instant::now() + Duration::from_secs(20);
        let status = loop {
            match self.child.try_wait().expect("a child") {
                Some(status) => break status,
                None if Instant::now() > end => {
                    let _ = self.child.kill();
                    panic!("the gateway does not end");
                }
                None => thread::sleep(Duration::from_millis(5)),
            }
        };
        (status.code(), self.said.join().unwrap_or_default())
    }
}

fn call(id: u64, tool: &str, arguments: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": tool, "arguments": arguments}})
}

#[test]
fn sessions_have_servers_and_runpacks_of_their_own() {
    let place = Place::new();
    let gateway = listen(&place, &[], &[]);
    let (one, other) = (gateway.initialize(), gateway.initialize());
    let with = |id: &'static str| -> Vec<(&str, &str)> { vec![("Mcp-Session-Id", id)] };
    let (one, other): (&'static str, &'static str) = (one.leak(), other.leak());
    let noticed = gateway.post(&with(one), &json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    assert_eq!((noticed.status, noticed.body.as_str()), (202, ""));
    let echoed = gateway.post(&with(one), &call(1, "echo", &json!({"a": 1})));
    assert_eq!((echoed.status, text(&echoed.message()["result"])), (200, r#"{"a":1}"#));
    let refused = gateway.post(&with(other), &call(1, "write_file", &json!({"path": "written", "content": ""})));
    assert_eq!(refused.message()["result"]["isError"], true, "{}", refused.body);
    let params = json!({"name": "slow", "arguments": {"ms": 600}, "_meta": {"progressToken": 7}});
    let slow = gateway.post(&with(one), &json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params}));
    assert!(slow.body.contains("event: message") && slow.body.contains("\"progressToken\":7"), "{}", slow.body);
    assert_eq!(text(&slow.message()["result"]), "slept");
    // What belongs to no request goes to whoever listens.
    let mut listener = BufReader::new(gateway.open("GET", &with(one), ""));
    thread::sleep(Duration::from_millis(100));
    let asking = gateway.open("POST", &with(one), &call(3, "ask", &json!({"messages": []})).to_string());
    let question: Value = loop {
        let mut line = String::new();
        assert!(listener.read_line(&mut line).is_ok_and(|read| read > 0), "a question");
        if let Some(data) = line.trim().strip_prefix("data: ") {
            break serde_json::from_str(data).expect("JSON");
        }
    };
    let answered =
        gateway.post(&with(one), &json!({"jsonrpc": "2.0", "id": question["id"], "result": {"role": "assistant"}}));
    assert_eq!(answered.status, 202);
    let mut all = String::new();
    let _ = BufReader::new(asking).read_to_string(&mut all);
    assert!(all.contains("assistant"), "{all}");
    assert_eq!(gateway.ask("DELETE", &with(one), "").status, 200);
    assert_eq!(gateway.post(&with(one), &call(4, "echo", &json!({}))).status, 404);
    let (code, said) = gateway.end();
    assert_eq!(code, Some(0), "{said}");
    let packs = place.files("gait-out/mcp-gateway");
    assert_eq!(packs.len(), 2, "{packs:?}: {said}");
    for pack in packs {
        assert_eq!(place.object(&["verify", &format!("gait-out/mcp-gateway/{pack}")])["ok"], true);
    }
    assert!(!place.path("written").exists());
}

#[test]
fn strangers_and_contradictions_never_reach_a_server() {
    let place = Place::with_policy("default_verdict: allow\n");
    let gateway = listen(&place, &["--auth-mode", "token", "--auth-token-env", "QUAY_TOKEN"], &[]);
    let good = ("Authorization", "Bearer s3cret");
    let begin = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"protocolVersion": "2025-11-25"}});
    let status = |headers: &[(&str, &str)], body: &Value| gateway.post(headers, body).status;
    assert_eq!(status(&[], &begin), 401);
    assert_eq!(status(&[good, ("Origin", "https://evil.example")], &begin), 403);
    assert_ne!(status(&[good, ("Host", "evil.example")], &begin), 200);
    assert_eq!(status(&[good, ("Accept", "application/json")], &begin), 406);
    assert_eq!(status(&[good, ("Content-Type", "text/plain")], &begin), 415);
    assert_eq!(status(&[good, ("MCP-Protocol-Version", "2031-01-01")], &begin), 400);
    assert_eq!(status(&[good], &call(1, "echo", &json!({}))), 400);
    assert_eq!(status(&[good, ("Mcp-Session-Id", "guessed")], &call(1, "echo", &json!({}))), 404);
    assert_eq!(gateway.ask("GET", &[good], "").status, 400);
    assert_eq!(gateway.ask("PUT", &[good], "").status, 405);
    let huge = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"a":"{}"}}}}"#, "x".repeat(17 << 20));
    assert_eq!(gateway.ask("POST", &[good], &huge).status, 413);
    assert!(!place.path("server.log").exists(), "no server was started for any of this");
    let begun = gateway.post(&[good], &begin);
    let session = [good, ("Mcp-Session-Id", begun.session.as_str())];
    let twice = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","name":"write_file"}}"#;
    let refused = gateway.ask("POST", &session, twice).message();
    assert_eq!(refused["error"]["data"]["dev.gait/error_code"], "json_duplicate_key");
    assert_eq!(gateway.end().0, Some(0));
    assert!(!place.seen().contains("write_file"));
}

#[test]
fn versions_without_sessions_share_a_server_that_knows_them() {
    let place = Place::new();
    let gateway = listen(&place, &[], &["--modern"]);
    let meta = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}});
    let message = |tool: &str| {
        let params = json!({"name": tool, "arguments": {}, "_meta": meta});
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    };
    let headers =
        |name: &'static str| [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/call"), ("Mcp-Name", name)];
    let echoed = gateway.post(&headers("echo"), &message("echo"));
    assert_eq!((echoed.status, text(&echoed.message()["result"])), (200, "{}"), "{}", echoed.body);
    let refused = gateway.post(&headers("write_file"), &message("write_file"));
    assert_eq!(refused.message()["result"]["resultType"], "complete", "{}", refused.body);
    let mismatch = gateway.post(&headers("echo"), &message("write_file"));
    assert_eq!((mismatch.status, &mismatch.message()["error"]["code"]), (400, &json!(-32_020)));
    let unknown = json!({"jsonrpc": "2.0", "id": 1, "method": "crane/move", "params": {"_meta": meta}});
    let headers = [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "crane/move")];
    assert_eq!(gateway.post(&headers, &unknown).status, 404);
    assert_eq!(gateway.ask("GET", &headers, "").status, 405);
    // What a header repeats of the arguments has to be what they say; gait has asked for the definitions itself.
    let mail = |to: &str, header: &[(&str, &str)]| {
        let params = json!({"name": "mail", "arguments": {"to": to}, "_meta": meta});
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        let usual = [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/call"), ("Mcp-Name", "mail")];
        gateway.post(&[&usual, header].concat(), &message)
    };
    assert_eq!(text(&mail("me", &[("Mcp-Param-To", "me")]).message()["result"]), "sent to me");
    for wrong in [&[("Mcp-Param-To", "you")][..], &[]] {
        let refused = mail("me", wrong);
        assert_eq!((refused.status, &refused.message()["error"]["code"]), (400, &json!(-32_020)), "{}", refused.body);
    }
    assert_eq!(gateway.end().0, Some(0));
    assert!(!place.seen().contains("write_file") && !place.seen().contains("crane/move"));
    assert_eq!(place.object(&["verify", &place.runpack()])["ok"], true);
}

#[test]
fn a_server_that_knows_sessions_only_is_not_guessed_at() {
    let place = Place::new();
    let gateway = listen(&place, &[], &[]);
    let meta = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}});
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}});
    let headers = [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/list")];
    let answer = gateway.post(&headers, &message);
    let error = answer.message()["error"].clone();
    assert_eq!((answer.status, &error["code"]), (400, &json!(-32_022)), "{}", answer.body);
    assert!(error["data"]["supported"].to_string().contains("2025-11-25"), "{error}");
    assert_eq!(gateway.initialize().len(), 32);
    assert_eq!(gateway.end().0, Some(0));
}

#[test]
fn the_decision_service_answers_mcp_as_well() {
    let place = Place::new();
    let program = env!("CARGO_BIN_EXE_fake-mcp-server");
    let servers = format!("servers: {{fake: {{command: {program}, args: [--log, server.log]}}}}\n");
    std::fs::write(place.path("servers.yaml"), servers).expect("written");
    let mut command = place.program.command(place.folder.path());
    command.args(["mcp", "serve", "policy.yaml", "--listen", "127.0.0.1:0", "--json", "--servers", "servers.yaml"]);
    command.args(["--auth-mode", "token", "--auth-token-env", "QUAY_TOKEN"]).env("QUAY_TOKEN", "s3cret");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("gait");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
    let started: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let address = started["listen"].as_str().expect("an address").to_owned();
    let mut lines = BufReader::new(child.stderr.take().expect("piped"));
    let said = thread::spawn(move || {
        let mut text = String::new();
        let _ = lines.read_to_string(&mut text);
        text
    });
    let gateway = Listening { child, address, said };
    let token = ("Authorization", "Bearer s3cret");
    let ask_url = json!({"elicitation": {"url": {}}});
    let params =
        json!({"protocolVersion": "2025-11-25", "capabilities": ask_url, "clientInfo": {"name": "c", "version": "1"}});
    let initialize = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
    assert_eq!(gateway.post(&[], &initialize).status, 401);
    let session = gateway.post(&[token], &initialize).session;
    let headers = [token, ("Mcp-Session-Id", session.as_str()), ("MCP-Protocol-Version", "2025-11-25")];
    let echoed = gateway.post(&headers, &call(1, "echo", &json!({"a": 1}))).message();
    assert_eq!(text(&echoed["result"]), r#"{"a":1}"#);
    let refused = gateway.post(&headers, &call(2, "write_file", &json!({}))).message();
    assert!(text(&refused["result"]).contains("writing_is_frozen"), "{refused}");

    // The question comes on the call's own stream, and its page asks for no token.
    let mut stream =
        BufReader::new(gateway.open("POST", &headers, &call(3, "read_file", &json!({"path": "x"})).to_string()));
    let asked = loop {
        let mut line = String::new();
        assert!(stream.read_line(&mut line).is_ok_and(|read| read > 0), "a question");
        if let Some(data) = line.strip_prefix("data: ") {
            break serde_json::from_str::<Value>(data).expect("JSON");
        }
    };
    let url = asked["params"]["url"].as_str().expect("an address");
    let path = url.strip_prefix(&format!("http://{}", gateway.address)).expect("the same listener");
    let mut page = TcpStream::connect(&gateway.address).expect("it listens");
    let host = &gateway.address;
    page.write_all(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes())
        .expect("sent");
    let mut shown = String::new();
    page.read_to_string(&mut shown).expect("a page");
    assert!(shown.contains("200 OK") && shown.contains("gait approve --intent-digest"), "{shown}");
    let declined = json!({"jsonrpc": "2.0", "id": asked["id"], "result": {"action": "decline"}});
    assert_eq!(gateway.post(&headers, &declined).status, 202);
    let mut rest = String::new();
    stream.read_to_string(&mut rest).expect("an answer");
    assert!(rest.contains("approval_declined"), "{rest}");

    let (code, said) = gateway.end();
    assert!(code == Some(0) && said.contains("recorded ./gait-out/mcp-serve/runpack_run_mcp_"), "{said}");
    let packs = place.files("gait-out/mcp-serve");
    assert_eq!(place.object(&["verify", &format!("gait-out/mcp-serve/{}", packs[0])])["ok"], true);
    assert_eq!(place.seen().matches("tools/call").count(), 1);
}

#[test]
fn a_batch_is_taken_apart_where_the_version_has_batches() {
    let place = Place::new();
    let gateway = listen(&place, &[], &[]);
    let batch = json!([
        call(1, "echo", &json!({"a": 1})),
        {"jsonrpc": "2.0", "method": "notifications/roots/list_changed"},
        call(2, "write_file", &json!({"path": "x", "content": "y"})),
        {"jsonrpc": "2.0", "id": 3, "method": "crane/move"},
        {"jsonrpc": "2.0", "id": 4, "method": "ping"},
    ]);
    let opened = |version: &str| {
        let params =
            json!({"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}});
        gateway.post(&[], &json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params})).session
    };
    let (old, new) = (opened("2025-03-26"), opened("2025-06-18"));
    let answer = gateway.post(&[("Mcp-Session-Id", &old)], &batch);
    let mut answers: Vec<Value> = answer
        .body
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).expect("JSON"))
        .collect();
    answers.sort_by_key(|answer| answer["id"].as_u64());
    assert_eq!(answers.len(), 4, "{}", answer.body);
    assert_eq!(text(&answers[0]["result"]), r#"{"a":1}"#);
    assert!(text(&answers[1]["result"]).contains("gait: block"));
    assert_eq!((&answers[2]["error"]["code"], &answers[3]["result"]), (&json!(-32_601), &json!({})));
    let notices = json!([{"jsonrpc": "2.0", "method": "notifications/roots/list_changed"}]);
    assert_eq!(gateway.post(&[("Mcp-Session-Id", &old)], &notices).status, 202);
    let refused = gateway.post(&[("Mcp-Session-Id", &new)], &batch);
    assert_eq!(refused.message()["error"]["data"]["dev.gait/error_code"], "mcp_batch_refused", "{}", refused.body);
    assert_eq!(gateway.end().0, Some(0));
    assert_eq!(place.seen().matches("tools/call").count(), 1);
}
