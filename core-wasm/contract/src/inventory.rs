//! Inventories: which agent tools and MCP servers a workspace holds, which of them policies speak of, and what changed.
//!
//! Source of every rule: the scout contract (`docs/contracts/scout.md`).

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::op::call;
use crate::{Timestamp, is_zero};

/// `schema_id` of an inventory snapshot.
pub const SNAPSHOT_SCHEMA: &str = "gait.scout.inventory_snapshot";

/// Lists the tools and servers that files speak of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SnapshotRequest {
    /// The roots, joined by commas.
    pub workspace: String,
    /// Files below the roots in the order of the walk, spelled with `/`; the path is the source.
    pub files: Vec<String>,
    /// Patterns of which a file has to match one, if there are any.
    #[serde(default)]
    pub include: Vec<String>,
    /// Patterns of which a file may match none.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// The time of the call, UTC.
    pub created_at: Timestamp,
    /// gait's version, for the snapshot.
    pub producer_version: String,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct SnapshotReport {
    /// Follows from workspace and items.
    pub snapshot_id: String,
    /// Tools and servers, by id.
    pub items: Vec<InventoryItem>,
    /// Number of files that were looked into.
    pub scanned: u64,
    /// The first 100 files that could not be read as what their names say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<SkippedFile>,
    /// How many there are.
    #[serde(skip_serializing_if = "is_zero")]
    pub skipped_total: u64,
    /// Text of the snapshot, an [`InventorySnapshot`].
    pub snapshot_text: String,
}
call!(SnapshotRequest, "scout.snapshot", SnapshotReport);

/// A file that was left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct SkippedFile {
    /// The file.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// `inventory_snapshot_<id>.json` (schemas contract, B.20).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct InventorySnapshot {
    /// `gait.scout.inventory_snapshot`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SNAPSHOT_SCHEMA)))]
    pub schema_id: String,
    /// `1.0.0`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = crate::runpack::SCHEMA_VERSION)))]
    pub schema_version: String,
    /// When the workspace was looked at, UTC.
    pub created_at: Timestamp,
    /// gait's version.
    pub producer_version: String,
    /// Follows from workspace and items.
    pub snapshot_id: String,
    /// The roots, joined by commas.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub workspace: String,
    /// Tools and servers, by id.
    pub items: Vec<InventoryItem>,
}

/// A tool or a server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct InventoryItem {
    /// Follows from kind and name.
    pub id: String,
    /// `tool` or `mcp_server`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["tool", "mcp_server"])))]
    pub kind: String,
    /// As it was found first.
    pub name: String,
    /// The file, the smallest path if there are several.
    pub locator: String,
    /// `low`, `high` or `critical`, by the name.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["low", "medium", "high", "critical"])))]
    pub risk_level: String,
    /// What it was found as.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The last run that used it; gait writes none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub last_seen_run: String,
}

/// Asks how many tools and servers of a snapshot policies speak of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CoverageRequest {
    /// From the snapshot.
    pub snapshot_id: String,
    /// From the snapshot.
    pub items: Vec<InventoryItem>,
    /// Sources of the policies.
    pub policies: Vec<String>,
}

/// What policies speak of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct CoverageReport {
    /// The numbers and names.
    pub coverage: Coverage,
    /// Text of the file.
    pub coverage_text: String,
}
call!(CoverageRequest, "scout.coverage", CoverageReport);

/// `inventory_coverage_<id>.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Coverage {
    /// The snapshot.
    pub snapshot_id: String,
    /// Number of different names.
    pub discovered_tools: u64,
    /// How many of them a rule names.
    pub gated_tools: u64,
    /// How many high and critical items no rule names.
    pub high_risk_ungated_tools: u64,
    /// Gated of discovered names, with two decimals; 100 when there are none.
    pub coverage_percent: f64,
    /// Digests of the policies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policy_digests: Vec<String>,
    /// Names in lower case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub discovered_tool_names: Vec<String>,
    /// Names in rules, whether they were found or not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gated_tool_names: Vec<String>,
    /// High and critical items that no rule names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub high_risk_ungated_tool_ids: Vec<String>,
}

/// Compares two snapshots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DriftRequest {
    /// Source of the earlier one.
    pub left: String,
    /// Source of the later one.
    pub right: String,
}

/// What changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct DriftReport {
    /// Nothing did.
    pub ok: bool,
    /// The differences.
    pub diff: Drift,
    /// The same as the text of a file.
    pub diff_text: String,
}
call!(DriftRequest, "scout.diff", DriftReport);

/// The differences between two snapshots.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Drift {
    /// The earlier one.
    pub left_snapshot_id: String,
    /// The later one.
    pub right_snapshot_id: String,
    /// Items of the later one only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<DriftItem>,
    /// Items of the earlier one only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<DriftItem>,
    /// Items of both that differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<DriftChange>,
    /// How many were added.
    pub added_count: u64,
    /// How many were removed.
    pub removed_count: u64,
    /// How many differ.
    pub changed_count: u64,
}

/// An item that only one snapshot has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct DriftItem {
    /// Its id.
    pub id: String,
    /// `tool` or `mcp_server`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its file.
    pub locator: String,
    /// Its risk.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub risk_level: String,
}

/// An item that differs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct DriftChange {
    /// Its id.
    pub id: String,
    /// Its kind in the later snapshot.
    pub kind: String,
    /// Its name in the later snapshot.
    pub name: String,
    /// Its file before.
    pub before_locator: String,
    /// Its file after.
    pub after_locator: String,
    /// Its risk before.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub before_risk_level: String,
    /// Its risk after.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub after_risk_level: String,
}
