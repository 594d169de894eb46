//! The gate: what follows from a verdict of the policy. Rate limits, approvals, credentials, simulation, the trace.
//!
//! `decide` is the one decision function; everything else here is a part of it, or asks it.

mod credential;
mod decide;
mod rates;
mod recheck;
mod simulate;
mod summary;

pub(crate) use decide::decide;
pub(crate) use recheck::recheck;
pub(crate) use simulate::simulate;
pub(crate) use summary::test;
