//! `gait run record`.

use clap::{Args, ValueHint};
use gait_contract::{ExitCode, Fault};

use crate::args::usage_fault;
use crate::commands::{Command, flags};
use crate::flows::record::{self, Wanted, Written};
use crate::flows::signing::{self, Signing};
use crate::host::paths;
use crate::render::{Failure, Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait run record`.
#[derive(Debug, Args)]
pub struct Record {
    /// The run record: JSON with `run`, `intents`, `results`, `refs` and `capture_mode`
    #[arg(value_name = "record.json", value_hint = ValueHint::FilePath)]
    record: Option<String>,
    /// The run record, instead of the argument
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    input: Option<String>,
    /// Folder of the new runpack; made if need be
    #[arg(long, value_name = "dir", default_value = paths::OUT_DIR, value_hint = ValueHint::DirPath)]
    out_dir: String,
    /// Run id to use everywhere instead of the record's
    #[arg(long, value_name = "id", default_value = "", hide_default_value = true)]
    run_id: String,
    /// What the runpack calls its capture: a label, nothing is redacted
    #[arg(long, value_name = "reference|raw", default_value = "", hide_default_value = true)]
    capture_mode: String,
    #[command(flatten)]
    signing: flags::Signing,
}

impl Command for Record {
    const SUMMARY: &'static str = "builds a runpack from a run record";
    const EXPLAIN: &'static str =
        "run record turns a run record (what an agent wanted, what tools answered, what it read) into a signed runpack";
    const USAGE: &'static str = "gait run record <record.json> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait run record run.json", "writes ./gait-out/runpack_<run_id>.zip, signed with your development key"),
        (
            "gait run record run.json --key-mode prod --private-key release.key",
            "signs the manifest with a key that others can check with its public half",
        ),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[
        (ExitCode::Success, "written and verified"),
        (ExitCode::VerificationFailed, "the new runpack does not verify"),
    ];

    fn run(self) -> Outcome {
        let input = match (self.input, self.record) {
            (Some(_), Some(_)) => {
                return Err(usage_fault("the record is named twice, by `--input` and as an argument").into());
            }
            (None, None) => {
                return Err(usage_fault("`<record.json>` is missing").hint(format!("usage: {}", Self::USAGE)).into());
            }
            (Some(input), None) | (None, Some(input)) => input,
        };
        let wanted = Wanted { input, out_dir: self.out_dir, run_id: self.run_id, capture_mode: self.capture_mode };
        announced(signing::choose(&self.signing.wish()?)?, |signing| record::record(wanted, signing))
    }
}

/// Does something that signs; a new key is announced whatever comes of it.
pub fn announced<R: Report + 'static>(mut signing: Signing, flow: impl FnOnce(Signing) -> Result<R, Fault>) -> Outcome {
    let announcement = signing.announcement.take().map(Note::Info);
    match flow(signing) {
        Ok(report) => Ok(Box::new(Announced { announcement, report })),
        Err(fault) => {
            let mut failure = Failure::new(fault, Object::new());
            failure.notes.extend(announcement);
            Err(failure)
        }
    }
}

/// The warnings of an answer, as notes.
pub fn warnings(texts: &[String]) -> Vec<Note> {
    texts.iter().cloned().map(Note::Warning).collect()
}

struct Announced<R> {
    announcement: Option<Note>,
    report: R,
}

impl<R: Report> Report for Announced<R> {
    fn exit(&self) -> ExitCode {
        self.report.exit()
    }

    fn object(&self) -> Object {
        self.report.object()
    }

    fn page(&self, page: &mut Page) {
        self.report.page(page);
    }

    fn notes(&self) -> Vec<Note> {
        self.announcement.iter().cloned().chain(self.report.notes()).collect()
    }
}

impl Report for Written {
    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        page.pair("run_id", &self.run_id);
        page.pair("bundle", &self.bundle);
        page.pair("ticket_footer", &self.ticket_footer);
    }

    fn notes(&self) -> Vec<Note> {
        warnings(&self.warnings)
    }
}
