//! Inputs that are within every limit and too much together: the core gives up, and nothing is decided.
//!
//! A core that traps is tried where the program starts it (`host-cli/src/core.rs`): no input makes a sound one do so.

use std::fs;

use gait_tests::program::Done;
use serde_json::json;

use crate::place::{Place, answer};

#[track_caller]
fn nothing_was_decided(place: &Place, done: &Done, says: &str) {
    let answer = answer(done);
    assert_eq!((done.code(), &answer["cause"]), (Some(1), &"core_limit".into()), "{answer}");
    assert!(answer["verdict"].is_null() && answer["error"].to_string().contains(says), "{answer}");
    for name in ["trace.json", "audit.json", "evidence.json", "state.json", "state.json.lock"] {
        assert!(!place.path(name).exists(), "{name} was written");
    }
}

#[test]
fn work_without_measure_decides_nothing() {
    let place = Place::new();
    // Seventy-five million times a pattern that has to be tried at every character.
    let patterns: Vec<String> = (0..15_000).map(|number| format!("/{}{number:05}", "*a".repeat(20))).collect();
    let targets: Vec<_> =
        (0..5_000).map(|number| json!({"kind": "path", "value": format!("/{}{number}", "a".repeat(60))})).collect();
    let rule = json!({"name": "r", "effect": "allow", "endpoint": {"path_denylist": patterns}});
    place.put("policy.yaml", json!({ "rules": [rule] }).to_string());
    let context = json!({"identity": "a", "workspace": "/", "risk_class": "low"});
    place.put("look.json", json!({"tool_name": "t", "targets": targets, "context": context}).to_string());
    nothing_was_decided(&place, &place.eval("look.json", &[]), "too much work");
}

#[test]
fn memory_without_measure_decides_nothing() {
    let place = Place::new();
    // One large approval under many names.
    place.approve("token.json", json!({ "reason_code": "r".repeat(9_000_000) }));
    let names: Vec<String> = (0..120).map(|number| format!("token{number}.json")).collect();
    for name in &names {
        fs::hard_link(place.path("token.json"), place.path(name)).expect("a link");
    }
    let done = place.eval("waiting.json", &["--approval-token-chain", &names.join(",")]);
    nothing_was_decided(&place, &done, "1 GiB of memory");
}
