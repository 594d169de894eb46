//! `gait verify`.

pub mod attestation;
pub mod chain;

use clap::{Args, ValueHint};
use gait_contract::ExitCode;
use gait_contract::verify::{Place, SignatureStatus, Signer, SignerStatus, Trust, VerifyReport};

use super::{Command, flags};
use crate::args::usage_fault;
use crate::flows;
use crate::flows::project_config::list;
use crate::flows::verify::{self, Keys, Verified};
use crate::render::{Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// Run id, or path of a runpack (a path has a slash or ends in .zip) or of an attestation
    #[arg(value_name = "run_id|path")]
    run: String,
    /// Files that have to be among the subjects of an attestation, separated by commas
    #[arg(long, value_name = "files", default_value = "", hide_default_value = true, value_hint = ValueHint::FilePath)]
    subject: String,
    #[command(flatten)]
    trust: flags::Trust,
}

impl Command for Verify {
    const SUMMARY: &'static str = "offline integrity proof";
    const EXPLAIN: &'static str = "verify checks offline that a runpack is what its manifest says, and tells who signed it and whether that key is known";
    const USAGE: &'static str = "gait verify <run_id|path> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait verify run_demo", "looks in ./gait-out and ~/.gait/runpacks"),
        ("gait verify ./incident.zip --public-key vendor.pub --profile strict", "fails unless the vendor signed it"),
        ("gait verify ./incident.zip --json", "the same for programs"),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[
        (ExitCode::Success, "nothing is missing, nothing differs, signatures are as demanded"),
        (ExitCode::VerificationFailed, "something is missing or differs, or a signature fails"),
    ];

    fn run(self) -> Outcome {
        let keys = verify::keys(&self.trust.demand()?)?;
        if flows::attestation::is_one(&self.run) {
            let part = flows::attestation::verify(&self.run, &keys, list(&self.subject))?;
            return Ok(Box::new(attestation::Looked { part, keys }));
        }
        if !self.subject.is_empty() {
            return Err(usage_fault("`--subject` is about attestations, and this is none").into());
        }
        let verified = verify::verify(&self.run, &keys)?;
        Ok(Box::new(Looked { verified, keys }))
    }
}

struct Looked {
    verified: Verified,
    keys: Keys,
}

impl Report for Looked {
    fn exit(&self) -> ExitCode {
        if self.verified.report.ok { ExitCode::Success } else { ExitCode::VerificationFailed }
    }

    fn object(&self) -> Object {
        json::object(&self.verified)
    }

    fn page(&self, page: &mut Page) {
        lines(&self.verified, page);
    }

    fn notes(&self) -> Vec<Note> {
        notes(&self.verified.report, &self.keys)
    }
}

/// What is known about a runpack.
pub(super) fn lines(verified: &Verified, page: &mut Page) {
    let report = &verified.report;
    page.verdict("verify", report.ok, if report.ok { "ok" } else { "failed" });
    page.pair("path", &verified.path);
    page.pair("run_id", &report.run_id);
    page.pair("manifest_digest", &report.manifest_digest);
    page.pair("files", report.files_checked);
    for name in &report.missing_files {
        page.wrong("missing", name);
    }
    for mismatch in &report.hash_mismatches {
        page.wrong("mismatch", &mismatch.path);
        page.line(format_args!("  expected {}", mismatch.expected));
        page.line(format_args!("  actual   {}", mismatch.actual));
    }
    for name in &report.unlisted_members {
        page.care("unlisted", name);
    }
    let (tone, known) = signature(report);
    match tone {
        Tone::Good => page.verdict("signature", true, &known),
        Tone::Care => page.care("signature", known),
        Tone::Bad => page.wrong("signature", known),
    }
    // Without a key there is one error, which says just that.
    if report.signature_status != Some(SignatureStatus::Skipped) {
        for error in &report.signature_errors {
            page.line(format_args!("  {error}"));
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tone {
    Good,
    Care,
    Bad,
}

/// What is known about signatures, in one line: absence is said, and what was not checked is never called verified.
fn signature(report: &VerifyReport) -> (Tone, String) {
    if report.signers.is_empty() {
        return match report.signature_status {
            Some(SignatureStatus::Verified) => (Tone::Good, "verified".into()),
            Some(SignatureStatus::Failed) => (Tone::Bad, "failed".into()),
            Some(SignatureStatus::Skipped) => (Tone::Care, "present, not checked".into()),
            Some(SignatureStatus::Missing) | None => (Tone::Care, "missing: nobody signed this runpack".into()),
        };
    }
    let texts: Vec<_> = report.signers.iter().map(|signer| said(signer).1).collect();
    let tones = report.signers.iter().map(|signer| said(signer).0);
    // One signature that verifies is enough for the answer, so it sets the tone as well, unless one fails.
    let bad = report.signature_status == Some(SignatureStatus::Failed) || tones.clone().any(|tone| tone == Tone::Bad);
    let tone = if bad { Tone::Bad } else { tones.min().unwrap_or(Tone::Care) };
    (tone, texts.join("; "))
}

fn said(signer: &Signer) -> (Tone, String) {
    let id = signer.key_id.get(..12).unwrap_or(&signer.key_id);
    let key = match signer.trust {
        Trust::Own => format!("your own key {id}"),
        Trust::Given => format!("the given key {id}"),
        Trust::Unknown if id.is_empty() => "an unnamed key".to_owned(),
        Trust::Unknown => format!("unknown key {id}"),
    };
    let kind = match signer.place {
        Place::Archive => " (development signature)",
        Place::Manifest => "",
    };
    match signer.status {
        SignerStatus::Verified => (Tone::Good, format!("verified with {key}{kind}")),
        SignerStatus::NotChecked => (Tone::Care, format!("present, not checked: names {key}{kind}")),
        SignerStatus::Failed => (Tone::Bad, format!("failed: names {key}{kind}")),
    }
}

/// What to do next.
pub(super) fn notes(report: &VerifyReport, keys: &Keys) -> Vec<Note> {
    let mut notes: Vec<_> = keys.warning.iter().cloned().map(Note::Warning).collect();
    if !report.unlisted_members.is_empty() {
        notes.push(Note::Warning("members that the manifest does not list were not read, and prove nothing".into()));
    }
    let differs = !report.missing_files.is_empty() || !report.hash_mismatches.is_empty();
    if differs {
        notes.push(Note::Hint(
            "this is not the runpack that was recorded; get the original, and do not rely on this copy".into(),
        ));
    } else if !report.ok && !keys.are_named() {
        notes.push(Note::Hint("a signature is demanded; give the signer's `--public-key FILE`".into()));
    } else if !report.ok && report.signature_status == Some(SignatureStatus::Missing) {
        notes.push(Note::Hint("ask for a runpack that was recorded with `--key-mode prod`".into()));
    } else if !report.ok {
        notes.push(Note::Hint("no signature is by the given key; check that it is the signer's".into()));
    } else if report.signers.iter().any(|signer| signer.status == SignerStatus::NotChecked) {
        notes.push(Note::Hint("to check who signed, give the signer's `--public-key FILE`".into()));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(status: SignatureStatus, signers: &[(Trust, SignerStatus, Place)]) -> (Tone, String) {
        let signers = signers.iter().map(|(trust, status, place)| Signer {
            key_id: "56475aa75463474c0285df5dbf2bcab73da651358839e9b77481b2eab107708c".into(),
            trust: *trust,
            status: *status,
            place: *place,
        });
        signature(&VerifyReport {
            signature_status: Some(status),
            signers: signers.collect(),
            ..VerifyReport::default()
        })
    }

    #[test]
    fn only_what_was_checked_is_called_verified() {
        use {Place as P, SignatureStatus as S, SignerStatus as Is, Trust as T};
        assert_eq!(line(S::Missing, &[]), (Tone::Care, "missing: nobody signed this runpack".into()));
        assert_eq!(
            line(S::Missing, &[(T::Own, Is::Verified, P::Archive)]),
            (Tone::Good, "verified with your own key 56475aa75463 (development signature)".into())
        );
        assert_eq!(
            line(S::Skipped, &[(T::Unknown, Is::NotChecked, P::Manifest)]),
            (Tone::Care, "present, not checked: names unknown key 56475aa75463".into())
        );
        assert_eq!(
            line(S::Verified, &[(T::Given, Is::Verified, P::Manifest)]).1,
            "verified with the given key 56475aa75463"
        );
        assert_eq!(line(S::Failed, &[(T::Unknown, Is::NotChecked, P::Manifest)]).0, Tone::Bad);
        assert_eq!(
            line(S::Failed, &[(T::Given, Is::Failed, P::Manifest)]).1,
            "failed: names the given key 56475aa75463"
        );
    }
}
