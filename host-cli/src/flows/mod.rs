//! One story per capability: gather, ask the core, write, answer.

pub mod approve;
pub mod chain;
pub mod demo;
pub mod diff;
pub mod gate;
pub mod gate_eval;
pub mod gate_keys;
pub mod gate_outputs;
pub mod keys;
pub mod migrate;
pub mod policy;
pub mod policy_init;
pub mod policy_simulate;
pub mod project_config;
pub mod receipt;
pub mod record;
pub mod reduce;
pub mod regress_bootstrap;
pub mod regress_init;
pub mod regress_run;
pub mod replay;
pub mod signing;
pub mod trace;
pub mod verify;
