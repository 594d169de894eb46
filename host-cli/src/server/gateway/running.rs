//! A conversation with the server and the threads that belong to it, from its start to its runpack.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use gait_contract::{Code, Fault, limits};

use super::approvals::Approvals;
use super::conversation::{Client, Conversation, folder_fault};
use super::judge::Judge;
use super::{Setup, servers};
use crate::flows::gate::Gate;
use crate::flows::record::Written;
use crate::flows::signing::Signing;
use crate::host::child::Server;
use crate::host::lines::{Line, Lines};
use crate::host::{entropy, fs};

/// A conversation that goes on.
pub(super) struct Running {
    pub(super) conversation: Arc<Conversation>,
    server: Server,
    judging: JoinHandle<()>,
    reading: JoinHandle<()>,
}

impl Running {
    /// Starts the server and everything that listens to it. `when_gone` is called when the server has ended.
    pub(super) fn start(
        mut setup: Setup,
        run_id: String,
        gate: Gate,
        client: Box<dyn Client>,
        when_gone: impl FnOnce() + Send + 'static,
    ) -> Result<Self, Fault> {
        let (server, pipes) = Server::start(&setup.command, &setup.env)?;
        if setup.settings.session_id.is_empty() {
            setup.settings.session_id.clone_from(&run_id);
        }
        let (jobs, to_judge) = mpsc::channel();
        let conversation = Arc::new(Conversation::new(setup, run_id, client, [pipes.input].into(), jobs)?);
        let hiding = conversation.setup.hide_blocked.then(|| gate.another());
        let judge = Judge::new(gate, Approvals::new(&conversation.setup.approval_dir));
        let judging = spawn(&conversation, move |conversation| judge.run(conversation, &to_judge));
        let mut lines = Lines::new(pipes.output, limits::MCP_MESSAGE_BYTES);
        let mut reader = servers::Reader::new(0, hiding);
        let reading = spawn(&conversation, move |conversation| {
            while let Ok(Line::Whole(line) | Line::TooLong(line)) = lines.read() {
                reader.take(conversation, &line);
            }
            conversation.server_gone(0);
            when_gone();
        });
        Ok(Self { conversation, server, judging, reading })
    }

    /// Tells the server to end, writes the runpack, and sees to it that the server ends. Clients wait for some two
    /// seconds before they insist, and a server may take as long: the runpack comes first.
    pub(super) fn end(mut self, signing: Signing) -> Result<Written, Fault> {
        self.conversation.close_inputs();
        self.conversation.close_jobs();
        let _ = self.judging.join();
        let written = match self.conversation.take_record() {
            Some(recorder) => recorder.finish(&self.conversation.setup.runpack_dir, signing),
            None => Err(Fault::new(Code::InternalFailure, "the record of the conversation is gone")),
        };
        self.server.end();
        let _ = self.reading.join();
        written
    }

    /// As `end`, for a conversation that nobody had.
    pub(super) fn quit(mut self) -> Arc<Conversation> {
        self.conversation.close_inputs();
        self.conversation.close_jobs();
        self.server.end();
        let _ = self.reading.join();
        let _ = self.judging.join();
        self.conversation
    }
}

/// Does something with the conversation in a thread of its own.
pub(super) fn spawn(
    conversation: &Arc<Conversation>,
    what: impl FnOnce(&Conversation) + Send + 'static,
) -> JoinHandle<()> {
    let conversation = conversation.clone();
    thread::spawn(move || what(&conversation))
}

/// Opens the gate and finds out whether traces can be written, before anything begins.
pub(super) fn gate(setup: &Setup) -> Result<Gate, Fault> {
    let mut gate = Gate::open(&setup.gate)?;
    gate.load()?;
    fs::make_folder(setup.trace_dir.as_ref(), 0o750).map_err(|fault| folder_fault(fault, "--trace-dir"))?.keep();
    fs::try_writing(&Path::new(&setup.trace_dir).join("trace.json"))
        .map_err(|fault| folder_fault(fault, "--trace-dir"))?;
    Ok(gate)
}

/// A name that no other run has.
pub(super) fn made_up_run_id() -> Result<String, Fault> {
    Ok(format!("run_mcp_{}", hex(&entropy::bytes::<6>()?)))
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
