//! `gait run reduce`.

use clap::{Args, ValueHint};
use gait_contract::runpack::Predicate;

use gait_contract::ExitCode;

use super::receipt::one_run;
use super::record::warnings;
use crate::commands::Command;
use crate::flows::reduce::{self, Reduced, Wanted};
use crate::render::{Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait run reduce`.
#[derive(Debug, Args)]
pub struct Reduce {
    /// Run id, or path of a runpack
    #[arg(value_name = "run_id|path")]
    run: Option<String>,
    /// The same, as a flag
    #[arg(long, value_name = "run_id|path")]
    from: Option<String>,
    /// What still has to fail
    #[arg(long, value_name = "missing_result|non_ok_status", default_value = "missing_result", value_parser = predicate)]
    predicate: Predicate,
    /// File for the reduced runpack [default: beside the input]
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    out: Option<String>,
    /// File for the report [default: beside the reduced runpack]
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    report_out: Option<String>,
}

fn predicate(text: &str) -> Result<Predicate, String> {
    match text.trim().to_lowercase().as_str() {
        "missing_result" => Ok(Predicate::MissingResult),
        "non_ok_status" => Ok(Predicate::NonOkStatus),
        _ => Err("use missing_result or non_ok_status".into()),
    }
}

impl Command for Reduce {
    const SUMMARY: &'static str = "smallest runpack that still fails";
    const EXPLAIN: &'static str = "run reduce keeps one failing intent of a runpack with its result, receipts and timeline, so that an incident fits on a page";
    const USAGE: &'static str = "gait run reduce <run_id|path> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait run reduce run_incident", "keeps the first intent that has no result"),
        ("gait run reduce run_incident --predicate non_ok_status --out small.zip", "keeps the first one that failed"),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "the reduced runpack was written")];
    const KEEPS_EMPTY: &'static [&'static str] = &["predicate"];

    fn run(self) -> Outcome {
        Ok(Box::new(reduce::reduce(Wanted {
            run: one_run(self.from, self.run)?,
            predicate: self.predicate,
            out: self.out,
            report_out: self.report_out,
        })?))
    }
}

impl Report for Reduced {
    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        page.pair("run_id", &self.run_id);
        page.pair("reduced_run_id", &self.reduced_run_id);
        page.pair("predicate", self.predicate);
        page.pair("intent", &self.report.selected_intent_id);
        let report = &self.report;
        page.pair("intents", format_args!("{} of {}", report.reduced_intent_count, report.original_intent_count));
        page.pair("results", format_args!("{} of {}", report.reduced_result_count, report.original_result_count));
        page.pair("refs", format_args!("{} of {}", report.reduced_ref_count, report.original_ref_count));
        page.pair("output", &self.output);
        page.pair("report", &self.report_path);
    }

    fn notes(&self) -> Vec<Note> {
        warnings(&self.warnings)
    }
}
