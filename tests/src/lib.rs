//! What the runners share: vectors and the worlds they run in, command line cases, the archives both are about.

pub mod archive;
pub mod blobs;
pub mod case;
pub mod console;
pub mod gate;
pub mod links;
pub mod module;
pub mod native;
pub mod node;
pub mod program;
pub mod repository;
pub mod runners;
pub mod runpack;
pub mod subset;
pub mod vector;
pub mod wasm;
pub mod world;
