//! Everything in the repository that follows from gait's types: JSON Schemas, TypeScript types and reference pages.
//!
//! `make gen` writes the files; `gait-gen --check` compares them. The crate prints; it decides nothing.

#![forbid(unsafe_code)]

pub mod operations;
pub mod order;
pub mod reference;
pub mod schemas;
pub mod typescript;

/// A file that is written by `make gen` and committed.
pub struct Generated {
    /// Path below the repository, with `/`.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// All generated files.
pub fn files() -> Vec<Generated> {
    let mut files: Vec<Generated> = schemas::ARTIFACTS
        .iter()
        .map(|artifact| Generated { path: format!("{}/{}", schemas::FOLDER, artifact.path), text: artifact.text() })
        .collect();
    files.push(Generated { path: "host-js/src/contract.ts".into(), text: typescript::contract() });
    files.push(Generated { path: "docs/contracts/codes.md".into(), text: reference::codes() });
    files
}
