//! `gait mcp serve`.

use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};
use gait_contract::config::GateDefaults;
use gait_contract::mcp_servers::{McpSettings, McpUpstream};
use gait_contract::{Code, ExitCode, Fault};
use serde::Serialize;

use crate::commands::Command;
use crate::commands::gate::flags::Judging;
use crate::commands::mcp::gateway::{ask, duration};
use crate::flows::mcp_exports::Exports;
use crate::flows::mcp_servers;
use crate::flows::signing::{Mode, Wish};
use crate::host::keys::Source;
use crate::render::{Envelope, Note, Object, Outcome, Page, Report, json};
use crate::server::gateway::{self, Ask};
use crate::server::retention::{Kind, Rule, span};
use crate::server::service::{Bound, Setup};

/// The arguments of `gait mcp serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// The policy, unless `--policy` names it
    #[arg(value_name = "policy", value_hint = ValueHint::FilePath)]
    place: Option<String>,
    /// The policy; edits hold from the next request on
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    policy: Option<String>,
    /// Address and port
    #[arg(long, value_name = "address:port", default_value = "127.0.0.1:8787")]
    listen: String,
    /// The dialect of requests that name none [default: mcp]
    #[arg(long, value_name = "mcp|openai|anthropic|langchain|claude_code")]
    adapter: Option<String>,
    /// Requests that are judged at the same time [default: one for each processor]
    #[arg(long, value_name = "number", default_value_t = 0, hide_default_value = true)]
    threads: usize,
    #[command(flatten)]
    evidence: Evidence,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    keeping: Keeping,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    mcp: Mcp,
}

/// The gateway at `/mcp`.
#[derive(Debug, Args)]
#[command(next_help_heading = "MCP over HTTP, at /mcp")]
struct Mcp {
    /// File that names MCP servers; clients reach them through this listener, and every call is judged
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    servers: Option<String>,
    /// How long a server may take for an answer, such as 30s, 2m or 1h
    #[arg(long, value_name = "duration", default_value = "2m", value_parser = duration)]
    timeout: Duration,
    /// Folder in which approval tokens are looked for
    #[arg(long, value_name = "dir", value_hint = ValueHint::DirPath)]
    approval_dir: Option<String>,
    /// Whether clients are asked for approvals: by an address they open, or also by a form, which is weak
    #[arg(long, value_name = "off|url|form", default_value = "url", value_parser = ask)]
    ask: Ask,
    /// Address under which others reach this listener, for pages that approve
    #[arg(long, value_name = "url", default_value = "", hide_default_value = true)]
    public_url: String,
}

/// What is left behind for each decision.
#[derive(Debug, Args)]
#[command(next_help_heading = "Evidence")]
struct Evidence {
    /// Folder of the traces; empty for the working folder, under their ids
    #[arg(long, value_name = "folder", default_value = "./gait-out/mcp-serve/traces", value_hint = ValueHint::DirPath)]
    trace_dir: String,
    /// What a written trace survives: `disk` also a machine that loses power, `process` gait being killed
    #[arg(long, value_name = "disk|process", default_value = "disk")]
    trace_sync: Keeper,
    /// Folder of the runpacks that requests may ask for
    #[arg(long, value_name = "folder", value_hint = ValueHint::DirPath)]
    runpack_dir: Option<String>,
    /// Keep arguments in runpacks, and not only their digests
    #[arg(long)]
    raw_capture: bool,
    /// Folder of the journals of sessions
    #[arg(long, value_name = "folder", default_value = "./gait-out/mcp-serve/sessions", value_hint = ValueHint::DirPath)]
    session_dir: String,
    /// Append a log line about each decision to this file
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    export_log_out: Option<String>,
    /// Append a line in the form of OpenTelemetry's logs to this file
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    export_otel_out: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Keeper {
    Disk,
    Process,
}

/// Who may ask, and how much.
#[derive(Debug, Args)]
#[command(next_help_heading = "Access")]
struct Access {
    /// `token` asks for a bearer token; needed where others can reach the address
    #[arg(long, value_name = "off|token", default_value = "off")]
    auth_mode: AuthMode,
    /// Environment variable that holds the token
    #[arg(long, value_name = "name")]
    auth_token_env: Option<String>,
    /// Names the listener answers to besides those of the loopback address, separated by commas
    #[arg(long, value_name = "names")]
    allow_host: Option<String>,
    /// Origins of pages that may ask, separated by commas
    #[arg(long, value_name = "origins")]
    allow_origin: Option<String>,
    /// Bytes of a request's body
    #[arg(long, value_name = "bytes", default_value_t = 1_048_576)]
    max_request_bytes: usize,
    /// `strict` answers block with 403, and require_approval and dry_run with 409
    #[arg(long, value_name = "compat|strict", default_value = "compat")]
    http_verdict_status: VerdictStatus,
    /// Let requests name the files of their trace and runpack
    #[arg(long)]
    allow_client_artifact_paths: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum AuthMode {
    Off,
    Token,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum VerdictStatus {
    Compat,
    Strict,
}

/// How long files are kept.
#[derive(Debug, Args)]
#[command(next_help_heading = "Retention (0 keeps all)")]
struct Keeping {
    /// Age at which traces go away, `720h` for instance
    #[arg(long, value_name = "duration", default_value = "0")]
    trace_max_age: String,
    /// Number of traces that stay
    #[arg(long, value_name = "number", default_value_t = 0)]
    trace_max_count: usize,
    /// Age at which runpacks go away
    #[arg(long, value_name = "duration", default_value = "0")]
    runpack_max_age: String,
    /// Number of runpacks that stay
    #[arg(long, value_name = "number", default_value_t = 0)]
    runpack_max_count: usize,
    /// Age at which journals go away
    #[arg(long, value_name = "duration", default_value = "0")]
    session_max_age: String,
    /// Number of journals that stay
    #[arg(long, value_name = "number", default_value_t = 0)]
    session_max_count: usize,
}

impl Command for Serve {
    const SUMMARY: &'static str = "judges tool calls over HTTP until it is stopped";
    const EXPLAIN: &'static str = "mcp serve judges tool calls that come over HTTP, as mcp proxy judges one, until it is stopped; nothing is executed, and no verdict is answered before its trace is written";
    const USAGE: &'static str = "gait mcp serve --policy <file> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        (
            "gait mcp serve --policy gait.policy.yaml",
            "then `curl -d '{\"call\":{\"name\":\"docs.fetch\"}}' -H 'content-type: application/json' http://127.0.0.1:8787/v1/evaluate`",
        ),
        (
            "gait mcp serve --policy gait.policy.yaml --listen 0.0.0.0:8787 --auth-mode token --auth-token-env GAIT_TOKEN --key-mode prod --private-key traces.key",
            "for other machines",
        ),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] =
        &[(ExitCode::Success, "it was asked to stop, and finished what it had begun")];
    const KEEPS_EMPTY: &'static [&'static str] = &["trace-dir", "listen", "key-mode"];
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn run(self) -> Outcome {
        let policy = self.policy.clone().filter(|path| !path.trim().is_empty());
        let (policy, left) = match (policy, self.place.clone()) {
            (Some(policy), left) => (Some(policy), left),
            (None, place) => (place, None),
        };
        let usage =
            |text: String| Fault::new(Code::InvalidInput, text).hint("`gait mcp serve --policy FILE` starts it");
        if let Some(left) = left {
            return Err(usage(format!("unexpected argument `{left}`")).into());
        }
        let policy = policy.ok_or_else(|| usage("the policy is missing".into()))?;
        let adapter = match self.adapter.as_deref().map(str::trim) {
            None | Some("") => "mcp".to_owned(),
            Some(adapter) => adapter.to_lowercase(),
        };
        let bound = Bound::new(self.setup(policy.clone(), adapter.clone())?)?;
        let listen = bound.address().to_string();
        Ok(Box::new(Started { answer: Answer { ok: true, listen, policy, adapter }, bound: Some(bound) }))
    }
}

impl Serve {
    fn setup(self, policy: String, adapter: String) -> Result<Setup, Fault> {
        let Self { evidence, access, keeping, mcp, .. } = self;
        if access.max_request_bytes == 0 {
            return Err(Fault::new(Code::InvalidInput, "`--max-request-bytes` lets no request in"));
        }
        let token = match access.auth_mode {
            AuthMode::Off => None,
            AuthMode::Token => Some(token(access.auth_token_env.as_deref().unwrap_or_default())?),
        };
        let runpack_dir = evidence.runpack_dir.unwrap_or_default();
        let gate = self.judging.setup(policy);
        let mcp = mcp.setup(&gate, &evidence.trace_dir, &runpack_dir, evidence.raw_capture)?;
        let count = |count: usize| Some(count).filter(|count| *count > 0);
        let rule = |kind, folder: &str, age: &str, most, flag| -> Result<Option<Rule>, Fault> {
            let rule = Rule { kind, folder: folder.into(), max_age: span(age, flag)?, max_count: count(most) };
            Ok(Some(rule).filter(|_| !folder.trim().is_empty()))
        };
        let retention = [
            rule(Kind::Trace, &evidence.trace_dir, &keeping.trace_max_age, keeping.trace_max_count, "--trace-max-age")?,
            rule(
                Kind::Runpack,
                &runpack_dir,
                &keeping.runpack_max_age,
                keeping.runpack_max_count,
                "--runpack-max-age",
            )?,
            rule(
                Kind::Session,
                &evidence.session_dir,
                &keeping.session_max_age,
                keeping.session_max_count,
                "--session-max-age",
            )?,
        ];
        Ok(Setup {
            gate,
            mcp,
            listen: self.listen,
            adapter,
            trace_dir: evidence.trace_dir,
            runpack_dir,
            session_dir: evidence.session_dir,
            exports: Exports {
                log: evidence.export_log_out.unwrap_or_default(),
                otel: evidence.export_otel_out.unwrap_or_default(),
            },
            token,
            hosts: list(access.allow_host),
            origins: list(access.allow_origin),
            max_request_bytes: access.max_request_bytes,
            strict_status: access.http_verdict_status == VerdictStatus::Strict,
            client_paths: access.allow_client_artifact_paths,
            raw_capture: evidence.raw_capture,
            durable: evidence.trace_sync == Keeper::Disk,
            threads: self.threads,
            retention: retention.into_iter().flatten().collect(),
        })
    }
}

impl Mcp {
    /// The gateway, if servers are named.
    fn setup(
        self,
        gate: &GateDefaults,
        trace_dir: &str,
        runpack_dir: &str,
        raw: bool,
    ) -> Result<Option<(gateway::Setup, Wish, String)>, Fault> {
        let Some(path) = self.servers.filter(|path| !path.trim().is_empty()) else { return Ok(None) };
        let servers = mcp_servers::read(&path, &McpUpstream::default())?;
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let private_key = Source::of(given(&gate.private_key), given(&gate.private_key_env), "private-key")?;
        let mode = if gate.key_mode.trim().is_empty() { "dev" } else { gate.key_mode.trim() };
        let mode = Mode::parse(mode).map_err(|error| Fault::new(Code::KeySource, error))?;
        let or =
            |folder: &str, usual: &str| if folder.trim().is_empty() { usual.to_owned() } else { folder.to_owned() };
        let setup = gateway::Setup {
            gate: gate.clone(),
            settings: McpSettings {
                upstreams: servers.iter().map(|server| server.upstream.clone()).collect(),
                ..McpSettings::default()
            },
            servers,
            restarts: gateway::RESTARTS,
            trace_dir: or(trace_dir, "."),
            runpack_dir: or(runpack_dir, "./gait-out/mcp-serve"),
            approval_dir: self.approval_dir.unwrap_or_default(),
            ask: self.ask,
            run_id: String::new(),
            raw,
            timeout: self.timeout,
            hide_blocked: false,
        };
        Ok(Some((setup, Wish { mode, private_key, no_sign: false }, self.public_url)))
    }
}

/// The token that a variable holds.
pub(super) fn token(variable: &str) -> Result<String, Fault> {
    let named = variable.trim();
    let refused = |text: String| {
        Fault::new(Code::KeySource, text).hint("`--auth-token-env NAME` names a variable with the token")
    };
    if named.is_empty() || named.contains(['=', '\0']) {
        return Err(refused("a token is asked for, and no variable holds it".into()));
    }
    match std::env::var(named) {
        Ok(token) if !token.trim().is_empty() => Ok(token.trim().to_owned()),
        _ => Err(refused(format!("the variable `{named}` holds no token"))),
    }
}

/// The parts of a text that commas separate.
pub(super) fn list(text: Option<String>) -> Vec<String> {
    let text = text.unwrap_or_default();
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

#[derive(Serialize)]
struct Answer {
    ok: bool,
    listen: String,
    policy: String,
    adapter: String,
}

/// It listens; after that is said, it serves.
struct Started {
    answer: Answer,
    bound: Option<Bound>,
}

impl Report for Started {
    fn object(&self) -> Object {
        json::object(&self.answer)
    }

    fn page(&self, page: &mut Page) {
        page.line(format_args!("mcp serve: listening={} adapter={}", self.answer.listen, self.answer.adapter));
    }

    fn notes(&self) -> Vec<Note> {
        let Some(remarks) = self.bound.as_ref().map(Bound::remarks) else { return Vec::new() };
        let announcement = remarks.announcement.iter().cloned().map(Note::Info);
        let warnings = remarks.warnings.iter().chain(&remarks.remark).cloned().map(Note::Warning);
        announcement.chain(warnings).collect()
    }

    fn go_on(&mut self) -> Result<(), Fault> {
        self.bound.take().map_or(Ok(()), |bound| bound.serve())
    }
}
