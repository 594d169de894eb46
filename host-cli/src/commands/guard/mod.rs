//! `gait guard …`.

pub mod decrypt;
pub mod encrypt;
pub mod pack;
pub mod retain;
pub mod verify;
