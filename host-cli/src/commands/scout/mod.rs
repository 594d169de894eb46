//! `gait scout …`.

pub mod diff;
pub mod signal;
pub mod snapshot;
