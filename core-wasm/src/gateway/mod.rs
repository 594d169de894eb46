//! The gateway: one message of an MCP conversation after the other, read once and strictly, and what becomes of it
//! (MCP contract, section 11).
//!
//! `envelope` takes a message apart, `message` says what is to be done with it, `methods` knows the protocol's methods, `routing`
//! holds headers against the body,
//! `call` makes the intent of a call, `answer` words what gait says itself, `ask` what it asks, `tools` watches
//! definitions, `merge` makes one answer of several servers', `servers` reads which there are, `recording` lets a
//! runpack answer in a server's place.

mod answer;
mod ask;
mod call;
mod envelope;
mod merge;
mod message;
mod methods;
mod recording;
mod routing;
mod servers;
mod tools;

use alloc::borrow::Cow;

use gait_contract::intent::Given;
use gait_contract::{Code, Fault, limits};

use crate::document;
use crate::task::Host;

pub(crate) use answer::answer;
pub(crate) use ask::ask;
pub(crate) use merge::merge;
pub(crate) use message::message;
pub(crate) use recording::recording;
pub(crate) use servers::servers;
pub(crate) use tools::tools;

/// The bytes of a message, and whether they are more than a message may have.
async fn bytes_of<'a>(host: &Host, given: &'a Given) -> Result<(Cow<'a, [u8]>, bool), Fault> {
    // What came along is here already, so its beginning can be looked at.
    let bytes = match given {
        Given::Attached => Cow::Owned(host.attached()?),
        _ => match document::bytes_of(host, given).await {
            Err(fault) if fault.error_code == Code::JsonTooLarge => return Ok((Cow::Borrowed(&[]), true)),
            bytes => bytes?,
        },
    };
    let is_too_large = bytes.len() > limits::MCP_MESSAGE_BYTES;
    Ok((bytes, is_too_large))
}

#[cfg(test)]
mod tests;
