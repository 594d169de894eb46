//! What stays running: conversations that gait stands in the middle of.

pub mod gateway;
