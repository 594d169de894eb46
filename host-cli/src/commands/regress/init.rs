//! `gait regress init`.

use clap::Args;
use gait_contract::ExitCode;

use crate::commands::Command;
use crate::commands::run::record::warnings;
use crate::flows::regress_init::{self, Fixture};
use crate::render::{Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait regress init`.
#[derive(Debug, Args)]
pub struct Init {
    #[command(flatten)]
    pub(super) source: Source,
}

/// What a fixture is made from.
#[derive(Debug, Args)]
pub struct Source {
    /// Run id, or path of the runpack to make a fixture of
    #[arg(long, value_name = "run_id|path", default_value = "", hide_default_value = true)]
    pub(super) from: String,
    /// Name of the fixture [default: from the run id]
    #[arg(long, value_name = "name", default_value = "", hide_default_value = true)]
    pub(super) name: String,
}

impl Command for Init {
    const SUMMARY: &'static str = "incident fixture bootstrap";
    const EXPLAIN: &'static str = "regress init turns a runpack into a fixture below fixtures/ and lists it in gait.yaml, so that it can be checked from now on";
    const USAGE: &'static str = "gait regress init --from <run_id|path> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait regress init --from run_demo", "writes fixtures/run_demo/ and gait.yaml"),
        ("gait regress run", "grades it"),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "the fixture was written")];

    fn run(self) -> Outcome {
        Ok(Box::new(regress_init::init(&self.source.from, &self.source.name)?))
    }
}

impl Report for Fixture {
    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        page.pair("run_id", &self.run_id);
        page.pair("fixture", &self.fixture_name);
        page.pair("runpack", &self.runpack_path);
        page.pair("config", self.config_path);
    }

    fn notes(&self) -> Vec<Note> {
        let next = self.next_commands.iter().map(|command| Note::Next((*command).to_owned()));
        warnings(&self.warnings).into_iter().chain(next).collect()
    }
}
