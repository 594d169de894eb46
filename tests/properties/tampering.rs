//! Changed traces and approval tokens. Whatever still verifies says what was signed.

use gait_contract::approval::{APPROVAL_TOKEN_SCHEMA, ApprovalToken};
use gait_contract::runpack::SCHEMA_VERSION;
use gait_contract::trace::Trace;
use gait_tests::gate::intent::{lower, set};
use gait_tests::native;
use gait_tests::vector;
use gait_tests::world::{PUBLIC_KEY, World};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::samples::{everywhere, text, tries, value};

/// The trace of a call that two people approved, with a skill in it, as `gate.decide` has it stored.
fn honest_trace() -> Vec<u8> {
    let mut intent: Value = serde_json::from_slice(&vector::blob("intent_waiting.json")).expect("JSON");
    intent["skill_provenance"] = json!({"skill_name": "tidy", "source": "registry", "publisher": "acme"});
    intent["args"]["tons"] = 41.into();
    let request = json!({
        "policy": "policy.yaml", "intent": {"inline": intent}, "now": "2026-04-02T08:30:00Z", "sign": true,
        "producer_version": "0.1.0", "correlation_id": "c0ffee", "latency_ms": 0.5, "approval_ref": "ticket-7",
    });
    let answer = native::answer("gate.decide", &request, &mut World::of("policy.yaml", vector::blob("harbour.yaml")));
    answer["reply"]["decided"]["files"]["trace"].as_str().unwrap_or_else(|| panic!("{answer}")).into()
}

fn trace_verifies(trace: &[u8]) -> bool {
    let request = json!({"trace": "t.json", "public_key": PUBLIC_KEY});
    native::answer("trace.verify", &request, &mut World::of("t.json", trace))["reply"]["ok"] == true
}

fn token_verifies(token: &[u8]) -> bool {
    let honest: Value = serde_json::from_slice(&vector::blob("token_ana.json")).expect("JSON");
    let request = json!({
        "token": {"source": "t.json"}, "public_key": PUBLIC_KEY, "intent_digest": honest["intent_digest"],
        "policy_digest": honest["policy_digest"], "tool_name": "crane.move", "now": "2026-04-02T08:30:00Z",
    });
    native::answer("approval.verify", &request, &mut World::of("t.json", token))["reply"]["ok"] == true
}

/// What a trace says, its signature aside.
fn said(trace: &[u8]) -> Option<Trace> {
    Some(Trace { signature: None, ..serde_json::from_slice(trace).ok()? })
}

/// What a token says, in normal form, its signature aside.
fn granted(token: &[u8]) -> Option<ApprovalToken> {
    let token: ApprovalToken = serde_json::from_slice(token).ok()?;
    let trim = |text: &str| text.trim().to_owned();
    let or = |text: &str, default: &str| if text.is_empty() { default.to_owned() } else { text.to_owned() };
    let lowered: Vec<String> = token.scope.iter().map(|scope| lower(scope)).collect();
    Some(ApprovalToken {
        schema_id: or(&token.schema_id, APPROVAL_TOKEN_SCHEMA),
        schema_version: or(&token.schema_version, SCHEMA_VERSION),
        token_id: trim(&token.token_id),
        approver_identity: trim(&token.approver_identity),
        reason_code: trim(&token.reason_code),
        intent_digest: lower(token.intent_digest.trim()),
        policy_digest: lower(token.policy_digest.trim()),
        scope: set(lowered.iter().map(String::as_str)),
        signature: None,
        ..token
    })
}

/// Every place in a document: pointers to fields, and to what is in them.
fn places(document: &Value) -> Vec<String> {
    let mut places = Vec::new();
    let mut open = vec![(String::new(), document)];
    while let Some((place, value)) = open.pop() {
        match value {
            Value::Object(members) => {
                open.extend(members.iter().map(|(key, value)| (format!("{place}/{key}"), value)));
            }
            Value::Array(values) => {
                open.extend(values.iter().enumerate().map(|(at, value)| (format!("{place}/{at}"), value)))
            }
            _ => {}
        }
        places.push(place);
    }
    places.retain(|place| !place.is_empty());
    places
}

#[test]
fn no_flipped_bit_of_a_trace_changes_what_verifies() {
    let honest = honest_trace();
    assert!(trace_verifies(&honest));
    everywhere(honest.len() * 8, |bit| {
        let mut flipped = honest.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(!trace_verifies(&flipped) || said(&flipped) == said(&honest), "bit {bit}");
    });
}

#[test]
fn no_flipped_bit_of_a_token_changes_what_verifies() {
    let honest = vector::blob("token_ana.json");
    assert!(token_verifies(&honest));
    everywhere(honest.len() * 8, |bit| {
        let mut flipped = honest.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(!token_verifies(&flipped) || granted(&flipped) == granted(&honest), "bit {bit}");
    });
}

#[test]
fn no_cut_off_trace_or_token_verifies() {
    let (trace, token) = (honest_trace(), vector::blob("token_ana.json"));
    everywhere(trace.trim_ascii().len(), |length| assert!(!trace_verifies(&trace[..length]), "{length} bytes"));
    everywhere(token.trim_ascii().len(), |length| assert!(!token_verifies(&token[..length]), "{length} bytes"));
}

#[test]
fn every_field_of_a_trace_and_of_a_token_is_signed() {
    /// A document, how it is verified, and what it may leave out: a signature need not name its key, a token not its
    /// type.
    type Kind = (Vec<u8>, fn(&[u8]) -> bool, &'static [&'static str]);
    let documents: [Kind; 2] = [
        (honest_trace(), trace_verifies, &["/signature/key_id"]),
        (vector::blob("token_ana.json"), token_verifies, &["/signature/key_id", "/schema_id", "/schema_version"]),
    ];
    for (honest, verifies, optional) in documents {
        let honest: Value = serde_json::from_slice(&honest).expect("JSON");
        let places = places(&honest);
        assert!(places.len() > 12, "{places:?}");
        for place in places {
            let (parent, key) = place.rsplit_once('/').expect("a pointer");
            let mut without = honest.clone();
            match without.pointer_mut(parent) {
                Some(Value::Object(members)) => drop(members.remove(key)),
                Some(Value::Array(values)) => values.clear(),
                _ => panic!("{place}"),
            }
            assert!(optional.contains(&place.as_str()) || !verifies(without.to_string().as_bytes()), "without {place}");
            for other in [json!("other"), json!("0"), json!(7), json!(true), json!([]), json!({}), json!(["other"])] {
                let mut changed = honest.clone();
                *changed.pointer_mut(&place).expect("it is there") = other.clone();
                assert!(!verifies(changed.to_string().as_bytes()), "{place} is {other}");
            }
        }
    }
}

proptest! {
    #![proptest_config(tries(300))]

    #[test]
    fn no_other_value_in_a_trace_verifies(place in any::<prop::sample::Index>(), other in value()) {
        let honest = honest_trace();
        let mut changed: Value = serde_json::from_slice(&honest).expect("JSON");
        let places = places(&changed);
        *changed.pointer_mut(&places[place.index(places.len())]).expect("it is there") = other;
        let changed = changed.to_string().into_bytes();
        prop_assert!(!trace_verifies(&changed) || said(&changed).is_none_or(|changed| Some(changed) == said(&honest)));
    }

    #[test]
    fn no_other_text_in_a_token_verifies(place in any::<prop::sample::Index>(), before in text(), after in text()) {
        let honest = vector::blob("token_ana.json");
        let mut changed: Value = serde_json::from_slice(&honest).expect("JSON");
        let places = places(&changed);
        let place = changed.pointer_mut(&places[place.index(places.len())]).expect("it is there");
        *place = format!("{before}{}{after}", place.as_str().unwrap_or_default()).into();
        let changed = changed.to_string().into_bytes();
        prop_assert!(!token_verifies(&changed) || granted(&changed) == granted(&honest));
    }

    #[test]
    fn unknown_fields_change_nothing(key in text(), value in value()) {
        let mut trace: Value = serde_json::from_slice(&honest_trace()).expect("JSON");
        if trace.get(&key).is_none() && key != "approval_token_ref" && key != "violations" {
            trace[&key] = value;
            prop_assert!(trace_verifies(trace.to_string().as_bytes()));
        }
    }
}
