//! `gait migrate`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;

use super::Command;
use super::run::receipt::one_run;
use super::run::record::warnings;
use crate::flows::migrate::{self, Migrated};
use crate::render::{Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait migrate`.
#[derive(Debug, Args)]
pub struct Migrate {
    /// Run id, or path of a runpack
    #[arg(value_name = "run_id|path")]
    artifact: Option<String>,
    /// The same, as a flag
    #[arg(long, value_name = "run_id|path")]
    input: Option<String>,
    /// File for the new runpack [default: beside the input]
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    out: Option<String>,
    /// The form to write
    #[arg(long, value_name = "v1", default_value = "v1", value_parser = target)]
    target: Form,
}

/// The forms that can be written.
#[derive(Clone, Copy, Debug)]
enum Form {
    V1,
}

fn target(text: &str) -> Result<Form, String> {
    if text.trim() == "v1" { Ok(Form::V1) } else { Err("use v1".into()) }
}

impl Command for Migrate {
    const SUMMARY: &'static str = "rewrites a runpack in the current form";
    const EXPLAIN: &'static str = "migrate writes a runpack again in the current form, canonical and with defaults filled in; signatures are not carried over";
    const USAGE: &'static str = "gait migrate <run_id|path> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] =
        &[("gait migrate old.zip --out new.zip", "writes new.zip; status is no_change when there was nothing to do")];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "the new runpack was written")];

    fn run(self) -> Outcome {
        let Form::V1 = self.target;
        Ok(Box::new(migrate::migrate(&one_run(self.input, self.artifact)?, self.out)?))
    }
}

impl Report for Migrated {
    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        page.pair("status", self.status);
        page.pair("run_id", &self.run_id);
        page.pair("input", &self.input);
        page.pair("output", &self.output);
    }

    fn notes(&self) -> Vec<Note> {
        warnings(&self.warnings)
    }
}
