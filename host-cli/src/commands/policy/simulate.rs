//! `gait policy simulate`.

use std::fmt::Write as _;

use clap::{Args, ValueHint};
use gait_contract::ExitCode;
use gait_contract::policy::Verdict;
use gait_contract::review::{AssumedContext, Simulation, VerdictChange};

use crate::commands::Command;
use crate::flows::policy_simulate::{self, Simulated, Wanted};
use crate::render::{Envelope, Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait policy simulate`.
#[derive(Debug, Args)]
pub struct Simulate {
    /// The policy that holds today
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    baseline: String,
    /// The policy that shall hold
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    policy: String,
    /// Intents, traces and runpacks, or folders of them, separated by commas
    #[arg(long, value_name = "paths", value_hint = ValueHint::AnyPath)]
    fixtures: String,
    /// Identity of intents in runpacks, which do not record one
    #[arg(long, value_name = "name", default_value = "unknown")]
    identity: String,
    /// Workspace of intents in runpacks
    #[arg(long, value_name = "path", default_value = ".")]
    workspace: String,
    /// Risk class of intents in runpacks
    #[arg(long, value_name = "class", default_value = "low")]
    risk_class: String,
}

impl Command for Simulate {
    const SUMMARY: &'static str = "which verdicts would a new policy change?";
    const EXPLAIN: &'static str =
        "policy simulate judges recorded calls by two policies and lists the verdicts that differ";
    const USAGE: &'static str = "gait policy simulate --baseline <file> --policy <file> --fixtures <paths> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        (
            "gait policy simulate --baseline policy.yaml --policy next.yaml --fixtures intents,gait-out",
            "before a rollout: what becomes stricter, what looser, and by which rule",
        ),
        (
            "gait policy simulate --baseline policy.yaml --policy next.yaml --fixtures run.zip --risk-class high",
            "runpacks record no context, so one is assumed",
        ),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "judged, whether or not verdicts change")];
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn run(self) -> Outcome {
        let assumed =
            AssumedContext { identity: self.identity, workspace: self.workspace, risk_class: self.risk_class };
        let wanted = Wanted { baseline: self.baseline, policy: self.policy, fixtures: self.fixtures, assumed };
        Ok(Box::new(policy_simulate::simulate(wanted)?))
    }
}

impl Report for Simulated {
    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        let Simulation { evaluated, changed, stricter, looser, changes, not_evaluated, .. } = &self.simulation;
        page.line(format_args!(
            "policy simulate ok: evaluated={evaluated} changed={changed} stricter={stricter} looser={looser}"
        ));
        table(changes, page);
        if !not_evaluated.is_empty() {
            page.text("\nnot evaluated:\n");
            for fixture in not_evaluated {
                page.line(format_args!("  {}: {}", place(&fixture.fixture, &fixture.intent_id), fixture.reason));
            }
        }
    }

    fn notes(&self) -> Vec<Note> {
        let assumed = self.assumed.iter().map(|assumed| {
            let AssumedContext { identity, workspace, risk_class } = assumed;
            Note::Info(format!(
                "intents of runpacks were judged with identity={identity} workspace={workspace} risk_class={risk_class}"
            ))
        });
        let looser = (self.simulation.looser > 0).then(|| {
            Note::Warning("some calls get a milder verdict; look at each before the policy is rolled out".into())
        });
        assumed.chain(looser).collect()
    }
}

/// The changes in columns: the call, both verdicts, and what decided under the new policy.
fn table(changes: &[VerdictChange], page: &mut Page) {
    if changes.is_empty() {
        return;
    }
    let rows: Vec<[String; 5]> = changes.iter().map(row).collect();
    let head = ["call", "tool", "today", "then", "decided by"].map(str::to_owned);
    let mut widths = [0; 5];
    for row in std::iter::once(&head).chain(&rows) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    page.text("\n");
    for row in std::iter::once(&head).chain(&rows) {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            let _ = write!(line, "{cell:width$}  ");
        }
        page.line(line.trim_end());
    }
}

fn row(change: &VerdictChange) -> [String; 5] {
    let Judged { then, by } = judged(change);
    [
        place(&change.fixture, &change.intent_id),
        change.tool_name.clone(),
        change.baseline.verdict.word().into(),
        then,
        by,
    ]
}

struct Judged {
    then: String,
    by: String,
}

fn judged(change: &VerdictChange) -> Judged {
    let (before, after) = (change.baseline.verdict, change.candidate.verdict);
    let then = match severity(after).cmp(&severity(before)) {
        std::cmp::Ordering::Less => format!("{} (looser)", after.word()),
        std::cmp::Ordering::Equal => format!("{} (other reasons)", after.word()),
        std::cmp::Ordering::Greater => after.word().to_owned(),
    };
    let rule = &change.candidate.matched_rule;
    let reasons = change.candidate.reason_codes.join(",");
    Judged { then, by: if rule.is_empty() { reasons } else { format!("{rule} ({reasons})") } }
}

fn severity(verdict: Verdict) -> Option<usize> {
    Verdict::ALL.iter().position(|other| *other == verdict)
}

fn place(fixture: &str, intent_id: &str) -> String {
    if intent_id.is_empty() { fixture.to_owned() } else { format!("{fixture}:{intent_id}") }
}

#[cfg(test)]
mod tests {
    use gait_contract::review::Judgement;

    use super::*;

    #[test]
    fn changes_stand_in_columns() {
        let change = |fixture: &str, before, after, rule: &str| VerdictChange {
            fixture: fixture.into(),
            tool_name: "t".into(),
            baseline: Judgement { verdict: before, ..Judgement::default() },
            candidate: Judgement {
                verdict: after,
                reason_codes: vec!["why".into()],
                matched_rule: rule.into(),
                ..Judgement::default()
            },
            ..VerdictChange::default()
        };
        let mut page = Page::default();
        let changes = [
            change("a.json", Verdict::Allow, Verdict::Block, "r"),
            change("longer.json", Verdict::Block, Verdict::Allow, ""),
        ];
        table(&changes, &mut page);
        let wanted = "
call         tool  today  then            decided by
a.json       t     allow  block           r (why)
longer.json  t     block  allow (looser)  why
";
        assert_eq!(page.plain(), wanted);
    }
}
