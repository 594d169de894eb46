//! `gait gate eval`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;
use gait_contract::config::GateDefaults;
use gait_contract::policy::Verdict;

use crate::commands::Command;
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
    /// How strict the surroundings are: `oss-prod` refuses whatever production should not do [default: standard]
    #[arg(long, value_name = "standard|oss-prod")]
    profile: Option<String>,
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
    signing: Signing,
    #[command(flatten)]
    approvals: Approvals,
    #[command(flatten)]
    credentials: Credentials,
    /// File that counts calls for rate limits [default: .gait-out/gate_rate_limits.json]
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath, help_heading = "Rate limits")]
    rate_limit_state: Option<String>,
    #[arg(skip)]
    correlation_id: String,
}

/// Who signs the trace.
#[derive(Debug, Args)]
#[command(next_help_heading = "Signing")]
struct Signing {
    /// Whose key signs the trace: `dev` is your development key, `prod` the one you name [default: dev]
    #[arg(long, value_name = "dev|prod")]
    key_mode: Option<String>,
    /// File of the private key, with `--key-mode prod`
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    private_key: Option<String>,
    /// Environment variable that holds the private key, with `--key-mode prod`
    #[arg(long, value_name = "name")]
    private_key_env: Option<String>,
}

/// What lets a call through that waits for an approval.
#[derive(Debug, Args)]
#[command(next_help_heading = "Approvals")]
struct Approvals {
    /// File of an approval token
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    approval_token: Option<String>,
    /// Files of approval tokens, separated by commas
    #[arg(long, value_name = "files", value_hint = ValueHint::FilePath)]
    approval_token_chain: Option<String>,
    /// What the trace names as approval when no token grants
    #[arg(long, value_name = "text")]
    approval_token_ref: Option<String>,
    /// File of the approvers' public key
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    approval_public_key: Option<String>,
    /// Environment variable that holds the approvers' public key
    #[arg(long, value_name = "name")]
    approval_public_key_env: Option<String>,
    /// File of the approvers' private key; only its public half is used
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    approval_private_key: Option<String>,
    /// Environment variable that holds the approvers' private key; only its public half is used
    #[arg(long, value_name = "name")]
    approval_private_key_env: Option<String>,
    /// File of the approval audit [default: approval_audit_<trace_id>.json]
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    approval_audit_out: Option<String>,
}

/// Who issues credentials for calls that need one.
#[derive(Debug, Args)]
#[command(next_help_heading = "Credentials")]
struct Credentials {
    /// Who is asked for a credential [default: off]
    #[arg(long, value_name = "off|stub|env|command")]
    credential_broker: Option<String>,
    /// What the names of the broker's environment variables begin with [default: GAIT_BROKER_TOKEN_]
    #[arg(long, value_name = "prefix")]
    credential_env_prefix: Option<String>,
    /// Reference to ask for, instead of the rule's
    #[arg(long, value_name = "text")]
    credential_ref: Option<String>,
    /// Scopes to ask for besides the rule's, separated by commas
    #[arg(long, value_name = "scopes")]
    credential_scopes: Option<String>,
    /// Program of the broker; it reads the request as JSON and prints the answer as JSON
    #[arg(long, value_name = "program", value_hint = ValueHint::CommandName)]
    credential_command: Option<String>,
    /// Its arguments, separated by commas
    #[arg(long, value_name = "arguments")]
    credential_command_args: Option<String>,
    /// File of the credential evidence [default: credential_evidence_<trace_id>.json]
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    credential_evidence_out: Option<String>,
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
        let Self { signing, approvals, credentials, .. } = self;
        let given = GateDefaults {
            policy: self.policy.unwrap_or_default(),
            profile: self.profile.unwrap_or_default(),
            key_mode: signing.key_mode.unwrap_or_default(),
            private_key: signing.private_key.unwrap_or_default(),
            private_key_env: signing.private_key_env.unwrap_or_default(),
            approval_public_key: approvals.approval_public_key.unwrap_or_default(),
            approval_public_key_env: approvals.approval_public_key_env.unwrap_or_default(),
            approval_private_key: approvals.approval_private_key.unwrap_or_default(),
            approval_private_key_env: approvals.approval_private_key_env.unwrap_or_default(),
            rate_limit_state: self.rate_limit_state.unwrap_or_default(),
            credential_broker: credentials.credential_broker.unwrap_or_default(),
            credential_env_prefix: credentials.credential_env_prefix.unwrap_or_default(),
            credential_ref: credentials.credential_ref.unwrap_or_default(),
            credential_scopes: credentials.credential_scopes.unwrap_or_default(),
            credential_command: credentials.credential_command.unwrap_or_default(),
            credential_command_args: credentials.credential_command_args.unwrap_or_default(),
            credential_evidence_path: credentials.credential_evidence_out.unwrap_or_default(),
            trace_path: self.trace_out.unwrap_or_default(),
        };
        Wanted {
            given,
            config: (!self.no_config).then_some(self.config),
            intent: self.intent.unwrap_or_default(),
            simulate: self.simulate,
            approval_token: approvals.approval_token.unwrap_or_default(),
            approval_token_chain: approvals.approval_token_chain.unwrap_or_default(),
            approval_ref: approvals.approval_token_ref.unwrap_or_default(),
            approval_audit: approvals.approval_audit_out.unwrap_or_default(),
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
