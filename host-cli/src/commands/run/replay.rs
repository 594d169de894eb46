//! `gait run replay`.

use clap::Args;
use gait_contract::{Code, ExitCode};

use super::record::warnings;
use crate::commands::Command;
use crate::flows::replay::{self, Replayed, Wanted};
use crate::render::{Failure, Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait run replay`.
#[derive(Debug, Args)]
pub struct Replay {
    /// Run id, or path of a runpack
    #[arg(value_name = "run_id|path")]
    run: String,
    /// Ask for real tools; refused unless everything below unlocks them
    #[arg(long)]
    real_tools: bool,
    /// Say that you know what that means
    #[arg(long)]
    unsafe_real_tools: bool,
    /// Comma list of tools that may run
    #[arg(long, value_name = "csv", default_value = "", hide_default_value = true)]
    allow_tools: String,
    /// Environment variable that has to be 1
    #[arg(long, value_name = "name", default_value = "GAIT_ALLOW_REAL_REPLAY")]
    unsafe_real_tools_env: String,
}

impl Command for Replay {
    const SUMMARY: &'static str = "deterministic stub replay";
    const EXPLAIN: &'static str = "run replay answers every recorded intent with its recorded result or a stub; nothing is executed and the same runpack always gives the same steps";
    const USAGE: &'static str = "gait run replay <run_id|path> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait run replay run_demo", "lists every step with its status"),
        ("gait run replay ./incident.zip --json", "the same for programs"),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[
        (ExitCode::Success, "every intent has a result or a stub"),
        (ExitCode::VerificationFailed, "results are missing"),
        (ExitCode::UnsafeOperation, "real tools were asked for and not unlocked"),
    ];

    fn run(self) -> Outcome {
        let wanted = Wanted {
            run: self.run,
            real_tools: self.real_tools,
            unsafe_real_tools: self.unsafe_real_tools,
            allow_tools: self.allow_tools,
            unlocking_variable: self.unsafe_real_tools_env,
        };
        match replay::replay(&wanted) {
            Ok(replayed) => Ok(Box::new(replayed)),
            Err(fault) => {
                let mut object = Object::new();
                if fault.error_code == Code::UnsafeOperation && wanted.unsafe_real_tools {
                    object.insert("requested_unsafe".into(), true.into());
                }
                Err(Failure::new(fault, object))
            }
        }
    }
}

impl Report for Replayed {
    fn exit(&self) -> ExitCode {
        if self.replay.ok { ExitCode::Success } else { ExitCode::VerificationFailed }
    }

    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        let replay = &self.replay;
        page.verdict("replay", replay.ok, if replay.ok { "ok" } else { "incomplete" });
        page.pair("run_id", &replay.run_id);
        page.pair("mode", &replay.mode);
        page.pair("steps", replay.steps.len());
        for step in &replay.steps {
            let stub = if step.stub_type.is_empty() { String::new() } else { format!(" ({} stub)", step.stub_type) };
            page.line(format_args!("  {} {} {}{stub}", step.intent_id, step.tool_name, step.status));
        }
        for intent in &replay.missing_results {
            page.wrong("missing_result", intent);
        }
    }

    fn notes(&self) -> Vec<Note> {
        warnings(&self.warnings)
    }
}
