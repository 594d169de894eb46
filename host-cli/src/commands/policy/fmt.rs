//! `gait policy fmt`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;

use crate::args::usage_fault;
use crate::commands::Command;
use crate::flows::policy::{self, Formatted, Then};
use crate::render::{Envelope, Object, Outcome, Page, Report, json};

/// The arguments of `gait policy fmt`.
#[derive(Debug, Args)]
pub struct Fmt {
    /// The policy
    #[arg(value_name = "policy.yaml", value_hint = ValueHint::FilePath)]
    policy: String,
    /// Write the file anew instead of printing it
    #[arg(long)]
    write: bool,
    /// Only say whether the file is formatted
    #[arg(long)]
    check: bool,
}

impl Command for Fmt {
    const SUMMARY: &'static str = "one layout for policies";
    const EXPLAIN: &'static str =
        "policy fmt lays a policy out the one way, keeping its comments and its meaning, and prints or writes it";
    const USAGE: &'static str = "gait policy fmt <policy.yaml> [--write|--check] [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait policy fmt gait.policy.yaml --write", "formats the file; its digest stays the same"),
        ("gait policy fmt gait.policy.yaml --check", "for CI: exit code 6 when it is not formatted"),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "printed, written, or in order")];
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn run(self) -> Outcome {
        let then = match (self.write, self.check) {
            (true, true) => return Err(usage_fault("`--write` and `--check` exclude each other").into()),
            (true, false) => Then::Write,
            (false, true) => Then::Check,
            (false, false) => Then::Print,
        };
        Ok(Box::new(policy::format(&self.policy, then)?))
    }
}

impl Report for Formatted {
    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        match &self.text {
            // The formatted policy is the answer, to be stored as it is.
            Some(text) => page.text(text),
            None if self.written => page.line(format_args!("policy fmt ok: wrote {}", self.path)),
            None => page.line(format_args!("policy fmt ok: {} is formatted", self.path)),
        }
    }
}
