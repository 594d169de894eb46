//! `gait trace recheck`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;
use gait_contract::review;
use gait_contract::verify::SignatureStatus;

use crate::commands::{Command, flags};
use crate::flows::trace;
use crate::render::{Envelope, Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait trace recheck`.
#[derive(Debug, Args)]
pub struct Recheck {
    /// The trace
    #[arg(value_name = "trace.json", value_hint = ValueHint::FilePath)]
    trace: String,
    /// The policy that decided
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    policy: String,
    /// The call that was judged
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    intent: String,
    #[command(flatten)]
    keys: flags::Keys,
}

impl Command for Recheck {
    const SUMMARY: &'static str = "does a recorded verdict follow?";
    const EXPLAIN: &'static str = "trace recheck judges an intent again and says whether the trace's verdict and digests follow from policy and intent";
    const USAGE: &'static str = "gait trace recheck <trace.json> --policy <file> --intent <file> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        (
            "gait trace recheck trace.json --policy gait.policy.yaml --intent intent.json",
            "judges again with the same core, and compares",
        ),
        (
            "gait trace recheck trace.json --policy gait.policy.yaml --intent intent.json --public-key traces.pub",
            "checks the signature as well",
        ),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[
        (ExitCode::Success, "the trace follows"),
        (ExitCode::VerificationFailed, "it does not, or its signature fails"),
    ];
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn run(self) -> Outcome {
        let (public, private) = self.keys.sources()?;
        let recheck = trace::recheck(&self.trace, &self.policy, &self.intent, public, private)?;
        Ok(Box::new(Rechecked { path: self.trace, recheck }))
    }
}

struct Rechecked {
    path: String,
    recheck: review::Recheck,
}

impl Report for Rechecked {
    fn exit(&self) -> ExitCode {
        if self.recheck.ok { ExitCode::Success } else { ExitCode::VerificationFailed }
    }

    fn object(&self) -> Object {
        let mut object = json::object(&self.recheck);
        object.insert("path".into(), self.path.clone().into());
        object
    }

    fn page(&self, page: &mut Page) {
        let recheck = &self.recheck;
        let word = if recheck.ok { "ok" } else { "failed" };
        page.line(format_args!("trace recheck {word}: {}", self.path));
        page.pair("trace_id", &recheck.trace_id);
        page.pair("recorded", &recheck.recorded_verdict);
        page.pair("evaluated", recheck.evaluated_verdict.word());
        if !recheck.explained_by.is_empty() {
            page.pair("explained_by", &recheck.explained_by);
        }
        page.pair("reasons", recheck.reason_codes.join(","));
        for mismatch in &recheck.mismatches {
            page.wrong("mismatch", &mismatch.field);
            page.line(format_args!("  recorded  {}", or_nothing(&mismatch.recorded)));
            page.line(format_args!("  evaluated {}", or_nothing(&mismatch.evaluated)));
        }
        match recheck.signature_status {
            Some(SignatureStatus::Verified) => page.verdict("signature", true, "verified with the given key"),
            Some(SignatureStatus::Failed) => {
                page.wrong("signature", format_args!("failed: {}", recheck.signature_error));
            }
            Some(SignatureStatus::Missing) => page.care("signature", "missing: nobody signed this trace"),
            Some(SignatureStatus::Skipped) | None => page.care("signature", "not checked: no key was named"),
        }
        page.pair("core", if recheck.same_core { "the one that decided" } else { "another one than decided" });
    }

    fn notes(&self) -> Vec<Note> {
        let other = !self.recheck.ok && !self.recheck.same_core;
        let hint = "the trace was written by another version of gait; recheck it with that one".to_owned();
        other.then_some(Note::Hint(hint)).into_iter().collect()
    }
}

fn or_nothing(text: &str) -> &str {
    if text.is_empty() { "(nothing)" } else { text }
}
