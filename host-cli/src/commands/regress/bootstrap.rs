//! `gait regress bootstrap`.

use clap::Args;
use gait_contract::ExitCode;

use super::init::Source;
use super::run::{Grading, Verdict};
use crate::commands::Command;
use crate::commands::run::record::warnings;
use crate::flows::regress_bootstrap::{self, Bootstrapped};
use crate::render::{Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait regress bootstrap`.
#[derive(Debug, Args)]
pub struct Bootstrap {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    grading: Grading,
}

impl Command for Bootstrap {
    const SUMMARY: &'static str = "init and run in one step";
    const EXPLAIN: &'static str = "regress bootstrap makes a fixture of a runpack and grades all fixtures at once";
    const USAGE: &'static str = "gait regress bootstrap --from <run_id|path> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] =
        &[("gait regress bootstrap --from run_demo --junit ./gait-out/junit.xml", "from an incident to a CI report")];
    const EXITS: &'static [(ExitCode, &'static str)] = &[
        (ExitCode::Success, "the fixture was written and every grader passes"),
        (ExitCode::RegressFailed, "the fixture was written and a regression was found"),
    ];

    fn run(self) -> Outcome {
        let Source { from, name } = self.source;
        Ok(Box::new(regress_bootstrap::bootstrap(&from, &name, self.grading.wanted())?))
    }
}

fn verdict(done: &Bootstrapped) -> Verdict<'_> {
    Verdict {
        ok: done.ok,
        failed: done.failed,
        failures: &done.failures,
        top_failure_reason: &done.top_failure_reason,
        output: &done.output,
        junit: done.junit.as_deref(),
    }
}

impl Report for Bootstrapped {
    fn exit(&self) -> ExitCode {
        verdict(self).exit()
    }

    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        page.verdict("regress", self.ok, if self.ok { "pass" } else { "fail" });
        page.pair("run_id", &self.run_id);
        page.pair("fixture", &self.fixture_name);
        page.pair("runpack", &self.runpack_path);
        page.pair("config", self.config_path);
        verdict(self).lines(page);
    }

    fn notes(&self) -> Vec<Note> {
        let next = (!self.next_command.is_empty()).then(|| Note::Next(self.next_command.clone()));
        warnings(&self.warnings).into_iter().chain(next).collect()
    }
}
