//! Every decision gait makes.
//!
//! Pure functions from bytes to bytes: no clock, no randomness, no I/O, no unordered maps. Whatever an operation
//! needs from the world it asks its host for, one [`gait_contract::Step`] at a time (see [`task`]).
#![no_std]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "a test that meets the unexpected is to fail"
    )
)]

extern crate alloc;

mod adoption;
mod approval;
mod calls;
mod config;
pub mod digest;
mod document;
mod gate;
mod gateway;
mod glob;
mod guard;
mod intent;
pub mod json;
mod ops;
mod order;
mod policy;
mod primitives;
mod registry;
mod regress;
mod runpack;
mod scout;
mod sign;
pub mod task;
mod text;
mod trace;
mod trust;
mod yaml;
mod zip;

use gait_contract::duration;
pub use task::Core;
