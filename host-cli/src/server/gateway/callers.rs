//! Who is told what over HTTP: each request has its own stream, and what belongs to no request goes to whoever listens.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::conversation::{Client, To, held};

/// Messages that wait for somebody who listens.
const WAITING: usize = 256;

/// A message on its way, and whether it ends its stream.
pub(super) struct Event {
    pub(super) text: String,
    pub(super) is_last: bool,
}

/// The streams of one conversation.
#[derive(Clone, Default)]
pub(super) struct Callers(Arc<Mutex<Streams>>);

#[derive(Default)]
struct Streams {
    requests: BTreeMap<u64, Stream>,
    listener: Option<UnboundedSender<Event>>,
    waiting: VecDeque<String>,
}

/// The stream of a request, or of a batch of them.
struct Stream {
    sender: UnboundedSender<Event>,
    /// Answers that have still to come.
    left: usize,
}

impl Callers {
    /// A stream for one request.
    pub(super) fn open(&self, caller: u64) -> UnboundedReceiver<Event> {
        let (sender, receiver) = unbounded_channel();
        held(&self.0).requests.insert(caller, Stream { sender, left: 1 });
        receiver
    }

    /// A stream for what belongs to no request; it takes the place of the one before.
    pub(super) fn listen(&self) -> UnboundedReceiver<Event> {
        let (sender, receiver) = unbounded_channel();
        let mut streams = held(&self.0);
        for text in std::mem::take(&mut streams.waiting) {
            let _ = sender.send(Event { text, is_last: false });
        }
        streams.listener = Some(sender);
        receiver
    }

    /// Ends all streams.
    pub(super) fn close_all(&self) {
        let mut streams = held(&self.0);
        streams.requests.clear();
        streams.listener = None;
    }
}

impl Client for Callers {
    fn close(&self, caller: u64) {
        held(&self.0).requests.remove(&caller);
    }

    fn expect(&self, caller: u64, answers: usize) {
        if let Some(request) = held(&self.0).requests.get_mut(&caller) {
            request.left = answers;
        }
    }

    fn send(&self, to: To, message: &str) {
        let mut streams = held(&self.0);
        let event = |is_last| Event { text: message.to_owned(), is_last };
        match to {
            To::Answer(caller) => {
                let Some(request) = streams.requests.get_mut(&caller) else { return };
                request.left = request.left.saturating_sub(1);
                let is_last = request.left == 0;
                let _ = request.sender.send(event(is_last));
                if is_last {
                    streams.requests.remove(&caller);
                }
            }
            To::About(caller) => {
                if let Some(request) = streams.requests.get(&caller) {
                    let _ = request.sender.send(event(false));
                }
            }
            To::Anyone => {
                if streams.listener.as_ref().is_some_and(|listener| listener.send(event(false)).is_ok()) {
                    return;
                }
                streams.listener = None;
                // Whoever waits for an answer reads what comes before it.
                if streams
                    .requests
                    .values()
                    .next_back()
                    .is_some_and(|request| request.sender.send(event(false)).is_ok())
                {
                    return;
                }
                if streams.waiting.len() == WAITING {
                    streams.waiting.pop_front();
                }
                streams.waiting.push_back(message.to_owned());
            }
        }
    }
}
