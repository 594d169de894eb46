//! `gait doctor adoption`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;
use gait_contract::events::AdoptionReport;

use crate::commands::Command;
use crate::flows::adoption;
use crate::render::{Object, Outcome, Page, Report, json};

/// The arguments of `gait doctor adoption`.
#[derive(Debug, Args)]
pub struct Adoption {
    /// The log that was written through `GAIT_ADOPTION_LOG`
    #[arg(long, value_name = "log.jsonl", required = true, value_hint = ValueHint::FilePath)]
    from: String,
}

impl Command for Adoption {
    const SUMMARY: &'static str = "how far users got, from the adoption log";
    const EXPLAIN: &'static str =
        "doctor adoption counts a local log of gait calls and names the first steps that nobody took yet";
    const USAGE: &'static str = "gait doctor adoption --from <log.jsonl> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait doctor adoption --from adoption.jsonl", "counts calls and lists what is missing"),
        ("GAIT_ADOPTION_LOG=adoption.jsonl gait demo", "writes such a log; nothing is sent anywhere"),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "counted, even if there is nothing")];

    fn run(self) -> Outcome {
        Ok(Box::new(Counted(adoption::report(&self.from)?)))
    }
}

struct Counted(AdoptionReport);

impl Report for Counted {
    fn object(&self) -> Object {
        let mut object = Object::new();
        object.insert("ok".into(), true.into());
        object.insert("report".into(), json::object(&self.0).into());
        object
    }

    fn page(&self, page: &mut Page) {
        let report = &self.0;
        page.line(format_args!(
            "doctor adoption: source={} total_events={} activation_complete={}",
            report.source, report.total_events, report.activation_complete
        ));
        if !report.blockers.is_empty() {
            page.line(format_args!("blockers: {}", report.blockers.join("; ")));
        }
    }
}
