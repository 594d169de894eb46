//! Verification of runpacks, and the ticket footer that names a verified one.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::op::call;
use crate::{is_false, is_zero};

/// Asks whether a runpack is what it claims to be (runpack contract, section 8).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerifyRequest {
    /// Source of the runpack.
    pub archive: String,
    /// Base64 of the public key that signatures are held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// Base64 of the caller's own public keys: they tell who signed, and need not be named on each call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own_keys: Vec<String>,
    /// Refuse the runpack unless a signature by `public_key` verifies.
    #[serde(default, skip_serializing_if = "is_false")]
    pub require_signature: bool,
}

/// What verification showed. `ok: false` is an answer, not a fault.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerifyReport {
    /// Nothing is missing, nothing differs, and signatures are as demanded.
    pub ok: bool,
    /// From the manifest.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub run_id: String,
    /// As stored in the manifest.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub manifest_digest: String,
    /// Number of entries in the manifest's `files`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub files_checked: u64,
    /// Members that should be there and are not, or that the manifest should list and does not; sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_files: Vec<String>,
    /// Members whose content differs from the manifest, sorted by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hash_mismatches: Vec<HashMismatch>,
    /// Members that the manifest does not list: never read; refused where a signature is required.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unlisted_members: Vec<String>,
    /// What the signatures showed against the named key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature_status: Option<SignatureStatus>,
    /// One text for each entry that does not verify, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signature_errors: Vec<String>,
    /// Number of signature entries.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub signatures_total: u64,
    /// Number of entries that verify with the named key.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub signatures_valid: u64,
    /// Who signed, one entry for each signature, wherever it stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signers: Vec<Signer>,
    /// True when the archive holds only what the manifest lists and lists all that a runpack needs.
    #[serde(default, skip_serializing_if = "is_false")]
    pub complete: bool,
}
call!(VerifyRequest, "verify", VerifyReport);

/// A member that is not what the manifest says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HashMismatch {
    /// Member name.
    pub path: String,
    /// SHA-256 as stored in the manifest.
    pub expected: String,
    /// SHA-256 of what is there.
    pub actual: String,
}

/// What the signatures showed against the key the caller named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SignatureStatus {
    /// The manifest carries none.
    Missing,
    /// There are some, and no key to hold them against: present, not checked.
    Skipped,
    /// At least one verifies with the named key.
    Verified,
    /// None verifies with the named key.
    Failed,
}

/// Who signed, as far as that can be told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Signer {
    /// The key id the entry claims.
    pub key_id: String,
    /// How the key is known to the caller.
    pub trust: Trust,
    /// What checking the entry showed.
    pub status: SignerStatus,
    /// `manifest` or `archive`.
    pub place: Place,
}

/// How the caller knows a signing key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// The caller's own key.
    Own,
    /// The key the caller named.
    Given,
    /// Neither; anybody may have made it.
    #[default]
    Unknown,
}

/// What checking one signature showed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SignerStatus {
    /// It verifies.
    Verified,
    /// It does not.
    Failed,
    /// There is no key to check it with.
    #[default]
    NotChecked,
}

/// Where a signature stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In the manifest's `signatures`.
    #[default]
    Manifest,
    /// In the archive's comment.
    Archive,
}

/// Asks for the ticket footer of a runpack, after verifying it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReceiptRequest {
    /// Source of the runpack.
    pub archive: String,
}

/// The footer of a verified runpack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Footer {
    /// From the manifest.
    pub run_id: String,
    /// From the manifest.
    pub manifest_digest: String,
    /// The line to paste into a ticket.
    pub ticket_footer: String,
}
call!(ReceiptRequest, "run.receipt", Footer);
