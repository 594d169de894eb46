//! The gate: one call is judged, and everything that follows from it. The decision is pure; what a host has to fetch
//! or store for it, the reply says.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::approval::ApprovalAudit;
use crate::intent::Given;
use crate::op::call;
use crate::policy::{Problem, Verdict};
use crate::trace::Trace;
use crate::verify::SignatureStatus;
use crate::{FreeObject, Timestamp};

/// `schema_id` of a policy test's result.
pub const POLICY_TEST_SCHEMA: &str = "gait.policytest.result";
/// `schema_id` of a credential record.
pub const CREDENTIAL_SCHEMA: &str = "gait.gate.broker_credential_record";
/// `schema_id` of the rate-limit state.
pub const RATE_LIMIT_SCHEMA: &str = "gait.gate.rate_limit_state";
/// `schema_id` of an explanation.
pub const EXPLANATION_SCHEMA: &str = "gait.gate.policy_explain";

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

/// Evaluates one intent without side effects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PolicyTestRequest {
    /// Source of the policy; when absent, the policy that the instance loaded last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The call.
    pub intent: Given,
}

/// What a policy says about an intent (schemas contract, B.12).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PolicyTest {
    /// `gait.policytest.result`.
    pub schema_id: String,
    /// `1.0.0`.
    pub schema_version: String,
    /// The intent's time, in UTC.
    pub created_at: Timestamp,
    /// Digest of the policy.
    pub policy_digest: String,
    /// Digest of the intent.
    pub intent_digest: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub reason_codes: Vec<String>,
    /// What the call violates.
    pub violations: Vec<String>,
    /// The same in one line of at most 240 bytes.
    pub summary: String,
    /// Names of the rules that decided, joined by `,`; empty when none did.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub matched_rule: String,
    /// What the author of the policy should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Problem>,
}
call!(PolicyTestRequest, "policy.test", PolicyTest);

/// Evaluates one intent and says how the verdict came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExplainRequest {
    /// Source of the policy; when absent, the policy that the instance loaded last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The call.
    pub intent: Given,
}

/// How a verdict came about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Explanation {
    /// `gait.gate.policy_explain`.
    pub schema_id: String,
    /// `1.0.0`.
    pub schema_version: String,
    /// Digest of the policy.
    pub policy_digest: String,
    /// Digest of the intent.
    pub intent_digest: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub reason_codes: Vec<String>,
    /// What the call violates.
    pub violations: Vec<String>,
    /// Names of the rules that decided, joined by `,`; empty when none did.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub matched_rule: String,
    /// What failing closed found missing. When it found anything, no rule is looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fail_closed: Vec<String>,
    /// The rules in the order in which they are looked at, up to the ones that decided.
    pub rules: Vec<RuleLook>,
    /// How many more rules were looked at before those listed and did not match.
    #[serde(skip_serializing_if = "crate::is_zero")]
    pub rules_left_out: u64,
    /// The verdict where no rule matches, when it came to that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_verdict: Option<Verdict>,
    /// What else the verdict asks for before the call may run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub obligations: Vec<String>,
    /// The intent as it was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<FreeObject>,
}
call!(ExplainRequest, "gate.explain", Explanation);

/// One rule that was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct RuleLook {
    /// Its name.
    pub name: String,
    /// Its priority; smaller comes first.
    pub priority: i64,
    /// What it would say.
    pub effect: Verdict,
    /// All its matchers hold.
    pub matched: bool,
    /// It matched, and a more severe rule of the same priority decided.
    #[serde(skip_serializing_if = "crate::is_false")]
    pub outranked: bool,
    /// The matchers that do not hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<MatcherFailure>,
    /// The constraints that fired, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<ConstraintEffect>,
}

/// A matcher that does not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct MatcherFailure {
    /// The key below `match`.
    pub matcher: String,
    /// What it asks for.
    pub wanted: Vec<String>,
    /// What the intent has.
    pub found: Vec<String>,
}

/// A constraint that fired.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ConstraintEffect {
    /// `dataflow` or `endpoint`.
    pub constraint: String,
    /// What it found.
    pub codes: Vec<String>,
    /// The verdict before.
    pub before: Verdict,
    /// The verdict after.
    pub after: Verdict,
}

/// Evaluates fixtures under two policies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SimulateRequest {
    /// Source of the policy that holds today.
    pub baseline: String,
    /// Source of the policy that shall hold.
    pub policy: String,
    /// Sources of intents, traces and runpacks.
    pub fixtures: Vec<String>,
    /// The context of intents in runpacks, which do not record one.
    #[serde(default)]
    pub assumed: AssumedContext,
}

/// A context for intents that have none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct AssumedContext {
    /// Who asks.
    pub identity: String,
    /// Where the agent works.
    pub workspace: String,
    /// How much is at stake.
    pub risk_class: String,
}

/// Which verdicts change between two policies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Simulation {
    /// Digest of the policy that holds today.
    pub baseline_digest: String,
    /// Digest of the policy that shall hold.
    pub policy_digest: String,
    /// How many intents were evaluated.
    pub evaluated: u64,
    /// How many of them get another verdict.
    pub changed: u64,
    /// How many get a more severe one.
    pub stricter: u64,
    /// How many get a milder one.
    pub looser: u64,
    /// The intents whose verdict, reasons or violations change.
    pub changes: Vec<VerdictChange>,
    /// Fixtures that say too little to be evaluated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_evaluated: Vec<NotEvaluated>,
}
call!(SimulateRequest, "policy.simulate", Simulation);

/// One intent under two policies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct VerdictChange {
    /// The fixture.
    pub fixture: String,
    /// The call within a runpack.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub intent_id: String,
    /// Which tool.
    pub tool_name: String,
    /// Digest of the intent.
    pub intent_digest: String,
    /// What today's policy says.
    pub baseline: Judgement,
    /// What the other policy says.
    pub candidate: Judgement,
}

/// A verdict and its reasons.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub reason_codes: Vec<String>,
    /// What the call violates.
    pub violations: Vec<String>,
    /// Names of the rules that decided, joined by `,`; empty when none did.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub matched_rule: String,
}

/// A fixture that says too little.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct NotEvaluated {
    /// The fixture.
    pub fixture: String,
    /// The call within a runpack.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub intent_id: String,
    /// What is missing.
    pub reason: String,
}

/// Judges an intent again and compares with a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecheckRequest {
    /// Source of the trace.
    pub trace: String,
    /// Source of the policy.
    pub policy: String,
    /// The call.
    pub intent: Given,
    /// Base64 of the public key the trace is checked against, if it is to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// gait's version with the digest of the core that evaluates.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub producer_version: String,
}

/// Whether a trace follows from a policy and an intent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Recheck {
    /// It does.
    pub ok: bool,
    /// Name of the trace.
    pub trace_id: String,
    /// The verdict in the trace.
    pub recorded_verdict: String,
    /// The verdict that follows from policy and intent alone.
    pub evaluated_verdict: Verdict,
    /// What turned the evaluated verdict into the recorded one: `approval`, `rate_limit`, `credential` or `simulation`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub explained_by: String,
    /// Why, as evaluated.
    pub reason_codes: Vec<String>,
    /// Names of the rules that decided, joined by `,`; empty when none did.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub matched_rule: String,
    /// Fields of the trace that do not follow.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mismatches: Vec<RecheckMismatch>,
    /// Digest of the core that decided, as the trace names it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub recorded_core: String,
    /// The core that decided is the one that evaluated.
    pub same_core: bool,
    /// Whether the trace's signature was checked, and how that went.
    pub signature_status: Option<SignatureStatus>,
    /// Why the signature does not verify.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub signature_error: String,
}
call!(RecheckRequest, "trace.recheck", Recheck);

/// One field of a trace that does not follow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct RecheckMismatch {
    /// The field.
    pub field: String,
    /// What the trace says.
    pub recorded: String,
    /// What follows.
    pub evaluated: String,
}
