//! Evidence packs: what an auditor receives, and checking it.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::op::call;
use crate::runpack::Signature;
use crate::trace::Linked;
use crate::verify::{HashMismatch, SignatureStatus};
use crate::{is_false, is_zero};

/// `schema_id` of an evidence pack's manifest.
pub const PACK_SCHEMA: &str = "gait.guard.pack_manifest";

/// `pack_manifest.json` of an evidence pack (schemas contract, B.14). Signatures cover the whole document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct PackManifest {
    /// `gait.guard.pack_manifest`.
    pub schema_id: String,
    /// `1.0.0`.
    pub schema_version: String,
    /// When the run began, in UTC.
    pub created_at: Timestamp,
    /// Who made the pack.
    pub producer_version: String,
    /// Follows from `contents` and `run_id`.
    pub pack_id: String,
    /// The run the evidence is about.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^run_[A-Za-z0-9_-]+$")))]
    pub run_id: String,
    /// The case the pack was made for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub case_id: String,
    /// `soc2`, `pci` or `incident_response`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub template_id: String,
    /// As `created_at`.
    pub generated_at: Timestamp,
    /// Which member speaks for which control; the same as the member `control_index.json`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub control_index: Vec<ControlEntry>,
    /// Names for the members to be cited by; the same as the member `evidence_pointers.json`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence_pointers: Vec<EvidencePointer>,
    /// The time around the run that was looked at; incident packs only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident_window: Option<IncidentWindow>,
    /// Members for people.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rendered_artifacts: Vec<RenderedArtifact>,
    /// Every other member, sorted by path.
    pub contents: Vec<PackEntry>,
    /// Signatures over the canonical manifest without this field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<Signature>,
}

/// One member of an evidence pack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct PackEntry {
    /// Member name.
    pub path: String,
    /// SHA-256 of the uncompressed member.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-fA-F0-9]{64}$")))]
    pub sha256: String,
    /// `runpack`, `trace`, `report` or `evidence`.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["runpack", "trace", "report", "evidence"])))]
    pub kind: String,
}

/// Which members speak for one control.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ControlEntry {
    /// Name of the control, such as `CC7.2`.
    pub control_id: String,
    /// What it is about.
    pub title: String,
    /// Members that speak for it, sorted; none when nothing does.
    pub evidence_paths: Vec<String>,
}

/// A name for one member, to be cited by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct EvidencePointer {
    /// `ev_001`, in the order of the paths.
    pub pointer_id: String,
    /// Member name.
    pub path: String,
    /// `runpack`, `trace`, `report` or `evidence`.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["runpack", "trace", "report", "evidence"])))]
    pub kind: String,
    /// SHA-256 of the uncompressed member.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-fA-F0-9]{64}$")))]
    pub sha256: String,
}

/// The time around a run whose evidence an incident pack holds; both ends belong to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct IncidentWindow {
    /// Its beginning, in UTC.
    pub from: Timestamp,
    /// Its end, in UTC.
    pub to: Timestamp,
    /// How far it reaches on each side of the run's beginning, in whole seconds.
    pub window_seconds: u64,
    /// The run it is around.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub selection_anchor: String,
}

/// A member for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct RenderedArtifact {
    /// `pdf`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = "pdf")))]
    pub format: String,
    /// Member name.
    pub path: String,
    /// SHA-256 of the member.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-fA-F0-9]{64}$")))]
    pub sha256: String,
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
    /// List every member with its digests, for people who look at them.
    #[serde(default, skip_serializing_if = "is_false")]
    pub members: bool,
}

/// What checking an evidence pack showed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PackReport {
    /// Nothing is missing, nothing differs, the id fits, what is contained verifies, signatures are as demanded.
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
    /// The entries of `contents` in their order, with what was found; only where they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<PackMember>,
    /// Runpacks and traces among the members, each verified for itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contained: Vec<Contained>,
    /// Whether the pack is about the named run; absent when none was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linked: Option<Linked>,
}
call!(PackVerifyRequest, "guard.verify", PackReport);

/// A member of an evidence pack that its manifest lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PackMember {
    /// Member name.
    pub path: String,
    /// What the manifest calls it.
    #[serde(rename = "type", default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// SHA-256 of the content as the manifest lists it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub expected: String,
    /// SHA-256 of the content; absent when the member is missing or its data is damaged.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub found: String,
}

/// A runpack or a trace inside an evidence pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Contained {
    /// Member name.
    pub path: String,
    /// What it is.
    pub kind: ContainedKind,
    /// It is what it claims to be, as far as that can be told.
    pub ok: bool,
    /// Its run id or trace id.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What its signatures showed. A key that signed the pack need not have signed this, so a signature by another
    /// key counts as not checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature_status: Option<SignatureStatus>,
    /// Why it does not verify.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub error: String,
}

/// What can be verified inside an evidence pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ContainedKind {
    /// A runpack.
    Runpack,
    /// The trace of a verdict.
    Trace,
}
