//! Attestations: an in-toto statement about a runpack and its evidence pack, in a DSSE envelope that other tools verify.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::op::call;
use crate::verify::SignatureStatus;
use crate::{is_false, is_zero};

/// What a DSSE envelope says its payload is.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// `_type` of an in-toto statement.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// `predicateType` of what gait says about an evidence pack.
pub const PREDICATE_TYPE: &str = "https://gait.dev/attestation/evidence_pack/v1";

/// Asks for a statement about the pack that is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct AttestRequest {
    /// What the runpack is called.
    pub run_name: String,
    /// What the pack is called; blank is `evidence_pack_<pack_id>.zip`.
    pub pack_name: String,
    /// SHA-256 of the core's module, which the core itself cannot know.
    pub core_digest: String,
}

/// A statement that waits for its signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unsealed {
    /// What the payload is.
    pub payload_type: String,
    /// The statement, canonical JSON.
    pub payload: String,
    /// What is to be signed, as UTF-8: the pre-authentication encoding of type and payload.
    pub pae: String,
}

/// An in-toto statement, version 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Statement {
    /// `https://in-toto.io/Statement/v1`.
    #[serde(rename = "_type")]
    pub kind: String,
    /// What is said.
    pub predicate: Attested,
    /// Which kind of predicate.
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    /// What it is said about.
    pub subject: Vec<Subject>,
}

/// A file that a statement is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Subject {
    /// The file's digests.
    pub digest: SubjectDigest,
    /// The file's name.
    pub name: String,
}

/// Digests of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct SubjectDigest {
    /// SHA-256, lower-case hex.
    pub sha256: String,
}

/// What gait says about an evidence pack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Attested {
    /// SHA-256 of the core that made the pack.
    pub core_digest: String,
    /// Digest of the run's content, from its manifest.
    pub manifest_digest: String,
    /// The pack's name, which follows from its content.
    pub pack_id: String,
    /// Digests of the policies that decided, sorted.
    pub policy_digests: Vec<String>,
    /// Who made the pack.
    pub producer_version: String,
    /// The run.
    pub run_id: String,
    /// Whose controls the evidence is sorted by.
    pub template_id: String,
    /// How often each verdict was given.
    pub verdict_counts: VerdictCounts,
}

/// How often each verdict was given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct VerdictCounts {
    /// Calls that were let through.
    pub allow: u64,
    /// Calls that were not.
    pub block: u64,
    /// Calls that were only rehearsed.
    pub dry_run: u64,
    /// Words that are no verdict.
    #[serde(skip_serializing_if = "is_zero")]
    pub other: u64,
    /// Calls that waited for an approval.
    pub require_approval: u64,
}

/// Asks what a DSSE envelope with a statement by gait says, and whether its signature and its subjects are right.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct AttestationVerifyRequest {
    /// Source of the envelope.
    pub envelope: String,
    /// Base64 of the public key that signatures are held against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// Refuse the envelope unless a signature by `public_key` verifies.
    #[serde(skip_serializing_if = "is_false")]
    pub require_signature: bool,
    /// What stands in front of a subject's name to make it a source; absent when subjects are not looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Sources that have to be among the subjects, whatever they are called.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// What an attestation says, and what checking it showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AttestationReport {
    /// No file differs from what is said about it, and signatures are as demanded.
    pub ok: bool,
    /// What is said.
    pub predicate: Attested,
    /// What it is said about.
    pub subjects: Vec<SubjectReport>,
    /// Files that the statement is not about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strangers: Vec<String>,
    /// What the signatures showed.
    pub signature_status: SignatureStatus,
    /// One text for each signature that does not verify, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signature_errors: Vec<String>,
    /// Number of signatures.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub signatures_total: u64,
    /// Number of signatures that verify.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub signatures_valid: u64,
}
call!(AttestationVerifyRequest, "attestation.verify", AttestationReport);

/// A subject, and whether its file is the one that is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SubjectReport {
    /// The file's name.
    pub name: String,
    /// SHA-256 as stated.
    pub sha256: String,
    /// What looking at the file showed.
    pub status: SubjectStatus,
}

/// What looking at a subject's file showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SubjectStatus {
    /// It is the file that is meant.
    Matches,
    /// It is another one.
    Differs,
    /// It was not there, or not looked for.
    NotChecked,
}
