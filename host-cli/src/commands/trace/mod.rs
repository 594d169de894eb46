//! `gait trace …`.

pub mod recheck;
pub mod verify;
