//! Calls: allowed, refused, approved, cancelled, late, and never twice.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::talk::{Place, text};

fn decision(result: &Value) -> &Value {
    &result["_meta"]["dev.gait/decision"]
}

#[test]
fn a_conversation_is_handed_on_and_recorded() {
    let place = Place::new();
    assert_eq!(place.object(&["keys", "init", "--out-dir", "keys"])["ok"], true);
    let prod = ["--key-mode", "prod", "--private-key", "keys/gait.key"];
    let mut talk = place.start(&[&["--capture", "raw", "--run-id", "run_quay"], &prod[..]].concat(), &[]);
    let opening =
        json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}});
    talk.request(0, "initialize", &opening);
    assert_eq!(talk.answer(0)["result"]["serverInfo"]["name"], "fake");
    talk.say(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    talk.request("list", "tools/list", &json!({}));
    let tools = talk.answer("list")["result"]["tools"].clone();
    assert_eq!(tools.as_array().map(Vec::len), Some(10));
    let result = talk.result(2, "echo", &json!({"b": 1, "a": "é"}));
    assert_eq!(text(&result), r#"{"a":"é","b":1}"#);
    let refused = talk.result(3, "write_file", &json!({"path": "written", "content": "x"}));
    assert_eq!((&refused["isError"], &decision(&refused)["executed"]), (&json!(true), &json!(false)));
    assert!(text(&refused).starts_with("gait: block (writing_is_frozen). Not executed. trace "), "{refused}");
    let rehearsed = talk.result(4, "notify", &json!({}));
    assert!(text(&rehearsed).contains("A rehearsal"), "{rehearsed}");
    let (code, said) = talk.end();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("gait-out/mcp-gateway/runpack_run_quay.zip"), "{said}");

    let seen = place.seen();
    assert!(!seen.contains("write_file") && !seen.contains("\"notify\""), "{seen}");
    assert!(!place.path("written").exists());
    // Under numbers of gait's own, once each, and told to end by the end of its input.
    assert_eq!(seen.matches("\"echo\"").count(), 1);
    assert!(seen.contains(r#"{"id":"#) && !seen.contains("\"list\"") && seen.ends_with("end of input\n"), "{seen}");

    let runpack = place.runpack();
    let verified = place.object(&["verify", &runpack]);
    assert_eq!(verified["ok"], true, "{verified}");
    let replay = place.object(&["run", "replay", &runpack]);
    assert_eq!(replay["missing_results"], Value::Null, "{replay}");
    let steps: Vec<(&str, &str)> = replay["steps"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|step| (step["tool_name"].as_str().unwrap_or_default(), step["status"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(steps, [("tools/list", "ok"), ("echo", "ok"), ("write_file", "error"), ("notify", "error")]);
    let diff = place.object(&["run", "diff", &runpack, &runpack]);
    assert_eq!(diff["ok"], true, "{diff}");
    let fixture = place.object(&["regress", "init", "--from", &runpack]);
    assert_eq!(fixture["ok"], true, "{fixture}");

    let public = "keys/gait.pub";
    let verified = place.object(&["verify", &runpack, "--require-signature", "--public-key", public]);
    assert_eq!(verified["ok"], true, "{verified}");
    for trace in place.files("gait-out/mcp-gateway/traces") {
        let trace = format!("gait-out/mcp-gateway/traces/{trace}");
        let text = fs::read_to_string(place.path(&trace)).expect("a trace");
        assert!(text.contains("\"correlation_id\": \"run_quay:"), "{text}");
        let verified = place.object(&["trace", "verify", &trace, "--public-key", public]);
        assert_eq!(verified["ok"], true, "{verified}");
    }
}

#[test]
fn what_readers_disagree_about_never_reaches_the_server() {
    let place = Place::new();
    let mut talk = place.start(&[], &[]);
    let call = |params: &str| format!(r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{params}}}"#);
    for (line, code) in [
        (call(r#"{"name":"echo","name":"write_file"}"#), "json_duplicate_key"),
        (call(r#"{"name":"echo","Name":"write_file"}"#), "mcp_key_ambiguous"),
        (
            call(&format!(r#"{{"name":"echo","arguments":{{"a":{}{}}}}}"#, "[".repeat(10_000), "]".repeat(10_000))),
            "json_depth",
        ),
        (call(r#"{"name":"echo","arguments":{"n":9007199254740993}}"#), "json_number"),
        (r#"{"jsonrpc":"2.0","id":7,"method":"tools/execute"}"#.into(), "mcp_method_refused"),
        (r#"[{"jsonrpc":"2.0","id":7,"method":"ping"}]"#.into(), "mcp_batch_refused"),
    ] {
        talk.say(&line);
        let answer = talk.next();
        assert_eq!(answer["error"]["data"]["dev.gait/error_code"], code, "{answer}");
    }
    // A hundred megabytes, of which no reader keeps more than sixteen.
    talk.say(call(&format!(r#"{{"name":"echo","arguments":{{"a":"{}"}}}}"#, "x".repeat(100 << 20))));
    assert_eq!(talk.next()["error"]["data"]["dev.gait/error_code"], "json_too_large");
    assert_eq!(text(&talk.result(8, "echo", &json!({"still": "here"}))), r#"{"still":"here"}"#);
    assert_eq!(talk.end().0, Some(0));
    let seen = place.seen();
    assert_eq!(seen.lines().count(), 2, "{seen:.300}");
}

#[test]
fn an_approval_lets_one_call_through_once() {
    let place = Place::new();
    fs::write(place.path("cargo.txt"), "crates").expect("a temporary folder");
    let mut talk = place.start(&["--approval-dir", "approvals"], &[]);
    let refused = talk.result(1, "read_file", &json!({"path": "cargo.txt"}));
    assert_eq!(decision(&refused)["verdict"], "require_approval", "{refused}");
    assert!(text(&refused).contains("gait approve --intent-digest"), "{refused}");
    let digest = |name: &str| decision(&refused)[name].as_str().unwrap_or_default().to_owned();
    fs::create_dir(place.path("approvals")).expect("a folder");
    let approve = |out: &str| {
        let (intent, policy) = (digest("intent_digest"), digest("policy_digest"));
        let digests = ["--intent-digest", &intent, "--policy-digest", &policy];
        let rest =
            ["--ttl", "5m", "--scope", "tool:read_file", "--approver", "ana", "--reason-code", "t", "--out", out];
        place.object(&[&["approve"][..], &digests, &rest].concat())
    };
    assert_eq!(approve("approvals/one.json")["ok"], true);
    let other = talk.result(2, "read_file", &json!({"path": "/etc/hostname"}));
    assert_eq!(decision(&other)["verdict"], "require_approval", "a changed argument does not pass");
    assert_eq!(text(&talk.result(3, "read_file", &json!({"path": "cargo.txt"}))), "crates");
    let again = talk.result(4, "read_file", &json!({"path": "cargo.txt"}));
    assert_eq!(decision(&again)["verdict"], "require_approval", "an approval is good for one call");
    assert_eq!(place.files("approvals"), ["one.json.used"]);
    // The caller may bring one along as well; the server does not see it.
    assert_eq!(approve("token.json")["ok"], true);
    let token: Value = serde_json::from_slice(&fs::read(place.path("token.json")).expect("a token")).expect("JSON");
    let params =
        json!({"name": "read_file", "arguments": {"path": "cargo.txt"}, "_meta": {"dev.gait/approvals": token}});
    for (id, passes) in [(5, true), (6, false)] {
        talk.request(id, "tools/call", &params);
        assert_eq!(text(&talk.answer(id)["result"]) == "crates", passes, "call {id}");
    }
    assert_eq!(talk.end().0, Some(0));
    assert_eq!(place.seen().matches("read_file").count(), 2);
    assert!(!place.seen().contains("dev.gait"));
}

#[test]
fn progress_questions_and_notices_flow_both_ways() {
    let place = Place::with_policy("default_verdict: allow\n");
    let mut talk = place.start(&[], &[]);
    let params = json!({"name": "slow", "arguments": {"ms": 200}, "_meta": {"progressToken": "mine"}});
    talk.request(1, "tools/call", &params);
    let progress = talk.next();
    assert_eq!(
        (&progress["method"], &progress["params"]["progressToken"]),
        (&json!("notifications/progress"), &json!("mine"))
    );
    assert_eq!(text(&talk.answer(1)["result"]), "slept");
    talk.call(2, "ask", &json!({"messages": []}));
    let question = loop {
        let message = talk.next();
        if message["method"] == "sampling/createMessage" {
            break message;
        }
    };
    talk.say(json!({"jsonrpc": "2.0", "id": question["id"], "result": {"role": "assistant"}}).to_string());
    assert_eq!(text(&talk.answer(2)["result"]), r#"{"role":"assistant"}"#);
    talk.call(3, "notify", &json!({}));
    talk.answer(3);
    let notices = talk.within(50);
    assert!(notices.iter().any(|notice| notice["method"] == "notifications/tools/list_changed"), "{notices:?}");
    talk.request(4, "resources/read", &json!({"uri": "x"}));
    assert_eq!(talk.answer(4)["result"]["contents"][0]["text"], "r");
    talk.request(5, "ping", &json!({}));
    assert_eq!(talk.answer(5)["result"], json!({}));
    assert_eq!(talk.end().0, Some(0));
}

#[test]
fn a_cancelled_call_is_cancelled_where_it_is() {
    let place = Place::with_policy("default_verdict: allow\n");
    let mut talk = place.start(&[], &[]);
    talk.call("a", "slow", &json!({"ms": 400}));
    thread::sleep(Duration::from_millis(150));
    talk.say(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a"}}"#);
    assert_eq!(talk.within(600), Vec::<Value>::new(), "a late answer is dropped");
    talk.say(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"unknown"}}"#);
    assert_eq!(talk.end().0, Some(0));
    let seen = place.seen();
    assert_eq!(seen.matches("notifications/cancelled").count(), 1, "{seen}");
    assert!(!seen.contains("\"requestId\":\"a\""), "{seen}");
}

#[test]
fn a_server_that_is_late_or_dies_gives_answers_all_the_same() {
    let place = Place::with_policy("default_verdict: allow\n");
    let mut talk = place.start(&["--timeout", "300ms", "--restarts", "0"], &[]);
    let began = Instant::now();
    let late = talk.result(1, "slow", &json!({"ms": 5000}));
    assert!(text(&late).contains("no answer in time") && began.elapsed() < Duration::from_secs(3), "{late}");
    assert!(text(&talk.result(2, "twice", &json!({}))).contains("json_duplicate_key"));
    assert_eq!(text(&talk.result(3, "noise", &json!({}))), "after noise");
    let dead = talk.result(4, "die", &json!({}));
    assert!(text(&dead).contains("ended before it answered"), "{dead}");
    assert_eq!(decision(&dead)["executed"], Value::Null);
    let (code, said) = talk.wait();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("the server ended before its client did") && said.contains("no message"), "{said}");
    assert_eq!(place.object(&["verify", &place.runpack()])["ok"], true);
}

#[test]
fn the_servers_surroundings_are_clean() {
    let place = Place::with_policy("default_verdict: allow\n");
    let mut talk = place.start(&["--env", "NAMED", "--env", "SET=z"], &[]);
    let names = text(&talk.result(1, "env", &json!({}))).to_owned();
    assert_eq!(talk.end().0, Some(0));
    let has = |name: &str| names.split(' ').any(|one| one == name);
    assert!(has("PATH") && has("HOME") && has("NAMED") && has("SET"), "{names}");
    assert!(!has("SECRET_OF_THE_CALLER") && !names.contains("GAIT"), "{names}");
}

#[test]
fn a_tool_that_becomes_another_is_told() {
    let place = Place::with_policy("default_verdict: allow\n");
    let mut talk = place.start(&[], &["--changes"]);
    for id in 1..4 {
        talk.request(id, "tools/list", &json!({}));
        talk.answer(id);
    }
    let (code, said) = talk.end();
    assert_eq!((code, said.matches("tool_definition_changed: `echo`").count()), (Some(0), 1), "{said}");
}

#[test]
fn blocked_tools_can_be_left_out() {
    let place = Place::new();
    let mut talk = place.start(&["--hide-blocked"], &[]);
    talk.request(1, "tools/list", &json!({}));
    let tools = talk.answer(1)["result"]["tools"].to_string();
    assert!(!tools.contains("write_file") && tools.contains("read_file"), "{tools}");
    assert_eq!(talk.end().0, Some(0));
}

#[test]
fn a_gate_that_cannot_decide_refuses() {
    let place = Place::with_policy("default_verdict: allow\n");
    let mut talk = place.start(&[], &[]);
    assert_eq!(text(&talk.result(1, "echo", &json!({}))), "{}");
    fs::write(place.path("policy.yaml"), "default_verdict: alow\n").expect("written");
    let refused = talk.result(2, "echo", &json!({}));
    assert_eq!(decision(&refused)["reason_codes"], json!(["gate_unavailable"]), "{refused}");
    fs::write(place.path("policy.yaml"), "default_verdict: allow\n").expect("written");
    thread::sleep(Duration::from_millis(100));
    let traces = place.path("gait-out/mcp-gateway/traces");
    fs::remove_dir_all(&traces).expect("removed");
    fs::write(&traces, "in the way").expect("written");
    let refused = talk.result(3, "echo", &json!({}));
    assert!(text(&refused).contains("file_unwritable"), "{refused}");
    assert_eq!(talk.end().0, Some(0));
    assert_eq!(place.seen().matches("tools/call").count(), 1);
}

#[test]
fn signals_and_stubborn_servers_leave_whole_files() {
    for signal in ["TERM", "INT", "KILL"] {
        let place = Place::with_policy("default_verdict: allow\n");
        let mut talk = place.start(&[], if signal == "TERM" { &["--stubborn"] } else { &[] });
        talk.result(1, "echo", &json!({"a": 1}));
        talk.call(2, "slow", &json!({"ms": 3000}));
        thread::sleep(Duration::from_millis(100));
        talk.signal(signal);
        let (code, said) = talk.wait();
        let whole = place.files("gait-out/mcp-gateway");
        for trace in place.files("gait-out/mcp-gateway/traces") {
            let text =
                fs::read_to_string(place.path(&format!("gait-out/mcp-gateway/traces/{trace}"))).expect("a trace");
            assert!(serde_json::from_str::<Value>(&text).is_ok(), "{trace}: {text}");
        }
        if signal == "KILL" {
            assert_eq!((code, whole), (None, Vec::new()), "{said}");
        } else {
            assert_eq!(code, Some(0), "{signal}: {said}");
            assert_eq!(place.object(&["verify", &place.runpack()])["ok"], true);
        }
        assert_eq!(place.seen().matches("\"slow\"").count(), 1);
    }
}

#[test]
fn what_cannot_begin_says_why() {
    let place = Place::new();
    let code = |arguments: &[&str]| {
        let done = place.gait(&[&["mcp", "gateway", "--json"], arguments].concat());
        let object: Value = serde_json::from_slice(&done.stdout).unwrap_or_default();
        (done.code(), object["error_code"].as_str().unwrap_or_default().to_owned())
    };
    let invalid = |code: &str| (Some(6), code.to_owned());
    assert_eq!(code(&["--", "true"]), invalid("invalid_input"));
    assert_eq!(code(&["--policy", "policy.yaml"]), invalid("invalid_input"));
    assert_eq!(code(&["--policy", "absent.yaml", "--", "true"]), invalid("file_not_found"));
    assert_eq!(code(&["--policy", "policy.yaml", "--", "./no-such-server"]), invalid("invalid_input"));
    assert_eq!(code(&["--policy", "policy.yaml", "--env", "NO_SUCH", "--", "true"]), invalid("invalid_input"));
    assert_eq!(code(&["--policy", "policy.yaml", "--run-id", "x/y", "--", "true"]), invalid("run_id_invalid"));
    assert_eq!(code(&["--policy", "policy.yaml", "--key-mode", "prod", "--", "true"]), invalid("key_missing"));
    assert_eq!(
        code(&["--policy", "policy.yaml", "--private-key-env", "K", "--key-mode", "prod", "--env", "K", "--", "true"]),
        invalid("invalid_input")
    );
}
