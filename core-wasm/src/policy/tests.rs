//! Policies from text to verdict.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::policy::{ProblemCode, Verdict};

use super::Policy;
use super::evaluate::{Evaluation, RuleVerdict};
use super::selectors::Facts;
use crate::intent::{self, Intent};

fn policy(text: &str) -> Policy {
    Policy::read(text.as_bytes()).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn intent(fields: &str) -> Intent {
    let context = r#""context":{"identity":"deck-agent","workspace":"/quay/7","risk_class":"low"}"#;
    intent::read(format!("{{{context}{fields}}}").as_bytes()).unwrap_or_else(|fault| panic!("{fault:?}"))
}

fn calling(tool: &str) -> Intent {
    intent(&format!(r#","tool_name":"{tool}""#))
}

#[track_caller]
fn says(policy: &Policy, intent: &Intent, verdict: Verdict, reasons: &[&str]) {
    let evaluation = policy.evaluate(intent);
    assert_eq!((evaluation.verdict, evaluation.reasons), (verdict, reasons.iter().map(ToString::to_string).collect()));
}

#[test]
fn the_contracts_examples_have_their_digests() {
    let text = "default_verdict: allow\nrules:\n- {name: r1, effect: block, match: {tool_names: [X.y]}, rate_limit: {requests: 2}}\n";
    assert_eq!(policy(text).digest, "16bbc9d094d0f0d9eb2ab6d6bcd9c528a5af0e85b91ff896cbb19847b632dfb3");
    for nothing in ["", "# nothing\n", "---\n", "default_verdict: ~\nrules:\n"] {
        let digest = "07a528a879e4f0e0cd5a0e2ca801924746b47dac624862207ef21d4ec266f8f9";
        assert_eq!(policy(nothing).digest, digest, "{nothing:?}");
    }
}

#[test]
fn the_first_matching_rule_decides() {
    let policy = policy(
        "rules:\n- {name: late, priority: 9, effect: block, match: {tool_names: [crane.move]}}\n- {name: early, priority: -1, effect: allow, match: {tool_names: [Crane.Move, other]}, reason_codes: [b, a, b]}\n",
    );
    says(&policy, &calling("crane.move"), Verdict::Allow, &["a", "b"]);
    says(&policy, &calling("nobody"), Verdict::RequireApproval, &["default_require_approval"]);
}

#[test]
fn equal_priorities_merge_and_the_most_severe_wins() {
    let policy = policy(
        "rules:\n- {name: zulu, effect: require_approval, min_approvals: 2, match: {risk_classes: [low]}, rate_limit: {requests: 10}}\n- {name: alpha, effect: require_approval, match: {tool_names: [t]}, rate_limit: {requests: 500, window: hour}, broker_scopes: [w]}\n- {name: mild, effect: allow, reason_codes: [mild]}\n",
    );
    let evaluation = policy.evaluate(&calling("t"));
    assert_eq!(evaluation.verdict, Verdict::RequireApproval);
    assert_eq!(evaluation.matched_rule, "alpha,zulu");
    assert_eq!(evaluation.reasons, ["matched_rule_alpha", "matched_rule_zulu"]);
    assert_eq!((evaluation.min_approvals, evaluation.distinct_approvers), (2, true));
    // 500 in an hour are fewer than 10 in each of its minutes.
    assert_eq!(evaluation.rate_limit.map(|limit| limit.requests), Some(500));
    says(&policy, &calling("other"), Verdict::RequireApproval, &["matched_rule_zulu"]);
}

#[test]
fn constraints_never_loosen() {
    let policy = policy(
        "rules:\n- name: r\n  effect: block\n  dataflow: {enabled: true, action: require_approval}\n  endpoint: {domain_denylist: [evil.example], action: require_approval}\n",
    );
    let intent = intent(
        r#","tool_name":"t","targets":[{"kind":"url","value":"https://evil.example/"}],"arg_provenance":[{"arg_path":"a","source":"external"}]"#,
    );
    let evaluation = policy.evaluate(&intent);
    assert_eq!(evaluation.verdict, Verdict::Block);
    assert!(evaluation.violations.contains(&"tainted_dataflow".to_string()));
    assert!(evaluation.reasons.contains(&"endpoint_domain_denied".to_string()));
}

#[test]
fn arguments_are_matched_and_enter_the_digest_only_when_used() {
    let without = policy("rules:\n- {name: r, effect: block, match: {tool_names: [pay]}}\n");
    let empty = policy("rules:\n- {name: r, effect: block, match: {tool_names: [pay], args: {}, args_absent: []}}\n");
    assert_eq!(without.digest, empty.digest);
    let with = policy(
        "rules:\n- {name: r, effect: block, match: {tool_names: [pay], args: {/amount: {gt: 100}, /currency: EUR}, args_absent: [/approved]}}\n",
    );
    assert_ne!(without.digest, with.digest);
    let pay = |args: &str| intent(&format!(r#","tool_name":"pay","args":{args}"#));
    says(&with, &pay(r#"{"amount":100.5,"currency":" EUR "}"#), Verdict::Block, &["matched_rule_r"]);
    for args in [
        r#"{"amount":100,"currency":"EUR"}"#,
        r#"{"amount":"200","currency":"EUR"}"#,
        r#"{"amount":200,"currency":"EUR","approved":null}"#,
        r#"{"amount":200}"#,
        "{}",
    ] {
        says(&with, &pay(args), Verdict::RequireApproval, &["default_require_approval"]);
    }
}

#[test]
fn everything_wrong_is_said_at_once() {
    let text = "default_verdict: alow\nrulez: []\nrules:\n- name: r\n  effect: block\n  match: {tool_name: [x], endpoint_classes: [net.htp]}\n  min_approvals: -1\n  endpoint: {path_denylist: ['[a'], egress_classes: [fs.read]}\n- effect: allow\n- ~\n";
    let problems = Policy::read(text.as_bytes()).err().expect("refused");
    let found: Vec<(ProblemCode, u32)> = problems.iter().map(|problem| (problem.code, problem.line)).collect();
    assert_eq!(
        found,
        [
            (ProblemCode::UnknownValue, 1),
            (ProblemCode::UnknownKey, 2),
            (ProblemCode::UnknownKey, 6),
            (ProblemCode::UnknownValue, 6),
            (ProblemCode::OutOfRange, 7),
            (ProblemCode::MalformedPattern, 8),
            (ProblemCode::UnknownValue, 8),
            (ProblemCode::MissingValue, 9),
            (ProblemCode::MissingValue, 10),
        ],
        "{problems:#?}"
    );
    assert_eq!(problems[1].help, "did you mean `rules`?");
    assert_eq!((problems[2].column, problems[2].length), (11, 9));
    assert_eq!(problems[2].source, "  match: {tool_name: [x], endpoint_classes: [net.htp]}");
}

#[test]
fn settings_without_effect_are_warned_about() {
    let warnings = |text: &str| policy(text).warnings.len();
    assert_eq!(warnings("rules:\n- {name: r, effect: allow, endpoint: {action: block}}\n"), 1);
    assert_eq!(
        warnings("rules:\n- {name: r, effect: allow, dataflow: {enabled: false, tainted_sources: [user]}}\n"),
        1
    );
    assert_eq!(warnings("rules:\n- {name: r, effect: allow, rate_limit: {window: minute}}\n"), 1);
    assert_eq!(warnings("rules:\n- {name: r, effect: allow, match: {target_kinds: [pth]}}\n"), 1);
    assert_eq!(warnings("fail_closed: {required_fields: [targets]}\n"), 1);
    assert_eq!(warnings("rules:\n- {name: r, effect: allow, endpoint: {path_denylist: [/etc/**]}}\n"), 0);
}

#[test]
fn names_become_reasons() {
    let reason = |name: &str| {
        let text = format!("rules:\n- effect: allow\n  name: {name}\n");
        policy(&text).evaluate(&calling("t")).reasons.concat()
    };
    assert_eq!(reason("Lift-The Box"), "matched_rule_lift_the_box");
    assert_eq!(reason(r#""dock \"A\" <1>""#), r#"matched_rule_dock_\"a\"_\u003c1\u003e"#);
    assert_eq!(reason(r#""\"quoted\"""#), r#"matched_rule_\"quoted\"#);
}

/// The decision as the contract tells it: every rule, one after the other.
fn naive(policy: &Policy, intent: &Intent) -> Evaluation {
    let facts = Facts::of(intent);
    let matching: Vec<RuleVerdict<'_>> =
        policy.rules().iter().filter(|rule| rule.holds(&facts, intent)).map(|rule| rule.judge(intent)).collect();
    let first = matching.first().map(|one| one.rule.priority);
    let best: Vec<_> = matching.into_iter().filter(|one| Some(one.rule.priority) == first).collect();
    policy.conclude(&best)
}

#[test]
fn the_index_leaves_no_matching_rule_out() {
    let mut rules = String::from("rules:\n");
    for number in 0..300 {
        let (tool, who, kind) = (number % 7, number % 5, ["path", "url", "host"][number % 3]);
        let matcher = match number % 6 {
            0 => format!("{{tool_names: [t{tool}, t{who}]}}"),
            1 => format!("{{identities: [w{who}], tool_names: [t{tool}]}}"),
            2 => format!("{{target_kinds: [{kind}], destination_kinds: [url, {kind}]}}"),
            3 => format!("{{destination_values: [v{tool}], risk_classes: [low]}}"),
            4 => format!("{{workspace_prefixes: [/w{who}]}}"),
            _ => format!("{{skill_publishers: [P{who}], data_classes: [pii]}}"),
        };
        let effect = ["allow", "block", "dry_run", "require_approval"][number % 4];
        rules += &format!("- {{name: r{number}, priority: {}, effect: {effect}, match: {matcher}}}\n", number % 40);
    }
    let policy = policy(&rules);
    for number in 0..2_000_usize {
        let (tool, who) = (number % 9, number / 9 % 6);
        let kind = ["path", "url", "host", "table"][number / 54 % 4];
        let text = format!(
            r#"{{"tool_name":"t{tool}","context":{{"identity":"w{who}","workspace":"/w{who}/x","risk_class":"{}"}},"targets":[{{"kind":"{kind}","value":"v{}","sensitivity":"pii"}}],"skill_provenance":{{"skill_name":"s","source":"x","publisher":"p{who}"}}}}"#,
            ["low", "high"][number % 2],
            number % 8,
        );
        let intent = intent::read(text.as_bytes()).unwrap_or_else(|fault| panic!("{fault:?}"));
        let (indexed, all) = (policy.evaluate(&intent), naive(&policy, &intent));
        assert_eq!(indexed.matched_rule, all.matched_rule, "{text}");
        assert_eq!((indexed.verdict, indexed.reasons), (all.verdict, all.reasons), "{text}");
    }
}
