//! `gait approve`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;

use super::Command;
use crate::flows::approve::{self, Approved, Wanted};
use crate::render::{Envelope, Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait approve`.
#[derive(Debug, Args)]
pub struct Approve {
    /// Digest of the intent to approve, as `gait gate eval` told it
    #[arg(long, value_name = "digest", default_value = "", hide_default_value = true)]
    intent_digest: String,
    /// Digest of the policy under which it is approved
    #[arg(long, value_name = "digest", default_value = "", hide_default_value = true)]
    policy_digest: String,
    /// How long the approval holds, such as 30m or 1h30m
    #[arg(long, value_name = "duration", default_value = "", hide_default_value = true)]
    ttl: String,
    /// What it is good for, separated by commas: `tool:NAME`, or `*` for any tool
    #[arg(long, value_name = "scope", default_value = "", hide_default_value = true)]
    scope: String,
    /// Who approves
    #[arg(long, value_name = "name", default_value = "", hide_default_value = true)]
    approver: String,
    /// Why, such as the number of a ticket
    #[arg(long, value_name = "text", default_value = "", hide_default_value = true)]
    reason_code: String,
    /// File of the token [default: approval_<token_id>.json]
    #[arg(long, value_name = "file", default_value = "", hide_default_value = true, value_hint = ValueHint::FilePath)]
    out: String,
    /// Whose key signs: `dev` is your development key, `prod` the one you name
    #[arg(long, value_name = "dev|prod", default_value = "dev")]
    key_mode: String,
    /// File of the private key, with `--key-mode prod`
    #[arg(long, value_name = "file", default_value = "", hide_default_value = true, value_hint = ValueHint::FilePath)]
    private_key: String,
    /// Environment variable that holds the private key, with `--key-mode prod`
    #[arg(long, value_name = "name", default_value = "", hide_default_value = true)]
    private_key_env: String,
}

impl Command for Approve {
    const SUMMARY: &'static str = "approves one call, for a while";
    const EXPLAIN: &'static str =
        "approve signs a token that lets one intent through under one policy, until it expires";
    const USAGE: &'static str = "gait approve --intent-digest <digest> --policy-digest <digest> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[(
        "gait approve --intent-digest 4171… --policy-digest 16bb… --ttl 30m --scope tool:tool.write --approver ana --reason-code ticket_42 --key-mode prod --private-key approvals.key",
        "writes approval_<token_id>.json, to be given to `gait gate eval --approval-token`",
    )];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "the token was written")];
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn run(self) -> Outcome {
        let wanted = Wanted {
            intent_digest: self.intent_digest,
            policy_digest: self.policy_digest,
            ttl: self.ttl,
            scope: self.scope,
            approver: self.approver,
            reason_code: self.reason_code,
            out: self.out,
            key_mode: self.key_mode,
            private_key: self.private_key,
            private_key_env: self.private_key_env,
        };
        Ok(Box::new(approve::approve(wanted)?))
    }
}

impl Report for Approved {
    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        page.line(format_args!("approval token created: {}", self.token_path));
        page.line(format_args!("good for: {}", self.scope.join(",")));
        page.line(format_args!("until: {}", self.expires_at));
        page.line(format_args!("key: {}", self.key_id));
        for warning in &self.warnings {
            page.warning(warning);
        }
    }

    fn notes(&self) -> Vec<Note> {
        let announcement = self.announcement.iter().cloned().map(Note::Info);
        announcement.chain(self.remark.iter().cloned().map(Note::Warning)).collect()
    }
}
