//! Compare two runpacks.

use std::path::Path;

use gait_contract::Fault;
use gait_contract::runpack::{Diff, DiffRequest, Privacy};
use serde::Serialize;

use crate::core::Core;
use crate::host::files::Files;
use crate::host::{fs, paths};

/// What is to be compared.
pub struct Wanted {
    /// Run id or path.
    pub left: String,
    /// Run id or path.
    pub right: String,
    /// How much to look at.
    pub privacy: Privacy,
    /// File for the differences.
    pub output: Option<String>,
}

/// The differences.
#[derive(Debug, Serialize)]
pub struct Compared {
    /// What differs.
    #[serde(flatten)]
    pub diff: Diff,
    /// The file they were written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
}

/// Compares two runpacks.
pub fn diff(wanted: Wanted) -> Result<Compared, Fault> {
    let request = DiffRequest {
        left: paths::resolve(&wanted.left)?,
        right: paths::resolve(&wanted.right)?,
        privacy: wanted.privacy,
    };
    let diff = Core::load()?.call(&request, &mut Files::new())?;
    if let Some(output) = &wanted.output {
        let text = serde_json::json!({ "privacy": diff.privacy, "summary": diff.summary }).to_string();
        fs::write(Path::new(output), text.as_bytes())?;
    }
    Ok(Compared { diff, output: wanted.output })
}
