//! `gait policy test`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;
use gait_contract::policy::Verdict;
use gait_contract::review::PolicyTest;

use super::remarks;
use crate::commands::Command;
use crate::flows::policy;
use crate::render::{Envelope, Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait policy test`.
#[derive(Debug, Args)]
pub struct Test {
    /// The policy
    #[arg(value_name = "policy.yaml", value_hint = ValueHint::FilePath)]
    policy: String,
    /// The call
    #[arg(value_name = "intent.json", value_hint = ValueHint::FilePath)]
    intent: String,
}

impl Command for Test {
    const SUMMARY: &'static str = "what would a policy say about a call?";
    const EXPLAIN: &'static str =
        "policy test judges one intent by a policy, without counting, signing or writing anything";
    const USAGE: &'static str = "gait policy test <policy.yaml> <intent.json> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait policy test gait.policy.yaml intent.json", "the verdict in one line, and in the exit code"),
        (
            "gait policy test gait.policy.yaml intent.json --explain --json",
            "how the verdict comes about, as `gait policy explain` tells it",
        ),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = VERDICTS;
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn explain(self) -> Option<Outcome> {
        let explained = policy::explain(&self.policy, &self.intent);
        Some(explained.map(|explained| -> Box<dyn Report> { Box::new(explained) }).map_err(Into::into))
    }

    fn run(self) -> Outcome {
        let test = policy::test(&self.policy, &self.intent)?;
        Ok(Box::new(Tested { policy: self.policy, intent: self.intent, test }))
    }
}

/// Exit codes of commands that tell a verdict.
pub(in crate::commands) const VERDICTS: &[(ExitCode, &str)] = &[
    (ExitCode::Success, "allow, or dry_run, which is never to be executed"),
    (ExitCode::PolicyBlocked, "block"),
    (ExitCode::ApprovalRequired, "require_approval"),
];

/// The exit code of a verdict.
pub(in crate::commands) fn exit(verdict: Verdict) -> ExitCode {
    match verdict {
        Verdict::Allow | Verdict::DryRun => ExitCode::Success,
        Verdict::RequireApproval => ExitCode::ApprovalRequired,
        Verdict::Block => ExitCode::PolicyBlocked,
    }
}

struct Tested {
    policy: String,
    intent: String,
    test: PolicyTest,
}

impl Report for Tested {
    fn exit(&self) -> ExitCode {
        exit(self.test.verdict)
    }

    fn object(&self) -> Object {
        let mut object = json::object(&self.test);
        object.insert("ok".into(), true.into());
        object
    }

    fn page(&self, page: &mut Page) {
        page.line(&self.test.summary);
    }

    fn notes(&self) -> Vec<Note> {
        let mut notes = remarks(&self.test.warnings, &self.policy);
        if self.exit() != ExitCode::Success {
            notes.push(Note::Hint(format!("`gait policy explain {} {}` tells why", self.policy, self.intent)));
        }
        notes
    }
}
