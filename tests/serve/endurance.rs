//! Load, signals, processes that are killed, policies that are edited, disks that refuse.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::server::{POLICY, Place, Server, files, read};

/// Asks over and over on one connection until the server is gone or enough is enough; the paths of answered traces.
fn hammer(server: &Server, stop: &AtomicBool) -> Vec<String> {
    let mut paths = Vec::new();
    let mut stream = server.connect();
    let body = r#"{"call":{"name":"docs.fetch","args":{"page":1}}}"#;
    let request =
        format!("POST /v1/evaluate HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    while !stop.load(Ordering::Relaxed) && stream.write_all(request.as_bytes()).is_ok() {
        let Some(answer) = read(&mut stream) else { break };
        if answer.status == 200 {
            paths.push(answer.json()["trace_path"].as_str().expect("a path").to_owned());
        }
    }
    paths
}

/// Load from several sides while something happens; the paths of all answered traces.
fn under_load(server: &Server, what: impl FnOnce()) -> BTreeSet<String> {
    let stop = AtomicBool::new(false);
    let paths = Mutex::new(BTreeSet::new());
    let mut count = 0;
    std::thread::scope(|threads| {
        let hammers: Vec<_> = (0..8).map(|_| threads.spawn(|| hammer(server, &stop))).collect();
        what();
        stop.store(true, Ordering::Relaxed);
        for hammer in hammers {
            let found = hammer.join().expect("a caller");
            count += found.len();
            paths.lock().expect("paths").extend(found);
        }
    });
    let paths = paths.into_inner().expect("paths");
    assert_eq!(paths.len(), count, "every decision has a trace of its own");
    paths
}

#[track_caller]
fn all_there(place: &Place, answered: &BTreeSet<String>) {
    assert!(!answered.is_empty());
    for path in answered {
        let text = fs::read(place.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let trace: Value = serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(trace["verdict"], "allow");
    }
    for path in place.traces() {
        let text = fs::read(&path).expect("readable");
        assert!(serde_json::from_slice::<Value>(&text).is_ok(), "{} is half-written", path.display());
        assert!(!path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')), "{}", path.display());
    }
}

#[test]
fn whoever_was_answered_has_a_trace_though_gait_is_killed() {
    for sync in ["disk", "process"] {
        let place = Place::new();
        let mut server = place.serve(&["--trace-sync", sync]);
        let answered = under_load(&server, || {
            std::thread::sleep(Duration::from_millis(600));
            server.signal("KILL");
        });
        server.wait();
        all_there(&place, &answered);
    }
}

#[test]
fn what_was_begun_is_finished_when_gait_is_asked_to_stop() {
    let place = Place::new();
    let mut server = place.serve(&["--export-log-out", "log.jsonl"]);
    let began = Instant::now();
    let answered = under_load(&server, || {
        std::thread::sleep(Duration::from_millis(400));
        server.signal("TERM");
    });
    assert_eq!(server.wait(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(10));
    all_there(&place, &answered);
    assert_eq!(place.traces().len(), answered.len(), "every accepted decision was answered");
    let log = fs::read_to_string(place.path("log.jsonl")).expect("the log");
    assert_eq!(log.lines().count(), answered.len());
}

#[test]
fn a_policy_that_is_edited_holds_whole_or_not_at_all() {
    let place = Place::new();
    let server = place.serve(&[]);
    let ask = || server.evaluate(r#"{"call":{"name":"docs.fetch"}}"#);
    assert_eq!(ask().json()["verdict"], "allow");
    // Written in two halves: the first one is a policy, too, and a looser one.
    let stricter = format!("{}\n", POLICY.replace("effect: allow", "effect: block"));
    let half = stricter.len() / 3;
    fs::write(place.path("policy.yaml"), &stricter[..half]).expect("written");
    let writer = {
        let path = place.path("policy.yaml");
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            let mut file = fs::File::options().append(true).open(path).expect("opened");
            file.write_all(&stricter.as_bytes()[half..]).expect("written");
        })
    };
    let told = ask();
    writer.join().expect("it wrote");
    assert!(told.status == 400 || told.json()["verdict"] == "block", "{told:?}");
    assert_eq!(ask().json()["verdict"], "block");
    fs::write(place.path("policy.yaml"), "default_verdict: alow\n").expect("written");
    for _ in 0..3 {
        let refused = ask();
        assert_eq!((refused.status, refused.json()["error_code"].clone()), (400, "policy_invalid".into()));
    }
    fs::remove_file(place.path("policy.yaml")).expect("removed");
    assert_eq!(ask().status, 400);
    fs::write(place.path("policy.yaml"), POLICY).expect("written");
    assert_eq!(ask().json()["verdict"], "allow");
}

#[test]
fn without_a_trace_there_is_no_verdict() {
    let place = Place::new();
    let server = place.serve(&["--export-log-out", "log.jsonl"]);
    let ask = || server.evaluate(r#"{"call":{"name":"docs.fetch"}}"#);
    assert_eq!(ask().status, 200);
    let kept = place.path("kept");
    fs::rename(place.path("traces"), &kept).expect("moved away");
    let refused = ask();
    assert_eq!(refused.status, 500, "{refused:?}");
    assert!(refused.json().get("verdict").is_none());
    fs::rename(&kept, place.path("traces")).expect("moved back");
    assert_eq!(ask().status, 200);
    assert_eq!(fs::read_to_string(place.path("log.jsonl")).expect("the log").lines().count(), 2);
    let mode = place.traces()[0].metadata().expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_thousand_idle_connections_are_no_burden() {
    let place = Place::new();
    let server = place.serve(&[]);
    let mut idle = Vec::new();
    for _ in 0..1_000 {
        match std::net::TcpStream::connect(server.address) {
            Ok(stream) => idle.push(stream),
            // The tests themselves may have fewer files than that.
            Err(_) => break,
        }
    }
    assert!(idle.len() > 400, "only {} connections", idle.len());
    let began = Instant::now();
    for _ in 0..20 {
        assert_eq!(server.evaluate(r#"{"call":{"name":"docs.fetch"}}"#).status, 200);
    }
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[test]
fn two_servers_share_an_export() {
    let place = Place::new();
    let arguments = ["--export-log-out", "log.jsonl", "--export-otel-out", "otel.jsonl", "--trace-sync", "process"];
    let (one, other) = (place.serve(&arguments), place.serve(&arguments));
    let mut answered = 0;
    std::thread::scope(|threads| {
        let load =
            |server| threads.spawn(move || under_load(server, || std::thread::sleep(Duration::from_millis(400))).len());
        for load in [load(&one), load(&other)] {
            answered += load.join().expect("answers");
        }
    });
    for name in ["log.jsonl", "otel.jsonl"] {
        let text = fs::read_to_string(place.path(name)).expect("the export");
        assert_eq!(text.lines().count(), answered, "{name}");
        assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{name}");
    }
    assert_eq!(files(&place.path("traces")).len(), answered);
}
