//! `gait verify chain`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;
use gait_contract::trace::{Linked, TraceReport};
use gait_contract::verify::{SignatureStatus, VerifyReport};

use super::{lines, notes};
use crate::commands::guard::verify::pack_lines;
use crate::commands::{Command, flags};
use crate::flows::chain::{self, Part, Wanted};
use crate::flows::verify::Keys;
use crate::render::{Failure, Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait verify chain`.
#[derive(Debug, Args)]
pub struct Chain {
    /// Run id, or path of a runpack
    #[arg(long, value_name = "run_id|path", default_value = "", hide_default_value = true)]
    run: String,
    /// A trace of the same run
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    trace: Option<String>,
    /// An evidence pack of the same run
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    pack: Option<String>,
    #[command(flatten)]
    trust: flags::Trust,
}

impl Command for Chain {
    const SUMMARY: &'static str = "one verdict over a run and what belongs to it";
    const EXPLAIN: &'static str =
        "verify chain checks a runpack together with a trace and an evidence pack, and fails if any part fails";
    const USAGE: &'static str = "gait verify chain --run <run_id|path> [--trace <file>] [--pack <file>] [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[(
        "gait verify chain --run run_x --trace trace_x.json --public-key gate.pub",
        "checks the run and the verdict on one of its calls",
    )];
    const EXITS: &'static [(ExitCode, &'static str)] =
        &[(ExitCode::Success, "all parts are in order"), (ExitCode::VerificationFailed, "a part is not")];

    fn blank() -> Object {
        let mut object = Object::new();
        object.insert("run".into(), json::object(&VerifyReport::default()).into());
        object
    }

    fn run(self) -> Outcome {
        let demand = self.trust.demand().map_err(|fault| Failure::new(fault, Self::blank()))?;
        let wanted = Wanted { run: self.run, trace: self.trace, pack: self.pack, demand };
        match chain::chain(&wanted) {
            Ok((chain, keys)) => Ok(Box::new(Looked { chain, keys })),
            Err(broken) => {
                let mut object = Self::blank();
                if let Some(chain) = &broken.chain {
                    object.extend(json::object(chain));
                }
                Err(Failure::new(broken.fault, object))
            }
        }
    }
}

struct Looked {
    chain: chain::Chain,
    keys: Keys,
}

impl Report for Looked {
    fn exit(&self) -> ExitCode {
        if self.chain.ok { ExitCode::Success } else { ExitCode::VerificationFailed }
    }

    fn object(&self) -> Object {
        json::object(&self.chain)
    }

    fn page(&self, page: &mut Page) {
        page.verdict("chain", self.chain.ok, if self.chain.ok { "ok" } else { "failed" });
        lines(&self.chain.run, page);
        if let Some(trace) = &self.chain.trace {
            trace_lines(trace, page);
        }
        if let Some(pack) = &self.chain.pack {
            page.verdict("pack", pack.report.ok, if pack.report.ok { "ok" } else { "failed" });
            page.pair("path", &pack.path);
            pack_lines(&pack.report, page);
            linked(pack.report.linked, "it is about this run", page);
        }
    }

    fn notes(&self) -> Vec<Note> {
        notes(&self.chain.run.report, &self.keys)
    }
}

fn trace_lines(trace: &Part<TraceReport>, page: &mut Page) {
    let report = &trace.report;
    page.verdict("trace", report.ok, if report.ok { "ok" } else { "failed" });
    page.pair("path", &trace.path);
    page.pair("trace_id", &report.trace_id);
    page.pair("verdict", &report.verdict);
    match report.signature_status {
        SignatureStatus::Verified => page.verdict("signature", true, "verified with the given key"),
        _ => page.wrong("signature", format_args!("failed: {}", report.error)),
    }
    linked(report.linked, "an intent of the run is the one that was judged", page);
}

/// Whether a part belongs to the run.
fn linked(linked: Option<Linked>, how: &str, page: &mut Page) {
    match linked {
        Some(Linked::Yes) => page.pair("linked", format_args!("yes: {how}")),
        Some(Linked::No) => page.wrong("linked", "no: it belongs to another run"),
        Some(Linked::Unknown) => page.care("linked", "unknown: nothing ties it to this run"),
        None => {}
    }
}
