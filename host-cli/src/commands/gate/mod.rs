//! `gait gate …`.

pub mod eval;
pub mod flags;
