//! The servers as a conversation hands messages to them.

use gait_contract::gateway::McpTools;

use super::process::Process;
use super::remote::Remote;

/// One server.
pub(super) enum Back {
    /// gait starts it.
    Process(Box<Process>),
    /// It has an address.
    Remote(Remote),
}

impl Back {
    /// Hands a message over. False when the server does not take it.
    pub(super) fn write(&self, message: &str) -> bool {
        match self {
            Self::Process(process) => process.write(message),
            Self::Remote(remote) => remote.write(message),
        }
    }

    /// Remembers what headers have to say about calls of these tools, where there are headers.
    pub(super) fn learn(&self, upstream: &str, tools: &McpTools) {
        match self {
            Self::Process(_) => {}
            Self::Remote(remote) => remote.learn(upstream, tools),
        }
    }

    /// Nothing more will come, which tells a server to end.
    pub(super) fn close(&self) {
        match self {
            Self::Process(process) => process.close(),
            Self::Remote(remote) => remote.close(),
        }
    }

    /// Sees to it that the server ends.
    pub(super) fn end(&self) {
        match self {
            Self::Process(process) => process.end(),
            Self::Remote(remote) => remote.end(),
        }
    }
}
