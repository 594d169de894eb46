//! The servers as a conversation hands messages to them.

use std::sync::Arc;

use gait_contract::Fault;
use gait_contract::gateway::McpTools;
use gait_contract::mcp_servers::McpServer;

use super::conversation::Conversation;
use super::process::Process;
use super::remote::Remote;
use super::servers::Reader;

/// One server.
pub(super) enum Back {
    /// gait starts it.
    Process(Arc<Process>),
    /// It has an address.
    Remote(Arc<Remote>),
}

/// Reads what a server says until nothing more will come.
pub(super) type Reading = Box<dyn FnOnce(&Conversation, Reader) + Send>;

impl Back {
    /// Starts a server, or makes ready to reach it.
    pub(super) fn begin(setup: &McpServer) -> Result<(Self, Reading), Fault> {
        if setup.url.is_empty() {
            let (process, output) = Process::start(setup.clone())?;
            let process = Arc::new(process);
            let read = process.clone();
            let reading = move |conversation: &Conversation, reader| read.read(conversation, reader, output);
            return Ok((Self::Process(process), Box::new(reading)));
        }
        let (remote, arriving) = Remote::reach(setup)?;
        let remote = Arc::new(remote);
        let read = remote.clone();
        let reading = move |conversation: &Conversation, reader| read.read(conversation, reader, &arriving);
        Ok((Self::Remote(remote), Box::new(reading)))
    }

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
