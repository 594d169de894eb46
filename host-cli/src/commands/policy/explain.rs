//! `gait policy explain`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;
use gait_contract::review::{Explanation, MatcherFailure, RuleLook};

use crate::commands::Command;
use crate::flows::policy::{self, Explained};
use crate::render::{Envelope, Object, Outcome, Page, Report};

/// The arguments of `gait policy explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// The policy
    #[arg(value_name = "policy.yaml", value_hint = ValueHint::FilePath)]
    policy: String,
    /// The call
    #[arg(value_name = "intent.json", value_hint = ValueHint::FilePath)]
    intent: String,
}

impl Command for Explain {
    const SUMMARY: &'static str = "why does a policy say that?";
    const EXPLAIN: &'static str = "policy explain tells how a verdict comes about: the rules in order, which matcher fails on which value, and what a constraint changed";
    const USAGE: &'static str = "gait policy explain <policy.yaml> <intent.json> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait policy explain gait.policy.yaml intent.json", "for people"),
        ("gait policy explain gait.policy.yaml intent.json --json", "for programs"),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "explained, whatever the verdict is")];
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn run(self) -> Outcome {
        Ok(Box::new(policy::explain(&self.policy, &self.intent)?))
    }
}

// Whatever the verdict is, explaining it succeeds.
impl Report for Explained {
    fn object(&self) -> Object {
        let mut object = self.object.clone();
        object.insert("ok".into(), true.into());
        object
    }

    fn page(&self, page: &mut Page) {
        let Explanation { verdict, reason_codes, violations, matched_rule, .. } = &self.explanation;
        page.pair("verdict", verdict.word());
        page.pair("reasons", or_none(reason_codes));
        page.pair("violations", or_none(violations));
        page.pair("matched_rule", if matched_rule.is_empty() { "none" } else { matched_rule });
        page.pair("policy_digest", &self.explanation.policy_digest);
        page.pair("intent_digest", &self.explanation.intent_digest);
        page.text("\n");
        path(&self.policy, &self.explanation, page);
        if !self.explanation.obligations.is_empty() {
            page.text("\nbefore the call may run:\n");
            for obligation in &self.explanation.obligations {
                page.line(format_args!("  {obligation}"));
            }
        }
    }
}

/// The way to the verdict.
fn path(policy: &str, explanation: &Explanation, page: &mut Page) {
    let Explanation { fail_closed, rules, rules_left_out, default_verdict, .. } = explanation;
    if !fail_closed.is_empty() {
        page.text("the policy fails closed, and no rule is looked at:\n");
        for code in fail_closed {
            page.holds(false, code);
        }
        return;
    }
    page.line(format_args!("rules of {policy}, in the order in which they are looked at:"));
    match rules_left_out {
        0 => {}
        1 => page.text("  .. 1 more rule, which does not match\n"),
        count => page.line(format_args!("  .. {count} more rules, none of which matches")),
    }
    for look in rules {
        rule(look, page);
    }
    if rules.is_empty() {
        page.text("  there are none\n");
    }
    if let Some(verdict) = default_verdict {
        page.line(format_args!("no rule matches, so the default verdict holds: {}", verdict.word()));
    }
}

fn rule(look: &RuleLook, page: &mut Page) {
    page.holds(look.matched, format_args!("{} (priority {}): {}", look.name, look.priority, look.effect.word()));
    for failure in &look.failed {
        page.line(format_args!("       {}", failed(failure)));
    }
    for fired in &look.constraints {
        let (before, after) = (fired.before.word(), fired.after.word());
        page.line(format_args!("       {}: {before} -> {after} ({})", fired.constraint, fired.codes.join(", ")));
    }
    if look.outranked {
        page.text("       a more severe rule of the same priority decides\n");
    }
}

/// What a matcher asks for, and what the intent has.
fn failed(failure: &MatcherFailure) -> String {
    let wanted = failure.wanted.join(", ");
    match failure.found.as_slice() {
        [] => format!("{}: wants {wanted}; the intent has none", failure.matcher),
        found => format!("{}: wants {wanted}; the intent has {}", failure.matcher, found.join(", ")),
    }
}

fn or_none(words: &[String]) -> String {
    if words.is_empty() { "none".into() } else { words.join(",") }
}

#[cfg(test)]
mod tests {
    use gait_contract::policy::Verdict;
    use gait_contract::review::ConstraintEffect;

    use super::*;

    #[test]
    fn the_way_to_a_verdict_can_be_read() {
        let failure = MatcherFailure {
            matcher: "tool_names".into(),
            wanted: vec!["tool.read".into(), "tool.list".into()],
            found: vec!["tool.write".into()],
        };
        let fired = ConstraintEffect {
            constraint: "endpoint".into(),
            codes: vec!["endpoint_path_denied".into()],
            before: Verdict::Allow,
            after: Verdict::Block,
        };
        let explanation = Explanation {
            verdict: Verdict::Block,
            reason_codes: vec!["a".into(), "b".into()],
            matched_rule: "writes".into(),
            rules: vec![
                RuleLook {
                    name: "reads".into(),
                    priority: 1,
                    failed: vec![failure],
                    effect: Verdict::Allow,
                    ..RuleLook::default()
                },
                RuleLook {
                    name: "writes".into(),
                    priority: 2,
                    matched: true,
                    constraints: vec![fired],
                    effect: Verdict::Allow,
                    ..RuleLook::default()
                },
            ],
            rules_left_out: 2,
            obligations: vec!["2 approvals".into()],
            ..Explanation::default()
        };
        let mut page = Page::default();
        Explained { policy: "p.yaml".into(), explanation, object: Object::new() }.page(&mut page);
        let wanted = "verdict=block
reasons=a,b
violations=none
matched_rule=writes
policy_digest=
intent_digest=

rules of p.yaml, in the order in which they are looked at:
  .. 2 more rules, none of which matches
  no   reads (priority 1): allow
       tool_names: wants tool.read, tool.list; the intent has tool.write
  ok   writes (priority 2): allow
       endpoint: allow -> block (endpoint_path_denied)

before the call may run:
  2 approvals
";
        assert_eq!(page.plain(), wanted);
    }
}
