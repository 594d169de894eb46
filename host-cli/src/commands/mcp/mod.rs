//! `gait mcp …`.

pub mod bridge;
pub mod gateway;
pub mod proxy;
pub mod replay;
pub mod serve;
pub mod verify;
