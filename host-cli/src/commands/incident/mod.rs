//! `gait incident …`.

pub mod pack;
