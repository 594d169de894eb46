//! `gait mcp gateway …`.

pub mod init;
