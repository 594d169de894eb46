//! `gait mcp …`.

pub mod gateway;
