//! Everything in the repository that follows from gait's types: JSON Schemas, TypeScript types and reference pages.
//!
//! `make gen` writes the files; `gait-gen --check` compares them. The crate prints; it decides nothing.

#![forbid(unsafe_code)]

pub mod commands;
pub mod operations;
pub mod order;
pub mod policy_reference;
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
    files.push(Generated { path: "docs/reference/cli.md".into(), text: commands::cli() });
    files.push(Generated { path: "docs/reference/policy.md".into(), text: policy_reference::policy() });
    files
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn committed_files_are_up_to_date() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for file in super::files() {
            let found = std::fs::read_to_string(root.join(&file.path)).unwrap_or_default();
            assert!(found == file.text, "{} is stale; run `make gen`", file.path);
        }
    }
}
