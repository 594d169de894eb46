//! `gait run …`.

pub mod diff;
pub mod receipt;
pub mod record;
pub mod reduce;
pub mod replay;
