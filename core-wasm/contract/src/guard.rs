//! Evidence packs: what an auditor receives, and checking it.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::op::call;
use crate::runpack::Signature;
use crate::trace::Linked;
use crate::verify::{HashMismatch, SignatureStatus};
use crate::{is_false, is_zero};

/// `schema_id` of an evidence pack's manifest.
pub const PACK_SCHEMA: &str = "gait.guard.pack_manifest";

/// What verification reads of `pack_manifest.json` (schemas contract, B.14). Signatures cover the whole document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PackManifest {
    /// `gait.guard.pack_manifest`.
    pub schema_id: String,
    /// `1.0.0`.
    pub schema_version: String,
    /// Follows from `contents` and `run_id`.
    pub pack_id: String,
    /// The run the evidence is about.
    pub run_id: String,
    /// Every other member.
    pub contents: Vec<PackEntry>,
    /// Signatures over the canonical manifest without this field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<Signature>,
}

/// One member of an evidence pack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PackEntry {
    /// Member name.
    pub path: String,
    /// SHA-256 of the uncompressed member.
    pub sha256: String,
    /// `runpack`, `trace`, `report` or `evidence`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// Asks whether an evidence pack is what it claims to be (guard contract, section 8).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PackVerifyRequest {
    /// Source of the pack.
    pub pack: String,
    /// Base64 of the public key that signatures are held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// Refuse the pack unless a signature by `public_key` verifies.
    #[serde(default, skip_serializing_if = "is_false")]
    pub require_signature: bool,
    /// The run the pack should be about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
}

/// What checking an evidence pack showed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PackReport {
    /// Nothing is missing, nothing differs, the id fits, signatures are as demanded.
    pub ok: bool,
    /// From the manifest.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pack_id: String,
    /// From the manifest.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub run_id: String,
    /// Number of entries in `contents`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub files_checked: u64,
    /// Listed members that are not there, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_files: Vec<String>,
    /// Members whose content differs, and the manifest itself when its id does not follow from it; sorted by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hash_mismatches: Vec<HashMismatch>,
    /// Members that nobody lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undeclared_files: Vec<String>,
    /// What the signatures showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature_status: Option<SignatureStatus>,
    /// One text for each entry that does not verify, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signature_errors: Vec<String>,
    /// Number of signature entries.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub signatures_total: u64,
    /// Number of entries that verify.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub signatures_valid: u64,
    /// Whether the pack is about the named run; absent when none was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linked: Option<Linked>,
}
call!(PackVerifyRequest, "guard.verify", PackReport);
