//! `gait guard pack`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;
use gait_contract::evidence::EvidenceSources;

use crate::commands::{Command, flags};
use crate::flows::guard_pack::{self, Packed, Wanted};
use crate::flows::project_config::list;
use crate::render::{Envelope, Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait guard pack`.
#[derive(Debug, Args)]
pub struct Pack {
    /// Run id, or path of a runpack
    #[arg(value_name = "run_id|path")]
    about: Option<String>,
    /// The same, as a flag
    #[arg(long, value_name = "run_id|path")]
    run: Option<String>,
    /// File of the pack [default: evidence_pack_<pack_id>.zip beside the runpack]
    #[arg(long, value_name = "file", default_value = "", hide_default_value = true, value_hint = ValueHint::FilePath)]
    out: String,
    /// The case the pack is for
    #[arg(long, value_name = "text", default_value = "", hide_default_value = true)]
    case_id: String,
    /// Whose controls the evidence is sorted by; other names mean `incident_response`
    #[arg(long, value_name = "soc2|pci|incident_response", default_value = "soc2")]
    template: String,
    /// Add `summary.pdf`, a page for people
    #[arg(long)]
    render_pdf: bool,
    /// `in-toto` writes an attestation beside the pack, which other tools verify
    #[arg(long, value_name = "zip|in-toto", default_value = "zip", value_parser = Format::parse)]
    format: Format,
    #[command(flatten)]
    evidence: Evidence,
    #[command(flatten)]
    signer: flags::Signer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Zip,
    InToto,
}

impl Format {
    fn parse(text: &str) -> Result<Self, String> {
        match text.trim().to_lowercase().as_str() {
            "zip" | "" => Ok(Self::Zip),
            "in-toto" => Ok(Self::InToto),
            _ => Err("use zip or in-toto".into()),
        }
    }
}

/// What goes into the pack besides the run; several files are separated by commas.
#[derive(Debug, Args)]
#[command(next_help_heading = "Evidence")]
struct Evidence {
    /// Inventory snapshots, separated by commas
    #[arg(long, value_name = "files", default_value = "", hide_default_value = true, value_hint = ValueHint::FilePath)]
    inventory: String,
    /// Traces of verdicts
    #[arg(long, value_name = "files", default_value = "", hide_default_value = true, value_hint = ValueHint::FilePath)]
    trace: String,
    /// Results of regress runs
    #[arg(long, value_name = "files", default_value = "", hide_default_value = true, value_hint = ValueHint::FilePath)]
    regress: String,
    /// Approval audit records [default: approval_audit_*.json beside the runpack]
    #[arg(long, value_name = "files", default_value = "", hide_default_value = true, value_hint = ValueHint::FilePath)]
    approval_audit: String,
    /// Credential records [default: credential_evidence_*.json beside the runpack]
    #[arg(long, value_name = "files", default_value = "", hide_default_value = true, value_hint = ValueHint::FilePath)]
    credential_evidence: String,
}

impl Command for Pack {
    const SUMMARY: &'static str = "evidence about a run, for an auditor";
    const EXPLAIN: &'static str =
        "guard pack puts the evidence about a run into one signed archive, sorted by the controls of a template";
    const USAGE: &'static str = "gait guard pack <run_id|path> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait guard pack run_demo --template soc2 --render-pdf", "writes gait-out/evidence_pack_<pack_id>.zip"),
        (
            "gait guard pack ./incident.zip --trace trace_1.json,trace_2.json --case-id INC-12 --key-mode prod --private-key packs.key",
            "with two verdicts in it, signed with your own key",
        ),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "the pack was written")];
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn run(self) -> Outcome {
        let run = flags::named("run_id|path", self.run, self.about, Self::USAGE)?;
        let wanted = Wanted {
            run,
            out: self.out.trim().to_owned(),
            case_id: self.case_id,
            template: self.template,
            render_pdf: self.render_pdf,
            evidence: EvidenceSources {
                inventories: list(&self.evidence.inventory),
                traces: list(&self.evidence.trace),
                regress: list(&self.evidence.regress),
                approval_audits: list(&self.evidence.approval_audit),
                credentials: list(&self.evidence.credential_evidence),
            },
            key_mode: self.signer.key_mode,
            private_key: self.signer.private_key,
            private_key_env: self.signer.private_key_env,
            attest: self.format == Format::InToto,
        };
        Ok(Box::new(guard_pack::pack(wanted)?))
    }
}

impl Report for Packed {
    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        page.line(format_args!("guard pack ok: {}", self.pack_path));
        page.pair("pack_id", &self.pack_id);
        page.pair("run_id", &self.run_id);
        page.pair("template", &self.template_id);
        if !self.attestation_path.is_empty() {
            page.pair("attestation", &self.attestation_path);
        }
        for warning in &self.warnings {
            page.warning(warning);
        }
    }

    fn notes(&self) -> Vec<Note> {
        let announcement = self.announcement.iter().cloned().map(Note::Info);
        let remark = self.remark.iter().cloned().map(Note::Warning);
        announcement.chain(remark).chain([Note::Next(format!("gait guard verify {}", self.pack_path))]).collect()
    }
}
