//! `gait guard verify`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;
use gait_contract::guard::{ContainedKind, PackReport};
use gait_contract::verify::SignatureStatus;

use crate::commands::{Command, flags};
use crate::flows::chain::Part;
use crate::flows::guard_verify;
use crate::render::{Envelope, Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait guard verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The evidence pack
    #[arg(value_name = "pack.zip", value_hint = ValueHint::FilePath)]
    pack: Option<String>,
    /// The evidence pack, instead of the argument
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    path: Option<String>,
    #[command(flatten)]
    trust: flags::Trust,
}

impl Command for Verify {
    const SUMMARY: &'static str = "is an evidence pack what it claims to be?";
    const EXPLAIN: &'static str = "guard verify checks offline that an evidence pack holds exactly what its manifest lists, that what it contains verifies, and who signed it";
    const USAGE: &'static str = "gait guard verify <pack.zip> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait guard verify evidence_pack.zip", "checks members, digests, id and what is contained"),
        (
            "gait guard verify evidence_pack.zip --profile strict --public-key packs.pub",
            "fails unless that key signed the pack",
        ),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[
        (ExitCode::Success, "nothing is missing, added or changed, signatures are as demanded"),
        (ExitCode::VerificationFailed, "something is, or a signature fails"),
    ];
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn run(self) -> Outcome {
        let path = flags::named("pack.zip", self.path, self.pack, Self::USAGE)?;
        let (part, warning) = guard_verify::verify(&path, &self.trust.demand()?)?;
        Ok(Box::new(Looked { part, warning }))
    }
}

struct Looked {
    part: Part<PackReport>,
    warning: Option<String>,
}

impl Report for Looked {
    fn exit(&self) -> ExitCode {
        if self.part.report.ok { ExitCode::Success } else { ExitCode::VerificationFailed }
    }

    fn object(&self) -> Object {
        json::object(&self.part)
    }

    fn page(&self, page: &mut Page) {
        let word = if self.part.report.ok { "ok" } else { "failed" };
        page.line(format_args!("guard verify {word}: {}", self.part.path));
        pack_lines(&self.part.report, page);
    }

    fn notes(&self) -> Vec<Note> {
        let report = &self.part.report;
        let hint = match report.signature_status {
            _ if !report.hash_mismatches.is_empty() || !report.missing_files.is_empty() => {
                "this is not the pack that was made; get the original, and do not rely on this copy"
            }
            Some(SignatureStatus::Skipped) => "to check who signed, give the signer's `--public-key FILE`",
            Some(SignatureStatus::Failed) => "no signature is by the given key; check that it is the signer's",
            _ => return self.warning.iter().cloned().map(Note::Warning).collect(),
        };
        self.warning.iter().cloned().map(Note::Warning).chain([Note::Hint(hint.into())]).collect()
    }
}

/// What is known about an evidence pack, after its verdict.
pub fn pack_lines(report: &PackReport, page: &mut Page) {
    page.pair("pack_id", &report.pack_id);
    page.pair("run_id", &report.run_id);
    page.pair("files", report.files_checked);
    for name in &report.missing_files {
        page.wrong("missing", name);
    }
    for mismatch in &report.hash_mismatches {
        page.wrong("mismatch", &mismatch.path);
    }
    for name in &report.undeclared_files {
        page.wrong("undeclared", name);
    }
    for contained in &report.contained {
        let kind = match contained.kind {
            ContainedKind::Runpack => "runpack",
            ContainedKind::Trace => "trace",
        };
        let what = format!("{} ({kind} {})", contained.path, contained.name);
        match contained.signature_status {
            _ if !contained.ok => page.wrong("contained", format_args!("{what}: {}", contained.error)),
            Some(SignatureStatus::Verified) => {
                page.verdict("contained", true, &format!("{what}: verified with the given key"));
            }
            Some(SignatureStatus::Missing) => page.pair("contained", format_args!("{what}: ok, not signed")),
            _ => page.pair("contained", format_args!("{what}: ok, signature not checked")),
        }
    }
    match report.signature_status {
        Some(SignatureStatus::Verified) => page.verdict("signature", true, "verified with the given key"),
        Some(SignatureStatus::Failed) => page.wrong("signature", "failed"),
        Some(SignatureStatus::Skipped) => page.care("signature", "present, not checked"),
        Some(SignatureStatus::Missing) | None => page.care("signature", "missing: nobody signed this pack"),
    }
    if report.signature_status == Some(SignatureStatus::Failed) {
        for error in &report.signature_errors {
            page.line(format_args!("  {error}"));
        }
    }
}
