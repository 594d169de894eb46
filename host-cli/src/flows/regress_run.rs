//! Grade fixtures, and write down what came of it.

use std::path::Path;

use gait_contract::regress::{RegressRunRequest, Status};
use gait_contract::{Code, Fault};
use serde::Serialize;

use crate::core::Core;
use crate::host::files::Files;
use crate::host::fs::{self, Draft};
use crate::host::{interrupt, paths};

/// What is to be graded, and where the results go.
#[derive(Debug)]
pub struct Wanted {
    /// The configuration.
    pub config: String,
    /// File for the result.
    pub output: String,
    /// File for the result in JUnit's form.
    pub junit: Option<String>,
    /// Runpack that every fixture is compared with.
    pub candidate: Option<String>,
}

/// What the graders say.
#[derive(Debug, Serialize)]
pub struct Graded {
    /// Every grader passes.
    pub ok: bool,
    /// The same as a word.
    pub status: Status,
    /// From the configuration.
    pub fixture_set: String,
    /// Number of grader results.
    pub graders: u64,
    /// Number of them that failed.
    #[serde(skip_serializing_if = "is_zero")]
    pub failed: u64,
    /// First reason of the first failed grader.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub top_failure_reason: String,
    /// What to run next.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub next_command: String,
    /// One line for each failed grader.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<String>,
    /// Fixtures that were compared with nothing but themselves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub self_compared: Vec<String>,
    /// The files that were written.
    pub artifact_paths: Vec<String>,
    /// The result.
    pub output: String,
    /// The result in JUnit's form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub junit: Option<String>,
}

/// True for counts that are left out.
pub(super) fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Grades all fixtures of a configuration.
pub fn run(wanted: Wanted) -> Result<Graded, Fault> {
    let output = wanted.output.trim().to_owned();
    let junit = wanted.junit.map(|junit| junit.trim().to_owned()).filter(|junit| !junit.is_empty());
    interrupt::hold();
    let request = RegressRunRequest {
        config: wanted.config,
        candidate: wanted.candidate.as_deref().map(paths::resolve).transpose()?,
        producer_version: Core::producer_version(),
    };
    let mut files = Files::new();
    let report = Core::load()?.call(&request, &mut files)?;
    refuse_overwriting(&output, junit.as_deref(), &files)?;
    write(&output, &report.result_text, junit.as_deref(), &report.junit_text)?;
    Ok(Graded {
        ok: report.ok,
        status: report.status,
        fixture_set: report.fixture_set,
        graders: report.graders,
        failed: report.failed,
        top_failure_reason: report.top_failure_reason,
        next_command: report.next_command,
        failures: report.failures,
        self_compared: report.self_compared,
        artifact_paths: std::iter::once(output.clone()).chain(junit.clone()).collect(),
        output,
        junit,
    })
}

/// Neither file may take the place of the other, or of anything the result was made from.
fn refuse_overwriting(output: &str, junit: Option<&str>, files: &Files) -> Result<(), Fault> {
    let others = files.used().map(|source| (source, "was read"));
    let targets = [Some((output, "--output")), junit.map(|junit| (junit, "--junit"))];
    for (target, flag) in targets.into_iter().flatten() {
        let both = junit.filter(|_| flag == "--output").map(|junit| (junit, "is the JUnit file"));
        if let Some((_, why)) = others.clone().chain(both).find(|(other, _)| paths::same_place(target, other)) {
            let text = format!("`{target}` {why} and would be overwritten");
            return Err(Fault::new(Code::OutputIsInput, text).hint(format!("choose another file with `{flag}`")));
        }
    }
    Ok(())
}

/// Writes both files or neither, as far as the disk lets us.
fn write(output: &str, result: &str, junit: Option<&str>, junit_text: &str) -> Result<(), Fault> {
    let output = Path::new(output);
    let Some(junit) = junit.map(Path::new) else { return fs::write(output, result.as_bytes()) };
    if fs::is_stream(output) || fs::is_stream(junit) {
        fs::write(output, result.as_bytes())?;
        return fs::write(junit, junit_text.as_bytes());
    }
    let result = Draft::holding(output, result.as_bytes())?;
    let mut made = fs::make_folder(fs::parent(junit), 0o750)?;
    let junit_draft = Draft::holding(junit, junit_text.as_bytes())?;
    result.put(output)?;
    junit_draft.put(junit)?;
    made.keep();
    Ok(())
}
