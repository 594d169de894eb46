//! `gait gate …`.

pub mod eval;
