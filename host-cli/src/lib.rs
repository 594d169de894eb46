//! The `gait` command line as a library, so that the program, `gait-gen` and the tests share one set of modules.

pub mod args;
pub mod cli;
pub mod commands;
pub mod core;
pub mod flows;
pub mod host;
pub mod render;
pub mod server;
