//! Servers that end and are started again, and several servers behind one gateway.

use std::fs;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::http::listen;
use crate::talk::{Place, Talk, text};

const OPENING: &str = r#"{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}"#;

fn open(talk: &mut Talk) -> Value {
    talk.request("i", "initialize", &serde_json::from_str(OPENING).expect("JSON"));
    let answer = talk.answer("i")["result"].clone();
    talk.say(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    answer
}

/// Asks until there is an answer that is not gait's word for a server that is not there.
fn again(talk: &mut Talk, from: u64, tool: &str) -> Value {
    for id in from..from + 100 {
        let result = talk.result(id, tool, &json!({"again": id}));
        if !text(&result).contains("is not running") {
            return result;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("`{tool}` does not come back");
}

#[test]
fn a_server_that_ends_is_started_again_and_nothing_is_sent_twice() {
    let place = Place::with_policy("default_verdict: allow\n");
    let mut talk = place.start(&[], &[]);
    open(&mut talk);
    assert!(text(&talk.result(1, "die", &json!({}))).contains("ended before it answered"));
    let back = again(&mut talk, 2, "echo");
    assert!(text(&back).contains("again"), "{back}");
    let (code, said) = talk.end();
    assert!(code == Some(0) && said.contains("ended and was started again"), "{said}");
    let seen = place.seen();
    assert_eq!((seen.matches("\"die\"").count(), seen.matches("\"initialize\"").count()), (1, 2), "{seen}");
    assert_eq!(seen.matches("notifications/initialized").count(), 2, "{seen}");
    let whole = place.object(&["verify", &place.runpack()]);
    assert_eq!(whole["ok"], true);
}

#[test]
fn a_server_that_cannot_stay_is_given_up() {
    let place = Place::with_policy("default_verdict: allow\n");
    let mut talk = place.start(&["--restarts", "2"], &[]);
    for id in 1..=3 {
        let gone = again(&mut talk, id * 1_000, "die");
        assert!(text(&gone).contains("ended before it answered"), "{gone}");
    }
    let (code, said) = talk.wait();
    assert!(code == Some(0) && said.contains("the server ended before its client did"), "{said}");
}

fn several() -> Place {
    let place = Place::with_policy(
        "default_verdict: allow
rules:
  - name: no-writing-there
    effect: block
    match: {tool_names: [left/write_file]}
  - name: too-much-at-stake
    effect: block
    match: {risk_classes: [critical]}
    reason_codes: [at_stake]
",
    );
    let program = env!("CARGO_BIN_EXE_fake-mcp-server");
    let servers = format!(
        "servers:
  left: {{command: {program}, args: [--log, left.log, --resources, left]}}
  right:
    command: {program}
    args: [--log, right.log, --resources, right]
    env: {{SAID: so}}
    tools:
      notify: {{risk_class: critical}}
"
    );
    fs::write(place.path("servers.yaml"), servers).expect("written");
    place
}

#[test]
fn several_servers_stand_behind_one_gateway() {
    let place = several();
    let mut talk = place.start_with(&["--servers", "servers.yaml"]);
    let seen = |name: &str| fs::read_to_string(place.path(name)).unwrap_or_default();
    let opening = open(&mut talk);
    assert_eq!((&opening["serverInfo"]["name"], &opening["protocolVersion"]), (&json!("gait"), &json!("2025-11-25")));
    assert_eq!(opening["capabilities"], json!({"logging": {}, "tools": {"listChanged": true}}));
    talk.request(1, "tools/list", &json!({}));
    let tools = talk.answer(1)["result"]["tools"].clone();
    let names: Vec<&str> = tools.as_array().expect("a list").iter().filter_map(|tool| tool["name"].as_str()).collect();
    assert_eq!((names.len(), names[0], names[10]), (20, "left.echo", "right.echo"));

    assert_eq!(text(&talk.result(2, "right.echo", &json!({"a": 1}))), r#"{"a":1}"#);
    assert!(seen("right.log").contains(r#""name":"echo""#) && !seen("left.log").contains("tools/call"));
    talk.call(3, "echo", &json!({}));
    assert_eq!(talk.answer(3)["error"]["code"], -32602, "which server is meant has to be said");
    let refused = talk.result(4, "left.write_file", &json!({"path": "x", "content": "y"}));
    assert!(text(&refused).contains("gait: block"), "{refused}");
    assert_eq!(text(&talk.result(5, "right.write_file", &json!({"path": "x", "content": "y"}))), "written");
    assert!(text(&talk.result(6, "right.notify", &json!({}))).contains("at_stake"));
    assert_eq!(text(&talk.result(7, "left.notify", &json!({}))), "notified");
    assert!(text(&talk.result(8, "right.env", &json!({}))).contains("SAID"));

    talk.request(10, "resources/read", &json!({"uri": "right://two"}));
    assert!(talk.answer(10)["error"]["message"].as_str().is_some_and(|said| said.contains("no server is known")));
    talk.request(11, "resources/list", &json!({}));
    let listed = talk.answer(11)["result"]["resources"].to_string();
    for uri in ["left://one", "left://two", "right://one", "right://two"] {
        assert!(listed.contains(uri), "{uri}: {listed}");
    }
    talk.request(12, "resources/read", &json!({"uri": "right://two"}));
    assert_eq!(talk.answer(12)["result"]["contents"][0]["uri"], "right://two");
    assert!(seen("right.log").contains("resources/read") && !seen("left.log").contains("resources/read"));
    talk.request(13, "prompts/list", &json!({}));
    assert_eq!(talk.answer(13)["result"]["prompts"], json!([{"name": "left.greet"}, {"name": "right.greet"}]));
    talk.request(14, "prompts/get", &json!({"name": "right.greet"}));
    assert_eq!(talk.answer(14)["result"]["description"], "greet");
    talk.request(15, "ping", &json!({}));
    assert_eq!(talk.answer(15)["result"], json!({}));

    // One that ends leaves the other alone.
    assert!(text(&talk.result(20, "left.die", &json!({}))).contains("ended before it answered"));
    assert_eq!(text(&talk.result(21, "right.echo", &json!({}))), "{}");
    assert!(text(&again(&mut talk, 22, "left.echo")).contains("again"));
    let (code, said) = talk.end();
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(place.object(&["verify", &place.runpack()])["ok"], true);
    assert!(seen("left.log").contains("end of input") && seen("right.log").contains("end of input"));
}

#[test]
fn a_list_of_servers_that_makes_no_sense_is_refused() {
    let place = several();
    let code = |text: &str| {
        fs::write(place.path("servers.yaml"), text).expect("written");
        let object = place.object(&["mcp", "gateway", "--policy", "policy.yaml", "--servers", "servers.yaml"]);
        assert_eq!(object["ok"], false, "{object}");
        object["error_code"].as_str().unwrap_or_default().to_owned()
    };
    for text in ["servers: {}\n", "servers: {a: {comand: x}}\n", "servers: {a b: {command: x}}\n", "servers: [\n", ""] {
        assert_eq!(code(text), "config_invalid", "{text}");
    }
    assert_eq!(code("servers: {a: {command: ./no-such-server}}\n"), "invalid_input");
    let twice = place.gait(&["mcp", "gateway", "--policy", "policy.yaml", "--servers", "servers.yaml", "--", "true"]);
    assert!(twice.code() == Some(6) && twice.err().contains("servers are named twice"), "{}", twice.err());
    // Every mistake is drawn where it is.
    fs::write(place.path("servers.yaml"), "servers:\n  a: {comand: x}\n  b.c: {command: y}\n").expect("written");
    let told = place.gait(&["mcp", "gateway", "--policy", "policy.yaml", "--servers", "servers.yaml"]).err();
    for part in ["did you mean `command`?", "`b.c` cannot be the name of a server", "servers.yaml:3:3"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(code("servers: {a: {command: 'true', env: {NO_SUCH_VARIABLE: }}}\n"), "invalid_input");
}

/// A gateway whose only server is another gateway, reached by its address.
fn far(place: &Place, address: &str, more: &str) -> Talk {
    fs::write(place.path("far.yaml"), format!("servers: {{far: {{url: 'http://{address}/mcp'{more}}}}}\n"))
        .expect("written");
    place.start_with(&["--servers", "far.yaml"])
}

#[test]
fn a_server_may_have_an_address() {
    let behind = Place::with_policy("default_verdict: allow\n");
    let server = listen(&behind, &[], &["--resources", "left"]);
    let place = Place::new();
    let mut talk = far(&place, &server.address, "");
    assert_eq!(open(&mut talk)["serverInfo"]["name"], "fake");
    assert_eq!(text(&talk.result(1, "echo", &json!({"a": 1}))), r#"{"a":1}"#);
    assert!(text(&talk.result(2, "write_file", &json!({"path": "x"}))).contains("gait: block"));
    let params = json!({"name": "slow", "arguments": {"ms": 400}, "_meta": {"progressToken": "mine"}});
    talk.request(3, "tools/call", &params);
    assert_eq!(talk.next_of("notifications/progress")["params"]["progressToken"], "mine");
    assert_eq!(text(&talk.answer(3)["result"]), "slept");
    talk.call(4, "ask", &json!({"messages": []}));
    let question = talk.next_of("sampling/createMessage");
    talk.say(json!({"jsonrpc": "2.0", "id": question["id"], "result": {"role": "assistant"}}).to_string());
    assert_eq!(text(&talk.answer(4)["result"]), r#"{"role":"assistant"}"#);
    talk.call(6, "slow", &json!({"ms": 5_000}));
    thread::sleep(Duration::from_millis(300));
    talk.say(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":6}}"#);
    assert_eq!(text(&talk.result(7, "echo", &json!({}))), "{}");
    let (code, said) = talk.end();
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(place.object(&["verify", &place.runpack()])["ok"], true);
    let (code, said) = server.end();
    assert_eq!(code, Some(0), "{said}");
    let seen = behind.seen();
    assert!(!seen.contains("write_file"), "{seen}");
    assert_eq!(
        (seen.matches("notifications/cancelled").count(), seen.matches("end of input").count()),
        (1, 1),
        "{seen}"
    );
}

#[test]
fn a_server_with_an_address_gets_headers_from_the_message_and_a_token_of_its_own() {
    let behind = Place::with_policy("default_verdict: allow\n");
    let server = listen(&behind, &["--auth-mode", "token", "--auth-token-env", "QUAY_TOKEN"], &["--modern"]);
    let place = Place::with_policy("default_verdict: allow\n");
    let meta = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}});
    let params = json!({"name": "echo", "arguments": {"a": "é"}, "_meta": meta});
    let mut talk = far(&place, &server.address, "");
    talk.request(1, "tools/call", &params);
    let refused = talk.answer(1);
    assert!(refused.to_string().contains("is not running"), "{refused}");
    let (_, said) = talk.end();
    assert!(said.contains("401"), "{said}");
    let mut talk = far(&place, &server.address, ", bearer_env: TOKEN_FOR_THE_SERVER");
    talk.request(1, "tools/call", &params);
    assert_eq!(text(&talk.answer(1)["result"]), r#"{"a":"é"}"#);
    // Headers that repeat arguments are written once the tools were listed.
    talk.request(2, "tools/list", &json!({"_meta": meta}));
    talk.answer(2);
    talk.request(3, "tools/call", &json!({"name": "mail", "arguments": {"to": "é"}, "_meta": meta}));
    assert_eq!(text(&talk.answer(3)["result"]), "sent to é");
    assert_eq!(talk.end().0, Some(0));
    assert_eq!(server.end().0, Some(0));
}

#[test]
fn a_server_that_cannot_be_reached_executes_nothing() {
    let place = Place::with_policy("default_verdict: allow\n");
    let mut talk = far(&place, "127.0.0.1:1", "");
    let refused = talk.result(1, "echo", &json!({}));
    assert!(text(&refused).contains("is not running, or does not take the call. Not executed"), "{refused}");
    assert_eq!(talk.end().0, Some(0));
    for address in ["http://mcp.example/mcp", "ftp://127.0.0.1/", "https://me:word@mcp.example/"] {
        fs::write(place.path("far.yaml"), format!("servers: {{far: {{url: '{address}'}}}}\n")).expect("written");
        let object = place.object(&["mcp", "gateway", "--policy", "policy.yaml", "--servers", "far.yaml"]);
        assert_eq!(object["error_code"], "invalid_input", "{object}");
    }
}
