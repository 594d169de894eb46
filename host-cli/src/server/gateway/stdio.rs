//! A conversation on standard input and output. Standard output belongs to the protocol; whatever else there is to say
//! goes to standard error.

use std::io;
use std::sync::Mutex;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use gait_contract::{Fault, limits};

use super::conversation::{Client, Conversation, To, held};
use super::pages::Pages;
use super::running::{self, Running};
use super::{Setup, client};
use crate::flows::gate::Remarks;
use crate::flows::record::Written;
use crate::flows::signing::Signing;
use crate::host::interrupt;
use crate::host::lines::{Line, Lines};
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
    fn send(&self, _: To, message: &str) {
        if wire::line(message).is_err() {
            let _ = held(&self.over).send(Over::ClientGone);
        }
    }
}

/// Stands between standard input and output and a server, until one of them has enough.
pub fn wrap(setup: Setup, signing: Signing) -> Result<Ended, Fault> {
    interrupt::hold();
    let gate = running::gate(&setup)?;
    let (remarks, trace_dir) = (gate.remarks().clone(), setup.trace_dir.clone());
    let run_id = if setup.run_id.is_empty() { running::made_up_run_id()? } else { setup.run_id.clone() };
    let (over, when_over) = mpsc::channel();
    let output = Output { over: Mutex::new(over.clone()) };
    let server_over = over.clone();
    let pages = Pages::new(gate.another(), None);
    let running = Running::start(setup, run_id, gate, Box::new(output), pages, move || {
        let _ = server_over.send(Over::Server);
    })?;
    // Nobody waits for this one: a read of standard input cannot be called off.
    drop(running::spawn(&running.conversation, {
        let mut lines = Lines::new(io::stdin(), limits::MCP_MESSAGE_BYTES);
        let mut reader = client::Reader::new();
        move |conversation| {
            while let Ok(Line::Whole(line) | Line::TooLong(line)) = lines.read() {
                reader.take(conversation, 0, &line, None);
            }
            let _ = over.send(Over::Client);
        }
    }));
    let server_ended_first = wait(&running.conversation, &when_over);
    let runpack = running.end(signing)?;
    Ok(Ended { runpack, trace_dir, server_ended_first, remarks })
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
