//! `gait mcp proxy`.

use clap::{Args, ValueHint};
use gait_contract::{Code, ExitCode, Fault};

use crate::commands::Command;
use crate::commands::gate::flags::{Judging, OneCall};
use crate::commands::policy::test::{VERDICTS, exit};
use crate::flows::gate_outputs::Outputs;
use crate::flows::mcp_exports::Exports;
use crate::flows::mcp_proxy::{self, Proxied, Wanted};
use crate::flows::project_config::tokens;
use crate::render::{Envelope, Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait mcp proxy`.
#[derive(Debug, Args)]
pub struct Proxy {
    /// The policy, unless `--policy` names it, and the call, unless `--call` does
    #[arg(value_name = "policy> <call", num_args = 0..=2, value_hint = ValueHint::FilePath)]
    places: Vec<String>,
    /// The policy
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    policy: Option<String>,
    /// The call; `-` reads standard input to its end
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    call: Option<String>,
    /// The dialect of the call [default: mcp]
    #[arg(long, value_name = "mcp|openai|anthropic|langchain|claude_code")]
    adapter: Option<String>,
    /// File of the trace [default: trace_<trace_id>.json]
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    trace_out: Option<String>,
    /// Name of the run the call belongs to [default: what the call says, or a name made of its digest]
    #[arg(long, value_name = "text")]
    run_id: Option<String>,
    /// Record the decision as a runpack in this file
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    runpack_out: Option<String>,
    /// Keep only the digest of the arguments in the runpack
    #[arg(long)]
    digests_only: bool,
    /// Append a log line about the decision to this file
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    export_log_out: Option<String>,
    /// Append a line in the form of OpenTelemetry's logs to this file
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    export_otel_out: Option<String>,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    one_call: OneCall,
}

impl Command for Proxy {
    const SUMMARY: &'static str = "judges one tool call as an agent sends it";
    const EXPLAIN: &'static str = "mcp proxy turns one tool call, as an agent sends it, into an intent, judges that by a policy and signs a trace of the verdict; nothing is executed";
    const USAGE: &'static str = "gait mcp proxy --policy <file> --call <file|-> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        (
            "gait mcp proxy --policy gait.policy.yaml --call call.json",
            "run the call only if this exits with 0 and the verdict is allow",
        ),
        (
            "gait mcp proxy --policy gait.policy.yaml --call - --adapter openai --json",
            "a function call of OpenAI's API, from standard input",
        ),
        (
            "gait mcp proxy gait.policy.yaml call.json --runpack-out decision.zip --export-log-out gait.log.jsonl",
            "with a runpack of the decision, and a line for your log shipper",
        ),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = VERDICTS;
    // Nothing given is a development key; an empty mode is none at all.
    const KEEPS_EMPTY: &'static [&'static str] = &["key-mode", "adapter"];
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn run(self) -> Outcome {
        self.run_as("mcp proxy")
    }
}

impl Proxy {
    /// Does it under the name it was called by.
    pub fn run_as(self, name: &'static str) -> Outcome {
        // What was given empty is not echoed.
        let names_adapter = self.adapter.as_ref().is_none_or(|adapter| !adapter.trim().is_empty());
        let mut proxied = mcp_proxy::decide(self.wanted(name)?)?;
        if !names_adapter {
            proxied.answer.adapter.clear();
        }
        proxied.answer.session_id.clear();
        proxied.answer.tool_name.clear();
        Ok(Box::new(Shown { name, proxied }))
    }

    fn wanted(self, name: &str) -> Result<Wanted, Fault> {
        let mut places = self.places.into_iter();
        let mut named = |flag: Option<String>, what: &str| {
            let given = flag.filter(|path| !path.trim().is_empty()).or_else(|| places.next());
            given.ok_or_else(|| {
                Fault::new(Code::InvalidInput, format!("the {what} is missing"))
                    .hint(format!("`gait {name} --policy FILE --call FILE` judges a call"))
            })
        };
        let policy = named(self.policy, "policy")?;
        let call = named(self.call, "call")?;
        if let Some(left) = places.next() {
            return Err(Fault::new(Code::InvalidInput, format!("unexpected argument `{left}`")));
        }
        let given = self.one_call.given();
        Ok(Wanted {
            setup: self.judging.setup(policy),
            call,
            adapter: self.adapter.unwrap_or_default(),
            run_id: self.run_id.unwrap_or_default(),
            tokens: tokens(&given.token, &given.token_chain),
            approval_ref: given.approval_ref,
            outputs: Outputs {
                trace: self.trace_out.unwrap_or_default(),
                approval_audit: given.approval_audit,
                credential_evidence: given.credential_evidence,
            },
            runpack: self.runpack_out.unwrap_or_default(),
            digests_only: self.digests_only,
            exports: Exports {
                log: self.export_log_out.unwrap_or_default(),
                otel: self.export_otel_out.unwrap_or_default(),
            },
        })
    }
}

struct Shown {
    name: &'static str,
    proxied: Proxied,
}

impl Report for Shown {
    fn exit(&self) -> ExitCode {
        exit(self.proxied.answer.verdict)
    }

    fn object(&self) -> Object {
        json::object(&self.proxied.answer)
    }

    fn page(&self, page: &mut Page) {
        let answer = &self.proxied.answer;
        page.line(format_args!("{}: verdict={}", self.name, answer.verdict.word()));
        page.line(format_args!("trace: {}", answer.trace_path));
        if !answer.runpack_path.is_empty() {
            page.line(format_args!("runpack: {}", answer.runpack_path));
        }
        for (key, words) in [("reasons", &answer.reason_codes), ("violations", &answer.violations)] {
            if !words.is_empty() {
                page.line(format_args!("{key}: {}", words.join(",")));
            }
        }
        for warning in &answer.warnings {
            page.warning(warning);
        }
    }

    fn notes(&self) -> Vec<Note> {
        let announcement = self.proxied.announcement.iter().cloned().map(Note::Info);
        announcement.chain(self.proxied.remark.iter().cloned().map(Note::Warning)).collect()
    }
}
