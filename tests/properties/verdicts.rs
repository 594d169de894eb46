//! Verdicts: the core against an evaluator that looks at everything, and sentences about all policies.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use gait_tests::gate::chance::Chance;
use gait_tests::gate::draw::{self, Limits};
use gait_tests::gate::evaluate::{Decisions, evaluate, severity};
use gait_tests::gate::intent::Intent;
use gait_tests::gate::policy::Policy;
use gait_tests::gate::session::Session;
use gait_tests::gate::spell;
use gait_tests::native;
use gait_tests::world::World;
use serde_json::{Value, json};

/// Policies of a test …
const POLICIES: usize = 1_000;
/// … and intents for each of them.
const INTENTS: usize = 100;

/// Calls `check` with every number below `count`, on all processors. `PROPTEST_CASES` asks for other numbers.
fn everywhere(count: usize, check: impl Fn(u64) + Sync) {
    let first = AtomicUsize::new(0);
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(count);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let number = first.fetch_add(1, Ordering::Relaxed);
                    if number >= wanted {
                        break;
                    }
                    check(number as u64);
                }
            });
        }
    });
}

/// An intent, its text, and what it is normalized to with its digest, unless it is refused.
type Drawn = (Value, String, Option<(Intent, String)>);

fn intents(seed: u64, count: usize, limits: Limits) -> Vec<Drawn> {
    let mut chance = Chance::new(seed);
    let drawn = (0..count).map(|_| {
        let intent = draw::intent(&mut chance, limits);
        let text = spell::shuffled(&intent, &mut chance);
        let read = Intent::read(&intent).map(|read| (Intent::digest(&read), read)).map(|(digest, read)| (read, digest));
        (intent, text, read)
    });
    drawn.collect()
}

#[track_caller]
fn loaded(text: &str) -> Session {
    Session::load(text).unwrap_or_else(|fault| panic!("a sound policy is refused: {fault}\n{text}"))
}

fn verdict(answer: &Value) -> &str {
    answer["reply"]["verdict"].as_str().unwrap_or_else(|| panic!("no verdict: {answer}"))
}

#[test]
fn compiled_and_naive_evaluation_agree() {
    let intents = intents(7, 5_000, Limits::default());
    everywhere(POLICIES, |number| {
        let mut chance = Chance::new(number);
        let raw = draw::policy(&mut chance, Limits::default());
        let policy = Policy::read(&raw, true);
        let text = if number % 2 == 0 { spell::block_style(&raw) } else { spell::shuffled(&raw, &mut chance) };
        let mut session = loaded(&text);
        let digest = policy.digest();
        assert_eq!(session.report["policy_digest"], digest, "policy {number}: {raw}");
        for _ in 0..INTENTS {
            let (raw_intent, text, read) = &intents[chance.below(intents.len())];
            let answer = session.test(text);
            let Some((intent, intent_digest)) = read else {
                let code = answer["fault"]["error_code"].as_str().unwrap_or_default();
                assert!(["intent_invalid", "json_duplicate_key"].contains(&code), "{raw_intent}: {answer}");
                continue;
            };
            let naive = evaluate(&policy, intent, Decisions::ALL);
            let expected = json!({
                "verdict": naive.verdict, "reason_codes": naive.reasons, "violations": naive.violations,
                "matched_rule": naive.matched_rule, "intent_digest": intent_digest, "policy_digest": digest,
            });
            for (key, value) in expected.as_object().into_iter().flatten() {
                let found = answer["reply"].get(key).cloned().unwrap_or_else(|| "".into());
                assert_eq!(found, *value, "{key}, policy {number}: {raw}\nintent: {raw_intent}");
            }
        }
    });
}

#[test]
fn a_block_rule_of_best_priority_never_turns_a_block_into_an_allow() {
    let intents = intents(11, 1_000, Limits { intents_valid: true, ..Limits::default() });
    everywhere(POLICIES / 4, |number| {
        let mut chance = Chance::new(number);
        let policy = draw::policy(&mut chance, Limits::default());
        let mut stricter = policy.clone();
        let rules: Vec<Value> = policy["rules"].as_array().cloned().unwrap_or_default();
        let best = rules.iter().map(|rule| rule["priority"].as_i64().unwrap_or_default()).min().unwrap_or_default();
        // A rule of another policy, made to block; of the best priority, or better still.
        let other = draw::policy(&mut chance, Limits::default());
        let mut rule = other["rules"][0].clone();
        if rule.is_null() {
            rule = json!({"name": "stop"});
        }
        rule["name"] = "stop".into();
        rule["effect"] = "block".into();
        rule["priority"] = (best - chance.below(2) as i64).into();
        let mut rules = rules;
        rules.insert(chance.below(rules.len() + 1), rule);
        stricter["rules"] = rules.into();
        let (mut before, mut after) = (loaded(&policy.to_string()), loaded(&stricter.to_string()));
        for _ in 0..INTENTS {
            let (raw, text, _) = &intents[chance.below(intents.len())];
            let (before, after) = (before.test(text), after.test(text));
            // Either the new rule matches and blocks, or nothing changes.
            let fine = verdict(&after) == "block" || after["reply"]["verdict"] == before["reply"]["verdict"];
            assert!(fine, "{} became {}\npolicy: {stricter}\nintent: {raw}", verdict(&before), verdict(&after));
            assert!(severity(verdict(&after)) >= severity(verdict(&before)));
        }
    });
}

#[test]
fn the_order_of_rules_keys_and_lists_changes_no_digest_and_no_verdict() {
    let limits = Limits { intents_valid: true, ..Limits::default() };
    let intents = intents(13, 1_000, limits);
    everywhere(POLICIES / 4, |number| {
        let mut chance = Chance::new(number);
        let policy = draw::policy(&mut chance, limits);
        let other = spell::reordered(&policy, &mut chance);
        let (mut one, mut other) = (loaded(&policy.to_string()), loaded(&spell::shuffled(&other, &mut chance)));
        assert_eq!(one.report["policy_digest"], other.report["policy_digest"], "{policy}");
        for _ in 0..INTENTS / 2 {
            let (raw, text, _) = &intents[chance.below(intents.len())];
            let reordered = spell::shuffled(&spell::reordered(raw, &mut chance), &mut chance);
            let (mut one, mut other) = (one.test(text), other.test(&reordered));
            // Warnings say where something stands.
            for answer in [&mut one, &mut other] {
                answer["reply"]["warnings"] = Value::Null;
            }
            assert_eq!(one, other, "policy: {policy}\nintent: {raw}\nreordered: {reordered}");
        }
    });
}

#[test]
fn the_one_layout_means_the_same_and_stays() {
    everywhere(POLICIES / 2, |number| {
        let mut chance = Chance::new(number);
        let policy = draw::policy(&mut chance, Limits::default());
        let text = if number % 2 == 0 { spell::block_style(&policy) } else { spell::shuffled(&policy, &mut chance) };
        let formatted = |text: &str| {
            let request = json!({"policy": "policy.yaml"});
            let answer = native::answer("policy.format", &request, &mut World::of("policy.yaml", text));
            answer["reply"].as_object().unwrap_or_else(|| panic!("{answer}\n{text}")).clone()
        };
        let once = formatted(&text);
        assert_eq!(once["policy_digest"], Policy::read(&policy, true).digest(), "{text}");
        let laid_out = once["text"].as_str().unwrap_or_default();
        let twice = formatted(laid_out);
        assert_eq!((&twice["text"], &twice["changed"]), (&once["text"], &false.into()), "{text}");
        assert_eq!(loaded(laid_out).report["policy_digest"], once["policy_digest"], "{laid_out}");
    });
}
