//! Signals: what keeps failing in many runs. Inventories of tools are the neighbour's, `inventory`.
//!
//! Source of every rule: the scout contract (`docs/contracts/scout.md`).

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::op::call;
use crate::{Timestamp, is_false, is_zero};

/// `schema_id` of the signal report.
pub const REPORT_SCHEMA: &str = "gait.scout.signal_report";
/// `schema_id` of a fingerprint in it.
pub const FINGERPRINT_SCHEMA: &str = "gait.scout.run_fingerprint";
/// `created_at` of signal reports: equal input gives equal bytes.
pub const REPORT_TIME: &str = "1980-01-01T00:00:00Z";

/// Verifies one runpack, without its signatures, and notes what its run did. Nothing recorded is kept but names,
/// statuses and digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FingerprintRequest {
    /// Source of the archive.
    pub archive: String,
}

/// What one run did. Records of many runs, one on each line, are what `scout.report` reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct RunRecord {
    /// From `run.json`.
    pub run_id: String,
    /// Source of the archive.
    pub source_runpack: String,
    /// Tools in the order they were called.
    pub action_sequence: Vec<String>,
    /// What kinds of tools they are, sorted.
    pub tool_classes: Vec<String>,
    /// Where the run read, sorted.
    pub target_systems: Vec<String>,
    /// Reasons that the run's own results give, sorted.
    pub reasons: Vec<ReasonCount>,
    /// What it read, by digest, sorted.
    pub ref_receipt_digests: Vec<String>,
}

/// A reason, and how often it was given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ReasonCount {
    /// The reason.
    pub reason: String,
    /// How often.
    pub count: u64,
}
call!(FingerprintRequest, "scout.fingerprint", RunRecord);

/// Groups runs into families of incidents and ranks them. The report, a [`SignalReport`], is written to the stream
/// `report`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReportRequest {
    /// Source of the records: one [`RunRecord`] a line, in any order.
    pub records: String,
    /// Sources of traces.
    #[serde(default)]
    pub traces: Vec<String>,
    /// Sources of regress results.
    #[serde(default)]
    pub regress: Vec<String>,
    /// gait's version, for the report.
    pub producer_version: String,
}

/// What is in the report, as far as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct SignalSummary {
    /// Number of runpacks.
    pub run_count: u64,
    /// Number of families.
    pub family_count: u64,
    /// The first 10 families.
    pub top_issues: Vec<Issue>,
    /// The first 200 families, with at most 20 run ids and paths each.
    pub families: Vec<Family>,
    /// Traces that name none of the runs.
    #[serde(skip_serializing_if = "is_zero")]
    pub unmatched_traces: u64,
    /// Failed graders that name none of the runs.
    #[serde(skip_serializing_if = "is_zero")]
    pub unmatched_graders: u64,
}
call!(ReportRequest, "scout.report", SignalSummary);

/// `scout_signal_report.json` (schemas contract, B.22).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct SignalReport {
    /// `gait.scout.signal_report`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = REPORT_SCHEMA)))]
    pub schema_id: String,
    /// `1.0.0`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = crate::runpack::SCHEMA_VERSION)))]
    pub schema_version: String,
    /// Always `1980-01-01T00:00:00Z`.
    pub created_at: Timestamp,
    /// gait's version.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub producer_version: String,
    /// Number of runpacks.
    pub run_count: u64,
    /// Number of families.
    pub family_count: u64,
    /// Every run, by run id, then path.
    pub fingerprints: Vec<RunFingerprint>,
    /// Every family, the most severe first.
    pub families: Vec<Family>,
    /// The first 10 of them.
    pub top_issues: Vec<Issue>,
}

/// One run of a signal report (schemas contract, B.21).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct RunFingerprint {
    /// `gait.scout.run_fingerprint`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = FINGERPRINT_SCHEMA)))]
    pub schema_id: String,
    /// `1.0.0`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = crate::runpack::SCHEMA_VERSION)))]
    pub schema_version: String,
    /// Always `1980-01-01T00:00:00Z`.
    pub created_at: Timestamp,
    /// gait's version.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub producer_version: String,
    /// The run.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub run_id: String,
    /// SHA-256 of the canonical JSON of the five lists.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-f0-9]{64}$")))]
    pub fingerprint: String,
    /// Tools in the order they were called.
    pub action_sequence: Vec<String>,
    /// What kinds of tools they are: `destructive`, `execute`, `read`, `write`.
    pub tool_classes: Vec<String>,
    /// Where the run read.
    pub target_systems: Vec<String>,
    /// What went wrong, by results, traces and regressions.
    pub reason_code_vector: Vec<String>,
    /// What the run read, by digest.
    pub ref_receipt_digests: Vec<String>,
    /// Path of the archive.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source_runpack: String,
    /// Traces that name the run.
    #[serde(skip_serializing_if = "is_zero")]
    pub trace_count: u64,
    /// A regress result gives the run a reason.
    #[serde(skip_serializing_if = "is_false")]
    pub regress_evidence_seen: bool,
}

/// Runs with one fingerprint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Family {
    /// `fam_` and the first 12 digits of the fingerprint.
    pub family_id: String,
    /// The fingerprint they share.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-f0-9]{64}$")))]
    pub fingerprint: String,
    /// Number of runpacks; copies count.
    pub count: u64,
    /// The runs.
    pub run_ids: Vec<String>,
    /// The first of them.
    pub canonical_run_id: String,
    /// The first reason in alphabetical order, kept for compatibility.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub top_failure_reason: String,
    /// The reason that was given most often in all members.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub most_frequent_reason: String,
    /// What probably changed.
    pub drivers: Vec<Driver>,
    /// How severe it is.
    pub severity_score: u64,
    /// The same as a word.
    pub severity_level: Severity,
    /// Paths of the archives.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub artifact_pointers: Vec<String>,
    /// What to do, one for each driver.
    pub suggestions: Vec<Suggestion>,
}

/// One of the first families.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Issue {
    /// From 1.
    pub rank: u64,
    /// The family.
    pub family_id: String,
    /// The fingerprint they share.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-f0-9]{64}$")))]
    pub fingerprint: String,
    /// Number of runpacks; copies count.
    pub count: u64,
    /// The family's first run.
    pub canonical_run_id: String,
    /// The first reason in alphabetical order, kept for compatibility.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub top_failure_reason: String,
    /// The reason that was given most often in all members.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub most_frequent_reason: String,
    /// What probably changed.
    pub drivers: Vec<Driver>,
    /// How severe it is.
    pub severity_score: u64,
    /// The same as a word.
    pub severity_level: Severity,
    /// What to do, one for each driver.
    pub suggestions: Vec<Suggestion>,
}

/// What probably changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Driver {
    /// Settings or the environment.
    ConfigurationChange,
    /// What may be called.
    PolicyChange,
    /// What is read.
    ReferenceSetChange,
    /// What tools answer.
    ToolResultShapeChange,
}

impl Driver {
    /// The word in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ConfigurationChange => "configuration_change",
            Self::PolicyChange => "policy_change",
            Self::ReferenceSetChange => "reference_set_change",
            Self::ToolResultShapeChange => "tool_result_shape_change",
        }
    }
}

/// How severe a family is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A score below 70.
    #[default]
    Low,
    /// From 70.
    Medium,
    /// From 110.
    High,
    /// From 150.
    Critical,
}

impl Severity {
    /// The word in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// What to do about a family. The texts are fixed; nothing recorded enters them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Suggestion {
    /// `policy_fixture`, `regress_fixture` or `configuration`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["policy_fixture", "regress_fixture", "configuration"])))]
    pub kind: String,
    /// What to run, in words.
    pub summary: String,
    /// Which files it concerns, in words.
    pub likely_scope: String,
}
