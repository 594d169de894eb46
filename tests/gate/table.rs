//! The table: whatever fails, the verdict, the exit code, and the files.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::place::{Place, answer, private_key};

/// What is expected of one row.
struct Row {
    /// What fails.
    fails: &'static str,
    /// Which call.
    intent: &'static str,
    /// Arguments that come last, and win.
    more: &'static [&'static str],
    /// Makes it fail.
    plant: fn(&Place),
    exit: i32,
    /// The verdict; none where nothing may run because there is none.
    verdict: Option<&'static str>,
    /// The fault's code, or one of the reasons of the verdict.
    code: &'static str,
    /// Files that are there afterwards and were not before.
    files: &'static [&'static str],
}

const TRACE: &[&str] = &["trace.json"];
const TRACE_AND_AUDIT: &[&str] = &["audit.json", "trace.json"];
const TRACE_AND_STATE: &[&str] = &["state.json", "trace.json"];
const NOTHING: &[&str] = &[];

/// A row without a verdict, in which nothing is written.
const fn refused(
    fails: &'static str,
    intent: &'static str,
    more: &'static [&'static str],
    plant: fn(&Place),
    exit: i32,
    code: &'static str,
) -> Row {
    Row { fails, intent, more, plant, exit, verdict: None, code, files: NOTHING }
}

const fn judged(
    fails: &'static str,
    intent: &'static str,
    more: &'static [&'static str],
    plant: fn(&Place),
    (exit, verdict): (i32, &'static str),
    code: &'static str,
    files: &'static [&'static str],
) -> Row {
    Row { fails, intent, more, plant, exit, verdict: Some(verdict), code, files }
}

const ALLOW: (i32, &str) = (0, "allow");
const BLOCK: (i32, &str) = (3, "block");
const WAIT: (i32, &str) = (4, "require_approval");

const STUB: &[&str] = &["--credential-broker", "stub"];
const BROKER: &[&str] = &["--credential-broker", "command", "--credential-command", "./broker"];
const APPROVED: &[&str] = &["--approval-public-key", "trace.pub", "--approval-token-chain", "ana.json,bo.json"];

fn nothing(_: &Place) {}

fn lock(place: &Place, age: Duration) {
    place.put(
        "state.json.lock",
        "{\"schema_id\":\"gait.gate.rate_limit_lock\",\"schema_version\":\"1.0.0\",\"pid\":1}\n",
    );
    let lock = File::options().write(true).open(place.path("state.json.lock")).expect("the lock");
    lock.set_modified(SystemTime::now() - age).expect("a time");
}

fn approve(place: &Place, ana: Value, bo: Value) {
    place.approve("ana.json", ana);
    place.approve("bo.json", bo);
}

fn bo() -> Value {
    json!({"token_id": "token_bo", "approver_identity": "bo"})
}

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    vec![
        // Nothing fails.
        judged("nothing", "look.json", &[], nothing, ALLOW, "looking_is_free", TRACE),
        judged("nothing, blocked", "paint.json", &[], nothing, BLOCK, "default_block", TRACE),
        judged("nothing, waiting", "waiting.json", &[], nothing, WAIT, "approval_token_missing", TRACE_AND_AUDIT),
        judged("nothing, approved", "waiting.json", APPROVED, |place| approve(place, json!({}), bo()), ALLOW, "approval_granted", TRACE_AND_AUDIT),
        judged("nothing, with a credential", "fuel.json", STUB, nothing, ALLOW, "broker_credential_present", &["evidence.json", "state.json", "trace.json"]),
        // Inputs.
        refused("the policy is not there", "look.json", &["--policy", "nowhere.yaml"], nothing, 6, "file_not_found"),
        refused("the policy is a folder", "look.json", &["--policy", "."], nothing, 6, "file_unreadable"),
        refused("the policy has an unknown key", "look.json", &[], |place| place.put("policy.yaml", "rules:\n  - name: r\n    effect: allow\n    macth: {tool_names: [x]}\n"), 6, "policy_invalid"),
        refused("the policy is in another encoding", "look.json", &[], |place| place.put("policy.yaml", b"\xff\xfed\0"), 6, "policy_invalid"),
        refused("the policy is empty in the middle", "look.json", &[], |place| place.put("policy.yaml", "default_verdict:\n  - \n"), 6, "policy_invalid"),
        refused("the intent is not there", "nowhere.json", &[], nothing, 6, "file_not_found"),
        refused("the intent is a folder", ".", &[], nothing, 6, "file_unreadable"),
        refused("the intent is cut off", "look.json", &[], |place| place.put("look.json", "{\"tool_name\": \"crane.look\""), 6, "json_syntax"),
        refused("the intent has two tools", "look.json", &[], |place| place.put("look.json", "{\"tool_name\":\"a\",\"tool_name\":\"b\"}"), 6, "json_duplicate_key"),
        refused("the intent says nobody's name", "look.json", &[], |place| place.put("look.json", "{\"tool_name\":\"a\",\"context\":{}}"), 6, "intent_invalid"),
        // Keys.
        refused("there is no key", "look.json", &["--private-key", ""], nothing, 6, "key_missing"),
        refused("the key is not there", "look.json", &["--private-key", "nowhere.key"], nothing, 6, "file_not_found"),
        refused("the key is a public one", "look.json", &["--private-key", "trace.pub"], nothing, 6, "key_invalid"),
        refused("the halves of the key do not belong together", "look.json", &[], |place| {
            let (one, other) = (private_key([1; 32]), private_key([2; 32]));
            place.put("trace.key", format!("{}{}", &one[..40], &other[40..]));
        }, 6, "key_invalid"),
        refused("a development key is asked for, and another named", "look.json", &["--key-mode", "dev"], nothing, 6, "key_source"),
        refused("the approvers' key is a private one", "waiting.json", &["--approval-public-key", "trace.key"], nothing, 6, "key_invalid"),
        // The core.
        refused("the core cannot be loaded", "look.json", &["below ulimit -v 300000"], nothing, 1, "internal_failure"),
        // Outputs.
        refused("the trace's folder is a file", "look.json", &["--trace-out", "trace.pub/trace.json"], nothing, 6, "file_unwritable"),
        refused("the trace's file is a folder", "look.json", &["--trace-out", "."], nothing, 6, "file_unwritable"),
        refused("the trace would replace the policy", "look.json", &["--trace-out", "./policy.yaml"], nothing, 6, "output_is_input"),
        refused("the trace's device is full", "look.json", &["--trace-out", "/dev/full"], nothing, 6, "file_unwritable"),
        refused("the disk is full", "look.json", &["below trap '' XFSZ; ulimit -f 0"], nothing, 6, "file_unwritable"),
        refused("the evidence's folder is a file", "fuel.json", &["--credential-broker", "stub", "--trace-out", "trace.pub/t", "--credential-evidence-out", "trace.pub/e"], nothing, 6, "file_unwritable"),
        // The rate-limit state.
        refused("the state's folder is a file", "fuel.json", &["--credential-broker", "stub", "--rate-limit-state", "trace.pub/state.json"], nothing, 1, "rate_limit_lock_acquire_failed"),
        refused("the state is a folder", "fuel.json", STUB, |place| fs::create_dir(place.path("state.json")).expect("a folder"), 6, "file_unreadable"),
        refused("the state is empty", "fuel.json", STUB, |place| place.put("state.json", ""), 6, "rate_limit_state_invalid"),
        refused("the state is cut off", "fuel.json", STUB, |place| place.put("state.json", "{\"counters\":["), 6, "rate_limit_state_invalid"),
        refused("the state is no text", "fuel.json", STUB, |place| place.put("state.json", b"\xff"), 6, "rate_limit_state_invalid"),
        refused("the disk is full when the lock is made", "fuel.json", &["--credential-broker", "stub", "below trap '' XFSZ; ulimit -f 0"], nothing, 1, "rate_limit_lock_write_failed"),
        refused("somebody else holds the lock", "fuel.json", STUB, |place| lock(place, Duration::ZERO), 1, "rate_limit_lock_timeout"),
        judged("somebody held the lock, and is gone", "fuel.json", STUB, |place| lock(place, Duration::from_secs(20)), ALLOW, "broker_credential_present", &["evidence.json", "state.json", "trace.json"]),
        refused("the clock went backwards", "fuel.json", STUB, |place| place.put("state.json", json!({"counters": [{"key": "minute|tool|2999-01-01T00:00:00Z|fuel.take", "count": 1}]}).to_string()), 1, "clock_backwards"),
        judged("the limit is reached", "fuel.json", STUB, |place| {
            // In this minute and the next, whichever it will be.
            place.put("policy.yaml", "rules:\n  - name: r\n    effect: allow\n    rate_limit: {requests: 1, window: hour, scope: tool}\n");
            for _ in 0..2 {
                place.eval("fuel.json", &["--trace-out", "earlier.json"]);
            }
        }, BLOCK, "rate_limit_exceeded", TRACE),
        // Brokers.
        judged("there is no broker", "fuel.json", &[], nothing, BLOCK, "broker_credential_required", TRACE_AND_STATE),
        judged("the broker's secret is not set", "fuel.json", &["--credential-broker", "env"], nothing, BLOCK, "broker_credential_missing", TRACE_AND_STATE),
        judged("the broker's program is not there", "fuel.json", BROKER, nothing, BLOCK, "broker_credential_missing", TRACE_AND_STATE),
        judged("the broker fails", "fuel.json", BROKER, |place| place.script("broker", "echo '{\"credential_ref\":\"x\"}'; exit 1"), BLOCK, "broker_credential_missing", TRACE_AND_STATE),
        judged("the broker talks nonsense", "fuel.json", BROKER, |place| place.script("broker", "echo lease-7"), BLOCK, "broker_credential_missing", TRACE_AND_STATE),
        judged("the broker talks too much", "fuel.json", BROKER, |place| place.script("broker", "yes"), BLOCK, "broker_credential_missing", TRACE_AND_STATE),
        judged("the broker takes too long", "fuel.json", BROKER, |place| place.script("broker", "sleep 60"), BLOCK, "broker_credential_missing", TRACE_AND_STATE),
        refused("there is no such broker", "fuel.json", &["--credential-broker", "vault"], nothing, 6, "broker_invalid"),
        refused("the broker has no program", "fuel.json", &["--credential-broker", "command"], nothing, 6, "broker_invalid"),
        // Approvals.
        judged("an approval has expired", "waiting.json", APPROVED, |place| approve(place, json!({"expires_at": "2026-04-02T09:20:00Z"}), bo()), WAIT, "approval_token_expired", TRACE_AND_AUDIT),
        judged("an approval comes from the future", "waiting.json", APPROVED, |place| approve(place, json!({"created_at": "2998-01-01T00:00:00Z"}), bo()), WAIT, "approval_token_not_yet_valid", TRACE_AND_AUDIT),
        judged("an approval is somebody else's", "waiting.json", APPROVED, |place| {
            approve(place, json!({}), bo());
            place.put("trace.pub", "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik=");
        }, WAIT, "approval_token_signature_invalid", TRACE_AND_AUDIT),
        judged("an approval is of another call", "waiting.json", APPROVED, |place| approve(place, json!({"intent_digest": "0".repeat(64)}), bo()), WAIT, "approval_token_intent_mismatch", TRACE_AND_AUDIT),
        judged("one person approves twice", "waiting.json", APPROVED, |place| approve(place, json!({}), json!({"token_id": "token_2", "approver_identity": " ana"})), WAIT, "approval_distinct_approvers_required", TRACE_AND_AUDIT),
        refused("an approval is not there", "waiting.json", APPROVED, nothing, 6, "file_not_found"),
        refused("an approval is cut off", "waiting.json", APPROVED, |place| {
            approve(place, json!({}), bo());
            place.put("bo.json", "{\"schema_id\":");
        }, 6, "json_syntax"),
        // Profile and configuration.
        refused("production rehearses", "look.json", &["--profile", "oss-prod", "--simulate"], nothing, 6, "profile_unmet"),
        refused("production signs with a development key", "look.json", &["--profile", "oss-prod", "--key-mode", "dev", "--private-key", ""], nothing, 6, "profile_unmet"),
        refused("production needs credentials, and there is no broker", "look.json", &["--profile", "oss-prod"], nothing, 6, "profile_unmet"),
        refused("there is no such profile", "look.json", &["--profile", "paranoid"], nothing, 6, "invalid_input"),
    ]
}

#[test]
fn whatever_fails_nothing_is_allowed() {
    let complaints: Vec<String> =
        rows().iter().filter_map(|row| complaint(row).map(|it| format!("{}: {it}", row.fails))).collect();
    assert!(complaints.is_empty(), "{}:\n{}", complaints.len(), complaints.join("\n"));
}

/// What is wrong with how a row went.
fn complaint(row: &Row) -> Option<String> {
    let place = Place::new();
    (row.plant)(&place);
    let before = place.names();
    let below: Vec<&str> = row.more.iter().filter_map(|word| word.strip_prefix("below ")).collect();
    let more: Vec<&str> = row.more.iter().copied().filter(|word| !word.starts_with("below ")).collect();
    let done = match below.first() {
        Some(setup) => place.eval_below(setup, row.intent, &more),
        None => place.eval(row.intent, &more),
    };
    let answer = answer(&done);
    if done.code() != Some(row.exit) {
        return Some(format!("exit {:?}: {answer}", done.status));
    }
    if answer["verdict"].as_str() != row.verdict || answer["ok"] != row.verdict.is_some() {
        return Some(format!("the verdict is {}: {answer}", answer["verdict"]));
    }
    let reasons = answer["reason_codes"].as_array().into_iter().flatten();
    if row.verdict.is_some() && !reasons.clone().any(|reason| reason == row.code) {
        return Some(format!("no reason is {}: {answer}", row.code));
    }
    // The envelope's code is the contract's, by exit code; the precise one stands beside it.
    if row.verdict.is_none() && !["error_code", "cause"].iter().any(|key| answer[*key] == row.code) {
        return Some(format!("the code is not {}: {answer}", row.code));
    }
    let after = place.names();
    let new: Vec<&str> = after.difference(&before).map(String::as_str).filter(|name| *name != "earlier.json").collect();
    if new != row.files {
        return Some(format!("it left {new:?}, not {:?}: {answer}", row.files));
    }
    let gone: Vec<&String> = before.difference(&after).filter(|name| *name != "state.json.lock").collect();
    if !gone.is_empty() {
        return Some(format!("{gone:?} are gone"));
    }
    if row.verdict.is_some() {
        let trace = place.json("trace.json");
        if trace["verdict"].as_str() != row.verdict || trace["trace_id"] != answer["trace_id"] {
            return Some(format!("the trace says something else: {trace}"));
        }
        let mut verify = place.program.command(place.cwd());
        verify.args(["trace", "verify", "trace.json", "--private-key", "trace.key"]);
        if place.run(verify).code() != Some(0) {
            return Some("the trace does not verify".into());
        }
    }
    None
}

#[test]
fn a_lock_that_is_held_stays_held() {
    let place = Place::new();
    lock(&place, Duration::ZERO);
    let before = fs::read(place.path("state.json.lock")).expect("the lock");
    let done = place.eval("fuel.json", STUB);
    let answer = answer(&done);
    assert_eq!(
        (&answer["retryable"], &answer["error_category"]),
        (&true.into(), &"state_contention".into()),
        "{answer}"
    );
    assert_eq!(fs::read(place.path("state.json.lock")).ok(), Some(before));
}

#[test]
fn a_trace_that_was_there_is_replaced_whole_or_not_at_all() {
    let place = Place::new();
    place.put("trace.json", "what was there");
    let done = place.eval("nowhere.json", &[]);
    assert_eq!(done.code(), Some(6));
    let done = place.eval_below("trap '' XFSZ; ulimit -f 0", "look.json", &[]);
    assert_eq!(done.code(), Some(6));
    assert_eq!(fs::read(place.path("trace.json")).ok().as_deref(), Some(&b"what was there"[..]));
    assert_eq!(place.eval("look.json", &[]).code(), Some(0));
    assert_eq!(place.json("trace.json")["verdict"], "allow");
}
