//! Tokens by example: what still verifies, and the code of every defect. The tests play the host that signs.

extern crate std;
use std::string::{String, ToString};
use std::vec::Vec;

use ed25519_dalek::{Signer, SigningKey};
use gait_contract::approval::ApprovalMinted;
use gait_contract::op::ANSWER;
use gait_contract::step::Answer;
use gait_contract::{Code, Fault, Step, Timestamp, frame};
use serde_json::{Value, json};

use super::{Expected, parse};
use crate::digest::{sha256_hex, unhex};
use crate::sign::PublicKey;
use crate::{Core, json as core_json};

const PUBLIC: &str = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
const KEY_ID: &str = "56475aa75463474c0285df5dbf2bcab73da651358839e9b77481b2eab107708c";
const NOW: &str = "2026-04-02T08:15:00Z";

fn base64(bytes: &[u8]) -> String {
    const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let value = group.iter().fold(0_u32, |value, byte| value << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for at in 0..4 {
            let symbol = char::from(SYMBOLS[(value >> (18 - 6 * at) & 63) as usize]);
            text.push(if at > group.len() { '=' } else { symbol });
        }
    }
    text
}

fn sign(digest: &str) -> String {
    let key = SigningKey::from_bytes(&std::array::from_fn(|at| at as u8));
    base64(&key.sign(&unhex::<32>(digest).unwrap()).to_bytes())
}

fn intent_digest() -> String {
    "1a".repeat(32)
}

fn policy_digest() -> String {
    "2b".repeat(32)
}

/// A token without its signature, its members in normal form.
fn unsigned() -> Value {
    json!({
        "schema_id": "gait.gate.approval_token", "schema_version": "1.0.0", "created_at": "2026-04-02T08:00:00Z",
        "producer_version": "t", "token_id": "id", "approver_identity": "ana", "reason_code": "change",
        "intent_digest": intent_digest(), "policy_digest": policy_digest(), "scope": ["tool:crane.move"],
        "expires_at": "2026-04-02T09:00:00Z"
    })
}

fn set(mut token: Value, members: Value) -> Value {
    for (key, value) in members.as_object().unwrap() {
        token[key] = value.clone();
    }
    token
}

/// The token signed as it stands.
fn signed(token: Value) -> Value {
    let digest = sha256_hex(&core_json::canonicalize(token.to_string().as_bytes()).unwrap());
    let signature = json!({"alg": "ed25519", "key_id": KEY_ID, "sig": sign(&digest), "signed_digest": digest});
    set(token, json!({"signature": signature}))
}

/// Signed in normal form, then changed.
fn changed(members: Value) -> Value {
    set(signed(unsigned()), members)
}

fn check_at(token: &Value, now: &str) -> Result<String, &'static str> {
    let token = parse(token.to_string().as_bytes()).unwrap_or_else(|fault| panic!("{fault:?}"));
    let key = PublicKey::parse(PUBLIC).unwrap();
    let checked = token.check(&Expected {
        intent_digest: &intent_digest(),
        policy_digest: &policy_digest(),
        tool_name: "crane.move",
        now: &Timestamp::parse(now).unwrap(),
        key: &key,
    });
    checked.map(|token| token.token_id)
}

#[track_caller]
fn good(token: &Value) {
    assert_eq!(check_at(token, NOW).as_deref(), Ok("id"), "{token}");
}

#[track_caller]
fn bad(token: &Value, code: &str) {
    assert_eq!(check_at(token, NOW), Err(code), "{token}");
}

#[test]
fn spelling_does_not_matter() {
    good(&signed(unsigned()));
    good(&changed(json!({"token_id": " id\n", "approver_identity": "\u{a0}ana", "reason_code": "change "})));
    good(&changed(json!({"intent_digest": std::format!(" {} ", intent_digest().to_uppercase())})));
    good(&changed(json!({"policy_digest": policy_digest().to_uppercase()})));
    good(&changed(json!({"scope": [" TOOL:Crane.Move ", "tool:crane.move", "", null]})));
    good(&changed(json!({"schema_id": "", "schema_version": null})));
    good(&changed(json!({"created_at": "2026-04-02T08:00:00.000+00:00"})));
    good(&changed(json!({"later": {"a": 1}, "max_targets": null, "delegation_binding_digest": null})));
    let wide = set(unsigned(), json!({"scope": ["*", "tool:a"]}));
    good(&signed(wide.clone()));
    good(&set(signed(wide), json!({"scope": ["tool:a", "*"]})));
    let no_key_id = signed(unsigned());
    good(&set(no_key_id.clone(), json!({"signature": set(no_key_id["signature"].clone(), json!({"key_id": ""}))})));
}

#[test]
fn later_producers_may_sign_what_is_not_known_here() {
    good(&signed(set(unsigned(), json!({"later": {"a": 1}}))));
    // A signature over the document as it stands holds for exactly that document.
    good(&signed(set(unsigned(), json!({"token_id": "id "}))));
    let token = signed(set(unsigned(), json!({"later": {"a": 1}})));
    bad(&set(token.clone(), json!({"later": {"a": 2}})), "approval_token_signature_invalid");
    bad(&set(token, json!({"token_id": "id "})), "approval_token_signature_invalid");
}

#[test]
fn a_restriction_that_is_not_understood_is_not_lifted() {
    for (key, value) in [
        ("max_targets", json!(1)),
        ("max_ops", json!(0)),
        ("delegation_binding_digest", json!("ab")),
        ("max_targets", json!({"a": []})),
    ] {
        bad(&signed(set(unsigned(), json!({key: value}))), "approval_token_invalid");
        bad(&changed(json!({key: value})), "approval_token_invalid");
    }
}

#[test]
fn what_is_missing_makes_a_token_invalid() {
    for field in ["token_id", "approver_identity", "reason_code"] {
        for blank in [json!(""), json!(" "), json!(null)] {
            bad(&signed(set(unsigned(), json!({field: blank}))), "approval_token_invalid");
        }
    }
    for field in ["intent_digest", "policy_digest"] {
        for wrong in [json!(""), json!("abc"), json!("g".repeat(64)), json!("a".repeat(65)), json!("é".repeat(32))] {
            bad(&signed(set(unsigned(), json!({field: wrong}))), "approval_token_invalid");
        }
    }
    for field in ["created_at", "expires_at"] {
        for wrong in [json!(null), json!("0001-01-01T00:00:00Z")] {
            bad(&signed(set(unsigned(), json!({field: wrong}))), "approval_token_invalid");
        }
    }
    for scope in [json!([]), json!(null), json!([" "])] {
        bad(&signed(set(unsigned(), json!({"scope": scope}))), "approval_token_invalid");
    }
    bad(&signed(set(unsigned(), json!({"schema_id": "gait.gate.trace"}))), "approval_token_invalid");
    bad(&signed(set(unsigned(), json!({"schema_id": " gait.gate.approval_token"}))), "approval_token_invalid");
    bad(&signed(set(unsigned(), json!({"schema_version": "2.0.0"}))), "approval_token_invalid");
    bad(&json!({}), "approval_token_invalid");
    bad(&json!(null), "approval_token_invalid");
}

#[test]
fn every_field_is_signed() {
    bad(&unsigned(), "approval_token_signature_missing");
    bad(&set(unsigned(), json!({"signature": null})), "approval_token_signature_missing");
    bad(&set(unsigned(), json!({"signature": {}})), "approval_token_signature_invalid");
    for members in [
        json!({"created_at": "2026-04-02T08:00:00.000000001Z"}),
        json!({"created_at": "2026-04-02T09:00:00+01:00"}),
        json!({"producer_version": "u"}),
        json!({"producer_version": " t"}),
        json!({"token_id": "id2"}),
        json!({"approver_identity": "Ana"}),
        json!({"reason_code": "Change"}),
        json!({"intent_digest": "3c".repeat(32)}),
        json!({"policy_digest": "3c".repeat(32)}),
        json!({"scope": ["*"]}),
        json!({"scope": ["tool:crane.move", "tool:crane.lift"]}),
        json!({"expires_at": "2026-04-02T09:00:01Z"}),
        json!({"expires_at": "2126-04-02T09:00:00Z"}),
    ] {
        bad(&changed(members), "approval_token_signature_invalid");
    }
    let token = signed(unsigned());
    for members in [
        json!({"alg": "Ed25519"}),
        json!({"key_id": "0".repeat(64)}),
        json!({"sig": ""}),
        json!({"sig": base64(&[0; 64])}),
        json!({"signed_digest": ""}),
        json!({"signed_digest": token["signature"]["signed_digest"].as_str().unwrap().to_uppercase()}),
        json!({"signed_digest": "0".repeat(64)}),
    ] {
        let signature = set(token["signature"].clone(), members);
        bad(&set(token.clone(), json!({"signature": signature})), "approval_token_signature_invalid");
    }
    // The signature of another token.
    let other = signed(set(unsigned(), json!({"scope": ["*"]})));
    bad(&set(token, json!({"signature": other["signature"]})), "approval_token_signature_invalid");
}

#[test]
fn a_token_fits_one_intent_under_one_policy() {
    bad(&signed(set(unsigned(), json!({"intent_digest": "3c".repeat(32)}))), "approval_token_intent_mismatch");
    bad(&signed(set(unsigned(), json!({"policy_digest": "3c".repeat(32)}))), "approval_token_policy_mismatch");
    for scope in ["crane.move", "tool:crane", "tool:crane.move.x", "tool: crane.move", "tool:*", "**", "tool:"] {
        bad(&signed(set(unsigned(), json!({"scope": [scope]}))), "approval_token_scope_mismatch");
    }
}

#[test]
fn a_token_has_its_time() {
    let at = |now: &str| check_at(&signed(unsigned()), now).err().unwrap_or("good");
    assert_eq!(at("2026-04-02T08:59:59.999999999Z"), "good");
    assert_eq!(at("2026-04-02T09:00:00Z"), "approval_token_expired");
    assert_eq!(at("2026-04-02T11:00:00+02:00"), "approval_token_expired");
    assert_eq!(at("2026-04-02T07:59:00Z"), "good");
    assert_eq!(at("2026-04-02T07:58:59.999999999Z"), "approval_token_not_yet_valid");
    assert_eq!(at("1999-01-01T00:00:00Z"), "approval_token_not_yet_valid");
    // Instants are compared, not texts.
    let far = signed(set(unsigned(), json!({"expires_at": "2026-04-02T10:30:00+02:00"})));
    assert_eq!(check_at(&far, "2026-04-02T08:29:59Z").as_deref(), Ok("id"));
    assert_eq!(check_at(&far, "2026-04-02T08:30:00Z"), Err("approval_token_expired"));
}

#[test]
fn the_first_fault_is_the_one_that_is_told() {
    let members = json!({"intent_digest": "3c".repeat(32), "policy_digest": "3c".repeat(32), "scope": ["x"],
        "expires_at": "2026-04-02T08:10:00Z", "created_at": "2026-04-02T08:17:00Z"});
    let mut token = set(unsigned(), members);
    bad(&set(token.clone(), json!({"token_id": ""})), "approval_token_invalid");
    bad(&token, "approval_token_signature_missing");
    bad(&set(signed(token.clone()), json!({"reason_code": "x"})), "approval_token_signature_invalid");
    bad(&signed(token.clone()), "approval_token_intent_mismatch");
    token["intent_digest"] = json!(intent_digest());
    bad(&signed(token.clone()), "approval_token_policy_mismatch");
    token["policy_digest"] = json!(policy_digest());
    bad(&signed(token.clone()), "approval_token_expired");
    token["expires_at"] = json!("2027-01-01T00:00:00Z");
    bad(&signed(token.clone()), "approval_token_not_yet_valid");
    token["created_at"] = json!(NOW);
    bad(&signed(token.clone()), "approval_token_scope_mismatch");
    token["scope"] = json!(["*"]);
    good(&signed(token));
}

#[test]
fn what_is_no_token_is_a_fault() {
    let code = |text: &str| parse(text.as_bytes()).err().map(|fault| fault.error_code);
    assert_eq!(code("{"), Some(Code::JsonSyntax));
    assert_eq!(code("[]"), Some(Code::JsonType));
    assert_eq!(code(r#"{"expires_at":"never"}"#), Some(Code::JsonType));
    assert_eq!(code(r#"{"expires_at":""}"#), Some(Code::JsonType));
    assert_eq!(code(r#"{"scope":"*"}"#), Some(Code::JsonType));
    assert_eq!(code(r#"{"token_id":1}"#), Some(Code::JsonType));
    assert_eq!(code(r#"{"token_id":"a","token_id":"a"}"#), Some(Code::JsonDuplicateKey));
    assert_eq!(code(r#"{"later":1e999}"#), Some(Code::JsonNumber));
}

#[test]
fn the_audit_record_lists_what_the_token_says() {
    let token = set(
        unsigned(),
        json!({"token_id": " id ", "approver_identity": " ana", "reason_code": "change ",
            "scope": ["b", " A ", "", "b", "a"], "expires_at": "2026-04-02T09:00:00.5+02:00"}),
    );
    let token = parse(token.to_string().as_bytes()).unwrap();
    assert_eq!(
        serde_json::to_value(token.entry(Some("approval_token_expired"))).unwrap(),
        json!({"token_id": "id", "approver_identity": "ana", "reason_code": "change", "scope": ["A", "a", "b"],
            "expires_at": "2026-04-02T07:00:00.5Z", "valid": false, "error_code": "approval_token_expired"})
    );
    assert!(token.entry(None).valid);
    let nothing = serde_json::to_value(parse(b"{}").unwrap().entry(Some("approval_token_invalid"))).unwrap();
    assert_eq!(
        nothing,
        json!({"expires_at": "0001-01-01T00:00:00Z", "valid": false, "error_code": "approval_token_invalid"})
    );
}

fn run(op: &str, request: &Value) -> Step<Value> {
    let mut core = Core::default();
    let mut reply = core.call(op, request.to_string().into_bytes());
    loop {
        let (json, _) = frame::read(&reply).unwrap();
        match serde_json::from_slice(json).unwrap() {
            Step::Sign { digest } => {
                let answer = Answer::Signature { key_id: KEY_ID.into(), sig: sign(&digest) };
                reply = core.call(ANSWER.0, serde_json::to_vec(&answer).unwrap());
            }
            step => return step,
        }
    }
}

fn mint(members: Value) -> Result<ApprovalMinted, Fault> {
    let request = json!({"intent_digest": intent_digest().to_uppercase(), "policy_digest": std::format!(" {}", policy_digest()),
        "ttl": "90m", "scope": [" tool:Crane.Move ", "A"], "approver": " ana ", "reason_code": " change ", "now": "2026-04-02T10:15:00.25+02:00",
        "producer_version": "0.1.0", "check_only": false});
    match run("approval.mint", &set(request, members)) {
        Step::Reply(reply) => Ok(serde_json::from_value(reply).unwrap()),
        Step::Fault(fault) => Err(fault),
        step => panic!("{step:?}"),
    }
}

#[test]
fn a_minted_token_verifies() {
    let minted = mint(json!({})).unwrap();
    let named =
        std::format!("{}:{}:ana:change:a,tool:crane.move:2026-04-02T09:45:00.25Z", intent_digest(), policy_digest());
    assert_eq!(minted.token_id, sha256_hex(named.as_bytes())[..24]);
    assert_eq!(minted.expires_at.as_str(), "2026-04-02T09:45:00Z");
    assert_eq!((minted.reason_code.as_str(), minted.key_id.as_str()), ("change", KEY_ID));
    assert_eq!(minted.scope, ["a", "tool:crane.move"]);
    let token: Value = serde_json::from_str(&minted.text).unwrap();
    assert_eq!(token["created_at"], "2026-04-02T08:15:00.25Z");
    assert_eq!(token["expires_at"], "2026-04-02T09:45:00.25Z");
    let lines: Vec<&str> = minted.text.lines().collect();
    assert_eq!(lines[1], "  \"schema_id\": \"gait.gate.approval_token\",");
    assert!(minted.text.ends_with("}\n"));
    let verify = json!({"token": {"inline": token}, "public_key": PUBLIC, "intent_digest": intent_digest(),
        "policy_digest": policy_digest(), "tool_name": " Crane.MOVE", "now": "2026-04-02T09:45:00.249Z"});
    match run("approval.verify", &verify) {
        Step::Reply(reply) => {
            assert_eq!((&reply["ok"], &reply["entry"]["valid"]), (&json!(true), &json!(true)), "{reply}");
        }
        step => panic!("{step:?}"),
    }
    match run("approval.verify", &set(verify.clone(), json!({"now": "2026-04-02T09:45:00.25Z"}))) {
        Step::Reply(reply) => assert_eq!(reply["entry"]["error_code"], "approval_token_expired"),
        step => panic!("{step:?}"),
    }
    match run("approval.verify", &set(verify, json!({"now": null}))) {
        Step::Fault(fault) => assert_eq!(fault.error_code, Code::TimeMissing),
        step => panic!("{step:?}"),
    }
}

#[test]
fn checking_alone_signs_nothing() {
    let (checked, minted) = (mint(json!({"check_only": true})).unwrap(), mint(json!({})).unwrap());
    assert_eq!((checked.text.as_str(), checked.key_id.as_str()), ("", ""));
    assert_eq!((checked.token_id, checked.expires_at), (minted.token_id, minted.expires_at));
}

#[test]
fn requests_are_checked_in_order() {
    let mut everything = json!({"ttl": "90", "scope": [" "], "intent_digest": "abc", "policy_digest": "", "approver": " ",
        "reason_code": "", "now": null});
    for (field, words, mended) in [
        ("ttl", "`--ttl` is `90`", json!("1h")),
        ("scope", "`--scope` is empty", json!(["*"])),
        ("intent_digest", "`--intent-digest` is `abc`", json!(intent_digest())),
        ("policy_digest", "`--policy-digest` is ``", json!(policy_digest())),
        ("approver", "`--approver` is empty", json!("ana")),
        ("reason_code", "`--reason-code` is empty", json!("change")),
    ] {
        let fault = mint(everything.clone()).unwrap_err();
        assert_eq!((fault.error_code, fault.error.as_str()), (Code::ApprovalRequestInvalid, words));
        everything[field] = mended;
    }
    assert_eq!(mint(everything.clone()).unwrap_err().error_code, Code::TimeMissing);
    everything["now"] = json!("9999-12-31T23:30:00Z");
    let fault = mint(everything).unwrap_err();
    assert_eq!(fault.error_code, Code::ApprovalRequestInvalid);
    assert!(fault.error.contains("9999"), "{fault:?}");
}
