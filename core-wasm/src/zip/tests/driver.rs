//! The other side of [`Host`]'s conversation, for tests that play the host. A part of `task`, whose fields it reaches.

use alloc::vec::Vec;

use gait_contract::step::Answer;
use gait_contract::{FreeObject, Step};

use super::{Host, Input};

impl Host {
    /// What the operation waits for, with the bytes that go with it.
    pub(crate) fn wanted(&self) -> Option<(Step<FreeObject>, Vec<u8>)> {
        self.exchange.borrow_mut().wanted.take()
    }

    /// Answers with raw bytes.
    pub(crate) fn give_bytes(&self, bytes: Vec<u8>) {
        self.exchange.borrow_mut().answer = Some(Input::Bytes(bytes));
    }

    /// Answers with anything else.
    pub(crate) fn give(&self, answer: Answer) {
        self.exchange.borrow_mut().answer = Some(Input::Answer(answer));
    }
}
