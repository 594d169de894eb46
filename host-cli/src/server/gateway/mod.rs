//! gait in front of an MCP server (MCP contract, section 11): every message is read by the core and handed on as it was
//! read, every call of a tool is judged and its trace is on the disk before the server hears of it.
//!
//! `conversation` knows which message belongs to which, `client` takes messages from the client, `servers` from the
//! servers, `backs` hands messages to them: `process` to one that gait starts, `remote` to one that has an address,
//! `shares` to all of several. `judge`
//! decides about calls, `approvals` finds tokens, `asks` has clients asked for them, `pages` is where they are handed
//! in. `running` starts and ends all of it. `stdio` is the conversation on
//! standard input and output; `http` is the route to many of them, which `sessions` keeps; `callers` and `events`
//! are its streams.
//!
//! Threads: one reads the client, one reads each server, one judges, one looks at the clock. They meet at one lock that
//! nobody holds while waiting for anything.

mod approvals;
mod asks;
mod backs;
mod callers;
mod client;
mod conversation;
mod events;
mod http;
mod judge;
mod pages;
mod process;
mod remote;
mod running;
mod servers;
mod sessions;
mod shares;
mod stdio;

use std::time::Duration;

use gait_contract::config::GateDefaults;
use gait_contract::mcp_servers::{McpServer, McpSettings};

pub use asks::Ask;
pub use http::{Listening, Mounted, listen};
pub use pages::PATH as PAGES;
pub use stdio::{Ended, wrap};

/// How often in a row a server that ends is started again, unless somebody says otherwise.
pub const RESTARTS: u32 = 5;

/// What holds for a gateway.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// Policy, keys, broker, rate limits.
    pub gate: GateDefaults,
    /// What is known about servers and methods.
    pub settings: McpSettings,
    /// How each server of the settings is reached.
    pub servers: Vec<McpServer>,
    /// How often in a row a server that ends is started again.
    pub restarts: u32,
    /// Folder of the traces.
    pub trace_dir: String,
    /// Folder of the runpacks.
    pub runpack_dir: String,
    /// Folder in which approval tokens are looked for; blank for none.
    pub approval_dir: String,
    /// Whether clients are asked for approvals.
    pub ask: Ask,
    /// Name of the run; blank for one that is made up.
    pub run_id: String,
    /// Keep arguments and results, not only their digests.
    pub raw: bool,
    /// How long a server may take for an answer.
    pub timeout: Duration,
    /// Leave tools out of lists that the policy blocks whatever the call says.
    pub hide_blocked: bool,
}
