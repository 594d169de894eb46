//! Tests of the archive reader and writer.
//!
//! - [`memory`]: a host whose files are byte strings; `driver.rs`, a part of `task`, lets it answer
//! - [`builder`]: archives with any lie in them
//! - [`reading`]: what is accepted, and what it costs
//! - [`hostile`]: what is refused, each with its code
//! - [`writing`]: what the writer makes

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod builder;
mod hostile;
mod memory;
mod reading;
mod writing;
