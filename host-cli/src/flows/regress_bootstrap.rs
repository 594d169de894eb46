//! `regress init`, then `regress run`.

use gait_contract::Fault;
use gait_contract::regress::Status;
use serde::Serialize;

use super::regress_init::{self, CONFIG};
use super::regress_run::{self, is_zero};

/// A fixture was made and graded.
#[derive(Debug, Serialize)]
pub struct Bootstrapped {
    /// Every grader passes.
    pub ok: bool,
    /// The run the fixture was made from.
    pub run_id: String,
    /// Its name.
    pub fixture_name: String,
    /// Its folder.
    pub fixture_dir: String,
    /// Its archive.
    pub runpack_path: String,
    /// The configuration that lists it.
    pub config_path: &'static str,
    /// The verdict as a word.
    pub status: Status,
    /// Number of graders that failed.
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
    /// The files that were written.
    pub artifact_paths: Vec<String>,
    /// The result.
    pub output: String,
    /// The result in JUnit's form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub junit: Option<String>,
    /// Things that are allowed but worth a look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Makes a fixture and grades all of the configuration.
pub fn bootstrap(from: &str, name: &str, mut run: regress_run::Wanted) -> Result<Bootstrapped, Fault> {
    let fixture = regress_init::init(from, name)?;
    if run.config.is_empty() {
        run.config = CONFIG.into();
    }
    let graded = regress_run::run(run)?;
    Ok(Bootstrapped {
        ok: graded.ok,
        run_id: fixture.run_id,
        fixture_name: fixture.fixture_name,
        fixture_dir: fixture.fixture_dir,
        runpack_path: fixture.runpack_path,
        config_path: fixture.config_path,
        status: graded.status,
        failed: graded.failed,
        top_failure_reason: graded.top_failure_reason,
        next_command: graded.next_command,
        failures: graded.failures,
        artifact_paths: graded.artifact_paths,
        output: graded.output,
        junit: graded.junit,
        warnings: fixture.warnings,
    })
}
