//! What `gait verify` says about an attestation.

use gait_contract::ExitCode;
use gait_contract::attestation::{AttestationReport, SubjectStatus};
use gait_contract::verify::SignatureStatus;

use crate::flows::chain::Part;
use crate::flows::verify::Keys;
use crate::render::{Note, Object, Page, Report, json};

/// An attestation was read back.
pub struct Looked {
    /// What was found.
    pub part: Part<AttestationReport>,
    /// The keys that were held against it.
    pub keys: Keys,
}

impl Report for Looked {
    fn exit(&self) -> ExitCode {
        if self.part.report.ok { ExitCode::Success } else { ExitCode::VerificationFailed }
    }

    fn object(&self) -> Object {
        json::object(&self.part)
    }

    fn page(&self, page: &mut Page) {
        let report = &self.part.report;
        page.verdict("verify", report.ok, if report.ok { "ok" } else { "failed" });
        page.pair("path", &self.part.path);
        page.pair("run_id", &report.predicate.run_id);
        page.pair("manifest_digest", &report.predicate.manifest_digest);
        page.pair("pack_id", &report.predicate.pack_id);
        page.pair("core_digest", &report.predicate.core_digest);
        for subject in &report.subjects {
            let name = &subject.name;
            match subject.status {
                SubjectStatus::Matches => page.verdict("subject", true, &format!("{name}: the file that is meant")),
                SubjectStatus::Differs => page.wrong("subject", format_args!("{name}: another file")),
                SubjectStatus::NotChecked => page.care("subject", format_args!("{name}: not here, not checked")),
            }
        }
        for file in &report.strangers {
            page.wrong("stranger", format_args!("{file}: the statement is not about this file"));
        }
        match report.signature_status {
            SignatureStatus::Verified => page.verdict("signature", true, "verified with the given key"),
            SignatureStatus::Failed => page.wrong("signature", "failed"),
            SignatureStatus::Skipped => page.care("signature", "present, not checked"),
            SignatureStatus::Missing => page.care("signature", "missing: nobody signed this attestation"),
        }
    }

    fn notes(&self) -> Vec<Note> {
        let warning = self.keys.warning.iter().cloned().map(Note::Warning);
        let skipped = self.part.report.signature_status == SignatureStatus::Skipped;
        let hint = skipped.then(|| Note::Hint("to check who signed, give the signer's `--public-key FILE`".into()));
        warning.chain(hint).collect()
    }
}
