//! Approvals: tokens with which people let one call through, checking them, and the record of who approved.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::intent::Given;
use crate::op::call;
use crate::runpack::Signature;

/// `schema_id` of an approval token.
pub const APPROVAL_TOKEN_SCHEMA: &str = "gait.gate.approval_token";
/// `schema_id` of an approval audit record.
pub const APPROVAL_AUDIT_SCHEMA: &str = "gait.gate.approval_audit_record";

/// `approval_<token_id>.json`: one person's approval of one intent under one policy (gate contract, 5.4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ApprovalToken {
    /// `gait.gate.approval_token`.
    pub schema_id: String,
    /// `1.0.0`.
    pub schema_version: String,
    /// When it was given.
    pub created_at: Timestamp,
    /// Who wrote it.
    pub producer_version: String,
    /// Name of the token.
    pub token_id: String,
    /// Who approves.
    pub approver_identity: String,
    /// Why.
    pub reason_code: String,
    /// The intent that is approved.
    pub intent_digest: String,
    /// The policy under which it is approved.
    pub policy_digest: String,
    /// What it is good for: `tool:<name>` or `*`.
    pub scope: Vec<String>,
    /// Until when, exclusive.
    pub expires_at: Timestamp,
    /// The signature over everything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

/// Makes a signed approval token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ApprovalMintRequest {
    /// The intent to approve, 64 hex digits.
    pub intent_digest: String,
    /// The policy under which it is approved, 64 hex digits.
    pub policy_digest: String,
    /// How long the approval holds: `30m`, `1h30m` (gate contract, 4.7).
    pub ttl: String,
    /// What it is good for.
    pub scope: Vec<String>,
    /// Who approves.
    pub approver: String,
    /// Why.
    pub reason_code: String,
    /// The time now.
    pub now: Timestamp,
    /// Who writes the token.
    pub producer_version: String,
    /// Only check the request, and sign nothing: the reply is as it would be, with an empty `key_id` and `text`.
    pub check_only: bool,
}

/// An approval token that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApprovalMinted {
    /// Name of the token.
    pub token_id: String,
    /// Until when, in whole seconds.
    pub expires_at: Timestamp,
    /// Why.
    pub reason_code: String,
    /// What it is good for, sorted.
    pub scope: Vec<String>,
    /// The key that signed.
    pub key_id: String,
    /// The token's file.
    pub text: String,
}
call!(ApprovalMintRequest, "approval.mint", ApprovalMinted);

/// Checks one approval token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApprovalVerifyRequest {
    /// The token.
    pub token: Given,
    /// Base64 of the approvers' public key.
    pub public_key: String,
    /// The intent it should approve.
    pub intent_digest: String,
    /// The policy it should refer to.
    pub policy_digest: String,
    /// The tool it should be good for.
    pub tool_name: String,
    /// The time now.
    pub now: Timestamp,
}

/// What checking an approval token showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApprovalReport {
    /// The token is good.
    pub ok: bool,
    /// The token, as the audit record would list it.
    pub entry: ApprovalEntry,
}
call!(ApprovalVerifyRequest, "approval.verify", ApprovalReport);

/// `approval_audit_<trace_id>.json`: which tokens were there, and what became of them (gate contract, 5.5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ApprovalAudit {
    /// `gait.gate.approval_audit_record`.
    pub schema_id: String,
    /// `1.0.0`.
    pub schema_version: String,
    /// The trace's time.
    pub created_at: Timestamp,
    /// Who decided.
    pub producer_version: String,
    /// The trace it belongs to.
    pub trace_id: String,
    /// Which tool.
    pub tool_name: String,
    /// Which intent.
    pub intent_digest: String,
    /// Which policy.
    pub policy_digest: String,
    /// How many approvals were asked for.
    pub required_approvals: u64,
    /// How many valid ones were there.
    pub valid_approvals: u64,
    /// There were enough of them. Whether the call was allowed, the trace says.
    pub approved: bool,
    /// Who approved.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub approvers: Vec<String>,
    /// Every token; `null` where a record was kept without them.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<ApprovalEntry>"))]
    pub entries: Option<Vec<ApprovalEntry>>,
}

/// One token in an audit record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ApprovalEntry {
    /// From the token.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub token_id: String,
    /// From the token.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub approver_identity: String,
    /// From the token.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason_code: String,
    /// From the token.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scope: Vec<String>,
    /// From the token, in UTC.
    pub expires_at: Timestamp,
    /// The token counts.
    pub valid: bool,
    /// Why it does not.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error_code: String,
}
