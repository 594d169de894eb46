//! The programs called gait on this machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Serialize;

use super::Check;

/// Which programs there are.
#[derive(Debug, Default, Serialize)]
pub struct Programs {
    /// The program that is running.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub binary_path: String,
    /// How it was found.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub binary_path_source: &'static str,
    /// The one on the PATH, when that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_binary_path: Option<String>,
    /// The version of the running one.
    pub binary_version: &'static str,
}

/// Finds them. The running program needs no proof that it runs.
pub(super) fn find() -> Programs {
    let running = std::env::current_exe().ok();
    let on_path = on_path();
    let other = on_path.filter(|found| !is_same(found, running.as_deref()));
    Programs {
        binary_path_source: if running.is_some() { "invoked_executable" } else { "" },
        binary_path: running.map(|path| path.display().to_string()).unwrap_or_default(),
        path_binary_path: other.map(|path| path.display().to_string()),
        binary_version: env!("CARGO_PKG_VERSION"),
    }
}

pub(super) fn onboarding_binary() -> Check {
    const NAME: &str = "onboarding_binary";
    let programs = find();
    let version = programs.binary_version;
    match &programs.path_binary_path {
        None => Check::pass(NAME, format!("gait {version} at {}", programs.binary_path)),
        Some(other) => {
            let answer = answer(Path::new(other)).unwrap_or_else(|| "something that is not gait".into());
            Check::pass(NAME, format!("gait {version} at {}; PATH has {answer} at {other}", programs.binary_path))
        }
    }
}

/// The first program of that name on the PATH.
fn on_path() -> Option<PathBuf> {
    let name = format!("gait{}", std::env::consts::EXE_SUFFIX);
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&name))
        .find(|path| path.is_file())
}

fn is_same(found: &Path, running: Option<&Path>) -> bool {
    match (found.canonicalize(), running.map(Path::canonicalize)) {
        (Ok(found), Some(Ok(running))) => found == running,
        _ => false,
    }
}

/// What a program says it is, when it says so the way gait does.
fn answer(path: &Path) -> Option<String> {
    let mut command = Command::new(path);
    command.arg("version").stdin(Stdio::null()).stderr(Stdio::null());
    // A program that is asked about is no call of the user's.
    command.env_remove("GAIT_ADOPTION_LOG").env_remove("GAIT_OPERATIONAL_LOG");
    let done = command.output().ok().filter(|done| done.status.success())?;
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    let line = text.lines().next()?.trim();
    line.starts_with("gait ").then(|| line.to_owned())
}
