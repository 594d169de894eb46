//! How long a connection may take: a caller who sends or reads slowly must not hold a place for ever.
//!
//! Between two requests a connection may rest; once the first byte of a head has come, the rest has to follow soon; and
//! what is answered has to be read.

use std::io::{Error, ErrorKind, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// Times that a connection is given.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the head of a request, from its first byte.
    pub head: Duration,
    /// Between two requests.
    pub idle: Duration,
    /// For a caller to take what is written.
    pub write: Duration,
}

/// Whether a request is being answered; shared with whoever answers it. It counts both ends of each request, so that one
/// that was answered between two looks is not missed: odd numbers are busy.
#[derive(Clone, Default)]
pub struct Busy(Arc<AtomicU64>);

impl Busy {
    /// The head of a request is complete, or its answer is.
    pub fn turn(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// A connection whose other side has to keep going.
pub struct Patient<T> {
    inner: T,
    patience: Patience,
    busy: Busy,
    /// The count at the last look.
    seen: u64,
    /// A head has begun and is not complete.
    in_head: bool,
    reading: Pin<Box<Sleep>>,
    writing: Option<Pin<Box<Sleep>>>,
}

impl<T> Patient<T> {
    /// Begins with an idle connection.
    pub fn new(inner: T, patience: Patience, busy: Busy) -> Self {
        // Nobody connects in order to rest.
        let reading = Box::pin(sleep_until(Instant::now() + patience.idle));
        Self { inner, patience, busy, seen: 0, in_head: false, reading, writing: None }
    }

    fn wait_until(&mut self, span: Duration) {
        self.reading.as_mut().reset(Instant::now() + span);
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Patient<T> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let this = &mut *self;
        let count = this.busy.count();
        let busy = count % 2 == 1;
        if count != this.seen {
            this.seen = count;
            this.in_head = false;
            this.wait_until(this.patience.idle);
        }
        let before = buffer.filled().len();
        match Pin::new(&mut this.inner).poll_read(context, buffer) {
            Poll::Ready(outcome) => {
                if !busy && !this.in_head && buffer.filled().len() > before {
                    this.in_head = true;
                    this.wait_until(this.patience.head);
                }
                Poll::Ready(outcome)
            }
            // Bodies have the time of their request.
            Poll::Pending if busy => Poll::Pending,
            Poll::Pending => match this.reading.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(Err(Error::new(ErrorKind::TimedOut, "nothing came"))),
                Poll::Pending => Poll::Pending,
            },
        }
    }
}

impl<T> Patient<T> {
    /// What a write came to, unless the other side has not taken anything for too long.
    fn written<R>(&mut self, context: &mut Context<'_>, outcome: Poll<Result<R>>) -> Poll<Result<R>> {
        if outcome.is_ready() {
            self.writing = None;
            return outcome;
        }
        let write = self.patience.write;
        let timer = self.writing.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + write)));
        match timer.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(Error::new(ErrorKind::TimedOut, "nothing was taken"))),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Patient<T> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let outcome = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.written(context, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[std::io::IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let outcome = Pin::new(&mut self.inner).poll_write_vectored(context, parts);
        self.written(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let outcome = Pin::new(&mut self.inner).poll_flush(context);
        self.written(context, outcome)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let outcome = Pin::new(&mut self.inner).poll_shutdown(context);
        self.written(context, outcome)
    }
}
