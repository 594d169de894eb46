//! A conversation with the server and the threads that belong to it, from its start to its runpack.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};

use gait_contract::{Code, Fault};

use super::approvals::Approvals;
use super::backs::Back;
use super::conversation::{Client, Conversation, folder_fault, held};
use super::judge::Judge;
use super::pages::Pages;
use super::{Setup, servers};
use crate::flows::gate::Gate;
use crate::flows::record::Written;
use crate::flows::signing::Signing;
use crate::host::{entropy, fs, keys};

/// A conversation that goes on.
pub(super) struct Running {
    pub(super) conversation: Arc<Conversation>,
    judging: Option<JoinHandle<()>>,
    reading: Vec<JoinHandle<()>>,
}

impl Running {
    /// Starts the servers and everything that listens to them. `when_gone` is called when the last of them has ended.
    pub(super) fn start(
        mut setup: Setup,
        run_id: String,
        gate: Gate,
        client: Box<dyn Client>,
        pages: Arc<Pages>,
        when_gone: impl FnOnce() + Send + 'static,
    ) -> Result<Self, Fault> {
        let (mut backs, mut outputs) = (Vec::new(), Vec::new());
        for server in &setup.servers {
            let (back, reading) = Back::begin(server)?;
            backs.push(back);
            outputs.push(reading);
        }
        if setup.settings.session_id.is_empty() {
            setup.settings.session_id.clone_from(&run_id);
        }
        let (jobs, to_judge) = mpsc::channel();
        let conversation = Arc::new(Conversation::new(setup, run_id, client, backs, jobs, pages)?);
        conversation.pages.add(&conversation);
        let hiding = |gate: &Gate| conversation.setup.hide_blocked.then(|| gate.another());
        let readers: Vec<_> = (0..outputs.len()).map(|server| servers::Reader::new(server, hiding(&gate))).collect();
        let judge = Judge::new(gate, Approvals::new(&conversation.setup.approval_dir));
        let judging = spawn(&conversation, move |conversation| judge.run(conversation, &to_judge));
        let last =
            Arc::new(Last { left: AtomicUsize::new(outputs.len()), when_gone: Mutex::new(Some(Box::new(when_gone))) });
        let mut reading = Vec::new();
        for (reader, output) in readers.into_iter().zip(outputs) {
            let last = last.clone();
            reading.push(spawn(&conversation, move |conversation| {
                output(conversation, reader);
                last.gone(conversation);
            }));
        }
        Ok(Self { conversation, judging: Some(judging), reading })
    }

    /// Tells the server to end, writes the runpack, and sees to it that the server ends. Clients wait for some two
    /// seconds before they insist, and a server may take as long: the runpack comes first.
    pub(super) fn end(mut self, signing: Signing) -> Result<Written, Fault> {
        self.conversation.close_inputs();
        self.stop_judging();
        let written = match self.conversation.take_record() {
            Some(recorder) => recorder.finish(&self.conversation.setup.runpack_dir, signing),
            None => Err(Fault::new(Code::InternalFailure, "the record of the conversation is gone")),
        };
        self.end_servers();
        written
    }

    fn stop_judging(&mut self) {
        self.conversation.close_jobs();
        if let Some(judging) = self.judging.take() {
            let _ = judging.join();
        }
    }

    /// Sees to it that all servers end, side by side.
    fn end_servers(&mut self) {
        let conversation = &self.conversation;
        thread::scope(|ending| {
            for back in &conversation.backs {
                ending.spawn(|| back.end());
            }
        });
        for reading in self.reading.drain(..) {
            let _ = reading.join();
        }
    }

    /// As `end`, for a conversation that nobody had.
    pub(super) fn quit(mut self) -> Arc<Conversation> {
        self.conversation.close_inputs();
        self.end_servers();
        self.stop_judging();
        self.conversation
    }
}

/// Calls somebody when no server is left.
struct Last {
    left: AtomicUsize,
    when_gone: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Last {
    fn gone(&self, conversation: &Conversation) {
        if self.left.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        conversation.state().is_over = true;
        if let Some(when_gone) = held(&self.when_gone).take() {
            when_gone();
        }
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
    Ok(format!("run_mcp_{}", keys::hex(&entropy::bytes::<6>()?)))
}
