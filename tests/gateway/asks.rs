//! Calls that wait while somebody is asked: the page, the form, and everything by which a call must not pass.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::talk::{Place, Talk, text};

/// Asks a page: status and body.
fn fetch(method: &str, url: &str, kind: &str, body: &str) -> (u16, String) {
    let rest = url.strip_prefix("http://").expect("a plain address");
    let (host, path) = rest.split_once('/').expect("a path");
    let mut stream = TcpStream::connect(host).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
    let head = format!(
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    (status, answer)
}

fn open(talk: &mut Talk, elicitation: &Value) {
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {"elicitation": elicitation}, "clientInfo": {"name": "desk", "version": "1"}});
    talk.request("i", "initialize", &params);
    talk.answer("i");
}

/// The next question of gait's: its id and its parameters.
fn question(talk: &mut Talk) -> (Value, Value) {
    let message = talk.next_of("elicitation/create");
    (message["id"].clone(), message["params"].clone())
}

fn reply(talk: &mut Talk, id: &Value, result: &Value) {
    talk.say(json!({"jsonrpc": "2.0", "id": id, "result": result}).to_string());
}

/// An approval for the call that a page shows.
fn approve(place: &Place, page: &str, out: &str) -> String {
    let digest = |flag: &str| {
        let rest = page.split(&format!("{flag} ")).nth(1).unwrap_or_else(|| panic!("{flag}: {page}"));
        rest.split(' ').next().unwrap_or_default().to_owned()
    };
    let (intent, policy) = (digest("--intent-digest"), digest("--policy-digest"));
    let digests = ["approve", "--intent-digest", &intent, "--policy-digest", &policy, "--out", out];
    let rest = ["--ttl", "5m", "--scope", "tool:read_file", "--approver", "ana", "--reason-code", "t"];
    assert_eq!(place.object(&[&digests[..], &rest].concat())["ok"], true);
    fs::read_to_string(place.path(out)).expect("a token")
}

fn with_cargo() -> Place {
    let place = Place::new();
    fs::write(place.path("cargo.txt"), "crates").expect("a temporary folder");
    fs::write(place.path("manifest.txt"), "figs").expect("a temporary folder");
    place
}

#[test]
fn a_call_waits_for_the_approval_that_its_page_takes() {
    let place = with_cargo();
    let mut talk = place.start(&[], &[]);
    open(&mut talk, &json!({"url": {}}));
    let params = json!({"name": "read_file", "arguments": {"path": "cargo.txt"}, "_meta": {"progressToken": "p"}});
    talk.request(1, "tools/call", &params);
    let (id, asked) = question(&mut talk);
    assert_eq!((&asked["mode"], asked["elicitationId"].is_string()), (&json!("url"), true), "{asked}");
    let url = asked["url"].as_str().expect("an address").to_owned();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    reply(&mut talk, &id, &json!({"action": "accept"}));
    let (status, page) = fetch("GET", &url, "", "");
    assert!(status == 200 && page.contains("cargo.txt") && page.contains("content-security-policy"), "{page}");
    assert_eq!(fetch("GET", &format!("{url}0"), "", "").0, 404);
    assert_eq!(fetch("PUT", &url, "", "").0, 405);

    // Another call waits as well; its approval is not good for this one.
    talk.call(2, "read_file", &json!({"path": "manifest.txt"}));
    let (other_id, other) = question(&mut talk);
    let other_url = other["url"].as_str().expect("an address").to_owned();
    let for_other = approve(&place, &fetch("GET", &other_url, "", "").1, "other.json");
    let (status, said) = fetch("POST", &url, "application/json", &for_other);
    assert!(status == 422 && said.contains("approval_token_intent_mismatch"), "{said}");
    for nonsense in ["", "{}", "x", "[1]"] {
        assert_eq!(fetch("POST", &url, "application/json", nonsense).0, 422, "{nonsense}");
    }
    assert!(!place.seen().contains("tools/call"), "nothing was executed");

    let token = approve(&place, &page, "token.json");
    let form: String = token.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let form = format!("token={form}");
    let (status, said) = fetch("POST", &url, "application/x-www-form-urlencoded", &form);
    assert!(status == 200 && said.contains("The approval is good"), "{said}");
    assert_eq!(text(&talk.answer(1)["result"]), "crates");
    assert_eq!(fetch("GET", &url, "", "").0, 404, "it waits no more");
    let notices = talk.within(100);
    for method in ["notifications/elicitation/complete", "notifications/progress"] {
        assert!(notices.iter().any(|notice| notice["method"] == method), "{method}: {notices:?}");
    }

    reply(&mut talk, &other_id, &json!({"action": "decline"}));
    let declined = talk.answer(2)["result"].clone();
    assert!(text(&declined).contains("approval_declined") && declined["isError"] == true, "{declined}");
    let (code, said) = talk.end();
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(place.seen().matches("tools/call").count(), 1);
    assert_eq!(place.object(&["verify", &place.runpack()])["ok"], true);
    // The approval is a part of the evidence.
    let traces = place.files("gait-out/mcp-gateway/traces");
    assert!(traces.iter().any(|name| name.starts_with("approval_audit_")), "{traces:?}");
}

#[test]
fn an_approval_in_the_folder_ends_the_wait() {
    let place = with_cargo();
    fs::create_dir(place.path("approvals")).expect("a folder");
    let mut talk = place.start(&["--approval-dir", "approvals"], &[]);
    open(&mut talk, &json!({"url": {}}));
    talk.call(1, "read_file", &json!({"path": "cargo.txt"}));
    let (_, asked) = question(&mut talk);
    let page = fetch("GET", asked["url"].as_str().expect("an address"), "", "").1;
    approve(&place, &page, "approvals/one.json");
    assert_eq!(text(&talk.answer(1)["result"]), "crates");
    assert_eq!(place.files("approvals"), ["one.json.used"]);
    assert_eq!(talk.end().0, Some(0));
}

#[test]
fn a_wait_ends_and_a_cancelled_call_is_never_executed() {
    let place = with_cargo();
    let mut talk = place.start(&["--timeout", "700ms"], &[]);
    open(&mut talk, &json!({"url": {}}));
    talk.call(1, "read_file", &json!({"path": "cargo.txt"}));
    let (id, _) = question(&mut talk);
    let refused = talk.answer(1)["result"].clone();
    assert!(text(&refused).contains("approval_wait_expired"), "{refused}");
    let withdrawn = talk.within(100);
    let is_it = |notice: &Value| notice["method"] == "notifications/cancelled" && notice["params"]["requestId"] == id;
    assert!(withdrawn.iter().any(is_it), "{withdrawn:?}");

    talk.call(2, "read_file", &json!({"path": "cargo.txt"}));
    let (_, asked) = question(&mut talk);
    let url = asked["url"].as_str().expect("an address").to_owned();
    let page = fetch("GET", &url, "", "").1;
    let token = approve(&place, &page, "token.json");
    talk.say(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}"#);
    thread::sleep(Duration::from_millis(100));
    assert_eq!(fetch("POST", &url, "application/json", &token).0, 404);
    assert!(talk.within(300).iter().all(|message| message["id"] != 2), "nobody answers a cancelled call");
    assert_eq!(talk.end().0, Some(0));
    assert!(!place.seen().contains("tools/call"));
}

#[test]
fn who_cannot_be_asked_is_refused_at_once() {
    for (options, elicitation) in
        [(&[][..], json!({})), (&["--ask", "off"], json!({"url": {}})), (&["--ask", "url"], json!({"form": {}}))]
    {
        let place = with_cargo();
        let mut talk = place.start(options, &[]);
        open(&mut talk, &elicitation);
        let refused = talk.result(1, "read_file", &json!({"path": "cargo.txt"}));
        assert!(text(&refused).contains("gait approve --intent-digest"), "{refused}");
        assert_eq!(talk.end().0, Some(0));
    }
}

#[test]
fn a_form_is_the_clients_word_and_recorded_as_such() {
    let policy = "default_verdict: allow
rules:
  - name: two-people
    priority: 1
    effect: require_approval
    match: {tool_names: [write_file]}
    min_approvals: 2
    require_distinct_approvers: true
  - name: one
    priority: 2
    effect: require_approval
    match: {tool_names: [read_file]}
";
    let place = Place::with_policy(policy);
    fs::write(place.path("cargo.txt"), "crates").expect("a temporary folder");
    let mut talk = place.start(&["--ask", "form"], &[]);
    open(&mut talk, &json!({}));
    for (content, passes) in [(json!({"approve": true}), true), (json!({"approve": false}), false), (json!({}), false)]
    {
        talk.call(1, "read_file", &json!({"path": "cargo.txt"}));
        let (id, asked) = question(&mut talk);
        assert_eq!((&asked["mode"], asked["url"].is_null()), (&json!("form"), true), "{asked}");
        reply(&mut talk, &id, &json!({"action": "accept", "content": content}));
        assert_eq!(text(&talk.answer(1)["result"]) == "crates", passes, "{content}");
    }
    talk.call(2, "write_file", &json!({"path": "x", "content": "y"}));
    let (id, _) = question(&mut talk);
    reply(&mut talk, &id, &json!({"action": "accept", "content": {"approve": true}}));
    let refused = talk.answer(2)["result"].clone();
    assert!(text(&refused).contains("approval_client_form_insufficient"), "{refused}");
    assert_eq!(talk.end().0, Some(0));
    assert_eq!(place.seen().matches("tools/call").count(), 1);
    let folder = "gait-out/mcp-gateway/traces";
    let audits: String = place
        .files(folder)
        .iter()
        .filter(|name| name.starts_with("approval_audit_"))
        .filter_map(|name| fs::read_to_string(place.path(&format!("{folder}/{name}"))).ok())
        .collect();
    assert!(audits.contains("client:desk") && audits.contains("client-form:"), "{audits}");
}

#[test]
fn without_sessions_the_call_comes_back() {
    let place = with_cargo();
    let mut talk = place.start(&[], &["--modern"]);
    let call = |path: &str, more: &Value| {
        let meta = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"url": {}}}});
        let mut params = json!({"name": "read_file", "arguments": {"path": path}, "_meta": meta});
        params.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        params
    };
    talk.request(1, "tools/call", &call("cargo.txt", &json!({})));
    let asked = talk.answer(1)["result"].clone();
    assert_eq!(asked["resultType"], "input_required", "{asked}");
    let url = asked["inputRequests"]["dev.gait/approval"]["params"]["url"].as_str().expect("an address").to_owned();
    let back = |action: &str| {
        let responses = json!({"dev.gait/approval": {"action": action}});
        json!({"requestState": asked["requestState"], "inputResponses": responses})
    };
    // The state of one call is no use to another.
    talk.request(2, "tools/call", &call("manifest.txt", &back("accept")));
    assert_eq!(talk.answer(2)["result"]["resultType"], "input_required");
    let token = approve(&place, &fetch("GET", &url, "", "").1, "token.json");
    assert_eq!(fetch("POST", &url, "application/json", &token).0, 200);
    talk.request(3, "tools/call", &call("cargo.txt", &back("accept")));
    let passed = talk.answer(3);
    assert_eq!(text(&passed["result"]), "crates", "{passed}");
    talk.request(4, "tools/call", &call("cargo.txt", &back("accept")));
    let again = talk.answer(4)["result"].clone();
    assert_eq!(again["resultType"], "input_required", "an approval and a state are good once: {again}");
    let responses = json!({"dev.gait/approval": {"action": "decline"}});
    let declined = json!({"requestState": again["requestState"], "inputResponses": responses});
    talk.request(5, "tools/call", &call("cargo.txt", &declined));
    assert!(text(&talk.answer(5)["result"]).contains("approval_declined"));

    // Who comes back before there is an approval waits for it.
    talk.request(6, "tools/call", &call("cargo.txt", &json!({})));
    let asked = talk.answer(6)["result"].clone();
    let url = asked["inputRequests"]["dev.gait/approval"]["params"]["url"].as_str().expect("an address").to_owned();
    let responses = json!({"dev.gait/approval": {"action": "accept"}});
    let accepted = json!({"requestState": asked["requestState"], "inputResponses": responses});
    talk.request(7, "tools/call", &call("cargo.txt", &accepted));
    let token = approve(&place, &fetch("GET", &url, "", "").1, "second.json");
    thread::sleep(Duration::from_millis(200));
    assert_eq!(fetch("POST", &url, "application/json", &token).0, 200);
    assert_eq!(text(&talk.answer(7)["result"]), "crates");
    assert_eq!(talk.end().0, Some(0));
    let seen = place.seen();
    assert_eq!(seen.matches("tools/call").count(), 2, "{seen}");
    assert!(!seen.contains("requestState") && !seen.contains("inputResponses"), "{seen}");
    assert_eq!(place.object(&["verify", &place.runpack()])["ok"], true);
}
