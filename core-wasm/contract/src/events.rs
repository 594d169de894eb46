//! What gait notes about its own calls, if it is told to, and the report that is made of the notes.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::fault::Category;
use crate::op::call;

/// `schema_id` of an adoption event.
pub const ADOPTION_SCHEMA: &str = "gait.scout.adoption_event";
/// `schema_id` of an operational event.
pub const OPERATIONAL_SCHEMA: &str = "gait.scout.operational_event";
/// `schema_id` of the adoption report.
pub const ADOPTION_REPORT_SCHEMA: &str = "gait.doctor.adoption_report";

/// The milestones in their order, the call that reaches each, and what to run for it; the last three are reserved.
pub const MILESTONES: [(&str, &str, &str); 7] = [
    ("A1", "demo", "gait demo"),
    ("A2", "verify", "gait verify <run_id>"),
    ("A3", "regress init", "gait regress init --from <run_id>"),
    ("A4", "regress run", "gait regress run"),
    ("E1", "", ""),
    ("E2", "", ""),
    ("E3", "", ""),
];

/// One line of the adoption log (schemas contract, B.23).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct AdoptionEvent {
    /// `gait.scout.adoption_event`.
    pub schema_id: String,
    /// `1.0.0`.
    pub schema_version: String,
    /// When the call ended, in UTC.
    pub created_at: Timestamp,
    /// gait's version.
    pub producer_version: String,
    /// The words that were called, without their arguments.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub command: String,
    /// The call ended with exit code 0.
    pub success: bool,
    /// How the call ended.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 255)))]
    pub exit_code: i64,
    /// How long it took, in milliseconds.
    #[cfg_attr(feature = "schema", schemars(range(min = 0)))]
    pub elapsed_ms: i64,
    /// What was reached by it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub milestones: Vec<String>,
    /// Where it ran.
    pub environment: Environment,
}

/// What kind of machine a call ran on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Environment {
    /// Operating system: `linux`, `darwin`, `windows`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub os: String,
    /// Architecture: `amd64`, `arm64`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub arch: String,
}

/// One line of the operational log (schemas contract, B.24).
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OperationalEvent {
    /// `gait.scout.operational_event`.
    pub schema_id: String,
    /// `1.0.0`.
    pub schema_version: String,
    /// When it happened, in UTC.
    pub created_at: Timestamp,
    /// gait's version.
    pub producer_version: String,
    /// The one of the call's own answer.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub correlation_id: String,
    /// The words that were called, without their arguments.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub command: String,
    /// Whether the call starts or ends.
    pub phase: Phase,
    /// How it ended; 0 at the start.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 255)))]
    pub exit_code: i64,
    /// Group of causes; `none` at the start and when the call succeeded.
    pub error_category: EventCategory,
    /// The same call may succeed later without any change.
    pub retryable: bool,
    /// How long it took, in milliseconds; 0 at the start.
    #[cfg_attr(feature = "schema", schemars(range(min = 0)))]
    pub elapsed_ms: i64,
    /// Where it ran.
    pub environment: Environment,
}

/// Start or end of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It starts.
    Start,
    /// It ends.
    End,
}

/// A group of causes, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventCategory {
    /// Nothing went wrong.
    None,
    /// Something did.
    #[serde(untagged)]
    Some(Category),
}

/// Counts an adoption log. One line that is no event refuses the whole log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AdoptionRequest {
    /// Source of the log.
    pub log: String,
    /// Version of the program.
    pub producer_version: String,
}

/// What an adoption log tells (doctor contract, section 6).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AdoptionReport {
    /// `gait.doctor.adoption_report`.
    pub schema_id: String,
    /// `1.0.0`.
    pub schema_version: String,
    /// The time of the latest event; 1980 for an empty log.
    pub created_at: Timestamp,
    /// gait's version.
    pub producer_version: String,
    /// The log.
    pub source: String,
    /// Number of events.
    pub total_events: u64,
    /// Events of calls that succeeded.
    pub success_events: u64,
    /// The others. A block or a pending approval counts here: the call did not exit with 0.
    pub failed_events: u64,
    /// The earliest time, in UTC; absent for an empty log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_event_at: Option<Timestamp>,
    /// The latest time, in UTC; absent for an empty log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_event_at: Option<Timestamp>,
    /// What was called, sorted.
    pub commands: Vec<CommandCount>,
    /// All milestones, in their order.
    pub milestones: Vec<Milestone>,
    /// A1 to A4 were reached.
    pub activation_complete: bool,
    /// What to run for those of them that are missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blockers: Vec<String>,
}

/// How often a command was called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CommandCount {
    /// The command.
    pub command: String,
    /// Calls.
    pub total: u64,
    /// Calls that succeeded.
    pub success: u64,
    /// Calls that did not.
    pub failure: u64,
}

/// Something a user gets to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Milestone {
    /// Its name.
    pub name: String,
    /// It was reached.
    pub achieved: bool,
}
call!(AdoptionRequest, "adoption.report", AdoptionReport);
