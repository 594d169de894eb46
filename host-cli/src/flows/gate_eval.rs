//! Judge one call of a file: flags and project configuration, then the gate, then the files, and only then the verdict
//! (gate contract, 4.4).

use gait_contract::config::GateDefaults;
use gait_contract::gate::{Decision, Profile};
use gait_contract::intent::Given;
use gait_contract::policy::Verdict;
use gait_contract::trust::ServerTrust;
use gait_contract::{Code, Fault};
use serde::Serialize;

use super::gate::{self, Asked, Gate, Intent, Remarks};
use super::gate_outputs::{Outputs, Written};
use super::policy::{Explained, ask_why};
use super::project_config::{self, tokens};
use super::regress_run::is_zero;
use crate::core::{Core, Session};
use crate::host::interrupt;

/// What is to be judged, and how.
#[derive(Debug, Default)]
pub struct Wanted {
    /// What a project configuration could set as well, as far as it was given.
    pub given: GateDefaults,
    /// The project configuration; `None` to do without.
    pub config: Option<String>,
    /// File of the intent.
    pub intent: String,
    /// Say what would happen, and enforce nothing.
    pub simulate: bool,
    /// File of an approval token.
    pub approval_token: String,
    /// Files of approval tokens, separated by commas.
    pub approval_token_chain: String,
    /// What the trace names as approval when no token grants.
    pub approval_ref: String,
    /// File of the approval audit; blank for the usual name.
    pub approval_audit: String,
    /// Name of the call.
    pub correlation_id: String,
}

/// A call was judged, and everything about it is on the disk.
#[derive(Debug, Serialize)]
pub struct Judged {
    /// Always true: a verdict is an answer.
    pub ok: bool,
    /// `standard` or `oss-prod`.
    pub profile: Profile,
    /// What holds.
    pub verdict: Verdict,
    /// Why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reason_codes: Vec<String>,
    /// What the call violates.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<String>,
    /// Ids of the tokens that grant, or what the caller named.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub approval_ref: String,
    /// How many approvals the call needs.
    #[serde(skip_serializing_if = "is_zero")]
    pub required_approvals: u64,
    /// How many valid ones were there.
    #[serde(skip_serializing_if = "is_zero")]
    pub valid_approvals: u64,
    /// File of the approval audit.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub approval_audit_path: String,
    /// Name of the trace.
    pub trace_id: String,
    /// File of the trace.
    pub trace_path: String,
    /// Digest of the policy.
    pub policy_digest: String,
    /// Digest of the intent.
    pub intent_digest: String,
    /// Names of the rules that decided.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub matched_rule: String,
    /// What is known about the call's server, when the policy asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mcp_trust: Option<ServerTrust>,
    /// What was counted together.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rate_limit_scope: String,
    /// What was counted.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rate_limit_key: String,
    /// How many calls the window has seen.
    #[serde(skip_serializing_if = "is_zero")]
    pub rate_limit_used: u64,
    /// How many more it allows.
    #[serde(skip_serializing_if = "is_zero")]
    pub rate_limit_remaining: u64,
    /// Who issued the credential.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub credential_issuer: String,
    /// The credential's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub credential_ref: String,
    /// File of the credential evidence.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub credential_evidence_path: String,
    /// Nothing was enforced.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub simulate_mode: bool,
    /// The call would have been kept from running.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub would_have_blocked: bool,
    /// The verdict that was not enforced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simulated_verdict: Option<Verdict>,
    /// Its reasons.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub simulated_reason_codes: Vec<String>,
    /// What is allowed but worth a look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// The tool, normalized.
    #[serde(skip)]
    pub tool_name: String,
    /// Said once, when a development key was made.
    #[serde(skip)]
    pub announcement: Option<String>,
    /// What is odd about the key's file.
    #[serde(skip)]
    pub remark: Option<String>,
}

/// Judges a call.
pub fn eval(wanted: Wanted) -> Result<Judged, Fault> {
    interrupt::hold();
    let mut session = Core::load()?.session()?;
    let setup = set_up(&mut session, &wanted)?;
    // Keys and inputs first: a call that cannot be judged must not spend what others are counted by.
    let mut gate = Gate::open_in(session, &setup)?;
    let tokens = tokens(&wanted.approval_token, &wanted.approval_token_chain);
    let outputs = Outputs {
        trace: setup.trace_path.clone(),
        approval_audit: wanted.approval_audit.clone(),
        credential_evidence: setup.credential_evidence_path.clone(),
    };
    let own = [&wanted.intent, &setup.policy, &setup.private_key, &setup.approval_public_key];
    let own = own.into_iter().chain([&setup.approval_private_key, &setup.rate_limit_state]).chain(&tokens);
    outputs.check(&own.map(String::as_str).collect::<Vec<_>>())?;
    let decision = gate.judge(&Asked {
        simulate: wanted.simulate,
        approvals: tokens.into_iter().map(Given::Source).collect(),
        approval_ref: &wanted.approval_ref,
        correlation_id: &wanted.correlation_id,
        is_timed: true,
        ..Asked::about(Intent::Source(&wanted.intent))
    })?;
    let written = outputs.write(&decision)?;
    Ok(judged(decision, gate.profile(), written, gate.remarks().clone()))
}

/// Explains how the verdict would come about; nothing is counted, signed or written. `None` when there is nothing to
/// explain.
pub fn explain(wanted: &Wanted) -> Option<Result<Explained, Fault>> {
    if wanted.intent.trim().is_empty() {
        return None;
    }
    let explain = || -> Result<Option<Explained>, Fault> {
        let mut session = Core::load()?.session()?;
        let policy = configured(&mut session, wanted)?.policy;
        if policy.trim().is_empty() {
            return Ok(None);
        }
        ask_why(&mut session, &policy, &wanted.intent).map(Some)
    };
    explain().transpose()
}

/// Flags, then the project configuration, then what holds without both.
fn configured(session: &mut Session, wanted: &Wanted) -> Result<GateDefaults, Fault> {
    let project = match &wanted.config {
        Some(path) => project_config::gate(session, path)?,
        None => GateDefaults::default(),
    };
    Ok(wanted.given.clone().or(project).or(gate::usual()))
}

/// What holds for this call.
fn set_up(session: &mut Session, wanted: &Wanted) -> Result<GateDefaults, Fault> {
    let setup = configured(session, wanted)?;
    for (value, flag) in [(&setup.policy, "--policy"), (&wanted.intent, "--intent")] {
        if value.trim().is_empty() {
            return Err(Fault::new(Code::InvalidInput, format!("`{flag}` is missing"))
                .hint("`gait gate eval --policy FILE --intent FILE` judges a call"));
        }
    }
    Ok(setup)
}

fn judged(decision: Decision, profile: Profile, written: Written, remarks: Remarks) -> Judged {
    let rate_limit = decision.rate_limit.unwrap_or_default();
    let credential = decision.credential.unwrap_or_default();
    let simulated = decision.simulated;
    Judged {
        ok: true,
        profile,
        verdict: decision.verdict,
        reason_codes: decision.reason_codes,
        violations: decision.violations,
        approval_ref: decision.approval_ref,
        required_approvals: decision.required_approvals,
        valid_approvals: decision.valid_approvals,
        approval_audit_path: written.approval_audit,
        trace_id: decision.trace_id,
        trace_path: written.trace,
        policy_digest: decision.policy_digest,
        intent_digest: decision.intent_digest,
        matched_rule: decision.matched_rule,
        mcp_trust: decision.mcp_trust,
        rate_limit_scope: rate_limit.scope,
        rate_limit_key: rate_limit.key,
        rate_limit_used: rate_limit.used,
        rate_limit_remaining: rate_limit.remaining,
        credential_issuer: credential.issuer,
        credential_ref: credential.reference,
        credential_evidence_path: written.credential_evidence,
        simulate_mode: simulated.is_some(),
        would_have_blocked: simulated.as_ref().is_some_and(|simulated| simulated.would_have_blocked),
        simulated_verdict: simulated.as_ref().map(|simulated| simulated.verdict),
        simulated_reason_codes: simulated.map(|simulated| simulated.reason_codes).unwrap_or_default(),
        warnings: remarks.warnings,
        tool_name: decision.trace.tool_name,
        announcement: remarks.announcement,
        remark: remarks.remark,
    }
}
