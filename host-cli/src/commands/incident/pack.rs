//! `gait incident pack`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;

use crate::commands::{Command, flags};
use crate::flows::incident_pack::{self, Packed, Wanted};
use crate::render::{Envelope, Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait incident pack`.
#[derive(Debug, Args)]
pub struct Pack {
    /// Run id, or path of a runpack
    #[arg(value_name = "run_id|path")]
    run: Option<String>,
    /// The same, as a flag
    #[arg(long, value_name = "run_id|path")]
    from: Option<String>,
    /// How far to look on each side of the run's beginning, such as 90m or 24h
    #[arg(long, value_name = "duration", default_value = "24h")]
    window: String,
    /// Whose controls the evidence is sorted by; other names mean `incident_response`
    #[arg(long, value_name = "soc2|pci|incident_response", default_value = "incident_response")]
    template: String,
    /// The case the pack is for
    #[arg(long, value_name = "text", default_value = "", hide_default_value = true)]
    case_id: String,
    /// Add `summary.pdf`, a page for people
    #[arg(long)]
    render_pdf: bool,
    /// File of the pack [default: evidence_pack_<pack_id>.zip beside the runpack]
    #[arg(long, value_name = "file", default_value = "", hide_default_value = true, value_hint = ValueHint::FilePath)]
    out: String,
}

impl Command for Pack {
    const SUMMARY: &'static str = "the evidence of a window of time around a run";
    const EXPLAIN: &'static str = "incident pack collects traces, regress results, approvals and credentials beside a runpack whose time lies in a window around the run";
    const USAGE: &'static str = "gait incident pack <run_id|path> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] =
        &[("gait incident pack run_demo --window 2h --case-id INC-12", "two hours before and after the run began")];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "the pack was written")];
    const KEEPS_EMPTY: &'static [&'static str] = &["window", "template"];
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn run(self) -> Outcome {
        let wanted = Wanted {
            run: flags::named("run_id|path", self.from, self.run, Self::USAGE)?,
            window: self.window,
            template: self.template,
            case_id: self.case_id,
            render_pdf: self.render_pdf,
            out: self.out.trim().to_owned(),
        };
        Ok(Box::new(incident_pack::pack(wanted)?))
    }
}

impl Report for Packed {
    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        let selection = &self.selection;
        page.line(format_args!("incident pack ok: {}", self.pack_path));
        page.pair("pack_id", &self.pack_id);
        page.pair("run_id", &self.run_id);
        page.pair("template", &self.template_id);
        page.pair("window", format_args!("{} to {}", selection.window_from, selection.window_to));
        page.pair("traces", selection.trace_count);
        page.pair("regress_results", selection.regress_count);
        page.pair("approval_audits", selection.approval_audit_count);
        page.pair("credentials", selection.credential_evidence_count);
    }

    fn notes(&self) -> Vec<Note> {
        vec![Note::Next(format!("gait guard verify {}", self.pack_path))]
    }
}
