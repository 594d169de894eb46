//! `gait mcp gateway …`.

pub mod init;

use std::time::Duration;

use clap::{Args, ValueHint};
use gait_contract::config::GateDefaults;
use gait_contract::mcp_servers::{McpServer, McpSettings, McpUpstream};
use gait_contract::{Code, ExitCode, Fault};

use crate::args::usage_fault;
use crate::commands::Command;
use crate::commands::mcp::serve::{list, token};
use crate::flows::gate::Remarks;
use crate::flows::mcp_servers;
use crate::flows::signing::{self, Mode, Wish};
use crate::host::keys::Source;
use crate::render::{Failure, Note, Object, Outcome, Page, Report};
use crate::server::gateway::{self, Ask, Ended, Listening, Setup};

/// The arguments of `gait mcp gateway`.
#[derive(Debug, Args)]
pub struct Gateway {
    /// The policy
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    policy: Option<String>,
    /// The command that starts the server, after `--`
    #[arg(value_name = "command", value_hint = ValueHint::CommandName)]
    command: Vec<String>,
    /// Variable that the server gets besides the usual ones; `NAME`, or `NAME=VALUE`. May be given several times
    #[arg(long, value_name = "name")]
    env: Vec<String>,
    /// File that names the servers, instead of a command; with several, tools are called `server.tool`
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    servers: Option<String>,
    /// How often in a row a server that ends is started again
    #[arg(long, value_name = "times", default_value_t = gateway::RESTARTS)]
    restarts: u32,
    /// How long the server may take for an answer, such as 30s, 2m or 1h
    #[arg(long, value_name = "duration", default_value = "2m", value_parser = duration)]
    timeout: Duration,
    /// Listen at this address for MCP over HTTP, at the path /mcp, instead of reading standard input
    #[arg(long, value_name = "address:port")]
    listen: Option<String>,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    evidence: Evidence,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    credentials: Credentials,
}

/// Who may ask, with `--listen`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Access, with --listen")]
struct Access {
    /// `token` asks for a bearer token; needed where others can reach the address
    #[arg(long, value_name = "off|token", default_value = "off", value_parser = ["off", "token"])]
    auth_mode: String,
    /// Environment variable that holds the token
    #[arg(long, value_name = "name")]
    auth_token_env: Option<String>,
    /// Names the listener answers to besides those of the loopback address, separated by commas
    #[arg(long, value_name = "names")]
    allow_host: Option<String>,
    /// Origins of pages that may ask, separated by commas
    #[arg(long, value_name = "origins")]
    allow_origin: Option<String>,
    /// Address under which others reach the listener, for pages that approve
    #[arg(long, value_name = "url", default_value = "", hide_default_value = true)]
    public_url: String,
}

/// What is judged, and as what.
#[derive(Debug, Args)]
#[command(next_help_heading = "Judging")]
struct Judging {
    /// How strict the surroundings are: `oss-prod` refuses whatever production should not do
    #[arg(long, value_name = "standard|oss-prod", default_value = "standard")]
    profile: String,
    /// Who asks
    #[arg(long, value_name = "name", default_value = "mcp-proxy")]
    identity: String,
    /// Where the agent works
    #[arg(long, value_name = "path", default_value = ".")]
    workspace: String,
    /// How much is at stake
    #[arg(long, value_name = "class", default_value = "high")]
    risk_class: String,
    /// What policies that ask for trust (`mcp_trust`) know the server by
    #[arg(long, value_name = "id", default_value = "", hide_default_value = true)]
    server_id: String,
    /// Name of the conversation in intents; approvals are good for one [default: the run id]
    #[arg(long, value_name = "id", default_value = "", hide_default_value = true)]
    session_id: String,
    /// Method that is judged besides tools/call and resources/read. May be given several times
    #[arg(long, value_name = "method")]
    judge: Vec<String>,
    /// Method that passes without being judged; tools/call never does. May be given several times
    #[arg(long, value_name = "method")]
    pass: Vec<String>,
    /// Leave tools out of lists that the policy blocks whatever a call says
    #[arg(long)]
    hide_blocked: bool,
    /// File that counts calls for rate limits
    #[arg(long, value_name = "file", default_value = ".gait-out/gate_rate_limits.json", value_hint = ValueHint::FilePath)]
    rate_limit_state: String,
}

/// What is kept.
#[derive(Debug, Args)]
#[command(next_help_heading = "Evidence")]
struct Evidence {
    /// Folder of the traces; made if need be
    #[arg(long, value_name = "dir", default_value = "gait-out/mcp-gateway/traces", value_hint = ValueHint::DirPath)]
    trace_dir: String,
    /// Folder of the runpacks; made if need be
    #[arg(long, value_name = "dir", default_value = "gait-out/mcp-gateway", value_hint = ValueHint::DirPath)]
    runpack_dir: String,
    /// Name of the run [default: run_mcp_ and random digits]
    #[arg(long, value_name = "id", default_value = "", hide_default_value = true)]
    run_id: String,
    /// What the runpack keeps of arguments and results: their digests, or all of them
    #[arg(long, value_name = "reference|raw", default_value = "reference", value_parser = ["reference", "raw"])]
    capture: String,
}

/// Who signs, and who approves.
#[derive(Debug, Args)]
#[command(next_help_heading = "Keys and approvals")]
struct Keys {
    /// Whose key signs traces and runpack: `dev` is your development key, `prod` the one you name
    #[arg(long, value_name = "dev|prod", default_value = "dev", value_parser = Mode::parse)]
    key_mode: Mode,
    /// File of the private key, with `--key-mode prod`
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    private_key: Option<String>,
    /// Environment variable that holds the private key, with `--key-mode prod`
    #[arg(long, value_name = "name")]
    private_key_env: Option<String>,
    /// Folder in which approval tokens are looked for
    #[arg(long, value_name = "dir", value_hint = ValueHint::DirPath)]
    approval_dir: Option<String>,
    /// Whether clients are asked for approvals: by an address they open, or also by a form, which is weak
    #[arg(long, value_name = "off|url|form", default_value = "url", value_parser = ask)]
    ask: Ask,
    /// File of the approvers' public key
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    approval_public_key: Option<String>,
    /// Environment variable that holds the approvers' public key
    #[arg(long, value_name = "name")]
    approval_public_key_env: Option<String>,
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
    /// The broker's command, with `--credential-broker command`
    #[arg(long, value_name = "file", value_hint = ValueHint::CommandName)]
    credential_command: Option<String>,
    /// The command's arguments, separated by commas
    #[arg(long, value_name = "args")]
    credential_command_args: Option<String>,
}

impl Command for Gateway {
    const SUMMARY: &'static str = "stands in front of an MCP server and judges every call";
    const EXPLAIN: &'static str = "mcp gateway starts an MCP server, hands on what a client says to it, judges every call of a tool first, and records the conversation as a signed runpack";
    const USAGE: &'static str =
        "gait mcp gateway --policy <file> [options] (--servers <file> | -- <command> [arguments])";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        (
            "gait mcp gateway --policy policy.yaml -- npx -y @modelcontextprotocol/server-filesystem /quay",
            "what a client starts instead of the server itself; calls that the policy does not allow are refused",
        ),
        (
            "gait mcp gateway --policy policy.yaml --approval-dir approvals --capture raw -- ./server",
            "calls that wait for an approval pass once, when `gait approve` has put one into the folder",
        ),
        (
            "gait mcp gateway --policy policy.yaml --servers servers.yaml",
            "several servers behind one gateway; the file says how each is reached and what its tools touch",
        ),
        (
            "gait mcp gateway --policy policy.yaml --listen 127.0.0.1:8788 -- ./server",
            "clients reach it at http://127.0.0.1:8788/mcp; each session has a server of its own",
        ),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] = &[(ExitCode::Success, "the conversation is over and recorded")];

    fn run(self) -> Outcome {
        let given = |value: &Option<String>| value.clone().unwrap_or_default();
        let Some(policy) = self.policy.filter(|policy| !policy.trim().is_empty()) else {
            return Err(usage_fault("`--policy` is missing").hint(format!("usage: {}", Self::USAGE)).into());
        };
        let one = McpServer { command: self.command, env: self.env, ..McpServer::default() };
        let usual = McpUpstream {
            workspace: self.judging.workspace,
            risk_class: self.judging.risk_class,
            ..McpUpstream::default()
        };
        let servers = match self.servers.as_deref().map(str::trim).filter(|path| !path.is_empty()) {
            Some(_) if !one.command.is_empty() => {
                let what = "servers are named twice: by `--servers` and by a command";
                return Err(usage_fault(what).hint("name them in the file, or start one with the command").into());
            }
            Some(path) if one.env.is_empty() => mcp_servers::read(path, &usual)?,
            Some(_) => {
                return Err(usage_fault("`--env` is for a command; the file of servers names variables itself").into());
            }
            None if one.command.is_empty() => {
                return Err(usage_fault("no server is named").hint(format!("usage: {}", Self::USAGE)).into());
            }
            None => vec![McpServer { upstream: McpUpstream { server_id: self.judging.server_id, ..usual }, ..one }],
        };
        let run_id = self.evidence.run_id.trim().to_owned();
        if !run_id.is_empty() {
            check_run_id(&run_id)?;
        }
        let keys = self.keys;
        let token_env = &self.access.auth_token_env;
        for server in &servers {
            keep_keys(&server.env, &[&keys.private_key_env, &keys.approval_public_key_env, token_env])?;
        }
        let gate = GateDefaults {
            policy,
            profile: self.judging.profile,
            key_mode: if keys.key_mode == Mode::Prod { "prod".into() } else { "dev".into() },
            private_key: given(&keys.private_key),
            private_key_env: given(&keys.private_key_env),
            approval_public_key: given(&keys.approval_public_key),
            approval_public_key_env: given(&keys.approval_public_key_env),
            rate_limit_state: self.judging.rate_limit_state,
            credential_broker: given(&self.credentials.credential_broker),
            credential_env_prefix: given(&self.credentials.credential_env_prefix),
            credential_command: given(&self.credentials.credential_command),
            credential_command_args: given(&self.credentials.credential_command_args),
            ..GateDefaults::default()
        };
        let settings = McpSettings {
            upstreams: servers.iter().map(|server| server.upstream.clone()).collect(),
            judge: self.judging.judge,
            pass: self.judging.pass,
            identity: self.judging.identity,
            session_id: self.judging.session_id,
            batches: false,
        };
        let setup = Setup {
            gate,
            settings,
            servers,
            restarts: self.restarts,
            trace_dir: self.evidence.trace_dir,
            runpack_dir: self.evidence.runpack_dir,
            approval_dir: given(&keys.approval_dir),
            ask: keys.ask,
            run_id,
            raw: self.evidence.capture == "raw",
            timeout: self.timeout,
            hide_blocked: self.judging.hide_blocked,
        };
        let private_key = Source::of(keys.private_key, keys.private_key_env, "private-key")?;
        let wish = Wish { mode: keys.key_mode, private_key, no_sign: false };
        if let Some(listen) = self.listen.filter(|listen| !listen.trim().is_empty()) {
            let token = match self.access.auth_mode.as_str() {
                "token" => Some(token(&given(&self.access.auth_token_env))?),
                _ => None,
            };
            let public_url = self.access.public_url;
            let (hosts, origins) = (list(self.access.allow_host), list(self.access.allow_origin));
            let remarks = gateway::listen(setup, wish, Listening { listen, hosts, origins, token, public_url })?;
            return Ok(Box::new(Stopped(remarks)));
        }
        let signing = signing::choose(&wish)?;
        match gateway::wrap(setup, signing) {
            Ok(ended) => Ok(Box::new(ended)),
            Err(fault) => Err(Failure::new(fault, Object::new())),
        }
    }
}

fn check_run_id(run_id: &str) -> Result<(), Fault> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if run_id.starts_with("run_") && run_id.len() > 4 && run_id.chars().all(is_plain) {
        return Ok(());
    }
    Err(Fault::new(Code::RunIdInvalid, format!("`{run_id}` is no run id"))
        .hint("a run id is run_ and letters, digits, `_` and `-`"))
}

/// The server never gets gait's own keys, not even by mistake.
fn keep_keys(env: &[String], keys: &[&Option<String>]) -> Result<(), Fault> {
    for given in env {
        let name = given.split('=').next().unwrap_or_default();
        if name.is_empty() || keys.iter().any(|key| key.as_deref().is_some_and(|key| key.trim() == name)) {
            return Err(Fault::new(Code::InvalidInput, format!("`--env {name}` cannot be handed on"))
                .hint("name a variable of the server's; gait's keys stay with gait"));
        }
    }
    Ok(())
}

/// Reads `90s`, `5m`, `1h`, or seconds without a letter.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "use a number and s, m or h".to_owned();
    let (number, factor) = match text.trim() {
        text if text.ends_with("ms") => (text.trim_end_matches("ms"), 1),
        text if text.ends_with('s') => (text.trim_end_matches('s'), 1_000),
        text if text.ends_with('m') => (text.trim_end_matches('m'), 60_000),
        text if text.ends_with('h') => (text.trim_end_matches('h'), 3_600_000),
        text => (text, 1_000),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let millis = number.checked_mul(factor).filter(|millis| (1..=86_400_000).contains(millis)).ok_or_else(wrong)?;
    Ok(Duration::from_millis(millis))
}

/// Reads whether clients are asked.
pub(super) fn ask(text: &str) -> Result<Ask, String> {
    match text.trim() {
        "off" => Ok(Ask::Off),
        "url" => Ok(Ask::Url),
        "form" => Ok(Ask::Form),
        _ => Err("it is off, url or form".to_owned()),
    }
}

/// It listened until it was asked to stop.
struct Stopped(Remarks);

impl Report for Stopped {
    fn object(&self) -> Object {
        Object::new()
    }

    fn page(&self, _: &mut Page) {}

    fn always_text(&self) -> bool {
        true
    }

    fn notes(&self) -> Vec<Note> {
        let remark = self.0.remark.iter().cloned().map(Note::Warning);
        self.0.announcement.iter().cloned().map(Note::Info).chain(remark).collect()
    }
}

/// Standard output belongs to the conversation, so what came of it is said on standard error.
impl Report for Ended {
    fn object(&self) -> Object {
        Object::new()
    }

    fn page(&self, _: &mut Page) {}

    fn always_text(&self) -> bool {
        true
    }

    fn notes(&self) -> Vec<Note> {
        let mut notes: Vec<Note> = self.remarks.announcement.iter().cloned().map(Note::Info).collect();
        notes.extend(self.remarks.remark.iter().chain(&self.runpack.warnings).cloned().map(Note::Warning));
        if self.server_ended_first {
            notes.push(Note::Warning("the server ended before its client did".into()));
        }
        notes.push(Note::Info(format!("recorded {} (traces in {})", self.runpack.bundle, self.trace_dir)));
        notes
    }
}
