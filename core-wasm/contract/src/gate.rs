//! The gate: one call is judged, and everything that follows from it. The decision is pure; what a host has to fetch
//! or store for it, the reply says.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::approval::ApprovalAudit;
use crate::intent::Given;
use crate::op::call;
use crate::policy::Verdict;
use crate::tool_call::{CallFacts, CallForm};
use crate::trace::Trace;
use crate::trust::ServerTrust;

/// `schema_id` of a credential record.
pub const CREDENTIAL_SCHEMA: &str = "gait.gate.broker_credential_record";
/// `schema_id` of the rate-limit state.
pub const RATE_LIMIT_SCHEMA: &str = "gait.gate.rate_limit_state";

/// How strict the surroundings of a decision are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Profile {
    /// Everything the policy says, and nothing more.
    #[default]
    #[serde(rename = "standard")]
    Standard,
    /// For production: the policy must not allow by default, and high risk needs a broker credential.
    #[serde(rename = "oss-prod")]
    OssProd,
}

/// Judges one intent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GateRequest {
    /// Source of the policy; when absent, the policy that the instance loaded last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The call.
    pub intent: Given,
    /// How to read it, when it is a tool call and no intent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<CallForm>,
    /// How strict the surroundings are.
    #[serde(default)]
    pub profile: Profile,
    /// Say what would happen, and enforce nothing.
    #[serde(default, skip_serializing_if = "crate::is_false")]
    pub simulate: bool,
    /// The time now. Without it nothing that depends on time can be decided, which is a fault where it matters.
    #[serde(default)]
    pub now: Timestamp,
    /// Who decides; goes into the trace.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub producer_version: String,
    /// Name of the call; goes into the trace.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub correlation_id: String,
    /// How long the evaluation took, in milliseconds; goes into the trace.
    #[serde(default)]
    pub latency_ms: f64,
    /// Approval tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Given>,
    /// Base64 of the public key that approval tokens are checked against.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub approval_key: String,
    /// `approval_token_ref` of the trace when no token grants.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub approval_ref: String,
    /// The calling program says that its user approves. Weak: the program may have answered for its user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_approval: Option<ClientApproval>,
    /// What the broker said, as far as it was asked.
    #[serde(default)]
    pub credential: Credential,
    /// Reference to ask the broker for, instead of the rule's.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub credential_ref: String,
    /// Scopes to ask the broker for, besides the rule's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credential_scopes: Vec<String>,
    /// The text of the rate-limit state; empty when there is none yet. Absent: ask for it when it is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limits: Option<String>,
    /// Have the trace signed, and reply with the texts of all files to keep.
    #[serde(default, skip_serializing_if = "crate::is_false")]
    pub sign: bool,
}

/// An approval by the word of the program that calls (MCP contract, 11.6). It never satisfies a rule that wants several
/// approvals or distinct approvers, nor production.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ClientApproval {
    /// The program, as it calls itself.
    pub client: String,
    /// Name of the question it answered.
    pub question: String,
}

/// What is known about the credential for the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Credential {
    /// No broker is configured.
    #[default]
    Off,
    /// A broker is configured and was not asked yet.
    Unasked,
    /// The built-in stub issues one.
    Stub,
    /// An environment variable held a secret; only its name and the first 8 bytes of its SHA-256 as hex are told.
    Environment {
        /// Name of the variable.
        variable: String,
        /// 16 hex digits.
        digest: String,
    },
    /// A command answered with this text.
    Answer(String),
    /// The broker failed.
    Failed,
}

/// What a gate operation comes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GateReply {
    /// Nothing is decided yet: ask again with what is wanted.
    Wanted(Wanted),
    /// The verdict.
    Decided(Box<Decision>),
}
call!(GateRequest, "gate.decide", GateReply);

/// What a host must fetch before there is a verdict. Ask again with it, everything else unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Wanted {
    /// The rate-limit state, held under its lock from reading until the next one is stored.
    #[serde(skip_serializing_if = "crate::is_false")]
    pub rate_limits: bool,
    /// The rate-limit state to store now, before the broker is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_rate_limits: Option<String>,
    /// A credential.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<CredentialRequest>,
}

/// What a broker is asked for (gate contract, 5.6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CredentialRequest {
    /// What comes after the prefix in the name of the environment variable.
    pub environment_key: String,
    /// Standard input of a broker command: one JSON object.
    pub command_input: String,
}

/// A verdict with everything that belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Decision {
    /// What holds.
    pub verdict: Verdict,
    /// Why, as a sorted set.
    pub reason_codes: Vec<String>,
    /// What the call violates, as a sorted set.
    pub violations: Vec<String>,
    /// Names of the rules that decided, joined by `,`; empty when none did.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub matched_rule: String,
    /// Digest of the policy.
    pub policy_digest: String,
    /// Digest of the intent.
    pub intent_digest: String,
    /// Name of the trace.
    pub trace_id: String,
    /// Ids of the tokens that grant, joined by `,`, or what the caller named.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub approval_ref: String,
    /// How many approvals the call needs.
    #[serde(skip_serializing_if = "crate::is_zero")]
    pub required_approvals: u64,
    /// How many valid ones are there.
    #[serde(skip_serializing_if = "crate::is_zero")]
    pub valid_approvals: u64,
    /// What the call said beside its intent, when it was no intent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<CallFacts>,
    /// What is known about the call's MCP server, when the policy asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mcp_trust: Option<ServerTrust>,
    /// What the rate limit said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimitUse>,
    /// The rate-limit state to store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_rate_limits: Option<String>,
    /// The credential that was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<IssuedCredential>,
    /// What would have happened, when nothing was enforced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simulated: Option<Simulated>,
    /// The trace; signed when that was asked for.
    pub trace: Trace,
    /// What a signature of the trace is over, 64 hex digits.
    pub signed_digest: String,
    /// The approval audit record, when approvals are part of the story.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval_audit: Option<ApprovalAudit>,
    /// The record of the credential, when one was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential_record: Option<CredentialRecord>,
    /// The files to keep, when the trace was signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<GateFiles>,
}

/// Texts of the files that a decision leaves behind, to be stored as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct GateFiles {
    /// `trace_<trace_id>.json`.
    pub trace: String,
    /// `approval_audit_<trace_id>.json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval_audit: Option<String>,
    /// `credential_evidence_<trace_id>.json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential_evidence: Option<String>,
}

/// What a rate limit said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct RateLimitUse {
    /// `tool`, `identity` or `tool_identity`.
    pub scope: String,
    /// What was counted.
    pub key: String,
    /// How many calls the window has seen, this one included if it was counted.
    pub used: u64,
    /// How many more it allows.
    pub remaining: u64,
}

/// A credential that was issued.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct IssuedCredential {
    /// Who issued it.
    pub issuer: String,
    /// Its name; never the secret.
    pub reference: String,
}

/// What would have happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Simulated {
    /// The verdict that was not enforced.
    pub verdict: Verdict,
    /// Its reasons.
    pub reason_codes: Vec<String>,
    /// It is `block` or `require_approval`.
    pub would_have_blocked: bool,
}

/// `credential_evidence_<trace_id>.json` (gate contract, 5.6).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct CredentialRecord {
    /// `gait.gate.broker_credential_record`.
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
    /// Who asked.
    pub identity: String,
    /// Who issued it.
    pub broker: String,
    /// What was asked for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reference: String,
    /// For what.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scope: Vec<String>,
    /// Its name; never the secret.
    pub credential_ref: String,
}

/// The rate-limit state: how many calls each window has seen (gate contract, 4.5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct RateLimitState {
    /// `gait.gate.rate_limit_state`.
    pub schema_id: String,
    /// `1.0.0`.
    pub schema_version: String,
    /// The counters, sorted by key.
    pub counters: Vec<RateLimitCounter>,
}

/// One counter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct RateLimitCounter {
    /// `window|scope|bucket|scopekey`.
    pub key: String,
    /// How many calls.
    pub count: i64,
}
