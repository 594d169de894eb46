//! What stays running: conversations that gait stands in the middle of, and the decision service over HTTP.

pub mod caller;
pub mod checkpoints;
pub mod checks;
pub mod evaluate;
pub mod gateway;
pub mod http;
pub mod metrics;
pub mod patience;
pub mod queue;
pub mod replay;
pub mod reply;
pub mod retention;
pub mod scribe;
pub mod service;
pub mod sessions;
pub mod workers;
