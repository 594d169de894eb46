//! The servers as a conversation hands messages to them.

use super::process::Process;

/// One server.
pub(super) enum Back {
    /// gait starts it.
    Process(Process),
}

impl Back {
    /// Hands a message over. False when the server does not take it.
    pub(super) fn write(&self, message: &str) -> bool {
        match self {
            Self::Process(process) => process.write(message),
        }
    }

    /// Nothing more will come, which tells a server to end.
    pub(super) fn close(&self) {
        match self {
            Self::Process(process) => process.close(),
        }
    }

    /// Sees to it that the server ends.
    pub(super) fn end(&self) {
        match self {
            Self::Process(process) => process.end(),
        }
    }
}
