//! Judging without consequences: testing and explaining policies, comparing two of them, rechecking traces.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::intent::Given;
use crate::op::call;
use crate::policy::{Problem, Verdict};
use crate::verify::SignatureStatus;

/// `schema_id` of a policy test's result.
pub const POLICY_TEST_SCHEMA: &str = "gait.policytest.result";
/// `schema_id` of an explanation.
pub const EXPLANATION_SCHEMA: &str = "gait.gate.policy_explain";

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
