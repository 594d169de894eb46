//! `gait mcp verify`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;
use gait_contract::trust::{McpVerification, TrustStatus};

use crate::commands::Command;
use crate::commands::policy::test::exit;
use crate::flows::mcp_verify;
use crate::render::{Envelope, Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait mcp verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The policy
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    policy: String,
    /// The server: its id, or the file that describes it (which ends in .json, or begins with . or /)
    #[arg(long, value_name = "id|file", value_hint = ValueHint::FilePath)]
    server: String,
    /// Risk class of the calls it would get [default: the most severe one that needs trust]
    #[arg(long, value_name = "class", default_value = "", hide_default_value = true)]
    risk_class: String,
}

impl Command for Verify {
    const SUMMARY: &'static str = "does the policy trust an MCP server?";
    const EXPLAIN: &'static str = "mcp verify holds an MCP server against the policy's trust snapshot, a local file, and says what a call there would come to; nothing is called and nothing is looked up elsewhere";
    const USAGE: &'static str = "gait mcp verify --policy <file> --server <id|file> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait mcp verify --policy gait.policy.yaml --server github", "before an agent is given the server"),
        (
            "gait mcp verify --policy gait.policy.yaml --server server.json --risk-class low --json",
            "a server as its description names it, for calls of low risk",
        ),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[
        (ExitCode::Success, "calls may go there, as far as trust is concerned"),
        (ExitCode::PolicyBlocked, "calls there are blocked"),
        (ExitCode::ApprovalRequired, "calls there need an approval"),
    ];
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn run(self) -> Outcome {
        Ok(Box::new(Shown(mcp_verify::verify(&self.policy, &self.server, &self.risk_class)?)))
    }
}

struct Shown(McpVerification);

impl Report for Shown {
    fn exit(&self) -> ExitCode {
        exit(self.0.verdict)
    }

    fn object(&self) -> Object {
        json::object(&self.0)
    }

    fn page(&self, page: &mut Page) {
        let Shown(verification) = self;
        page.line(format_args!("mcp verify: verdict={}", verification.verdict.word()));
        let names = [verification.server_id.as_str(), verification.server_name.as_str()];
        page.pair("server", names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(", "));
        let Some(trust) = &verification.mcp_trust else {
            page.care("trust", "not asked for: the policy has no `mcp_trust`");
            return;
        };
        let word = trust.status.word();
        if trust.status == TrustStatus::Trusted {
            page.verdict("trust", true, word);
        } else {
            page.wrong("trust", word);
        }
        page.pair("reasons", verification.reason_codes.join(","));
        if !trust.detail.is_empty() {
            page.pair("detail", &trust.detail);
        }
        if !trust.publisher.is_empty() {
            page.pair("publisher", &trust.publisher);
        }
        if trust.threshold > 0.0 {
            page.pair("score", format_args!("{} of at least {}", trust.score, trust.threshold));
        }
        if !trust.updated_at.is_zero() {
            page.pair("updated", trust.updated_at.as_str());
        }
        page.pair("snapshot", &verification.snapshot_path);
        let needs = if trust.required { "needs a trusted server" } else { "does not need a trusted server" };
        page.pair("risk_class", format_args!("{}, which {needs}", verification.risk_class));
    }

    fn notes(&self) -> Vec<Note> {
        let told =
            self.0.mcp_trust.as_ref().is_some_and(|trust| !trust.required && trust.status != TrustStatus::Trusted);
        let hint =
            "calls of this risk class go there all the same; `required_risk_classes` of the policy says which do not";
        told.then(|| Note::Hint(hint.to_owned())).into_iter().collect()
    }
}
