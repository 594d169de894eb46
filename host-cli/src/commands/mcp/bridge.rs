//! `gait mcp bridge`: `gait mcp proxy` under the name that callers of a bridge expect.

use clap::Args;
use gait_contract::ExitCode;

use super::proxy::Proxy;
use crate::commands::Command;
use crate::render::{Envelope, Outcome};

/// The arguments of `gait mcp bridge`.
#[derive(Debug, Args)]
pub struct Bridge {
    #[command(flatten)]
    proxy: Proxy,
}

impl Command for Bridge {
    const SUMMARY: &'static str = "the same as mcp proxy";
    const EXPLAIN: &'static str = "mcp bridge does what mcp proxy does: it judges one tool call as an agent sends it and signs a trace of the verdict; nothing is executed";
    const USAGE: &'static str = "gait mcp bridge --policy <file> --call <file|-> [options]";
    const EXAMPLES: &'static [(&'static str, &'static str)] =
        &[("gait mcp bridge --policy gait.policy.yaml --call call.json", "`gait mcp proxy --help` shows more")];
    const EXITS: &'static [(ExitCode, &'static str)] = Proxy::EXITS;
    const KEEPS_EMPTY: &'static [&'static str] = Proxy::KEEPS_EMPTY;
    const ENVELOPE: Envelope = Envelope::ByExit;

    fn run(self) -> Outcome {
        self.proxy.run_as("mcp bridge")
    }
}
