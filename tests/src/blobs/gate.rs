//! A policy, an intent, and what belongs to them: approval tokens and traces, sound and not. All digests and signatures
//! come from the evaluator and the canonicalizer of these tests, none from the core.

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};

use super::{Blobs, blob};
use crate::gate::intent::Intent;
use crate::gate::policy::Policy;
use crate::runpack::canonical;
use crate::world::{sha256, sign};

/// The policy of most gate vectors. Two of its rules share a priority.
const HARBOUR: &str = "\
# What the harbour's agent may do.
default_verdict: block
fail_closed:
  enabled: true
  risk_classes: [critical]
  required_fields: [targets, arg_provenance]
rules:
  - name: look
    priority: 40
    effect: allow
    match: {tool_names: [crane.look]}
    reason_codes: [looking_is_free]
  - name: move
    priority: 30
    effect: require_approval
    match: {tool_names: [crane.move]}
    reason_codes: [moving_needs_two]
    min_approvals: 2
  - name: heavy
    priority: 30
    effect: block
    match: {tool_names: [crane.move], args: {/tons: {gt: 40}}}
    reason_codes: [too_heavy]
    violations: [overload]
  - name: fuel
    priority: 30
    effect: allow
    match: {tool_names: [fuel.take]}
    require_broker_credential: true
    broker_reference: depot.fuel
    broker_scopes: [pump]
    rate_limit: {requests: 2, window: minute, scope: tool}
  - name: publish
    priority: 20
    effect: allow
    match: {tool_names: [net.publish]}
    endpoint: {domain_allowlist: ['*.harbour.example']}
    dataflow: {tainted_sources: [external]}
  - name: plan
    priority: 20
    effect: dry_run
    match: {tool_names: [plan.make]}
";

/// The same policy as a value.
fn harbour() -> Value {
    json!({
        "default_verdict": "block",
        "fail_closed": {
            "enabled": true, "risk_classes": ["critical"], "required_fields": ["targets", "arg_provenance"],
        },
        "rules": [
            {
                "name": "look", "priority": 40, "effect": "allow", "match": {"tool_names": ["crane.look"]},
                "reason_codes": ["looking_is_free"],
            },
            {
                "name": "move", "priority": 30, "effect": "require_approval", "match": {"tool_names": ["crane.move"]},
                "reason_codes": ["moving_needs_two"], "min_approvals": 2,
            },
            {
                "name": "heavy", "priority": 30, "effect": "block", "reason_codes": ["too_heavy"],
                "match": {"tool_names": ["crane.move"], "args": {"/tons": {"gt": 40}}}, "violations": ["overload"],
            },
            {
                "name": "fuel", "priority": 30, "effect": "allow", "match": {"tool_names": ["fuel.take"]},
                "require_broker_credential": true, "broker_reference": "depot.fuel", "broker_scopes": ["pump"],
                "rate_limit": {"requests": 2, "window": "minute", "scope": "tool"},
            },
            {
                "name": "publish", "priority": 20, "effect": "allow", "match": {"tool_names": ["net.publish"]},
                "endpoint": {"domain_allowlist": ["*.harbour.example"]}, "dataflow": {"tainted_sources": ["external"]},
            },
            {"name": "plan", "priority": 20, "effect": "dry_run", "match": {"tool_names": ["plan.make"]}},
        ],
    })
}

/// The call that waits for approval.
fn waiting() -> Value {
    json!({
        "schema_id": "gait.gate.intent_request", "schema_version": "1.0.0", "created_at": "2026-04-02T08:15:00Z",
        "producer_version": "harbour 1", "tool_name": "crane.move", "args": {"box": "b-7", "tons": 12},
        "targets": [], "context": {"identity": "agent-7", "workspace": "/quay/7", "risk_class": "low"},
    })
}

pub(super) fn blobs() -> Blobs {
    let mut blobs = vec![
        blob("harbour.yaml", HARBOUR),
        blob("intent_waiting.json", format!("{:#}\n", waiting())),
        blob("intent_cut.json", r#"{"tool_name":"crane.look","context":{"identity":"a""#),
        blob("intent_list.json", "[]"),
        blob("intent_null.json", "null"),
        blob(
            "intent_duplicate_key.json",
            r#"{"tool_name":"crane.look","tool_name":"crane.move","context":{"identity":"a","workspace":"/","risk_class":"low"}}"#,
        ),
        blob("intent_bom.json", format!("\u{feff}{}", waiting())),
        blob(
            "intent_surrogate.json",
            r#"{"tool_name":"crane.\ud800","context":{"identity":"a","workspace":"/","risk_class":"low"}}"#,
        ),
        blob(
            "intent_number.json",
            r#"{"tool_name":"crane.look","args":{"n":1e309},"context":{"identity":"a","workspace":"/","risk_class":"low"}}"#,
        ),
        blob("intent_latin1.json", b"{\"tool_name\":\"caf\xe9\"}".to_vec()),
        blob("intent_two.json", format!("{}\n{}", waiting(), waiting())),
        blob(
            "intent_deep.json",
            format!(r#"{{"tool_name":"crane.look","args":{{"a":{}{}}}}}"#, "[".repeat(2_000), "]".repeat(2_000)),
        ),
    ];
    blobs.extend(tokens());
    blobs.extend(traces());
    blobs
}

/// Digests of the policy and of the waiting call.
fn digests() -> (String, String, Intent) {
    let intent = Intent::read(&waiting()).expect("the intent is sound");
    (Policy::read(&harbour(), true).digest(), intent.digest(), intent)
}

/// What is changed before a token or trace is signed, and after.
type Change = fn(&mut Value);

fn tokens() -> Blobs {
    let (policy_digest, intent_digest, _) = digests();
    let token = json!({
        "schema_id": "gait.gate.approval_token", "schema_version": "1.0.0", "created_at": "2026-04-02T08:20:00Z",
        "producer_version": "0.1.0", "token_id": "token_ana", "approver_identity": "ana", "reason_code": "checked",
        "intent_digest": intent_digest, "policy_digest": policy_digest, "scope": ["tool:crane.move"],
        "expires_at": "2026-04-02T09:20:00Z",
    });
    let nothing: Change = |_| {};
    let cases: [(&str, Change, Change); 28] = [
        ("ana", nothing, nothing),
        ("ana_again", |token| token["token_id"] = "token_ana_2".into(), nothing),
        ("bo", |token| (token["token_id"], token["approver_identity"]) = ("token_bo".into(), "bo".into()), nothing),
        ("star", |token| token["scope"] = json!(["*"]), nothing),
        ("scope_bare", |token| token["scope"] = json!(["crane.move"]), nothing),
        ("scope_other", |token| token["scope"] = json!(["tool:crane.look"]), nothing),
        ("expired", |token| token["expires_at"] = "2026-04-02T08:30:00Z".into(), nothing),
        ("future", |token| token["created_at"] = "2026-04-02T08:40:00Z".into(), nothing),
        ("other_intent", |token| token["intent_digest"] = "0".repeat(64).into(), nothing),
        ("other_policy", |token| token["policy_digest"] = "0".repeat(64).into(), nothing),
        ("unsigned", nothing, |token| drop(token.as_object_mut().map(|token| token.remove("signature")))),
        ("foreign", nothing, sign_as_stranger),
        ("foreign_claims_key", nothing, |token| {
            sign_as_stranger(token);
            token["signature"]["key_id"] = "56475aa75463474c0285df5dbf2bcab73da651358839e9b77481b2eab107708c".into();
        }),
        ("longer", nothing, |token| token["expires_at"] = "2027-04-02T09:20:00Z".into()),
        ("wider", nothing, |token| token["scope"] = json!(["*"])),
        ("other_approver", nothing, |token| token["approver_identity"] = "bo".into()),
        ("other_token_id", nothing, |token| token["token_id"] = "token_cy".into()),
        (
            "replayed",
            |token| token["intent_digest"] = "0".repeat(64).into(),
            |token| {
                token["intent_digest"] = digests().1.into();
            },
        ),
        ("digest_forged", nothing, |token| {
            token["expires_at"] = "2027-04-02T09:20:00Z".into();
            token["signature"]["signed_digest"] = digest_of(token).into();
        }),
        ("padded", nothing, |token| {
            token["approver_identity"] = " ana\t".into();
            token["token_id"] = " token_ana".into();
            token["reason_code"] = "checked ".into();
        }),
        (
            "reordered",
            |token| token["scope"] = json!(["tool:crane.move", "tool:fuel.take"]),
            |token| {
                token["scope"] = json!([" TOOL:fuel.take", "tool:crane.move", "tool:fuel.take"]);
            },
        ),
        ("capitals", nothing, |token| {
            for key in ["intent_digest", "policy_digest"] {
                token[key] = token[key].as_str().unwrap_or_default().to_uppercase().into();
            }
        }),
        (
            "respelled_time",
            |token| token["expires_at"] = "2026-04-02T09:20:00.5Z".into(),
            |token| {
                token["expires_at"] = "2026-04-02T09:20:00.500+00:00".into();
            },
        ),
        ("no_approver", |token| token["approver_identity"] = "".into(), nothing),
        ("no_expiry", |token| drop(token.as_object_mut().map(|token| token.remove("expires_at"))), nothing),
        ("digest_short", |token| token["intent_digest"] = "abc".into(), nothing),
        ("other_schema", |token| token["schema_id"] = "gait.gate.trace".into(), nothing),
        ("restricted", |token| token["max_targets"] = 1.into(), nothing),
    ];
    let mut blobs: Blobs = cases
        .into_iter()
        .map(|(name, before, after)| {
            let mut token = token.clone();
            before(&mut token);
            let mut token = signed(&token);
            after(&mut token);
            blob(&format!("token_{name}.json"), format!("{token:#}\n"))
        })
        .collect();
    blobs.push(blob("token_cut.json", "{\"schema_id\": \"gait.gate.approval_token\","));
    blobs.push(blob("token_no_time.json", signed(&token).to_string().replace("2026-04-02T09:20:00Z", "soon")));
    blobs
}

fn traces() -> Blobs {
    let (policy_digest, intent_digest, intent) = digests();
    let trace_of = |verdict: &str| {
        let id = sha256(format!("{policy_digest}:{intent_digest}:{verdict}").as_bytes());
        json!({
            "schema_id": "gait.gate.trace", "schema_version": "1.0.0", "created_at": "2026-04-02T08:15:00Z",
            "producer_version": "0.1.0+core.0123456789abcdef0123456789abcdef", "trace_id": id[..24],
            "correlation_id": "c0ffee", "tool_name": "crane.move",
            "args_digest": sha256(&canonical(&intent.normalized["args"])), "intent_digest": intent_digest,
            "policy_digest": policy_digest, "verdict": verdict, "violations": ["approval_not_granted"],
            "latency_ms": 0.25,
        })
    };
    let waits = trace_of("require_approval");
    let without = |mut trace: Value, key: &str| {
        trace.as_object_mut().map(|trace| trace.remove(key));
        trace
    };
    let mut granted = without(trace_of("allow"), "violations");
    granted["approval_token_ref"] = "token_ana,token_bo".into();
    let mut simulated = without(trace_of("allow"), "violations");
    simulated["approval_token_ref"] = "simulated:require_approval".into();
    let file = |name: &str, trace: &Value| blob(&format!("recheck_{name}.json"), format!("{:#}\n", signed(trace)));
    let mut blobs = vec![
        file("waits", &waits),
        file("granted", &granted),
        file("simulated", &simulated),
        file("allowed_for_no_reason", &without(trace_of("allow"), "violations")),
        file("blocked_for_no_reason", &trace_of("block")),
    ];
    // One field after the other, signed or not: the first says another thing and is signed, the second was changed later.
    let fields: [(&str, Value); 12] = [
        ("created_at", "2026-04-02T08:16:00Z".into()),
        ("producer_version", "0.1.0".into()),
        ("trace_id", "0".repeat(24).into()),
        ("correlation_id", "decaf".into()),
        ("tool_name", "crane.look".into()),
        ("args_digest", "0".repeat(64).into()),
        ("intent_digest", "0".repeat(64).into()),
        ("policy_digest", "0".repeat(64).into()),
        ("verdict", "allow".into()),
        ("violations", json!(["overload"])),
        ("latency_ms", 9000.into()),
        ("skill_provenance", json!({"skill_name": "s", "source": "registry", "publisher": "acme"})),
    ];
    for (key, value) in fields {
        let mut other = waits.clone();
        other[key] = value.clone();
        blobs.push(file(&format!("other_{key}"), &other));
        let mut changed = signed(&waits);
        changed[key] = value;
        blobs.push(blob(&format!("recheck_changed_{key}.json"), format!("{changed:#}\n")));
    }
    blobs
}

fn digest_of(document: &Value) -> String {
    let mut payload = document.clone();
    payload.as_object_mut().map(|payload| payload.remove("signature"));
    sha256(&canonical(&payload))
}

/// A document with a signature by the fixed key over everything else.
fn signed(document: &Value) -> Value {
    let digest = digest_of(document);
    let (key_id, sig) = sign(&digest);
    let mut signed = document.clone();
    signed["signature"] = json!({"alg": "ed25519", "key_id": key_id, "sig": sig, "signed_digest": digest});
    signed
}

/// Puts a signature by another key in place.
fn sign_as_stranger(document: &mut Value) {
    let key = SigningKey::from_bytes(&[7; 32]);
    let digest = digest_of(document);
    let bytes: Vec<u8> =
        (0..32).map(|at| u8::from_str_radix(&digest[2 * at..2 * at + 2], 16).unwrap_or_default()).collect();
    document["signature"] = json!({
        "alg": "ed25519", "key_id": sha256(key.verifying_key().as_bytes()),
        "sig": Base64::encode_string(&key.sign(&bytes).to_bytes()), "signed_digest": digest,
    });
}
