//! What the routes answer, and what is on the disk then.

use std::fs;

use serde_json::{Value, json};

use crate::server::{Place, files};

#[test]
fn the_contracts_vectors_hold() {
    let place = Place::new();
    let server = place.serve(&["--runpack-dir", "packs"]);
    for (body, verdict, exit, digest, trace, run) in [
        (
            r#"{"call":{"name":"docs.fetch"}}"#,
            "allow",
            0,
            "854d961d41e4",
            "b6d7645ff4268cfeee559760",
            "run_mcp_854d961d41e4",
        ),
        (
            r#"{"call":{"name":"ledger.payout"},"run_id":"Night 7","emit_runpack":true}"#,
            "block",
            3,
            "bddf57937aee",
            "80529b3b061ed3a237fc2b28",
            "run_Night_7",
        ),
        (
            r#"{"call":{"name":"printer.jam"}}"#,
            "require_approval",
            4,
            "1acad31f255f",
            "1aeaf31ab3fd48b96fe42137",
            "run_mcp_1acad31f255f",
        ),
        (
            r#"{"call":{"name":"mail.blast"}}"#,
            "dry_run",
            0,
            "d4da102aa454",
            "5aee4faa0d17348647e19278",
            "run_mcp_d4da102aa454",
        ),
        (
            r#"{"adapter":" LangChain ","call":{"tool":"wiki.page","tool_input":"{\"id\":7}"}}"#,
            "allow",
            0,
            "6d3d58e39908",
            "d29dd246cbafa3b8fd46a5ae",
            "run_mcp_6d3d58e39908",
        ),
    ] {
        let answer = server.evaluate(body);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(answer.head.contains("content-type: application/json") && answer.body.ends_with("}\n"));
        let told = answer.json();
        assert_eq!(told["verdict"], verdict, "{body}");
        assert_eq!(told["exit_code"], exit);
        assert_eq!(told["executed"], false);
        assert!(told["intent_digest"].as_str().is_some_and(|found| found.starts_with(digest)));
        assert_eq!(told["trace_id"], trace);
        assert_eq!(told["run_id"], run);
        let path = place.path(told["trace_path"].as_str().expect("a path"));
        let written: Value = serde_json::from_slice(&fs::read(path).expect("the trace")).expect("JSON");
        assert_eq!(written["trace_id"], trace);
        if let Some(pack) = told["runpack_path"].as_str() {
            let done = place.command(&["verify", pack, "--json"]).output().expect("it runs");
            assert_eq!(done.status.code(), Some(0));
            let text = String::from_utf8_lossy(&done.stdout).into_owned();
            assert!(pack.contains("runpack_run_Night_7_") && text.contains("run_Night_7"), "{pack} {text}");
        }
    }
    assert_eq!(files(&place.path("packs")).len(), 1);
    assert!(place.traces().iter().any(|path| path.to_string_lossy().contains("trace__2")), "without a run id");
}

#[test]
fn health_metrics_and_the_other_shapes() {
    let place = Place::new();
    let server = place.serve(&["--http-verdict-status", "strict"]);
    let health = server.send("GET", "/healthz", "", b"");
    assert_eq!((health.status, health.body.as_str()), (200, "{\"ok\":true,\"service\":\"gait.mcp.serve\"}\n"));
    for (method, path, status) in [
        ("HEAD", "/healthz", 405),
        ("POST", "/healthz", 405),
        ("GET", "/v1/evaluate", 405),
        ("GET", "/healthz/", 404),
        ("POST", "/v1/evaluate/", 404),
        ("GET", "/", 404),
    ] {
        let answer = server.send(method, path, "", b"");
        assert_eq!(answer.status, status, "{method} {path}");
    }
    let ask = |path: &str, name: &str| {
        let body = json!({"call": {"name": name}}).to_string();
        server.send("POST", path, "content-type: application/json; charset=utf-8\r\n", body.as_bytes())
    };
    let events = ask("/v1/evaluate/sse", "docs.fetch");
    assert_eq!(events.status, 200);
    assert!(events.head.contains("text/event-stream") && events.head.contains("cache-control: no-cache"));
    let data = events.body.strip_prefix("event: evaluate\ndata: ").and_then(|rest| rest.strip_suffix("\n\n"));
    let told: Value = serde_json::from_str(data.expect("one event")).expect("JSON");
    assert_eq!(told["verdict"], "allow");
    let lines = ask("/v1/evaluate/stream", "ledger.payout");
    assert_eq!((lines.status, lines.json()["verdict"].clone()), (403, "block".into()));
    assert!(lines.head.contains("application/x-ndjson"));
    assert_eq!(ask("/v1/evaluate", "mail.blast").status, 409);
    let metrics = server.send("GET", "/metrics", "", b"").body;
    for line in
        ["gait_decisions_total{verdict=\"block\"} 1", "gait_decision_seconds_count 3", "gait_traces_written_total 3"]
    {
        assert!(metrics.lines().any(|found| found == line), "{line}\n{metrics}");
    }
}

#[test]
fn sessions_have_journals_and_old_files_go() {
    let place = Place::new();
    let server = place.serve(&["--session-dir", "sessions", "--trace-max-count", "2", "--export-log-out", "log.jsonl"]);
    for sequence in 1..=4 {
        let told = server.evaluate(r#"{"call":{"name":"docs.fetch","context":{"session_id":"s 1"}}}"#).json();
        assert_eq!(told["session_id"], "s 1");
        let warnings = told["warnings"].to_string();
        assert!(
            warnings.contains(&format!("session_journal=sessions/s_1.journal.jsonl sequence={sequence}")),
            "{warnings}"
        );
        assert_eq!(warnings.contains("retention_trace_removed"), sequence > 2, "{warnings}");
    }
    assert_eq!(place.traces().len(), 2);
    assert_eq!(fs::read_to_string(place.path("log.jsonl")).expect("the log").lines().count(), 4);
}

#[test]
fn approvals_travel_with_a_request() {
    let place = Place::new();
    let server = place.serve(&[]);
    let waiting = server.evaluate(r#"{"call":{"name":"printer.jam"}}"#).json();
    let digest = |key: &str| waiting[key].as_str().expect("a digest").to_owned();
    let done = place
        .command(&["approve", "--intent-digest", &digest("intent_digest"), "--policy-digest", &digest("policy_digest")])
        .args(["--scope", "tool:printer.jam", "--ttl", "5m", "--approver", "ana", "--reason-code", "checked"])
        .args(["--out", "token.json"])
        .output()
        .expect("it runs");
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let token: Value = serde_json::from_slice(&fs::read(place.path("token.json")).expect("the token")).expect("JSON");
    let ask =
        |name: &str| server.evaluate(&json!({"call": {"name": name}, "approval_tokens": [token]}).to_string()).json();
    let told = ask("printer.jam");
    assert_eq!(told["verdict"], "allow", "{told}");
    assert!(place.path(told["approval_audit_path"].as_str().expect("an audit")).exists());
    assert_eq!(ask("printer.fix")["verdict"], "require_approval");
}

#[test]
fn every_so_many_decisions_of_a_session_become_a_runpack() {
    let place = Place::new();
    let keys = place.command(&["keys", "init", "--out-dir", "keys", "--prefix", "t"]).output().expect("it runs");
    assert!(keys.status.success());
    let signing = ["--key-mode", "prod", "--private-key", "keys/t.key"];
    let mut flags = vec!["--session-dir", "sessions", "--runpack-dir", "packs"];
    flags.extend(signing);
    let server = place.serve(&flags);
    let ask = |server: &crate::server::Server, name: &str, session: &str, interval: u64| {
        let call = json!({"name": name, "args": {"token": "secret-7"}});
        let body = json!({"call": call, "session_id": session, "checkpoint_interval": interval});
        server.evaluate(&body.to_string()).json()
    };
    let checkpoint = |told: &Value| -> Option<String> {
        let warnings = told["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str);
        warnings.filter_map(|warning| warning.strip_prefix("session_checkpoint=")).next().map(str::to_owned)
    };
    let names = ["docs.fetch", "ledger.payout", "printer.jam", "mail.blast", "docs.fetch", "docs.fetch"];
    let mut packs = Vec::new();
    for (number, name) in names.iter().enumerate() {
        let told = ask(&server, name, "night 7", 3);
        let pack = checkpoint(&told);
        assert_eq!(pack.is_some(), (number + 1) % 3 == 0, "{told}");
        packs.extend(pack);
    }
    assert_eq!(packs, ["packs/night_7_cp_000003.zip", "packs/night_7_cp_000006.zip"]);
    // Nobody asks, nobody gets one.
    assert_eq!(checkpoint(&ask(&server, "docs.fetch", "night 7", 0)), None);
    drop(server);
    // A server that starts anew goes on where the other one ended.
    let server = place.serve(&flags);
    let told = ask(&server, "docs.fetch", "night 7", 4);
    packs.extend(checkpoint(&told));
    assert_eq!(packs.last().map(String::as_str), Some("packs/night_7_cp_000008.zip"));
    for (pack, statuses) in packs.iter().zip([&["ok", "error", "error"][..], &["ok", "ok", "ok"], &["ok", "ok"]]) {
        let arguments = ["verify", pack, "--public-key", "keys/t.pub", "--require-signature", "--json"];
        let done = place.command(&arguments).output().expect("it runs");
        let report: Value = serde_json::from_slice(&done.stdout).expect("JSON");
        assert_eq!((done.status.code(), &report["signature_status"]), (Some(0), &json!("verified")), "{report}");
        let bytes = fs::read(place.path(pack)).expect("the runpack");
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
        let mut read = |name: &str| std::io::read_to_string(archive.by_name(name).expect("a member")).expect("text");
        let lines = |text: String| -> Vec<Value> {
            text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
        };
        let (intents, results) = (lines(read("intents.jsonl")), lines(read("results.jsonl")));
        assert_eq!(
            results.iter().map(|result| result["status"].as_str().expect("a word")).collect::<Vec<_>>(),
            statuses
        );
        assert!(intents.len() == statuses.len() && intents.iter().all(|intent| intent["args"].is_null()));
        assert!(results.iter().all(|result| result["result"]["trace_id"].is_string()));
    }
    let journal = fs::read_to_string(place.path("sessions/night_7.journal.jsonl")).expect("the journal");
    assert!(!journal.contains("secret-7"));
    let covered: Vec<_> = journal
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .filter(|record| record["record_type"] == "checkpoint")
        .map(|record| (record["checkpoint"]["sequence_start"].clone(), record["checkpoint"]["sequence_end"].clone()))
        .collect();
    assert_eq!(covered, [(json!(1), json!(3)), (json!(4), json!(6)), (json!(7), json!(8))]);
    // Checkpoints of nothing in particular, and numbers that are none.
    for body in [
        r#"{"call":{"name":"docs.fetch"},"checkpoint_interval":2}"#,
        r#"{"call":{"name":"docs.fetch"},"session_id":"s","checkpoint_interval":-1}"#,
        r#"{"call":{"name":"docs.fetch"},"session_id":"s","checkpoint_interval":1.5}"#,
        r#"{"call":{"name":"docs.fetch"},"session_id":"s","checkpoint_interval":"2"}"#,
    ] {
        assert_eq!(server.evaluate(body).status, 400, "{body}");
    }
}

#[test]
fn a_checkpoint_that_cannot_be_written_refuses_the_call() {
    let place = Place::new();
    let server = place.serve(&["--session-dir", "sessions"]);
    let body = r#"{"call":{"name":"docs.fetch"},"session_id":"s","checkpoint_interval":1}"#;
    // Without a folder of runpacks, checkpoints stand beside the journals.
    let told = server.evaluate(body).json();
    assert!(told["warnings"].to_string().contains("session_checkpoint=sessions/s_cp_000001.zip"), "{told}");
    drop(server);
    let server = place.serve(&["--session-dir", "sessions", "--runpack-dir", "packs"]);
    fs::remove_dir(place.path("packs")).expect("it is empty");
    fs::write(place.path("packs"), "in the way").expect("written");
    let refused = server.evaluate(body);
    assert_eq!((refused.status, refused.json()["ok"].clone()), (500, false.into()), "{refused:?}");
    fs::remove_file(place.path("packs")).expect("it is there");
    // What the refused one would have covered, the next one covers.
    let told = server.evaluate(body).json();
    assert!(told["warnings"].to_string().contains("session_checkpoint=packs/s_cp_000003.zip"), "{told}");
    let journal = fs::read_to_string(place.path("sessions/s.journal.jsonl")).expect("the journal");
    assert!(journal.contains(r#""sequence_start":2,"sequence_end":3"#), "{journal}");
}

#[test]
fn servers_are_trusted_by_the_snapshot_as_it_is_now() {
    let place = Place::new();
    fs::write(place.path("policy.yaml"), "default_verdict: allow\nmcp_trust: {snapshot: servers.json}\n")
        .expect("written");
    let server = place.serve(&[]);
    let ask = |body: &str| {
        let told = server.evaluate(body).json();
        (told["verdict"].clone(), told["mcp_trust"]["status"].clone(), told["exit_code"].clone())
    };
    let body = r#"{"call":{"name":"docs.fetch","server":{"server_id":"tide"}}}"#;
    assert_eq!(ask(body), (json!("block"), json!("missing"), json!(3)));
    let put = |text: &str| fs::write(place.path("servers.json"), text).expect("written");
    put(r#"{"entries":[{"server_id":"Tide","status":"trusted"}]}"#);
    assert_eq!(ask(body), (json!("allow"), json!("trusted"), json!(0)));
    put(r#"{"entries":[{"server_id":"tide","status":"revoked"}]}"#);
    assert_eq!(ask(body), (json!("block"), json!("untrusted"), json!(3)));
    put(r#"{"entries":[{"server_id":"tide"}"#);
    assert_eq!(ask(body), (json!("block"), json!("invalid"), json!(3)));
    let other = r#"{"adapter":"anthropic","call":{"name":"docs.fetch","input":{}}}"#;
    assert_eq!(ask(other), (json!("block"), json!("missing"), json!(3)));
    assert_eq!(server.evaluate(r#"{"call":{"name":"docs.fetch","server":"tide"}}"#).status, 400);
}
