//! `gait regress …`.

pub mod bootstrap;
pub mod init;
pub mod run;
