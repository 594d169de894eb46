//! `gait guard retain`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;

use crate::commands::Command;
use crate::flows::guard_retain::{self, Retained, Wanted};
use crate::render::{Envelope, Failure, Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait guard retain`.
#[derive(Debug, Args)]
pub struct Retain {
    /// The folder to look through, with all folders in it; links are not followed
    #[arg(long, value_name = "dir", default_value = ".", value_hint = ValueHint::DirPath)]
    root: String,
    /// How long `trace_*.json` files are kept, such as 168h; 0 keeps them for ever
    #[arg(long, value_name = "duration", default_value = "168h")]
    trace_ttl: String,
    /// How long evidence packs are kept, encrypted ones included
    #[arg(long, value_name = "duration", default_value = "720h")]
    pack_ttl: String,
    /// File for a report of what went, what stays, and how old it was
    #[arg(long, value_name = "file", default_value = "", hide_default_value = true, value_hint = ValueHint::FilePath)]
    report_out: String,
    /// Say what would go, and delete nothing
    #[arg(long)]
    dry_run: bool,
}

impl Command for Retain {
    const SUMMARY: &'static str = "deletes traces and packs that have had their time";
    const EXPLAIN: &'static str = "guard retain deletes traces and evidence packs that are older than you keep them, and reports each; it knows them by their names and touches nothing else";
    const USAGE: &'static str = "gait guard retain [--root <dir>] [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait guard retain --root gait-out --dry-run", "says what would go"),
        (
            "gait guard retain --root gait-out --trace-ttl 168h --pack-ttl 2160h --report-out retention.json",
            "deletes it and keeps a report",
        ),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] =
        &[(ExitCode::Success, "everything that has had its time is gone")];
    const KEEPS_EMPTY: &'static [&'static str] = &["trace-ttl", "pack-ttl"];
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn run(self) -> Outcome {
        let wanted = Wanted {
            root: self.root,
            trace_ttl: self.trace_ttl,
            pack_ttl: self.pack_ttl,
            report_out: self.report_out.trim().to_owned(),
            dry_run: self.dry_run,
        };
        let mut retained = guard_retain::retain(&wanted)?;
        match retained.failure.take() {
            None => Ok(Box::new(retained)),
            Some(fault) => Err(Failure::new(fault, json::object(&retained))),
        }
    }
}

impl Report for Retained {
    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        let (scanned, deleted) = (self.scanned_files, self.deleted_files.len());
        page.line(format_args!("guard retain ok: scanned={scanned} deleted={deleted}"));
        for file in &self.deleted_files {
            let word = if self.dry_run { "would delete" } else { "deleted" };
            page.line(format_args!("  {word} {} ({}, {} seconds old)", file.path, file.kind, file.age_seconds));
        }
    }

    fn notes(&self) -> Vec<Note> {
        let unnamed = (self.unnamed > 0).then(|| {
            Note::Warning(format!("left alone: {} with names that are no text, which no report can name", self.unnamed))
        });
        let rehearsed = (self.dry_run && !self.deleted_files.is_empty())
            .then(|| Note::Hint("nothing was deleted; leave `--dry-run` out to do it".into()));
        unnamed.into_iter().chain(rehearsed).collect()
    }
}
