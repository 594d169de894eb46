//! The operations of the core: each request names its operation and its reply.
//!
//! What starts an operation is its request as JSON. A document that the request calls
//! [`crate::intent::Given::Attached`] follows after one zero byte, which no JSON text contains, and reaches to the
//! end; it is handed over as it is, without a second encoding, and serves once.

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
