//! `gait mcp gateway init`.

use clap::{Args, ValueHint};
use gait_contract::ExitCode;

use crate::args::usage_fault;
use crate::commands::Command;
use crate::flows::mcp_clients::Client;
use crate::flows::mcp_gateway_init::{self, Wired, Wish};
use crate::render::{Note, Object, Outcome, Page, Report, json};

/// The arguments of `gait mcp gateway init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Whose configuration
    #[arg(long, value_name = "claude-desktop|claude-code|cursor|vscode", value_parser = Client::parse)]
    client: Client,
    /// Name of the server there
    #[arg(long, value_name = "name")]
    server: String,
    /// The policy that judges the server's calls [default: gait.policy.yaml]
    #[arg(long, value_name = "policy.yaml", value_hint = ValueHint::FilePath)]
    policy: Option<String>,
    /// The configuration, if it is in none of the client's usual places
    #[arg(long, value_name = "file", value_hint = ValueHint::FilePath)]
    config: Option<String>,
    /// Folder for the traces and runpacks of the server's calls [default: gait-out/mcp-gateway]
    #[arg(long, value_name = "dir", value_hint = ValueHint::DirPath)]
    out_dir: Option<String>,
    /// How the client starts gait, if not by the path of this program
    #[arg(long, value_name = "command", value_hint = ValueHint::CommandName)]
    program: Option<String>,
    /// Change the file; a copy of the old one stays beside it
    #[arg(long)]
    write: bool,
    /// Take gait away again
    #[arg(long)]
    undo: bool,
}

impl Command for Init {
    const SUMMARY: &'static str = "gait in a client's configuration";
    const EXPLAIN: &'static str =
        "mcp gateway init puts gait in front of a server that an MCP client starts, in the client's own configuration";
    const USAGE: &'static str = "gait mcp gateway init --client <client> --server <name> [--write] [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("gait mcp gateway init --client cursor --server files", "shows what would stand there; changes nothing"),
        (
            "gait mcp gateway init --client vscode --server files --policy strict.yaml --write",
            "changes .vscode/mcp.json",
        ),
        ("gait mcp gateway init --client claude-desktop --server files --undo --write", "takes gait away again"),
    ];
    const EXITS: &'static [(ExitCode, &'static str)] =
        &[(ExitCode::Success, "the entry is shown or changed, or was as wanted already")];

    fn run(self) -> Outcome {
        if self.server.is_empty() {
            return Err(usage_fault("`--server` names no server").into());
        }
        Ok(Box::new(mcp_gateway_init::init(&Wish {
            client: self.client,
            server: self.server,
            policy: self.policy,
            config: self.config,
            out_dir: self.out_dir,
            program: self.program,
            write: self.write,
            undo: self.undo,
        })?))
    }
}

impl Report for Wired {
    fn object(&self) -> Object {
        json::object(self)
    }

    fn page(&self, page: &mut Page) {
        let stands = if self.guarded { "guarded" } else { "unguarded" };
        let done = match (self.changed, self.written) {
            (false, _) => "is already ",
            (true, false) => "would be ",
            (true, true) => "is ",
        };
        page.line(format_args!("mcp gateway init ok: {} {done}{stands} in {}", self.server, self.client.title()));
        page.pair("config", &self.config_path);
        page.pair("section", self.section.join(" > "));
        if let Some(policy) = &self.policy_path {
            page.pair("policy", policy);
        }
        if let Some(out_dir) = &self.out_dir {
            page.pair("evidence", out_dir);
        }
        if let Some(backup) = &self.backup_path {
            page.pair("backup", backup);
        }
        let entry = serde_json::to_string_pretty(&self.entry).unwrap_or_default();
        let name = serde_json::Value::from(self.server.as_str());
        for line in format!("{name}: {entry}").lines() {
            page.line(line);
        }
    }

    fn notes(&self) -> Vec<Note> {
        let mut notes: Vec<Note> = self.warnings.iter().cloned().map(Note::Warning).collect();
        if self.written {
            notes.push(Note::Hint(format!("restart {}, so that it reads its configuration", self.client.title())));
        } else if self.changed {
            notes.push(Note::Hint("nothing was changed; `--write` changes the file".into()));
        }
        notes
    }
}
