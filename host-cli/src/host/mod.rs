//! Everything gait does to the world and takes from it: one effect per file.

pub mod appended;
pub mod broker;
pub mod child;
pub mod clock;
pub mod development;
pub mod documents;
pub mod entropy;
pub mod events;
pub mod fetch;
pub mod files;
pub mod folder;
pub mod fs;
pub mod interrupt;
pub mod jsonc;
pub mod keys;
pub mod lines;
mod lock;
pub mod machine;
pub mod pack_cache;
pub mod paths;
pub mod program;
pub mod progress;
pub mod rate_limits;
pub mod seal;
pub mod sweep;
pub mod walk;
pub mod watched;
