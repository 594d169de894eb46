//! Replay a run from its recorded results. Real tools never run, whatever is unlocked.

use gait_contract::runpack::{Replay, ReplayRequest};
use gait_contract::{Code, Fault};
use serde::Serialize;

use crate::core::Core;
use crate::host::files::Files;
use crate::host::paths;

/// What is to be replayed, and what was unlocked.
pub struct Wanted {
    /// Run id or path.
    pub run: String,
    /// Real tools are asked for.
    pub real_tools: bool,
    /// The caller says that he knows what that means.
    pub unsafe_real_tools: bool,
    /// Comma list of tools that may run.
    pub allow_tools: String,
    /// Variable that has to be `1`.
    pub unlocking_variable: String,
}

/// A replay.
#[derive(Debug, Serialize)]
pub struct Replayed {
    /// The steps.
    #[serde(flatten)]
    pub replay: Replay,
    /// What the caller should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Unsafe replay was asked for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub requested_unsafe: bool,
}

/// Replays a run.
pub fn replay(wanted: &Wanted) -> Result<Replayed, Fault> {
    let warnings = guard(wanted)?;
    let archive = paths::resolve(&wanted.run)?;
    let replay = Core::load()?.call(&ReplayRequest { archive }, &mut Files::new())?;
    Ok(Replayed { replay, warnings, requested_unsafe: wanted.unsafe_real_tools })
}

/// The three locks on real tools. They are looked at before anything else, the archive included.
fn guard(wanted: &Wanted) -> Result<Vec<String>, Fault> {
    if !wanted.real_tools {
        return Ok(Vec::new());
    }
    let locked = |what: &str| Err(Fault::new(Code::UnsafeOperation, what));
    if !wanted.unsafe_real_tools {
        return locked("`--real-tools` needs `--unsafe-real-tools` as well");
    }
    let tools: Vec<_> = wanted.allow_tools.split(',').map(str::trim).filter(|tool| !tool.is_empty()).collect();
    if tools.is_empty() {
        return locked("`--real-tools` needs `--allow-tools` with at least one tool");
    }
    let variable = &wanted.unlocking_variable;
    // An empty name or one with `=` or NUL names no variable; asking the system for it may panic or fail.
    let unlocked = !variable.is_empty()
        && !variable.contains(['=', '\0'])
        && std::env::var(variable).is_ok_and(|value| value.trim() == "1");
    if !unlocked {
        return locked(&format!("`--real-tools` needs the environment variable `{variable}` set to 1"));
    }
    Ok(vec![
        "real tools are not run by this version; recorded results and stubs were used".into(),
        format!("allow_tools={}", tools.join(",")),
    ])
}
