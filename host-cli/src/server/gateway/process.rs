//! A server that gait starts, and starts again when it ends too early: with pauses that grow, and not for ever. Calls
//! that were open are answered and never sent a second time; the opening of the conversation is.

use std::process::{ChildStdin, ChildStdout};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use std::io::Write;

use gait_contract::mcp_servers::McpServer;
use gait_contract::{Fault, limits};

use super::conversation::{Conversation, held};
use super::servers::Reader;
use crate::host::child::{Pipes, Server};
use crate::host::lines::{Line, Lines};

/// The pause before a server is started again for the first time; it doubles.
const PAUSE: Duration = Duration::from_millis(200);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(30);
/// A server that ran for so long is not one that fails to start.
const STEADY: Duration = Duration::from_secs(60);

/// A server that gait starts.
pub(super) struct Process {
    setup: McpServer,
    /// What it reads; `None` once it was closed.
    input: Mutex<Option<ChildStdin>>,
    running: Mutex<Option<Server>>,
}

impl Process {
    /// Starts it.
    pub(super) fn start(setup: McpServer) -> Result<(Self, ChildStdout), Fault> {
        let (server, Pipes { input, output }) = Server::start(&setup)?;
        Ok((Self { setup, input: Mutex::new(Some(input)), running: Mutex::new(Some(server)) }, output))
    }

    /// Hands a message over; false when nobody takes it.
    pub(super) fn write(&self, message: &str) -> bool {
        let mut input = held(&self.input);
        let Some(pipe) = input.as_mut() else { return false };
        let line = [message.as_bytes(), b"\n"].concat();
        let written = pipe.write_all(&line).and_then(|()| pipe.flush()).is_ok();
        if !written {
            // Half a message may be in the pipe: nothing may follow it.
            *input = None;
        }
        written
    }

    /// Closes what it reads.
    pub(super) fn close(&self) {
        held(&self.input).take();
    }

    /// Sees to it that it ends. Nothing starts it again once the conversation is closing.
    pub(super) fn end(&self) {
        let server = held(&self.running).take();
        if let Some(mut server) = server {
            server.end();
        }
    }

    /// Reads what it writes until it has ended for good.
    pub(super) fn read(&self, conversation: &Conversation, mut reader: Reader, output: ChildStdout) {
        let mut output = Some(output);
        let mut failures = 0;
        while let Some(next) = output.take() {
            let began = Instant::now();
            let mut lines = Lines::new(next, limits::MCP_MESSAGE_BYTES);
            while let Ok(Line::Whole(line) | Line::TooLong(line)) = lines.read() {
                reader.take(conversation, &line);
            }
            self.close();
            conversation.server_gone(reader.server());
            if began.elapsed() >= STEADY {
                failures = 0;
            }
            while output.is_none() && failures < conversation.setup.restarts && conversation.rest(pause(failures)) {
                failures += 1;
                output = self.restart(conversation);
            }
            if output.is_some() {
                conversation.say(&format!("the server{} ended and was started again", name(conversation, &reader)));
                conversation.reopen(reader.server());
            }
        }
    }

    fn restart(&self, conversation: &Conversation) -> Option<ChildStdout> {
        let mut running = held(&self.running);
        if conversation.is_closing() {
            return None;
        }
        if let Some(mut ended) = running.take() {
            ended.end();
        }
        match Server::start(&self.setup) {
            Ok((server, pipes)) => {
                *running = Some(server);
                *held(&self.input) = Some(pipes.input);
                Some(pipes.output)
            }
            Err(fault) => {
                conversation.say(&format!("the server cannot be started again: {}", fault.error));
                None
            }
        }
    }
}

fn pause(failures: u32) -> Duration {
    PAUSE.saturating_mul(1_u32.checked_shl(failures).unwrap_or(u32::MAX)).min(LONGEST)
}

fn name(conversation: &Conversation, reader: &Reader) -> String {
    match conversation.upstream(reader.server()) {
        "" => String::new(),
        name => format!(" `{name}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_end() {
        let pauses: Vec<u128> = [0, 1, 4, 7, 8, 40].map(|failures| pause(failures).as_millis()).to_vec();
        assert_eq!(pauses, [200, 400, 3_200, 25_600, 30_000, 30_000]);
    }
}
