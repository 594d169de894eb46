//! Regressions: configuration, fixtures, results, and the operations on them.
//!
//! Source of every rule: the regress contract (`docs/contracts/regress.md`).

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::op::call;
use crate::{Timestamp, is_zero};

/// `schema_id` of `gait.yaml`.
pub const CONFIG_SCHEMA: &str = "gait.regress.config";
/// `schema_id` of `fixture.json`.
pub const FIXTURE_SCHEMA: &str = "gait.regress.fixture";
/// `schema_id` of `regress_result.json`.
pub const RESULT_SCHEMA: &str = "gait.regress.result";

/// `gait.yaml`: which fixtures there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Config {
    /// `gait.regress.config`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = CONFIG_SCHEMA)))]
    pub schema_id: String,
    /// `1.0.0`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = crate::runpack::SCHEMA_VERSION)))]
    pub schema_version: String,
    /// Name of the set; empty means `default`.
    pub fixture_set: String,
    /// The fixtures.
    pub fixtures: Vec<ConfigFixture>,
}

/// One fixture of a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ConfigFixture {
    /// The fixture's name.
    pub name: String,
    /// The run it was made from; empty means not compared.
    pub run_id: String,
    /// Path of the archive, with `/`, relative to the current folder.
    pub runpack: String,
}

/// `fixtures/<name>/fixture.json`: what is expected of one fixture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Fixture {
    /// `gait.regress.fixture`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = FIXTURE_SCHEMA)))]
    pub schema_id: String,
    /// `1.0.0`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = crate::runpack::SCHEMA_VERSION)))]
    pub schema_version: String,
    /// The fixture's name.
    pub name: String,
    /// The run it was made from.
    pub run_id: String,
    /// File name of the archive beside this file.
    pub runpack: String,
    /// 0 when the replay is complete, 2 when results are missing.
    #[cfg_attr(feature = "schema", schemars(range(min = 0)))]
    pub expected_replay_exit_code: i64,
    /// Archive to compare with, relative to the fixture's folder; empty means the fixture itself.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub candidate_runpack: String,
    /// Members that may differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub diff_allow_changed_files: Vec<String>,
}

/// `regress_result.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegressResult {
    /// `gait.regress.result`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = RESULT_SCHEMA)))]
    pub schema_id: String,
    /// `1.0.0`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = crate::runpack::SCHEMA_VERSION)))]
    pub schema_version: String,
    /// `created_at` of the first fixture's run, in UTC.
    pub created_at: Timestamp,
    /// gait's version.
    pub producer_version: String,
    /// From the configuration.
    pub fixture_set: String,
    /// The verdict over all graders.
    pub status: Status,
    /// Every grader's result, sorted by name.
    pub graders: Vec<GraderResult>,
}

/// Pass or fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Everything is as expected.
    Pass,
    /// Something is not.
    Fail,
}

/// What one grader says about one fixture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("required" = ["name", "status", "reason_codes"])))]
pub struct GraderResult {
    /// `<fixture>/<grader>`.
    pub name: String,
    /// Its verdict.
    pub status: Status,
    /// Why it failed, sorted; empty on a pass.
    pub reason_codes: Vec<String>,
    /// What it looked at.
    pub details: Details,
}

/// What a grader looked at; keys sorted, each present only where it means something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("required" = [])))]
#[serde(default)]
pub struct Details {
    /// Exit code of the fixture's replay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual_exit_code: Option<i64>,
    /// Members that may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_files: Option<Vec<String>>,
    /// Exit code of the candidate's replay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate_exit_code: Option<i64>,
    /// Ids without a result in the candidate's replay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate_missing_results: Option<Vec<String>>,
    /// The archive compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate_runpack: Option<String>,
    /// Members that differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_files: Option<Vec<String>>,
    /// What went wrong while grading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Exit code the fixture expects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_exit_code: Option<i64>,
    /// The fixture's name.
    pub fixture: String,
    /// Number of members that do not match the manifest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash_mismatches: Option<u64>,
    /// Number of intents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent_records: Option<u64>,
    /// Members that are missing; `null` when none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_files: Option<Option<Vec<String>>>,
    /// Ids without a result, sorted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_results: Option<Vec<String>>,
    /// Number of receipts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference_receipts: Option<u64>,
    /// Number of results.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_records: Option<u64>,
    /// The fixture's run.
    pub run_id: String,
    /// Members that differ and may not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unexpected_files: Option<Vec<String>>,
}

/// Turns a runpack into a fixture. The host writes what the reply says, all or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegressInitRequest {
    /// Source of the runpack.
    pub archive: String,
    /// The fixture's name; empty means one made from the run id.
    #[serde(default)]
    pub name: String,
    /// Folders below `fixtures/`, as the host sees them now.
    #[serde(default)]
    pub folders: Vec<FixtureFolder>,
    /// Source of the present configuration, when there is one: its fixture set is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<String>,
}

/// A folder below `fixtures/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FixtureFolder {
    /// The folder's name.
    pub name: String,
    /// It holds a `fixture.json`.
    pub has_fixture: bool,
    /// Names of the other files in it.
    #[serde(default)]
    pub files: Vec<String>,
}

/// What `regress init` writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegressInit {
    /// From the manifest.
    pub run_id: String,
    /// The fixture's name.
    pub fixture_name: String,
    /// Text of `fixtures/<name>/fixture.json`.
    pub fixture_text: String,
    /// Text of `gait.yaml`.
    pub config_text: String,
    /// Things that are allowed but worth a look.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}
call!(RegressInitRequest, "regress.init", RegressInit);

/// Grades every fixture of a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegressRunRequest {
    /// Source of the configuration, as the caller spelled its path.
    pub config: String,
    /// Archive to compare every fixture with, instead of the fixtures' own candidates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidate: Option<String>,
    /// gait's version, for the result.
    pub producer_version: String,
}

/// What the graders say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegressReport {
    /// True when every grader passes.
    pub ok: bool,
    /// The same as a word.
    pub status: Status,
    /// From the configuration.
    pub fixture_set: String,
    /// Number of grader results.
    pub graders: u64,
    /// Number of them that failed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failed: u64,
    /// First reason of the first failed grader.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub top_failure_reason: String,
    /// What to run next.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub next_command: String,
    /// One line for each failed grader: name, reasons, what differed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<String>,
    /// Fixtures that were compared with nothing but themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub self_compared: Vec<String>,
    /// Text of `regress_result.json`.
    pub result_text: String,
    /// Text of the JUnit file.
    pub junit_text: String,
}
call!(RegressRunRequest, "regress.run", RegressReport);
