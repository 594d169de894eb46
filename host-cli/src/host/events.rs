//! The logs of gait's own calls (scout contract, section 5): off unless a variable names a file, silent when it cannot
//! be written, and never a reason for a call to end differently. Nothing is sent anywhere.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use gait_contract::events::{
    ADOPTION_SCHEMA, AdoptionEvent, Environment, EventCategory, MILESTONES, OPERATIONAL_SCHEMA, OperationalEvent, Phase,
};
use gait_contract::runpack::SCHEMA_VERSION;
use gait_contract::{Category, ExitCode};
use serde::Serialize;

use super::{clock, fs, machine};
use crate::core::Core;

/// Names the adoption log.
const ADOPTION: &str = "GAIT_ADOPTION_LOG";
/// Names the operational log.
const OPERATIONAL: &str = "GAIT_OPERATIONAL_LOG";

/// Words whose next word belongs to the name of the call.
const GROUPS: &[&str] =
    &["gate", "policy", "trace", "regress", "run", "scout", "guard", "incident", "registry", "mcp", "doctor"];

/// A call that is being noted.
pub struct Call {
    adoption: Option<PathBuf>,
    operational: Option<PathBuf>,
    command: String,
    correlation_id: String,
    since: Instant,
}

impl Call {
    /// Notes that a call starts; `None` when nothing is to be noted.
    pub fn start(words: &[String], correlation_id: impl FnOnce() -> String) -> Option<Self> {
        let (adoption, operational) = (log(ADOPTION), log(OPERATIONAL));
        if adoption.is_none() && operational.is_none() {
            return None;
        }
        let call = Self {
            adoption,
            operational,
            command: name(words),
            correlation_id: correlation_id(),
            since: Instant::now(),
        };
        call.note(Phase::Start, 0, None, 0);
        Some(call)
    }

    /// Notes how it ended. `cause` is what a fault says about itself.
    pub fn end(self, exit: ExitCode, cause: Option<Category>) {
        let elapsed_ms = i64::try_from(self.since.elapsed().as_millis()).unwrap_or(i64::MAX);
        let exit_code = i64::from(exit as u8);
        self.note(Phase::End, exit_code, category(exit, cause), elapsed_ms);
        let Some(path) = &self.adoption else { return };
        let success = exit == ExitCode::Success;
        let reached = MILESTONES.iter().filter(|(_, command, _)| success && *command == self.command);
        append(
            path,
            &AdoptionEvent {
                schema_id: ADOPTION_SCHEMA.into(),
                schema_version: SCHEMA_VERSION.into(),
                created_at: clock::now(),
                producer_version: Core::producer_version(),
                command: self.command.clone(),
                success,
                exit_code,
                elapsed_ms,
                milestones: reached.map(|(name, ..)| (*name).to_owned()).collect(),
                environment: environment(),
            },
        );
    }

    fn note(&self, phase: Phase, exit_code: i64, cause: Option<Category>, elapsed_ms: i64) {
        let Some(path) = &self.operational else { return };
        append(
            path,
            &OperationalEvent {
                schema_id: OPERATIONAL_SCHEMA.into(),
                schema_version: SCHEMA_VERSION.into(),
                created_at: clock::now(),
                producer_version: Core::producer_version(),
                correlation_id: self.correlation_id.clone(),
                command: self.command.clone(),
                phase,
                exit_code,
                error_category: cause.map_or(EventCategory::None, EventCategory::Some),
                retryable: cause.is_some_and(Category::retryable),
                elapsed_ms,
                environment: environment(),
            },
        );
    }
}

/// The log that a variable names.
fn log(variable: &str) -> Option<PathBuf> {
    let path = std::env::var(variable).ok()?;
    let path = path.trim();
    (!path.is_empty()).then(|| path.into())
}

/// What is called, without arguments: two words where the first is a group.
fn name(words: &[String]) -> String {
    let first = match words.first().map(|word| word.trim()) {
        None | Some("version" | "--version" | "-v") => return "version".into(),
        Some("--explain") => return "explain".into(),
        Some("") => return "unknown".into(),
        Some(first) => first,
    };
    match words.get(1).map(|word| word.trim()) {
        Some(second) if GROUPS.contains(&first) && !second.is_empty() && !second.starts_with('-') => {
            format!("{first} {second}")
        }
        _ => first.to_owned(),
    }
}

/// What went wrong, by exit code; where the machine failed, the fault knows more.
fn category(exit: ExitCode, cause: Option<Category>) -> Option<Category> {
    match exit {
        ExitCode::Success => None,
        ExitCode::VerificationFailed => Some(Category::VerificationFailed),
        ExitCode::PolicyBlocked => Some(Category::PolicyBlocked),
        ExitCode::ApprovalRequired => Some(Category::ApprovalRequired),
        ExitCode::InvalidInput => Some(Category::InvalidInput),
        ExitCode::DependencyMissing => Some(Category::DependencyMissing),
        ExitCode::Internal => Some(cause.unwrap_or(Category::InternalFailure)),
        ExitCode::RegressFailed | ExitCode::UnsafeOperation => Some(Category::InternalFailure),
    }
}

fn environment() -> Environment {
    let machine = machine::env();
    Environment { os: machine.os, arch: machine.arch }
}

/// Appends a line in one write, so that calls at the same time do not mix theirs.
fn append(path: &Path, event: &impl Serialize) {
    // A pipe without a reader would hold the call up.
    if path.metadata().is_ok_and(|found| !found.is_file()) {
        return;
    }
    let Ok(mut line) = serde_json::to_vec(event) else { return };
    line.push(b'\n');
    let Ok(mut folders) = fs::make_folder(fs::parent(path), 0o750) else { return };
    let mut options = File::options();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    if let Ok(mut file) = options.open(path) {
        folders.keep();
        let _ = file.write_all(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_named_without_arguments() {
        for (words, expected) in [
            ("", "version"),
            ("-v", "version"),
            ("--version", "version"),
            ("--explain|demo", "explain"),
            (" ", "unknown"),
            ("demo|--json", "demo"),
            ("verify|chain", "verify"),
            ("gate|eval|--policy", "gate eval"),
            ("gate|-h", "gate"),
            ("regress| ", "regress"),
            (" mcp | proxy ", "mcp proxy"),
            ("doctor|adoption", "doctor adoption"),
            ("frobnicate|x", "frobnicate"),
        ] {
            let words: Vec<String> =
                if words.is_empty() { Vec::new() } else { words.split('|').map(Into::into).collect() };
            assert_eq!(name(&words), expected, "{words:?}");
        }
    }

    #[test]
    fn categories_follow_the_exit_code() {
        assert_eq!(category(ExitCode::Success, None), None);
        assert_eq!(category(ExitCode::RegressFailed, None), Some(Category::InternalFailure));
        assert_eq!(category(ExitCode::Internal, Some(Category::StateContention)), Some(Category::StateContention));
        assert_eq!(category(ExitCode::VerificationFailed, None), Some(Category::VerificationFailed));
        let line = |category| serde_json::to_string(&category).expect("text");
        assert_eq!(line(EventCategory::None), r#""none""#);
        assert_eq!(line(EventCategory::Some(Category::IoFailure)), r#""io_failure""#);
    }

    #[test]
    fn what_cannot_be_written_is_left() {
        let root = tempfile::tempdir().expect("a folder");
        append(root.path(), &1);
        append(Path::new("/proc/nothing/x"), &1);
        let path = root.path().join("a/b/log.jsonl");
        append(&path, &1);
        append(&path, &2);
        assert_eq!(std::fs::read(&path).expect("written"), b"1\n2\n");
    }
}
