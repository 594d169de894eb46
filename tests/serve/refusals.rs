//! What is refused, and that nothing is left behind by it.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use crate::server::{Place, read};

#[test]
fn what_is_no_request_is_refused() {
    let place = Place::new();
    let server = place.serve(&["--max-request-bytes", "4096"]);
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{}",
        r#"{"call":null}"#,
        r#"{"call":{}}"#,
        r#"{"call":[1]}"#,
        r#"{"call":{"args":{}}}"#,
        r#"{"adapter":"nope","call":{"name":"x"}}"#,
        r#"{"call":{"name":"x"},"call":{"name":"docs.fetch"}}"#,
        r#"{"call":{"name":"x","name":"docs.fetch"}}"#,
        r#"{"call":{"name":"x","Args":{}}}"#,
        r#"{"call":{"name":"x"},"surprise":1}"#,
        r#"{"call":{"name":"x"}} {}"#,
        r#"{"call":{"name":"x"},"trace_path":"/tmp/mine.json"}"#,
        r#"{"call":{"name":"x"},"runpack_out":"mine.zip"}"#,
    ] {
        let answer = server.evaluate(body);
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
        let told = answer.json();
        assert!(told["ok"] == false && told["error"].is_string() && told.get("verdict").is_none(), "{told}");
    }
    let deep =
        format!(r#"{{"call":{{"name":"x","args":{}{}}}}}"#, "{\"a\":".repeat(600), "1".to_owned() + &"}".repeat(600));
    assert_eq!(server.evaluate(&deep).status, 200, "deep but not too deep");
    let good = br#"{"call":{"name":"docs.fetch"}}"#;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""] {
        let answer = server.send("POST", "/v1/evaluate", &format!("content-type: {kind}\r\n"), good);
        assert_eq!(answer.status, 415, "{kind}");
    }
    assert_eq!(server.send("POST", "/v1/evaluate", "", good).status, 200, "without a content type");
    let large = [b"{\"call\":{\"name\":\"", vec![b'x'; 5_000].as_slice(), b"\"}}"].concat();
    assert_eq!(server.send("POST", "/v1/evaluate", "", &large).status, 413);
    // The same without a length that could be looked at.
    let chunked = format!(
        "POST /v1/evaluate HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        5_000,
        "x".repeat(5_000)
    );
    assert_eq!(server.raw(&chunked).map(|answer| answer.status), Some(413));
    assert_eq!(place.traces().len(), 2);
}

#[test]
fn who_may_not_ask_is_refused() {
    let place = Place::new();
    let token = [("GAIT_TEST_TOKEN", "s3cret")];
    let server = place.serve_with(&["--auth-mode", "token", "--auth-token-env", "GAIT_TEST_TOKEN"], &token);
    let good = br#"{"call":{"name":"docs.fetch"}}"#;
    let ask = |headers: &str| server.send("POST", "/v1/evaluate", headers, good).status;
    assert_eq!(ask("authorization: Bearer s3cret\r\n"), 200);
    assert_eq!(ask(""), 401);
    assert_eq!(ask("authorization: Bearer s3creT\r\n"), 401);
    assert_eq!(ask("authorization: Bearer s3cret\r\norigin: https://evil.example\r\n"), 403);
    assert_eq!(server.send("GET", "/healthz", "", b"").status, 200);
    assert_eq!(server.send("GET", "/metrics", "", b"").status, 401);
    for (head, status) in [
        ("GET /healthz HTTP/1.1\r\nhost: evil.example\r\n\r\n", 403),
        ("GET /healthz HTTP/1.1\r\n\r\n", 400),
        ("GET /healthz HTTP/1.0\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\n\r\n", 400),
        ("GET http://evil.example/healthz HTTP/1.1\r\nhost: localhost\r\n\r\n", 400),
    ] {
        assert_eq!(server.raw(head).map(|answer| answer.status), Some(status), "{head}");
    }
    assert_eq!(place.traces().len(), 1);
}

#[test]
fn heads_have_a_size() {
    let place = Place::new();
    let server = place.serve(&[]);
    let long = format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "x".repeat(100_000));
    assert!(server.raw(&long).is_none_or(|answer| answer.status == 431));
    let many = format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\n{}\r\n", "x: y\r\n".repeat(1_000));
    assert!(server.raw(&many).is_none_or(|answer| answer.status == 431));
    assert_eq!(server.send("GET", "/healthz", "", b"").status, 200);
}

#[test]
fn slow_callers_are_let_go_and_hold_nobody_up() {
    let place = Place::new();
    let server = place.serve(&[]);
    let began = Instant::now();
    // A head that never ends, byte by byte.
    let mut slow = server.connect();
    slow.write_all(b"POST /v1/evaluate HTTP/1.1\r\nhost: localhost\r\n").expect("sent");
    let drip = std::thread::spawn(move || {
        while slow.write_all(b"x").is_ok() && began.elapsed() < Duration::from_secs(15) {
            std::thread::sleep(Duration::from_millis(200));
        }
        let mut rest = Vec::new();
        let _ = slow.read_to_end(&mut rest);
        began.elapsed()
    });
    // One that is gone in the middle, and one that stays half-open.
    let mut gone = server.connect();
    gone.write_all(b"POST /v1/evaluate HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{").expect("sent");
    drop(gone);
    let mut half = server.connect();
    half.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("sent");
    half.shutdown(std::net::Shutdown::Write).expect("shut");
    assert_eq!(read(&mut half).map(|answer| answer.status), Some(200));
    assert_eq!(server.evaluate(r#"{"call":{"name":"docs.fetch"}}"#).status, 200);
    let held = drip.join().expect("it was let go");
    assert!(held < Duration::from_secs(10), "a head was waited for {held:?}");
    assert_eq!(place.traces().len(), 1);
}

#[test]
fn what_would_refuse_every_request_refuses_to_start() {
    let place = Place::new();
    std::fs::write(place.path("broken.yaml"), "default_verdict: alow\n").expect("written");
    std::fs::write(place.path("file"), "").expect("written");
    for arguments in [
        &["--policy", "policy.yaml", "--listen", ""][..],
        &["--policy", "policy.yaml", "--listen", "0.0.0.0:0"],
        &["--policy", "policy.yaml", "--listen", "example.org:80"],
        &["--policy", "policy.yaml", "--listen", "127.0.0.1:0", "--auth-mode", "token"],
        &[
            "--policy",
            "policy.yaml",
            "--listen",
            "127.0.0.1:0",
            "--auth-mode",
            "token",
            "--auth-token-env",
            "GAIT_TEST_UNSET",
        ],
        &["--policy", "policy.yaml", "--listen", "127.0.0.1:0", "--adapter", "cohere"],
        &["--policy", "policy.yaml", "--listen", "127.0.0.1:0", "--trace-dir", "file/traces"],
        &["--policy", "policy.yaml", "--listen", "127.0.0.1:0", "--max-request-bytes", "0"],
        &["--policy", "policy.yaml", "--listen", "127.0.0.1:0", "--trace-max-age", "soon"],
        &["--policy", "policy.yaml", "--listen", "127.0.0.1:0", "--key-mode", "prod"],
        &["--policy", "policy.yaml", "--listen", "127.0.0.1:0", "--profile", "oss-prod"],
        &["--policy", "broken.yaml", "--listen", "127.0.0.1:0"],
        &["--policy", "missing.yaml", "--listen", "127.0.0.1:0"],
    ] {
        let mut arguments = arguments.to_vec();
        arguments.push("--json");
        let mut command = place.command(&["mcp", "serve"]);
        command.args(&arguments);
        let done = gait_tests::program::run(command, Duration::from_secs(20))
            .unwrap_or_else(|| panic!("{arguments:?} serves"));
        assert_eq!(done.code(), Some(6), "{arguments:?}: {}", done.out());
        assert!(done.out().contains("\"ok\":false"), "{arguments:?}");
    }
}
