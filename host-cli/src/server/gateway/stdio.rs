//! A conversation on standard input and output, with a server that gait starts. Standard output belongs to the protocol;
//! whatever else there is to say goes to standard error.

use std::io;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use gait_contract::{Code, Fault, limits};

use super::approvals::Approvals;
use super::conversation::{Client, Conversation, folder_fault, held};
use super::judge::Judge;
use super::{Setup, client, servers};
use crate::flows::gate::{Gate, Remarks};
use crate::flows::record::Written;
use crate::flows::signing::Signing;
use crate::host::child::Server;
use crate::host::lines::{Line, Lines};
use crate::host::{entropy, fs, interrupt};
use crate::render::wire;

/// How often gait looks at the clock and for signals.
const LOOK: Duration = Duration::from_millis(20);
/// How long answers are waited for after the client has said that it has nothing more to say.
const DRAIN: Duration = Duration::from_secs(10);

/// A conversation that is over.
#[derive(Debug)]
pub struct Ended {
    /// The runpack of the conversation.
    pub runpack: Written,
    /// Folder of the traces.
    pub trace_dir: String,
    /// The server ended before the client did.
    pub server_ended_first: bool,
    /// What is to be said about the key.
    pub remarks: Remarks,
}

/// What ends a conversation.
enum Over {
    Client,
    ClientGone,
    Server,
}

/// Standard output.
struct Output {
    over: Mutex<Sender<Over>>,
}

impl Client for Output {
    fn send(&self, _: Option<u64>, message: &str) {
        if wire::line(message).is_err() {
            let _ = held(&self.over).send(Over::ClientGone);
        }
    }
}

/// Stands between standard input and output and a server, until one of them has enough.
pub fn wrap(setup: Setup, signing: Signing) -> Result<Ended, Fault> {
    interrupt::hold();
    let mut gate = Gate::open(&setup.gate)?;
    gate.load()?;
    let remarks = gate.remarks().clone();
    fs::make_folder(setup.trace_dir.as_ref(), 0o750).map_err(|fault| folder_fault(fault, "--trace-dir"))?.keep();
    fs::try_writing(&Path::new(&setup.trace_dir).join("trace.json"))
        .map_err(|fault| folder_fault(fault, "--trace-dir"))?;
    let run_id = if setup.run_id.is_empty() { made_up_run_id()? } else { setup.run_id.clone() };
    let (mut server, pipes) = Server::start(&setup.command, &setup.env)?;

    let (over, when_over) = mpsc::channel();
    let (jobs, to_judge) = mpsc::channel();
    let output = Output { over: Mutex::new(over.clone()) };
    let mut setup = setup;
    if setup.settings.session_id.is_empty() {
        setup.settings.session_id.clone_from(&run_id);
    }
    let conversation = Arc::new(Conversation::new(setup, run_id, Box::new(output), [pipes.input].into(), jobs)?);

    let hiding = conversation.setup.hide_blocked.then(|| gate.another());
    let judge = Judge::new(gate, Approvals::new(&conversation.setup.approval_dir));
    let judging = spawn(&conversation, move |conversation| judge.run(conversation, &to_judge));
    let reading = spawn(&conversation, {
        let over = over.clone();
        let mut lines = Lines::new(pipes.output, limits::MCP_MESSAGE_BYTES);
        let mut reader = servers::Reader::new(0, hiding);
        move |conversation| {
            while let Ok(Line::Whole(line) | Line::TooLong(line)) = lines.next() {
                reader.take(conversation, &line);
            }
            conversation.server_gone(0);
            let _ = over.send(Over::Server);
        }
    });
    // Nobody waits for this one: a read of standard input cannot be called off.
    drop(spawn(&conversation, {
        let mut lines = Lines::new(io::stdin(), limits::MCP_MESSAGE_BYTES);
        let mut reader = client::Reader::new();
        move |conversation| {
            while let Ok(Line::Whole(line) | Line::TooLong(line)) = lines.next() {
                reader.take(conversation, 0, &line, None);
            }
            let _ = over.send(Over::Client);
        }
    }));

    let server_ended_first = wait(&conversation, &when_over);
    conversation.close_inputs();
    conversation.close_jobs();
    server.end();
    let _ = reading.join();
    let _ = judging.join();
    let Some(recorder) = conversation.take_record() else {
        return Err(Fault::new(Code::InternalFailure, "the record of the conversation is gone"));
    };
    let runpack = recorder.finish(&conversation.setup.runpack_dir, signing)?;
    Ok(Ended { runpack, trace_dir: conversation.setup.trace_dir.clone(), server_ended_first, remarks })
}

fn spawn(
    conversation: &Arc<Conversation>,
    what: impl FnOnce(&Conversation) + Send + 'static,
) -> thread::JoinHandle<()> {
    let conversation = conversation.clone();
    thread::spawn(move || what(&conversation))
}

/// Waits for the end of the conversation; true when it was the server that ended it.
fn wait(conversation: &Conversation, over: &mpsc::Receiver<Over>) -> bool {
    let mut client_done: Option<Instant> = None;
    loop {
        match over.recv_timeout(LOOK) {
            Ok(Over::Client) => client_done = Some(Instant::now()),
            Ok(Over::Server) => return client_done.is_none(),
            Ok(Over::ClientGone) | Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if interrupt::take() {
            return false;
        }
        conversation.expire(Instant::now());
        if client_done.is_some_and(|since| !conversation.is_busy() || since.elapsed() > DRAIN) {
            return false;
        }
    }
}

/// A name that no other run has.
fn made_up_run_id() -> Result<String, Fault> {
    let bytes: [u8; 6] = entropy::bytes()?;
    Ok(format!("run_mcp_{}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
}
