//! `gait verify chain`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;
use gait_contract::verify::VerifyReport;

use super::{lines, notes};
use crate::commands::{Command, flags};
use crate::flows::chain::{self, Wanted};
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
    const EXPLAIN: &'static str = "verify chain checks a runpack together with a trace and an evidence pack, and fails if any part fails";
    const USAGE: &'static str = "gait verify chain --run <run_id|path> [--trace <file>] [--pack <file>] [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] =
        &[("gait verify chain --run run_demo", "checks the run alone")];
    const EXITS: &'static [(ExitCode, &'static str)] =
        &[(ExitCode::Success, "all parts are in order"), (ExitCode::VerificationFailed, "a part is not")];

    fn blank() -> Object {
        let mut object = Object::new();
        object.insert("run".into(), json::object(&VerifyReport::default()).into());
        object
    }

    fn run(self) -> Outcome {
        let refused = |fault| Failure::from(fault).with(Self::blank());
        let demand = self.trust.demand().map_err(refused)?;
        let wanted = Wanted { run: self.run, trace: self.trace, pack: self.pack, demand };
        match chain::chain(&wanted) {
            Ok((chain, keys)) => Ok(Box::new(Looked { chain, keys })),
            Err(broken) => {
                let mut object = Self::blank();
                if let Some(run) = &broken.run {
                    object.insert("run".into(), json::object(run).into());
                }
                Err(refused(broken.fault).with(object))
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
    }

    fn notes(&self) -> Vec<Note> {
        notes(&self.chain.run.report, &self.keys)
    }
}
