//! A stream of server-sent events as the body of an answer: messages as they come, and a sign of life in between.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use hyper::body::Frame;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Interval, interval};

use super::callers::Event;

/// How often a quiet stream shows that it is there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// A body.
pub(super) struct Events {
    first: Option<Event>,
    rest: UnboundedReceiver<Event>,
    signs: Interval,
    is_over: bool,
    /// Called when the body goes away, with whether its last message had been handed over.
    when_gone: Option<Box<dyn FnOnce(bool) + Send>>,
}

impl Events {
    pub(super) fn new(
        first: Option<Event>,
        rest: UnboundedReceiver<Event>,
        when_gone: Box<dyn FnOnce(bool) + Send>,
    ) -> Self {
        let mut signs = interval(SIGN_OF_LIFE);
        signs.reset();
        Self { first, rest, signs, is_over: false, when_gone: Some(when_gone) }
    }
}

impl hyper::body::Body for Events {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let event = match self.first.take() {
            Some(event) => Some(event),
            None => match self.rest.poll_recv(context) {
                Poll::Ready(event) => event,
                Poll::Pending if self.signs.poll_tick(context).is_ready() => {
                    return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b":\n\n")))));
                }
                Poll::Pending => return Poll::Pending,
            },
        };
        let Some(event) = event else {
            self.is_over = true;
            return Poll::Ready(None);
        };
        self.is_over = event.is_last;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(format!("event: message\ndata: {}\n\n", event.text))))))
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        if let Some(when_gone) = self.when_gone.take() {
            when_gone(self.is_over);
        }
    }
}
