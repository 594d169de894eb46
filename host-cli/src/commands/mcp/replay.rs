//! `gait mcp replay`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;

use crate::commands::{Command, flags};
use crate::flows::signing;
use crate::render::{Note, Object, Outcome, Page, Report, json};
use crate::server::replay::{self, Replayed, Setup, why};

/// The arguments of `gait mcp replay`.
#[derive(Debug, Args)]
pub struct Replay {
    /// Run id, or path of a runpack (a path has a slash or ends in .zip)
    #[arg(value_name = "run_id|path")]
    run: String,
    /// Name of the new run [default: the recorded one's with `_replay`]
    #[arg(long, value_name = "id", default_value = "", hide_default_value = true)]
    run_id: String,
    /// Folder of the new runpack; made if need be
    #[arg(long, value_name = "dir", default_value = "gait-out/mcp-replay", value_hint = ValueHint::DirPath)]
    runpack_dir: String,
    /// File for what came of it, one JSON object
    #[arg(long, value_name = "file", default_value = "", hide_default_value = true, value_hint = ValueHint::FilePath)]
    report: String,
    #[command(flatten)]
    signing: flags::Signing,
}

impl Command for Replay {
    const SUMMARY: &'static str = "a recorded conversation in a server's place";
    const EXPLAIN: &'static str = "mcp replay is an MCP server that answers from a recorded conversation, so that an agent runs again without touching anything";
    const USAGE: &'static str = "gait mcp replay <run_id|path> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait mcp replay ./runpack_run_mcp_7.zip", "what a client starts in place of the server"),
        ("gait mcp replay ./yesterday.zip --report replay.json", "and writes down which calls were new"),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[
        (ExitCode::Success, "every call was answered from the recording"),
        (ExitCode::RegressFailed, "a call was made that the recording has no answer to"),
    ];

    fn run(self) -> Outcome {
        let signing = signing::choose(&self.signing.wish()?)?;
        let setup = Setup {
            run: self.run,
            run_id: self.run_id.trim().to_owned(),
            runpack_dir: self.runpack_dir,
            report: self.report,
        };
        Ok(Box::new(replay::serve(&setup, signing)?))
    }
}

/// Standard output belongs to the conversation, so what came of it is said on standard error.
impl Report for Replayed {
    fn exit(&self) -> ExitCode {
        if self.ok { ExitCode::Success } else { ExitCode::RegressFailed }
    }

    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, _: &mut Page) {}

    fn always_text(&self) -> bool {
        true
    }

    fn notes(&self) -> Vec<Note> {
        let mut notes: Vec<Note> = self.warnings.iter().cloned().map(Note::Warning).collect();
        for missing in &self.missing {
            let (tool, digest) = (&missing.tool_name, &missing.args_digest);
            notes.push(Note::Warning(format!("`{tool}` with arguments {digest}: {}", why(missing.recorded))));
        }
        if !self.unasked.is_empty() {
            notes.push(Note::Info(format!("recorded, but not asked for this time: {}", self.unasked.join(", "))));
        }
        let (replayed, recorded) = (self.replayed, self.recorded);
        notes.push(Note::Info(format!(
            "answered {replayed} of {recorded} recorded calls, refused {}; recorded {}",
            self.missing.len(),
            self.bundle
        )));
        notes.push(Note::Next(format!("gait run diff {} {}", self.recording, self.bundle)));
        notes
    }
}
