//! Intents: one structured tool call before it happens, and how a host hands one over.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::op::call;
use crate::trace::SkillProvenance;
use crate::{FreeObject, Timestamp};

/// `schema_id` of an intent request.
pub const INTENT_REQUEST_SCHEMA: &str = "gait.gate.intent_request";

/// A document that an operation works on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// A source the host opens.
    Source(String),
    /// The document itself.
    Inline(FreeObject),
    /// The bytes that follow the request: JSON, a zero byte, the document.
    Attached,
}

/// A tool call as its sender describes it (gate contract, section 2). Unknown fields are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct IntentRequest {
    /// `gait.gate.intent_request`; not looked at.
    pub schema_id: String,
    /// `1.0.0`; not looked at.
    pub schema_version: String,
    /// When the call was wanted; the trace carries it in UTC.
    pub created_at: Timestamp,
    /// Who sent it; not looked at.
    pub producer_version: String,
    /// Which tool.
    pub tool_name: String,
    /// The arguments.
    pub args: Option<FreeObject>,
    /// A claim; recomputed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub args_digest: String,
    /// A claim; recomputed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub intent_digest: String,
    /// What the call touches.
    pub targets: Vec<Target>,
    /// Where arguments come from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arg_provenance: Vec<ArgProvenance>,
    /// Where the skill that asks comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skill_provenance: Option<SkillProvenance>,
    /// Who asks, and where.
    pub context: IntentContext,
    /// The MCP server that would run the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<CallServer>,
}

/// An MCP server as a call names it. Whatever else its sender says about it is not evidence, and not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct CallServer {
    /// Its id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub server_id: String,
    /// Its name; what it is known by when it has no id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub server_name: String,
}

/// One thing a call touches.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Target {
    /// `path`, `url`, `host`, `repo`, `bucket`, `table`, `queue`, `topic` or `other`.
    pub kind: String,
    /// Which one.
    pub value: String,
    /// What is done to it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub operation: String,
    /// How sensitive its data is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sensitivity: String,
    /// The kind of access; inferred when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub endpoint_class: String,
    /// The domain of a url or host; inferred when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub endpoint_domain: String,
    /// The access destroys something.
    #[serde(skip_serializing_if = "crate::is_false")]
    pub destructive: bool,
}

/// Where one argument comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ArgProvenance {
    /// Which argument.
    pub arg_path: String,
    /// `user`, `tool_output`, `external` or `system`.
    pub source: String,
    /// Which source exactly.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source_ref: String,
    /// Digest of what came from there, 64 hex digits.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub integrity_digest: String,
}

/// Who asks, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct IntentContext {
    /// Who asks.
    pub identity: String,
    /// Where the agent works.
    pub workspace: String,
    /// How much is at stake, in a vocabulary of the sender's.
    pub risk_class: String,
    /// The session.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub session_id: String,
    /// The request.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub request_id: String,
    /// What is known about the caller's authorization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_context: Option<FreeObject>,
    /// Scopes of the caller's credentials.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub credential_scopes: Vec<String>,
    /// Which environment.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub environment_fingerprint: String,
}

/// Normalizes an intent and digests it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IntentDigestRequest {
    /// The intent.
    pub intent: Given,
}

/// A normalized intent and its digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IntentDigests {
    /// Digest of the normalized intent.
    pub intent_digest: String,
    /// Digest of the normalized arguments.
    pub args_digest: String,
    /// What was digested (gate contract, 2.6).
    pub normalized: FreeObject,
}
call!(IntentDigestRequest, "intent.digest", IntentDigests);
