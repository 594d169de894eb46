//! What everything rests on, as operations of its own: canonical JSON and Ed25519. Other implementations compare
//! theirs with these, and published test data runs against them.

use alloc::string::String;
use serde::{Deserialize, Serialize};

use crate::intent::Given;
use crate::op::call;

/// Digests a JSON document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JsonDigestRequest {
    /// The document: any JSON value, read strictly.
    pub document: Given,
}

/// A document's canonical form and its digest (gate contract, 1.3 and 1.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JsonDigest {
    /// SHA-256 of the canonical form, 64 hex digits.
    pub digest: String,
    /// The canonical form (RFC 8785).
    pub canonical: String,
}
call!(JsonDigestRequest, "digest.json", JsonDigest);

/// Checks one Ed25519 signature, as strictly as those of runpacks, traces and approvals are checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignatureCheckRequest {
    /// Base64 of the public key.
    pub public_key: String,
    /// Hex of the signed bytes.
    pub message: String,
    /// Base64 of the signature.
    pub signature: String,
}

/// Whether a signature is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignatureCheck {
    /// It is.
    pub ok: bool,
    /// The key that signed, when it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key_id: String,
    /// Why it is not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub error: String,
}
call!(SignatureCheckRequest, "signature.check", SignatureCheck);
