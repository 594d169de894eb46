//! `gait policy init`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;

use crate::commands::Command;
use crate::flows::policy_init::{self, Started};
use crate::render::{Envelope, Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait policy init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Which baseline: `low`, `medium` or `high` risk
    #[arg(value_name = "low|medium|high")]
    template: String,
    /// File of the policy
    #[arg(long, value_name = "file", default_value = policy_init::PATH, value_hint = ValueHint::FilePath)]
    out: String,
    /// Replace a policy that is there
    #[arg(long)]
    force: bool,
}

impl Command for Init {
    const SUMMARY: &'static str = "a first policy";
    const EXPLAIN: &'static str =
        "policy init writes a commented baseline policy for low, medium or high risk, to be made your own";
    const USAGE: &'static str = "gait policy init <low|medium|high> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait policy init medium", "writes gait.policy.yaml: what no rule knows waits for a person"),
        ("gait policy init high --out policies/prod.yaml", "a policy fit for `gait gate eval --profile oss-prod`"),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "the policy was written")];
    const KEEPS_EMPTY: &'static [&'static str] = &["out"];
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn run(self) -> Outcome {
        Ok(Box::new(policy_init::init(&self.template, &self.out, self.force)?))
    }
}

impl Report for Started {
    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        page.line(format_args!("policy init ok: template={} output={}", self.template, self.policy_path));
    }

    fn notes(&self) -> Vec<Note> {
        self.next_commands.iter().cloned().map(Note::Next).collect()
    }
}
