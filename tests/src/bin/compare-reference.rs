//! Compares gait with another implementation of the gate contract, pair by pair:
//! `cargo run -p gait-tests --bin compare-reference -- REFERENCE [GAIT] [PAIRS] [SEED]`.
//!
//! Draws policies and intents, has both programs test them, and compares digests, verdicts, reasons and violations.
//! Where they differ, the decisions that make gait stricter must explain it: an evaluator that leaves out one or more of
//! them must say what the reference says. Whatever nothing explains is a failure.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use gait_tests::gate::chance::Chance;
use gait_tests::gate::draw::{self, Limits};
use gait_tests::gate::evaluate::{Decisions, Verdict, evaluate};
use gait_tests::gate::intent::Intent;
use gait_tests::gate::policy::Policy;
use gait_tests::gate::spell;
use gait_tests::program::temporary;
use gait_tests::repository;
use serde_json::Value;

/// A sentence that explains a difference, and what leaves that decision out.
type Decision = (&'static str, fn(&mut Decisions));

/// Each decision.
const DECISIONS: [Decision; 6] = [
    ("rules that share priority and name have one order", |decisions| decisions.order_never_counts = false),
    ("rules of equal priority decide together", |decisions| decisions.equal_priority = false),
    ("a constraint never loosens a verdict", |decisions| decisions.never_loosen = false),
    ("a domain that cannot be read is judged", |decisions| decisions.unreadable_domains = false),
    ("a path that climbs is judged", |decisions| decisions.climbing_paths = false),
    ("what is inferred is judged beside what is declared", |decisions| decisions.inferred_too = false),
];

/// What a program says about a pair: nothing when it refuses the intent.
type Answer = Option<Said>;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    policy_digest: String,
    intent_digest: String,
    verdict: String,
    reasons: Vec<String>,
    violations: Vec<String>,
}

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let Some(reference) = arguments.next().map(PathBuf::from) else {
        eprintln!("usage: compare-reference REFERENCE [GAIT] [PAIRS] [SEED]");
        return ExitCode::FAILURE;
    };
    let gait = arguments.next().map_or_else(|| repository::root().join("target/release/gait"), PathBuf::from);
    // Both run in another folder.
    let found = |path: PathBuf| path.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (reference, gait) = (found(reference), found(gait));
    let pairs = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(2_000);
    let seed = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1);
    let work = temporary("gait-compare-");
    let mut chance = Chance::new(seed);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut failures = 0;
    let limits = Limits { no_args: true, ..Limits::default() };
    for number in 0..pairs {
        let (policy, intent) = (draw::policy(&mut chance, limits), draw::intent(&mut chance, limits));
        let text = if number % 2 == 0 { spell::block_style(&policy) } else { spell::shuffled(&policy, &mut chance) };
        let write = |name: &str, text: &str| fs::write(work.path().join(name), text).expect("a temporary folder");
        write("policy.yaml", &text);
        write("intent.json", &spell::shuffled(&intent, &mut chance));
        let (ours, theirs) = (ask(&gait, work.path()), ask(&reference, work.path()));
        match explanation(&policy, &intent, &ours, &theirs) {
            Ok(kind) => *counts.entry(kind).or_default() += 1,
            Err(complaint) => {
                failures += 1;
                println!("pair {number}: {complaint}\n  gait:      {ours:?}\n  reference: {theirs:?}");
                println!("  policy: {policy}\n  intent: {intent}");
            }
        }
    }
    println!("{pairs} pairs, seed {seed}");
    for (kind, count) in &counts {
        println!("{count:>6}  {kind}");
    }
    println!("{failures:>6}  unexplained");
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Has a program test the pair in a folder.
fn ask(program: &Path, folder: &Path) -> Answer {
    let mut command = Command::new(program);
    command.args(["policy", "test", "policy.yaml", "intent.json", "--json"]).current_dir(folder);
    let done = command.output().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    let answer: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|error| {
        panic!("{}: {error}: {}", program.display(), String::from_utf8_lossy(&done.stderr));
    });
    let text = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
    let list = |key: &str| answer[key].as_array().into_iter().flatten().filter_map(Value::as_str).map(String::from);
    (answer["ok"] == true).then(|| Said {
        policy_digest: text("policy_digest"),
        intent_digest: text("intent_digest"),
        verdict: text("verdict"),
        reasons: list("reason_codes").collect(),
        violations: list("violations").collect(),
    })
}

/// Why two answers are as they are; an error when nothing says why.
fn explanation(policy: &Value, intent: &Value, ours: &Answer, theirs: &Answer) -> Result<String, String> {
    let Some(read) = Intent::read(intent) else {
        return match (ours, theirs) {
            (None, None) => Ok("both refuse the intent".into()),
            (None, Some(_)) if collides(&intent["args"]) => Ok("keys that are one after trimming are refused".into()),
            _ => Err("the intent is one to refuse".into()),
        };
    };
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return Err("a sound pair is refused".into());
    };
    let said = |decisions: Decisions| {
        let policy = Policy::read(policy, decisions.order_never_counts);
        let Verdict { verdict, reasons, violations, .. } = evaluate(&policy, &read, decisions);
        Said {
            policy_digest: policy.digest(),
            intent_digest: read.digest(),
            verdict,
            reasons: reasons.into_iter().collect(),
            violations: violations.into_iter().collect(),
        }
    };
    if *ours != said(Decisions::ALL) {
        return Err("gait does not say what the contract says".into());
    }
    if ours == theirs {
        return Ok("equal".into());
    }
    // The fewest decisions whose absence gives the reference's answer.
    let mut choices: Vec<u32> = (1..1 << DECISIONS.len()).collect();
    choices.sort_by_key(|choice| choice.count_ones());
    for choice in choices {
        let chosen = DECISIONS.iter().enumerate().filter(|(at, _)| choice >> at & 1 == 1).map(|(_, decision)| decision);
        let mut decisions = Decisions::ALL;
        chosen.clone().for_each(|(_, leave_out)| leave_out(&mut decisions));
        if *theirs == said(decisions) {
            return Ok(chosen.map(|(why, _)| *why).collect::<Vec<_>>().join("; "));
        }
    }
    Err("no decision explains the difference".into())
}

/// Two keys of the object, or of one in it, are one after trimming.
fn collides(value: &Value) -> bool {
    match value {
        Value::Array(values) => values.iter().any(collides),
        Value::Object(members) => {
            let mut keys: Vec<&str> = members.keys().map(|key| key.trim()).collect();
            keys.sort_unstable();
            keys.windows(2).any(|pair| pair[0] == pair[1]) || members.values().any(collides)
        }
        _ => false,
    }
}
