//! `gait run diff`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;
use gait_contract::runpack::{DiffSummary, Privacy};

use crate::commands::Command;
use crate::flows::diff::{self, Compared, Wanted};
use crate::render::{Failure, Object, Outcome, Page, Report, json};

/// The arguments of `gait run diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// Run id, or path of a runpack
    #[arg(value_name = "left")]
    left: String,
    /// Run id, or path of the runpack to compare it with
    #[arg(value_name = "right")]
    right: String,
    /// `metadata` compares digests and counts only
    #[arg(long, value_name = "full|metadata", default_value = "full", value_parser = privacy)]
    privacy: Privacy,
    /// File for the differences, as JSON
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    output: Option<String>,
}

fn privacy(text: &str) -> Result<Privacy, String> {
    match text {
        "full" => Ok(Privacy::Full),
        "metadata" => Ok(Privacy::Metadata),
        _ => Err("use full or metadata".into()),
    }
}

impl Command for Diff {
    const SUMMARY: &'static str = "artifact diff";
    const EXPLAIN: &'static str = "run diff compares two runpacks by intent id: what was asked, what came back, what was read; times, run ids and order do not count";
    const USAGE: &'static str = "gait run diff <left> <right> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait run diff run_before run_after", "says what differs"),
        (
            "gait run diff a.zip b.zip --privacy metadata --output diff.json",
            "compares digests only, so that nothing recorded is shown",
        ),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] =
        &[(ExitCode::Success, "nothing that counts differs"), (ExitCode::VerificationFailed, "something differs")];

    fn blank() -> Object {
        let mut object = Object::new();
        object.insert("summary".into(), json::object(&DiffSummary::default()).into());
        object
    }

    fn run(self) -> Outcome {
        let wanted = Wanted { left: self.left, right: self.right, privacy: self.privacy, output: self.output };
        match diff::diff(wanted) {
            Ok(compared) => Ok(Box::new(compared)),
            Err(fault) => Err(Failure::new(fault, Self::blank())),
        }
    }
}

impl Report for Compared {
    fn exit(&self) -> ExitCode {
        if self.diff.ok { ExitCode::Success } else { ExitCode::VerificationFailed }
    }

    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        let summary = &self.diff.summary;
        page.verdict("diff", self.diff.ok, if self.diff.ok { "equal" } else { "different" });
        page.pair("left", &summary.run_id_left);
        page.pair("right", &summary.run_id_right);
        let changed = [
            ("manifest", summary.manifest_changed),
            ("intents", summary.intents_changed),
            ("results", summary.results_changed),
            ("refs", summary.refs_changed),
        ];
        for (what, _) in changed.iter().filter(|(_, changed)| *changed) {
            page.wrong("changed", what);
        }
        let lists = [
            ("file_on_one_side", &summary.files_changed),
            ("left_only_intent", &summary.left_only_intents),
            ("right_only_intent", &summary.right_only_intents),
            ("left_only_result", &summary.left_only_results),
            ("right_only_result", &summary.right_only_results),
        ];
        for (key, names) in lists {
            for name in names {
                page.pair(key, name);
            }
        }
        if let Some(output) = &self.output {
            page.pair("output", output);
        }
    }
}
