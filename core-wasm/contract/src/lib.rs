//! Every type that crosses a boundary of gait: requests and replies of the core's operations,
//! the artifacts they read and write, faults, exit codes and limits.
//!
//! Hosts and core share this crate and nothing else. It decides nothing.
// schemars' derive needs the standard prelude; the core never enables `schema`.
#![cfg_attr(not(feature = "schema"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod approval;
pub mod attestation;
pub mod config;
pub mod duration;
pub mod events;
pub mod evidence;
pub mod exit;
pub mod fault;
pub mod frame;
pub mod free;
pub mod gate;
pub mod gateway;
pub mod guard;
pub mod ids;
pub mod inspect;
pub mod intent;
pub mod inventory;
pub mod limits;
pub mod mcp_servers;
pub mod op;
pub mod policy;
pub mod policy_keys;
pub mod primitives;
pub mod recording;
pub mod registry;
pub mod regress;
pub mod retention;
pub mod review;
pub mod runpack;
pub mod scout;
pub mod step;
pub mod tool_call;
pub mod trace;
pub mod trust;
pub mod verify;

pub use exit::ExitCode;
pub use fault::{Category, Code, Envelope, Fault};
pub use free::FreeObject;
pub use ids::Timestamp;
pub use op::{Call, Op};
pub use step::{SourceError, Step};

/// True for values that an "omit when false" field leaves out.
pub(crate) fn is_false(value: &bool) -> bool {
    !*value
}

/// True for counts that an "omit when zero" field leaves out.
pub(crate) fn is_zero(value: &u64) -> bool {
    *value == 0
}
