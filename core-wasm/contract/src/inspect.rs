//! Looking into a runpack: what a person wants to see of it, whether it is sound or not.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::op::call;
use crate::runpack::{Intent, Refs, ResultRecord, Run};

/// Reads a runpack as far as it can be read. What is wrong with it is shown, not refused; `verify` judges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InspectRequest {
    /// Source of the archive.
    pub archive: String,
    /// How many intents and results to hand over at most; 1,000 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<u64>,
}

/// What is in a runpack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Inspection {
    /// From the manifest.
    pub run_id: String,
    /// From the manifest.
    pub capture_mode: String,
    /// From the manifest.
    pub manifest_digest: String,
    /// From the manifest.
    pub producer_version: String,
    /// The archive's members, and those that the manifest lists and the archive lacks.
    pub members: Vec<InspectedMember>,
    /// The run with its timeline, if it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
    /// The first intents.
    pub intents: Vec<Intent>,
    /// How many intents there are.
    pub intents_total: u64,
    /// The first results.
    pub results: Vec<ResultRecord>,
    /// How many results there are.
    pub results_total: u64,
    /// The receipts, if they can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refs: Option<Refs>,
    /// What could not be read, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<String>,
}

/// One member of an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct InspectedMember {
    /// Its name.
    pub path: String,
    /// Uncompressed bytes; zero when it is not there.
    pub bytes: u64,
    /// The digest the manifest lists; empty when it lists none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub expected: String,
    /// The digest of what is there; empty when it is not there, or not listed and therefore not read.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub found: String,
}
call!(InspectRequest, "run.inspect", Inspection);
