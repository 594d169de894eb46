//! gait in front of an MCP server (MCP contract, section 11): every message is read by the core and handed on as it was
//! read, every call of a tool is judged and its trace is on the disk before the server hears of it.
//!
//! `conversation` knows which message belongs to which, `client` takes messages from the client, `servers` from the
//! servers, `judge` decides about calls, `approvals` finds tokens, `running` starts and ends all of it. `stdio` is the
//! conversation on standard input and output; `http` is the listener with many of them, `callers` and `events` are its
//! streams.
//!
//! Threads: one reads the client, one reads each server, one judges, one looks at the clock. They meet at one lock that
//! nobody holds while waiting for anything.

mod approvals;
mod callers;
mod client;
mod conversation;
mod events;
mod http;
mod judge;
mod running;
mod servers;
mod stdio;

use std::time::Duration;

use gait_contract::config::GateDefaults;
use gait_contract::gateway::McpSettings;

pub use http::{Listening, listen};
pub use stdio::{Ended, wrap};

/// What holds for a gateway.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// Policy, keys, broker, rate limits.
    pub gate: GateDefaults,
    /// Servers and methods.
    pub settings: McpSettings,
    /// The command that starts the server.
    pub command: Vec<String>,
    /// Variables the server gets besides the usual ones.
    pub env: Vec<String>,
    /// Folder of the traces.
    pub trace_dir: String,
    /// Folder of the runpacks.
    pub runpack_dir: String,
    /// Folder in which approval tokens are looked for; blank for none.
    pub approval_dir: String,
    /// Name of the run; blank for one that is made up.
    pub run_id: String,
    /// Keep arguments and results, not only their digests.
    pub raw: bool,
    /// How long a server may take for an answer.
    pub timeout: Duration,
    /// Leave tools out of lists that the policy blocks whatever the call says.
    pub hide_blocked: bool,
}
