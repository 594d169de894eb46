//! Keeping evidence for a while: which traces and packs have had their time, and the report about it; and the envelope
//! of a file that is kept encrypted.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::op::call;
use crate::{Timestamp, is_false};

/// `schema_id` of a retention report.
pub const RETENTION_SCHEMA: &str = "gait.guard.retention_report";
/// `schema_id` of an encrypted artifact.
pub const ENCRYPTED_SCHEMA: &str = "gait.guard.encrypted_artifact";

/// Asks which files of a folder have had their time (guard contract, section 10). Nothing is opened: names and times
/// decide.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct RetainRequest {
    /// The folder, for the report.
    pub root: String,
    /// How long traces are kept: `168h`. Nothing or less is for ever.
    pub trace_ttl: String,
    /// How long packs are kept.
    pub pack_ttl: String,
    /// Nothing is to be deleted.
    #[serde(skip_serializing_if = "is_false")]
    pub dry_run: bool,
    /// The time now.
    pub now: Timestamp,
    /// Who writes the report.
    pub producer_version: String,
    /// Every file in the folder and below it.
    pub files: Vec<FoundFile>,
    /// Paths that stay whatever their age is: they could not be deleted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stay: Vec<String>,
}

/// A file that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct FoundFile {
    /// Its path.
    pub path: String,
    /// When it was written.
    pub modified_at: Timestamp,
}

/// What is to be deleted, as the report about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Retention {
    /// The report.
    pub report: RetentionReport,
    /// The report's file.
    pub text: String,
}
call!(RetainRequest, "guard.retain", Retention);

/// What `gait guard retain --report-out` writes (schemas contract, B.15).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct RetentionReport {
    /// `gait.guard.retention_report`.
    pub schema_id: String,
    /// `1.0.0`.
    pub schema_version: String,
    /// When it was decided.
    pub created_at: Timestamp,
    /// Who decided.
    pub producer_version: String,
    /// The folder that was looked through.
    pub root_path: String,
    /// Nothing was deleted.
    pub dry_run: bool,
    /// How long traces are kept, in whole seconds; nothing or less is for ever.
    pub trace_ttl_seconds: i64,
    /// How long packs are kept, in whole seconds.
    pub pack_ttl_seconds: i64,
    /// Number of traces and packs that were found.
    pub scanned_files: u64,
    /// Files that have had their time, by path.
    pub deleted_files: Vec<RetainedFile>,
    /// Files that stay, by path.
    pub kept_files: Vec<RetainedFile>,
}

/// One file of a retention report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct RetainedFile {
    /// Its path.
    pub path: String,
    /// `trace` or `pack`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["trace", "pack"])))]
    pub kind: String,
    /// When it was written.
    pub modified_at: Timestamp,
    /// How old it is, in whole seconds.
    pub age_seconds: u64,
    /// `deleted` or `kept`; `deleted` also where a dry run only would have.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["deleted", "kept"])))]
    pub action: String,
}

/// A file that is kept encrypted (schemas contract, B.16). Only hosts make and open one: the core never sees the key.
/// Fields are declared in canonical order, so that a large one is written without being put in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct EncryptedArtifact {
    /// `aes-256-gcm`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = "aes-256-gcm")))]
    pub algorithm: String,
    /// Standard base64 of what was encrypted, with the 16 bytes that authenticate it at the end.
    pub ciphertext: String,
    /// When it was encrypted.
    pub created_at: Timestamp,
    /// Where the key came from.
    pub key_source: KeySource,
    /// Standard base64 of the 12 bytes that make this encryption differ from every other one with its key.
    pub nonce: String,
    /// SHA-256 of what was encrypted.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-fA-F0-9]{64}$")))]
    pub plain_sha256: String,
    /// Its size in bytes.
    pub plain_size: u64,
    /// Who encrypted it.
    pub producer_version: String,
    /// `gait.guard.encrypted_artifact`.
    pub schema_id: String,
    /// `1.0.0`.
    pub schema_version: String,
}

/// Where a key came from; never the key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct KeySource {
    /// The command that printed it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub command: String,
    /// `env`, `file` or `command`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["env", "file", "command"])))]
    pub mode: String,
    /// The environment variable or the file that held it.
    #[serde(rename = "ref", skip_serializing_if = "String::is_empty")]
    pub reference: String,
}
