//! `gait policy validate`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;
use gait_contract::policy::PolicyReport;

use crate::commands::Command;
use crate::flows::policy;
use crate::render::{Envelope, Object, Outcome, Page, Report, json};

/// The arguments of `gait policy validate`.
#[derive(Debug, Args)]
pub struct Validate {
    /// The policy
    #[arg(value_name = "policy.yaml", value_hint = ValueHint::FilePath)]
    policy: String,
}

impl Command for Validate {
    const SUMMARY: &'static str = "is a policy in order?";
    const EXPLAIN: &'static str = "policy validate reads a policy and shows every mistake in it with its line, and what has no effect as it stands";
    const USAGE: &'static str = "gait policy validate <policy.yaml> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait policy validate gait.policy.yaml", "shows all mistakes at once, or the policy's digest"),
        ("gait policy validate gait.policy.yaml --json", "the same for editors, with line, column and length"),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "the policy is valid")];
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn run(self) -> Outcome {
        let report = policy::validate(&self.policy)?;
        Ok(Box::new(Valid { path: self.policy, report }))
    }
}

struct Valid {
    path: String,
    report: PolicyReport,
}

impl Report for Valid {
    fn object(&self) -> Object {
        let mut object = json::object(&self.report);
        object.insert("path".into(), self.path.clone().into());
        object
    }

    fn page(&self, page: &mut Page) {
        let PolicyReport { policy_digest, default_verdict, rules, warnings, .. } = &self.report;
        page.line(format_args!(
            "policy validate ok: {} rules={rules} default={} digest={policy_digest}",
            self.path,
            default_verdict.word()
        ));
        page.warnings(warnings, &self.path);
    }
}
