//! `gait guard …`.

pub mod pack;
pub mod verify;
