//! A tool call through the gate, with everything it leaves behind: trace, runpack, lines for whoever watches
//! (mcp contract, section 4). `mcp proxy` does it once, `mcp serve` for every request.

use std::path::Path;
use std::sync::Arc;

use gait_contract::gate::Decision;
use gait_contract::intent::Given;
use gait_contract::policy::Verdict;
use gait_contract::runpack;
use gait_contract::tool_call::{CallFacts, CallForm, CallRecordRequest, Decided};
use gait_contract::trust::ServerTrust;
use gait_contract::{Code, Fault};
use serde::Serialize;

use super::gate_outputs::unusable;
use super::record;
use super::session_pack::Wish;
use crate::core::Core;
use crate::host::files::Files;
use crate::host::fs;
use crate::host::keys::PrivateKey;

/// A tool call was judged, and everything about it is on the disk.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// Always true: a verdict is an answer.
    pub ok: bool,
    /// The dialect the call was read in.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub adapter: String,
    /// The run it belongs to.
    pub run_id: String,
    /// The session the call names.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub session_id: String,
    /// The tool, normalized.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tool_name: String,
    /// What holds.
    pub verdict: Verdict,
    /// Why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reason_codes: Vec<String>,
    /// What the call violates.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<String>,
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
    /// Ids of the tokens that grant, or what the caller named.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub approval_ref: String,
    /// How many approvals the call needs.
    #[serde(skip_serializing_if = "super::regress_run::is_zero")]
    pub required_approvals: u64,
    /// How many valid ones were there.
    #[serde(skip_serializing_if = "super::regress_run::is_zero")]
    pub valid_approvals: u64,
    /// The credential's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub credential_ref: String,
    /// Name of the trace.
    pub trace_id: String,
    /// File of the trace.
    pub trace_path: String,
    /// File of the approval audit.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub approval_audit_path: String,
    /// File of the credential evidence.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub credential_evidence_path: String,
    /// File of the runpack.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub runpack_path: String,
    /// File that got a log line.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub log_export: String,
    /// File that got an OTEL line.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub otel_export: String,
    /// What is allowed but worth a look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Whether the session's record is due; not told.
    #[serde(skip)]
    pub checkpoint: Wish,
}

impl Answer {
    /// What a decision says by itself; where its files are, the caller adds.
    pub fn about(decision: &Decision, facts: CallFacts) -> Self {
        Self {
            ok: true,
            adapter: facts.adapter,
            run_id: facts.run_id,
            session_id: facts.session_id,
            tool_name: decision.trace.tool_name.clone(),
            verdict: decision.verdict,
            reason_codes: decision.reason_codes.clone(),
            violations: decision.violations.clone(),
            policy_digest: decision.policy_digest.clone(),
            intent_digest: decision.intent_digest.clone(),
            matched_rule: decision.matched_rule.clone(),
            mcp_trust: decision.mcp_trust.clone(),
            approval_ref: decision.approval_ref.clone(),
            required_approvals: decision.required_approvals,
            valid_approvals: decision.valid_approvals,
            credential_ref: decision.credential.as_ref().map(|issued| issued.reference.clone()).unwrap_or_default(),
            trace_id: decision.trace_id.clone(),
            trace_path: String::new(),
            approval_audit_path: String::new(),
            credential_evidence_path: String::new(),
            runpack_path: String::new(),
            log_export: String::new(),
            otel_export: String::new(),
            warnings: Vec::new(),
            checkpoint: Wish::None,
        }
    }
}

/// The runpack of a decision.
pub struct Pack<'a> {
    /// The call, as it was judged.
    pub call: &'a [u8],
    /// How it was read.
    pub form: CallForm,
    /// What was decided.
    pub decision: &'a Decision,
    /// Keep the arguments themselves, and not only their digest.
    pub with_args: bool,
    /// Who signs, and where the signature goes.
    pub key: Arc<PrivateKey>,
    /// See [`runpack::Signing`].
    pub signing: runpack::Signing,
}

impl Pack<'_> {
    /// Writes it: beside its place, verified, and only then under its name.
    pub fn write(self, target: &str) -> Result<(), Fault> {
        let core = Core::load()?;
        let request = CallRecordRequest {
            call: Given::Attached,
            form: Some(self.form),
            decided: Decided {
                verdict: self.decision.verdict,
                reason_codes: self.decision.reason_codes.clone(),
                violations: self.decision.violations.clone(),
                trace_id: self.decision.trace_id.clone(),
            },
            with_args: self.with_args,
            defaults: record::defaults(),
            signing: self.signing,
        };
        let path = Path::new(target);
        let folder = fs::parent(path).display().to_string();
        let mut files = Files::new().quietly().writing_into_new(&folder).signing_with(Some(self.key));
        core.session()?
            .call_attached(&request, self.call, &mut files)
            .map_err(|fault| unusable_if_unwritable(files.explain(fault)))?;
        let draft = files.into_draft()?;
        record::check(&core, &draft)?;
        draft.put(path).map_err(unusable)
    }
}

fn unusable_if_unwritable(fault: Fault) -> Fault {
    if fault.error_code == Code::FileUnwritable { unusable(fault) } else { fault }
}

/// What a decision says of the call it was about. Only a decision about an intent has none.
pub fn facts(decision: &mut Decision) -> Result<CallFacts, Fault> {
    decision.call.take().ok_or_else(|| Fault::new(Code::CoreTrap, "the core judged a call and does not say which"))
}
