//! Everything gait does to the world and takes from it: one effect per file.

pub mod clock;
pub mod development;
pub mod files;
pub mod fs;
pub mod interrupt;
pub mod keys;
pub mod machine;
pub mod paths;
pub mod progress;
