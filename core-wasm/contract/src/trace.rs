//! Traces: the signed record of one verdict, and checking it.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::op::call;
use crate::runpack::Signature;
use crate::verify::SignatureStatus;

/// `schema_id` of a trace.
pub const TRACE_SCHEMA: &str = "gait.gate.trace";

/// `trace_<id>.json` (schemas contract, B.8).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Trace {
    /// `gait.gate.trace`.
    pub schema_id: String,
    /// `1.0.0`.
    pub schema_version: String,
    /// The intent's time, in UTC.
    pub created_at: Timestamp,
    /// Who decided: gait's version with the deciding core's digest.
    pub producer_version: String,
    /// Name of the trace.
    pub trace_id: String,
    /// Name of the call that produced it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub correlation_id: String,
    /// Which tool was to be called.
    pub tool_name: String,
    /// Digest of the normalized arguments.
    pub args_digest: String,
    /// Digest of the normalized intent.
    pub intent_digest: String,
    /// Digest of the policy that decided.
    pub policy_digest: String,
    /// `allow`, `block`, `dry_run` or `require_approval`.
    pub verdict: String,
    /// What the call violated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<String>,
    /// How long the evaluation took.
    #[serde(skip_serializing_if = "is_zero")]
    pub latency_ms: f64,
    /// The approval the verdict rests on.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub approval_token_ref: String,
    /// Where the skill that asked comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skill_provenance: Option<SkillProvenance>,
    /// The signature over everything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

/// Where a skill comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct SkillProvenance {
    /// The skill.
    pub skill_name: String,
    /// Its version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub skill_version: String,
    /// Where it was taken from.
    pub source: String,
    /// Who published it.
    pub publisher: String,
    /// Its digest.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub digest: String,
    /// The key that signed it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub signature_key_id: String,
}

/// Asks whether a trace is signed by a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TraceVerifyRequest {
    /// Source of the trace.
    pub trace: String,
    /// Base64 of the public key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// Source of a runpack the trace should belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}

/// What checking a trace showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TraceReport {
    /// The signature verifies.
    pub ok: bool,
    /// From the trace.
    pub trace_id: String,
    /// From the trace.
    pub verdict: String,
    /// `verified` or `failed`.
    pub signature_status: SignatureStatus,
    /// The signing key, when the signature itself was looked at.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key_id: String,
    /// Why it does not verify.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// Whether an intent of the run is the one that was judged; absent when no run was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linked: Option<Linked>,
}
call!(TraceVerifyRequest, "trace.verify", TraceReport);

/// Whether two artifacts belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Linked {
    /// They do.
    Yes,
    /// They do not.
    No,
    /// Nothing ties them together, and nothing speaks against it.
    Unknown,
}
