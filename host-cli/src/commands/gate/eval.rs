//! `gait gate eval`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;
use gait_contract::config::GateDefaults;
use gait_contract::policy::Verdict;

use crate::commands::Command;
use crate::commands::gate::flags::{Judging, OneCall};
use crate::commands::policy::test::{VERDICTS, exit};
use crate::flows::gate_eval::{self, Judged, Wanted};
use crate::flows::project_config;
use crate::render::{Envelope, Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait gate eval`.
#[derive(Debug, Args)]
pub struct Eval {
    /// The policy
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    policy: Option<String>,
    /// The call
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    intent: Option<String>,
    /// File of the trace [default: trace_<trace_id>.json]
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    trace_out: Option<String>,
    /// Say what would happen, exit with 0, and mark the trace as a rehearsal
    #[arg(long)]
    simulate: bool,
    /// File with values for flags that are not given
    #[arg(long, value_name = "file", default_value = project_config::PATH, value_hint = ValueHint::FilePath)]
    config: String,
    /// Do not read a file with values for flags
    #[arg(long)]
    no_config: bool,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    one_call: OneCall,
    #[arg(skip)]
    correlation_id: String,
}

impl Command for Eval {
    const SUMMARY: &'static str = "judges a tool call and signs a trace of the verdict";
    const EXPLAIN: &'static str = "gate eval judges one tool call by a policy before it happens, with approvals, rate limits and credentials, and signs a trace of the verdict";
    const USAGE: &'static str = "gait gate eval --policy <file> --intent <file> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        (
            "gait gate eval --policy gait.policy.yaml --intent intent.json",
            "run the call only if this exits with 0 and the verdict is allow",
        ),
        (
            "gait gate eval --policy gait.policy.yaml --intent intent.json --simulate",
            "what would happen, without keeping anything from running",
        ),
        (
            "gait gate eval --policy gait.policy.yaml --intent intent.json --profile oss-prod --key-mode prod --private-key traces.key --approval-public-key approvals.pub",
            "in production",
        ),
        (
            "gait gate eval --policy gait.policy.yaml --intent intent.json --explain --json",
            "why: the rules in order and what each of them failed on; nothing is counted or written",
        ),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = VERDICTS;
    // `--config ""` names no file, which is not the same as the usual one.
    const KEEPS_EMPTY: &'static [&'static str] = &["config"];
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn correlate(&mut self, id: String) {
        self.correlation_id = id;
    }

    fn explain(self) -> Option<Outcome> {
        let explained = gate_eval::explain(&self.wanted())?;
        Some(explained.map(|explained| -> Box<dyn Report> { Box::new(explained) }).map_err(Into::into))
    }

    fn run(self) -> Outcome {
        Ok(Box::new(gate_eval::eval(self.wanted())?))
    }
}

impl Eval {
    fn wanted(self) -> Wanted {
        let one_call = self.one_call.given();
        let given = GateDefaults {
            trace_path: self.trace_out.unwrap_or_default(),
            credential_evidence_path: one_call.credential_evidence,
            ..self.judging.setup(self.policy.unwrap_or_default())
        };
        Wanted {
            given,
            config: (!self.no_config).then_some(self.config),
            intent: self.intent.unwrap_or_default(),
            simulate: self.simulate,
            approval_token: one_call.token,
            approval_token_chain: one_call.token_chain,
            approval_ref: one_call.approval_ref,
            approval_audit: one_call.approval_audit,
            correlation_id: self.correlation_id,
        }
    }
}

impl Report for Judged {
    fn exit(&self) -> ExitCode {
        exit(self.verdict)
    }

    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        page.line(format_args!("gate eval: verdict={}", self.verdict.word()));
        page.line(format_args!("trace: {}", self.trace_path));
        if let Some(verdict) = self.simulated_verdict {
            let would = self.would_have_blocked;
            page.line(format_args!("simulate: would_have_blocked={would} simulated_verdict={}", verdict.word()));
        }
        for (key, words) in [("reasons", &self.reason_codes), ("violations", &self.violations)] {
            if !words.is_empty() {
                page.line(format_args!("{key}: {}", words.join(",")));
            }
        }
        if self.required_approvals > 0 {
            page.line(format_args!("approvals: {}/{}", self.valid_approvals, self.required_approvals));
        }
        if !self.approval_audit_path.is_empty() {
            page.line(format_args!("approval audit: {}", self.approval_audit_path));
        }
        if !self.credential_ref.is_empty() {
            page.line(format_args!("credential: {} ({})", self.credential_ref, self.credential_issuer));
        }
        if !self.credential_evidence_path.is_empty() {
            page.line(format_args!("credential evidence: {}", self.credential_evidence_path));
        }
        for warning in &self.warnings {
            page.warning(warning);
        }
    }

    fn notes(&self) -> Vec<Note> {
        let announcement = self.announcement.iter().cloned().map(Note::Info);
        let remark = self.remark.iter().cloned().map(Note::Warning);
        let next = (self.verdict == Verdict::RequireApproval).then(|| {
            Note::Next(format!(
                "gait approve --intent-digest {} --policy-digest {} --scope 'tool:{}' --ttl 30m --approver NAME --reason-code WHY",
                self.intent_digest,
                self.policy_digest,
                self.tool_name.replace('\'', "'\\''")
            ))
        });
        let why = (self.verdict == Verdict::Block)
            .then(|| Note::Hint("the same call with `--explain --json` tells why, and changes nothing".into()));
        announcement.chain(remark).chain(next).chain(why).collect()
    }
}
