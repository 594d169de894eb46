//! Flags of every command that judges calls: keys, approvals, credentials, rate limits.

use clap::{Args, ValueHint};
use gait_contract::config::GateDefaults;

/// How strict the surroundings are, and who signs.
#[derive(Debug, Args)]
pub struct Judging {
    /// How strict the surroundings are: `oss-prod` refuses whatever production should not do [default: standard]
    #[arg(long, value_name = "standard|oss-prod")]
    profile: Option<String>,
    #[command(flatten)]
    signing: Signing,
    #[command(flatten)]
    approvers: Approvers,
    #[command(flatten)]
    credentials: Credentials,
    /// File that counts calls for rate limits [default: .gait-out/gate_rate_limits.json]
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath, help_heading = "Rate limits")]
    rate_limit_state: Option<String>,
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

/// Whose approvals count.
#[derive(Debug, Args)]
#[command(next_help_heading = "Approvals")]
struct Approvers {
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
}

impl Judging {
    /// What was given. `--key-mode` with nothing after it is no way to ask for a development key.
    pub fn setup(self, policy: String) -> GateDefaults {
        let Self { signing, approvers, credentials, .. } = self;
        let key_mode = signing.key_mode.map(|mode| if mode.trim().is_empty() { "prod".into() } else { mode });
        GateDefaults {
            policy,
            profile: self.profile.unwrap_or_default(),
            key_mode: key_mode.unwrap_or_default(),
            private_key: signing.private_key.unwrap_or_default(),
            private_key_env: signing.private_key_env.unwrap_or_default(),
            approval_public_key: approvers.approval_public_key.unwrap_or_default(),
            approval_public_key_env: approvers.approval_public_key_env.unwrap_or_default(),
            approval_private_key: approvers.approval_private_key.unwrap_or_default(),
            approval_private_key_env: approvers.approval_private_key_env.unwrap_or_default(),
            rate_limit_state: self.rate_limit_state.unwrap_or_default(),
            credential_broker: credentials.credential_broker.unwrap_or_default(),
            credential_env_prefix: credentials.credential_env_prefix.unwrap_or_default(),
            credential_ref: credentials.credential_ref.unwrap_or_default(),
            credential_scopes: credentials.credential_scopes.unwrap_or_default(),
            credential_command: credentials.credential_command.unwrap_or_default(),
            credential_command_args: credentials.credential_command_args.unwrap_or_default(),
            ..GateDefaults::default()
        }
    }
}

/// Tokens for one call, and where the evidence about it goes.
#[derive(Debug, Args)]
pub struct OneCall {
    /// File of an approval token
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath, help_heading = "Approvals")]
    approval_token: Option<String>,
    /// Files of approval tokens, separated by commas
    #[arg(long, value_name = "files", value_hint = ValueHint::FilePath, help_heading = "Approvals")]
    approval_token_chain: Option<String>,
    /// What the trace names as approval when no token grants
    #[arg(long, value_name = "text", help_heading = "Approvals")]
    approval_token_ref: Option<String>,
    /// File of the approval audit [default: approval_audit_<trace_id>.json]
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath, help_heading = "Approvals")]
    approval_audit_out: Option<String>,
    /// File of the credential evidence [default: credential_evidence_<trace_id>.json]
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath, help_heading = "Credentials")]
    credential_evidence_out: Option<String>,
}

/// What was given of [`OneCall`]; blank for what was not.
#[derive(Debug, Default)]
pub struct Given {
    /// `--approval-token`.
    pub token: String,
    /// `--approval-token-chain`.
    pub token_chain: String,
    /// `--approval-token-ref`.
    pub approval_ref: String,
    /// `--approval-audit-out`.
    pub approval_audit: String,
    /// `--credential-evidence-out`.
    pub credential_evidence: String,
}

impl OneCall {
    /// What was given.
    pub fn given(self) -> Given {
        Given {
            token: self.approval_token.unwrap_or_default(),
            token_chain: self.approval_token_chain.unwrap_or_default(),
            approval_ref: self.approval_token_ref.unwrap_or_default(),
            approval_audit: self.approval_audit_out.unwrap_or_default(),
            credential_evidence: self.credential_evidence_out.unwrap_or_default(),
        }
    }
}
