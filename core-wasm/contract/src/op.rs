//! The operations of the core: each request names its operation and its reply.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A request that the core answers with one kind of reply.
pub trait Call: Serialize {
    /// Which operation.
    const OP: Op;
    /// What comes back when it is not a fault.
    type Reply: DeserializeOwned;
}

/// Name of an operation, as `gait_call` takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Op(pub &'static str);

/// Goes on with the running operation; the request is the raw bytes of a read, or empty.
pub const CONTINUE: Op = Op("continue");
/// Goes on with the running operation; the request is a [`crate::step::Answer`] as JSON.
pub const ANSWER: Op = Op("answer");

macro_rules! call {
    ($request:ty, $op:literal, $reply:ty) => {
        impl $crate::op::Call for $request {
            const OP: $crate::op::Op = $crate::op::Op($op);
            type Reply = $reply;
        }
    };
}
pub(crate) use call;
