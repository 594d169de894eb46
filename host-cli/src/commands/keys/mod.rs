//! `gait keys …`.

pub mod init;
pub mod show;
pub mod verify;
