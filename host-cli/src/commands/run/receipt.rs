//! `gait run receipt`.

use clap::Args;
use gait_contract::{ExitCode, Fault};

use crate::args::usage_fault;
use crate::commands::Command;
use crate::flows::receipt;
use crate::render::{Object, Outcome, Page, Report, json};

/// The arguments of `gait run receipt`.
#[derive(Debug, Args)]
pub struct Receipt {
    /// Run id, or path of a runpack
    #[arg(value_name = "run_id|path")]
    run: Option<String>,
    /// The same, as a flag
    #[arg(long, value_name = "run_id|path")]
    from: Option<String>,
}

impl Command for Receipt {
    const SUMMARY: &'static str = "prints the ticket footer";
    const EXPLAIN: &'static str = "run receipt verifies a runpack and prints its ticket footer, the line that names it in a ticket or pull request";
    const USAGE: &'static str = "gait run receipt <run_id|path> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] =
        &[("gait run receipt run_demo", "prints `GAIT run_id=run_demo manifest=sha256:…`")];
    const EXITS: &'static [(ExitCode, &'static str)] = &[
        (ExitCode::Success, "the runpack verifies"),
        (ExitCode::VerificationFailed, "it does not, so there is no footer"),
    ];

    fn run(self) -> Outcome {
        Ok(Box::new(receipt::receipt(&one_run(self.from, self.run)?)?))
    }
}

/// The run that a flag or an argument names, but not both.
pub fn one_run(flag: Option<String>, argument: Option<String>) -> Result<String, Fault> {
    match (flag, argument) {
        (Some(_), Some(_)) => Err(usage_fault("the run is named twice, by a flag and as an argument")),
        (Some(run), None) | (None, Some(run)) => Ok(run),
        (None, None) => Err(usage_fault("`<run_id|path>` is missing").hint("give a run id, or the path of a runpack")),
    }
}

impl Report for receipt::Receipt {
    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        page.line(&self.footer.ticket_footer);
    }
}
