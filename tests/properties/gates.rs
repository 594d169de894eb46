//! Decisions of the gate, with everything that can follow a verdict: limits, approvals, credentials, rehearsals.

use gait_tests::gate::chance::Chance;
use gait_tests::gate::draw::{self, Limits};
use gait_tests::gate::evaluate::severity;
use gait_tests::gate::intent::Intent;
use gait_tests::gate::policy::Policy;
use gait_tests::native;
use gait_tests::runpack::canonical;
use gait_tests::world::{PUBLIC_KEY, World, sha256, sign};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::hosts::both;
use crate::samples::tries;

/// A request and the files it speaks of.
struct Asked {
    request: Value,
    policy: Value,
    intent: Value,
    tokens: Vec<Value>,
}

impl Asked {
    /// Draws one. Tokens are nearly always signed for the very intent and policy.
    fn draw(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let policy = draw::policy(&mut chance, Limits::default());
        let intent = draw::intent(&mut chance, Limits::default());
        let digests = Intent::read(&intent).map(|read| (Policy::read(&policy, true).digest(), read.digest()));
        let tokens: Vec<Value> =
            (0..chance.below(4)).map(|number| token(&mut chance, number, digests.as_ref(), &intent)).collect();
        let mut request =
            json!({"policy": "policy.yaml", "intent": {"source": "intent.json"}, "sign": chance.one_in(2)});
        if !chance.one_in(8) {
            request["now"] = "2026-04-02T08:30:07.5Z".into();
        }
        if chance.one_in(4) {
            request["simulate"] = true.into();
        }
        if chance.one_in(8) {
            request["profile"] = "oss-prod".into();
        }
        if !chance.one_in(6) {
            request["rate_limits"] = rate_limits(&mut chance, &intent).into();
        }
        if !chance.one_in(8) {
            request["approval_key"] = PUBLIC_KEY.into();
        }
        request["credential"] = match chance.below(7) {
            0 => "off".into(),
            1 => "unasked".into(),
            2 => "failed".into(),
            3 => json!({"environment": {"variable": "GAIT_BROKER_TOKEN_X", "digest": "0123456789abcdef"}}),
            4 => json!({"answer": chance.pick(&["{}", "{\"credential_ref\":\"lease\"}", "lease"])}),
            _ => "stub".into(),
        };
        request["approvals"] =
            (0..tokens.len()).map(|number| json!({"source": format!("token{number}.json")})).collect();
        Self { request, policy, intent, tokens }
    }

    fn world(&self) -> World {
        let world = World::of("policy.yaml", self.policy.to_string()).with("intent.json", self.intent.to_string());
        self.tokens
            .iter()
            .enumerate()
            .fold(world, |world, (number, token)| world.with(&format!("token{number}.json"), token.to_string()))
    }

    fn answer(&self) -> Value {
        native::answer("gate.decide", &self.request, &mut self.world())
    }
}

fn token(chance: &mut Chance, number: usize, digests: Option<&(String, String)>, intent: &Value) -> Value {
    let (policy, intent_digest) = digests.cloned().unwrap_or_default();
    let tool = intent["tool_name"].as_str().unwrap_or_default().trim().to_lowercase();
    let mut token = json!({
        "schema_id": "gait.gate.approval_token", "schema_version": "1.0.0", "created_at": "2026-04-02T08:20:00Z",
        "producer_version": "1", "token_id": format!("token{}", number / 2),
        "approver_identity": chance.pick(&["ana", "bo", "cy"]), "reason_code": "checked",
        "intent_digest": intent_digest, "policy_digest": policy,
        "scope": [if chance.one_in(2) { "*".into() } else { format!("tool:{tool}") }],
        "expires_at": chance.pick(&["2026-04-02T09:20:00Z", "2026-04-02T09:20:00Z", "2026-04-02T08:25:00Z"]),
    });
    let digest = sha256(&canonical(&token));
    let (key_id, sig) = sign(&digest);
    token["signature"] = json!({"alg": "ed25519", "key_id": key_id, "sig": sig, "signed_digest": digest});
    if chance.one_in(8) {
        token["reason_code"] = "not checked".into();
    }
    token
}

fn rate_limits(chance: &mut Chance, intent: &Value) -> String {
    if chance.one_in(3) {
        return String::new();
    }
    let tool = intent["tool_name"].as_str().unwrap_or_default().trim().to_lowercase();
    let identity = intent["context"]["identity"].as_str().unwrap_or_default().trim();
    let counter = |window: &str, bucket: &str, count: usize| json!({"key": format!("{window}|tool_identity|2026-04-02T{bucket}:00Z|{tool}|{identity}"), "count": count});
    let counters = [
        counter("minute", "08:30", chance.below(4)),
        counter("hour", "08:00", chance.below(4)),
        counter("hour", "07:00", 9),
    ];
    json!({"schema_id": "gait.gate.rate_limit_state", "schema_version": "1.0.0", "counters": counters}).to_string()
}

proptest! {
    #![proptest_config(tries(600))]

    #[test]
    fn what_follows_a_verdict_only_makes_it_stricter_but_for_approval_and_rehearsal(seed in any::<u64>()) {
        let asked = Asked::draw(seed);
        let answer = asked.answer();
        let decided = &answer["reply"]["decided"];
        if decided.is_object() {
            let test = json!({"policy": "policy.yaml", "intent": {"source": "intent.json"}});
            let tested = native::answer("policy.test", &test, &mut asked.world())["reply"].take();
            let word = |value: &Value| value["verdict"].as_str().unwrap_or_default().to_owned();
            let (policy, gate) = (word(&tested), word(decided));
            let real = if decided["simulated"].is_object() { word(&decided["simulated"]) } else { gate.clone() };
            let approved = policy == "require_approval"
                && decided["valid_approvals"].as_u64() >= decided["required_approvals"].as_u64().max(Some(1));
            prop_assert!(severity(&real) >= severity(&policy) || (real == "allow" && approved), "{real} after {policy}: {answer}");
            prop_assert!(asked.request["simulate"] != true || ["allow", "dry_run"].contains(&gate.as_str()), "{answer}");
            prop_assert_eq!(&decided["trace"]["verdict"], &decided["verdict"]);
            let id = format!("{}:{}:{gate}", decided["policy_digest"].as_str().unwrap_or_default(), decided["intent_digest"].as_str().unwrap_or_default());
            prop_assert_eq!(&decided["trace_id"], &sha256(id.as_bytes())[..24]);
            let mut unsigned = decided["trace"].clone();
            unsigned.as_object_mut().map(|trace| trace.remove("signature"));
            prop_assert_eq!(&decided["signed_digest"], &sha256(&canonical(&unsigned)));
        }
    }

    #[test]
    fn every_trace_the_gate_writes_verifies_and_follows(seed in any::<u64>()) {
        let mut asked = Asked::draw(seed);
        asked.request["sign"] = true.into();
        let answer = asked.answer();
        if let Some(trace) = answer["reply"]["decided"]["files"]["trace"].as_str() {
            let request = json!({
                "trace": "trace.json", "policy": "policy.yaml", "intent": {"source": "intent.json"}, "public_key": PUBLIC_KEY,
            });
            let checked = native::answer("trace.recheck", &request, &mut asked.world().with("trace.json", trace));
            prop_assert!(checked["reply"]["ok"] == true, "{checked}\nof {answer}\npolicy {}\nintent {}\nrequest {}", asked.policy, asked.intent, asked.request);
            prop_assert_eq!(&checked["reply"]["signature_status"], "verified");
        }
    }

    #[test]
    fn an_explanation_says_what_the_decision_says(seed in any::<u64>()) {
        let asked = Asked::draw(seed);
        let request = json!({"policy": "policy.yaml", "intent": {"source": "intent.json"}});
        let tested = native::answer("policy.test", &request, &mut asked.world());
        let explained = native::answer("gate.explain", &request, &mut asked.world());
        prop_assert_eq!(&tested["fault"], &explained["fault"]);
        for key in ["verdict", "reason_codes", "violations", "matched_rule", "policy_digest", "intent_digest"] {
            prop_assert_eq!(&tested["reply"][key], &explained["reply"][key], "{}", key);
        }
    }
}

proptest! {
    #![proptest_config(tries(120))]

    #[test]
    fn native_and_module_decide_alike(seed in any::<u64>()) {
        let asked = Asked::draw(seed);
        both("gate.decide", asked.request.to_string().as_bytes(), || asked.world())?;
        let request = json!({"policy": "policy.yaml", "intent": {"source": "intent.json"}}).to_string();
        both("gate.explain", request.as_bytes(), || asked.world())?;
        both("policy.load", br#"{"policy":"policy.yaml"}"#, || asked.world())?;
    }

    #[test]
    fn native_and_module_refuse_damaged_gates_alike(seed in any::<u64>(), place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let asked = Asked::draw(seed);
        for (name, text) in [("policy.yaml", asked.policy.to_string()), ("intent.json", asked.intent.to_string())] {
            let mut bytes = text.into_bytes();
            let at = place.index(bytes.len());
            bytes[at] = byte;
            both("gate.decide", asked.request.to_string().as_bytes(), || asked.world().with(name, bytes.clone()))?;
        }
    }
}
