//! Running operations: an operation is a future that waits for its host instead of doing I/O.
//!
//! [`Core::call`] is the whole interface: the name of an operation starts it, `continue` and `answer` go on with it,
//! and every call returns the frame of one [`Step`]. One instance runs one operation at a time.
//!
//! An operation may leave a value in its instance for the operations that follow ([`Host::keep`]).
//!
//! A request may bring a document along: the request's JSON, a zero byte, the document's bytes.

use alloc::boxed::Box;
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::any::Any;
use core::cell::RefCell;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use gait_contract::op::{ANSWER, CONTINUE};
use gait_contract::step::{Answer, SourceErrorKind};
use gait_contract::{Code, Fault, FreeObject, SourceError, Step, frame};

use crate::{json, ops};

/// One instance of the core.
#[derive(Default)]
pub struct Core {
    running: Option<Running>,
    kept: Kept,
}

/// What an operation leaves in its instance for the next ones: a compiled policy.
type Kept = Rc<RefCell<Option<Rc<dyn Any>>>>;

struct Running {
    future: Pin<Box<dyn Future<Output = Result<FreeObject, Fault>>>>,
    host: Host,
}

impl Core {
    /// Starts the operation `op`, or goes on with the one that is running. Returns the frame of a [`Step`].
    pub fn call(&mut self, op: &str, request: Vec<u8>) -> Vec<u8> {
        let running = if op == CONTINUE.0 || op == ANSWER.0 {
            let Some(running) = self.running.as_mut() else {
                return fault_frame(Fault::new(Code::UnknownOp, "there is no operation to go on with"));
            };
            let answer =
                if op == CONTINUE.0 { Ok(Input::Bytes(request)) } else { json::read(&request).map(Input::Answer) };
            match answer {
                Ok(answer) => running.host.exchange.borrow_mut().answer = Some(answer),
                Err(fault) => return fault_frame(fault),
            }
            running
        } else {
            let (request, attached) = detach(request);
            let host = Host { exchange: Rc::default(), kept: self.kept.clone() };
            host.exchange.borrow_mut().attached = attached;
            self.running.insert(Running { future: ops::start(op, request, host.clone()), host })
        };
        let polled = running.future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        match polled {
            Poll::Pending => match running.host.exchange.borrow_mut().wanted.take() {
                Some((step, bytes)) => step_frame(&step, &bytes),
                None => fault_frame(Fault::new(Code::InternalFailure, "the operation waits for nothing")),
            },
            Poll::Ready(done) => {
                self.running = None;
                match done {
                    Ok(reply) => reply_frame(reply.as_str()),
                    Err(fault) => fault_frame(fault),
                }
            }
        }
    }
}

/// Parts a request from the document that follows it. JSON text holds no zero byte, so the first one is the border.
fn detach(mut request: Vec<u8>) -> (Vec<u8>, Option<Vec<u8>>) {
    let Some(border) = memchr::memchr(0, &request) else {
        return (request, None);
    };
    let attached = request.split_off(border + 1);
    request.truncate(border);
    (request, Some(attached))
}

/// The frame of [`Step::Reply`], which is most of what a warm call hands out: copied once.
fn reply_frame(reply: &str) -> Vec<u8> {
    let json = [b"{\"reply\":", reply.as_bytes(), b"}"];
    let length = json.iter().map(|part| part.len()).sum::<usize>();
    let mut frame = Vec::with_capacity(4 + length);
    frame.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    for part in json {
        frame.extend_from_slice(part);
    }
    frame
}

fn step_frame(step: &Step<FreeObject>, bytes: &[u8]) -> Vec<u8> {
    frame::write(&json::canonical(step), bytes)
}

fn fault_frame(fault: Fault) -> Vec<u8> {
    step_frame(&Step::Fault(fault), &[])
}

/// The running operation's side of the conversation.
#[derive(Clone, Default)]
pub(crate) struct Host {
    exchange: Rc<RefCell<Exchange>>,
    kept: Kept,
}

#[derive(Default)]
struct Exchange {
    wanted: Option<(Step<FreeObject>, Vec<u8>)>,
    answer: Option<Input>,
    attached: Option<Vec<u8>>,
}

enum Input {
    Bytes(Vec<u8>),
    Answer(Answer),
}

impl Host {
    /// Leaves something in the instance, instead of what was there.
    pub(crate) fn keep<T: 'static>(&self, kept: Rc<T>) {
        *self.kept.borrow_mut() = Some(kept);
    }

    /// What was left in the instance.
    pub(crate) fn kept<T: 'static>(&self) -> Option<Rc<T>> {
        self.kept.borrow().clone()?.downcast().ok()
    }

    /// Takes the document that came with the request.
    pub(crate) fn attached(&self) -> Result<Vec<u8>, Fault> {
        let attached = self.exchange.borrow_mut().attached.take();
        attached.ok_or_else(|| {
            Fault::new(Code::InvalidInput, "the request speaks of an attached document, and none is there")
                .hint("the document follows the request's JSON after a zero byte, and serves once")
        })
    }

    /// Finds a source and tells its size in bytes.
    pub(crate) async fn open(&self, source: &str) -> Result<u64, SourceError> {
        match self.ask(Step::Open { source: source.into() }, Vec::new()).await {
            Input::Answer(Answer::Size(size)) => Ok(size),
            other => Err(failure(other)),
        }
    }

    /// Exactly `length` bytes from `offset`; `length` is at most [`gait_contract::limits::CHUNK_BYTES`].
    pub(crate) async fn read(&self, source: &str, offset: u64, length: usize) -> Result<Vec<u8>, Fault> {
        let wanted = Step::Read { source: source.into(), offset, length: length as u64 };
        match self.ask(wanted, Vec::new()).await {
            Input::Bytes(bytes) if bytes.len() == length => Ok(bytes),
            Input::Bytes(bytes) => Err(Fault::new(
                Code::FileChanged,
                format!("{length} bytes were expected at {offset}, {} came", bytes.len()),
            )
            .at(source)),
            other => Err(source_fault(source, &failure(other))),
        }
    }

    /// Appends bytes to a stream.
    pub(crate) async fn write(&self, stream: &str, bytes: Vec<u8>) -> Result<(), Fault> {
        match self.ask(Step::Write { stream: stream.into() }, bytes).await {
            Input::Bytes(_) => Ok(()),
            other => Err(source_fault(stream, &failure(other))),
        }
    }

    /// Has the host sign a digest (lower-case hex): key id and base64 signature.
    pub(crate) async fn sign(&self, digest: &str) -> Result<(String, String), Fault> {
        match self.ask(Step::Sign { digest: digest.into() }, Vec::new()).await {
            Input::Answer(Answer::Signature { key_id, sig }) => Ok((key_id, sig)),
            other => Err(Fault::new(Code::SigningFailed, failure(other).message)),
        }
    }

    async fn ask(&self, step: Step<FreeObject>, bytes: Vec<u8>) -> Input {
        self.exchange.borrow_mut().wanted = Some((step, bytes));
        poll_fn(|_| match self.exchange.borrow_mut().answer.take() {
            Some(answer) => Poll::Ready(answer),
            None => Poll::Pending,
        })
        .await
    }
}

fn failure(answer: Input) -> SourceError {
    match answer {
        Input::Answer(Answer::Failed(error)) => error,
        _ => SourceError {
            kind: SourceErrorKind::Unreadable,
            message: "the host answered something else than was asked".to_string(),
        },
    }
}

/// The fault for a source that cannot be used.
pub(crate) fn source_fault(source: &str, error: &SourceError) -> Fault {
    let (code, what) = match error.kind {
        SourceErrorKind::NotFound => (Code::FileNotFound, "cannot be found"),
        SourceErrorKind::Unreadable => (Code::FileUnreadable, "cannot be read"),
        SourceErrorKind::Changed => (Code::FileChanged, "changed while it was read"),
        SourceErrorKind::Unwritable => (Code::FileUnwritable, "cannot be written"),
        SourceErrorKind::Signing => (Code::SigningFailed, "cannot be signed"),
    };
    Fault::new(code, format!("`{source}` {what}: {}", error.message)).at(source)
}

#[cfg(test)]
#[path = "zip/tests/driver.rs"]
mod driver;
