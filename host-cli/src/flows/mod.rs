//! One story per capability: gather, ask the core, write, answer.

pub mod chain;
pub mod demo;
pub mod diff;
pub mod keys;
pub mod migrate;
pub mod receipt;
pub mod record;
pub mod reduce;
pub mod regress_bootstrap;
pub mod regress_init;
pub mod regress_run;
pub mod replay;
pub mod signing;
pub mod verify;
