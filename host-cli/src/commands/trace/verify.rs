//! `gait trace verify`.

use clap::{Args, ValueHint};
use gait_contract::trace::TraceReport;
use gait_contract::{Code, ExitCode, Fault};

use crate::args::usage_fault;
use crate::commands::{Command, flags};
use crate::flows::trace;
use crate::render::{Envelope, Object, Outcome, Page, Report, json};

/// The arguments of `gait trace verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The trace
    #[arg(value_name = "trace.json", value_hint = ValueHint::FilePath)]
    trace: Option<String>,
    /// The trace, instead of the argument
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    path: Option<String>,
    #[command(flatten)]
    keys: flags::Keys,
}

impl Command for Verify {
    const SUMMARY: &'static str = "is a trace signed by a key?";
    const EXPLAIN: &'static str =
        "trace verify checks offline that a trace is as it was signed, and signed with the key you name";
    const USAGE: &'static str = "gait trace verify <trace.json> --public-key <file> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] =
        &[("gait trace verify trace_271fba12d9fafe932012b281.json --public-key traces.pub", "checks the signature")];
    const EXITS: &'static [(ExitCode, &'static str)] =
        &[(ExitCode::Success, "the signature verifies"), (ExitCode::VerificationFailed, "it does not")];
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn run(self) -> Outcome {
        let path = match (self.trace, self.path) {
            (Some(path), None) | (None, Some(path)) => path,
            (Some(_), Some(_)) => {
                return Err(usage_fault("the trace is named twice, by `--path` and as an argument").into());
            }
            (None, None) => {
                return Err(usage_fault("`<trace.json>` is missing").hint(format!("usage: {}", Self::USAGE)).into());
            }
        };
        let (public, private) = self.keys.sources()?;
        let report = trace::verify(&path, public, private)?;
        Ok(Box::new(Checked { path, report }))
    }
}

struct Checked {
    path: String,
    report: TraceReport,
}

impl Report for Checked {
    fn exit(&self) -> ExitCode {
        if self.report.ok { ExitCode::Success } else { ExitCode::VerificationFailed }
    }

    fn object(&self) -> Object {
        let mut object = json::object(&self.report);
        object.insert("path".into(), self.path.clone().into());
        if self.report.ok {
            return object;
        }
        let fault = Fault::new(Code::VerificationFailed, self.report.error.as_str());
        json::fault(
            object,
            &fault.hint("compare the trace with the original, and check that the key is the signer's"),
            Envelope::ByExit,
        )
    }

    fn page(&self, page: &mut Page) {
        if self.report.ok {
            page.line(format_args!("trace verify ok: {}", self.path));
        } else {
            page.line(format_args!("trace verify failed: {}", self.path));
            page.wrong("reason", &self.report.error);
        }
        page.pair("trace_id", &self.report.trace_id);
        page.pair("verdict", &self.report.verdict);
        if !self.report.key_id.is_empty() {
            page.pair("key_id", &self.report.key_id);
        }
    }
}
