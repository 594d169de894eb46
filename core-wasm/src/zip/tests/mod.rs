//! Tests of the archive reader and writer.
//!
//! - [`memory`]: a host whose files are byte strings
//! - [`builder`]: archives with any lie in them
//! - [`reading`]: what is accepted, and what it costs
//! - [`hostile`]: what is refused, each with its code
//! - [`writing`]: what the writer makes

mod builder;
mod hostile;
mod memory;
mod reading;
mod writing;
