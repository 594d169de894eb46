//! Deciding about calls, one after the other: verdict, trace on the disk, and only then the server, once.

use std::sync::mpsc::Receiver;

use gait_contract::gate::Decision;
use gait_contract::gateway::{McpCall, McpFailure};
use gait_contract::policy::Verdict;
use gait_contract::{Code, Fault};

use super::approvals::Approvals;
use super::client::open;
use super::conversation::{Conversation, Job, Open, Route, unavailable};
use crate::flows::gate::{Asked, Gate, Intent};
use crate::flows::gate_outputs::Outputs;

/// Judges calls until the conversation is over.
pub(super) struct Judge {
    gate: Gate,
    approvals: Approvals,
    /// How many calls were judged; names their files.
    count: u64,
}

impl Judge {
    pub(super) fn new(gate: Gate, approvals: Approvals) -> Self {
        Self { gate, approvals, count: 0 }
    }

    pub(super) fn run(mut self, conversation: &Conversation, jobs: &Receiver<Job>) {
        while let Ok(job) = jobs.recv() {
            self.one(conversation, job);
        }
    }

    fn one(&mut self, conversation: &Conversation, job: Job) {
        let key = (job.caller, job.message.id.clone());
        let Some(call) = job.message.call.clone() else { return };
        if withdrawn(conversation, &key) {
            conversation.record(|record| record.event("call_cancelled", ""));
            return;
        }
        let mut open = open(conversation, job.caller, &job.message);
        let judged = self.judge(conversation, &call, &job.message.id);
        // The last moment at which a cancellation keeps the call from the server.
        let is_cancelled = conversation.state().judging.remove(&key).unwrap_or_default();
        let decision = match judged {
            Ok(decision) => decision,
            Err(fault) => {
                conversation.say(&format!(
                    "refused `{}`, because it could not be judged ({}): {}",
                    call.tool_name,
                    fault.error_code.token(),
                    fault.error
                ));
                conversation.record(|record| record.event("gate_unavailable", ""));
                open.is_cancelled = is_cancelled;
                conversation.fail(&open, &call.tool_name, unavailable(&fault));
                return;
            }
        };
        open.intent_id = conversation.record(|record| {
            let intent_id = record.intent(&call.tool_name, &decision.trace.args_digest, &call.args);
            record.event(decision.verdict.word(), &intent_id);
            if is_cancelled {
                record.event("call_cancelled", &intent_id);
            }
            intent_id
        });
        if decision.verdict == Verdict::Allow && !is_cancelled {
            match conversation.route(&job.message) {
                Route::One(server) => conversation.forward(job.own, Open { server, ..open }, &job.message),
                Route::All => conversation.fail(&open, &call.tool_name, McpFailure::NobodyHas(call.tool_name.clone())),
                Route::Nobody(what) => conversation.fail(&open, &call.tool_name, McpFailure::NobodyHas(what)),
            }
            return;
        }
        open.is_cancelled = is_cancelled;
        conversation.fail(&open, &call.tool_name, decided(decision));
    }

    /// The verdict, with everything about it on the disk.
    fn judge(&mut self, conversation: &Conversation, call: &McpCall, id: &str) -> Result<Decision, Fault> {
        self.count += 1;
        let found = self.approvals.find(&mut self.gate, call)?;
        let correlation_id = format!("{}:{}", conversation.run_id, id.trim_matches('"'));
        let asked = Asked {
            approvals: found.tokens,
            held: found.held,
            correlation_id: &correlation_id,
            ..Asked::about(Intent::Text(call.intent.as_bytes()))
        };
        let decision = self.gate.judge(&asked)?;
        let folder = &conversation.setup.trace_dir;
        let path = |kind: &str| format!("{folder}/{kind}_{}_{:06}.json", conversation.run_id, self.count);
        let outputs = Outputs {
            trace: path("trace"),
            approval_audit: path("approval_audit"),
            credential_evidence: path("credential_evidence"),
        };
        outputs.write(&decision)?;
        if decision.verdict == Verdict::Allow && !decision.approval_ref.is_empty() {
            self.approvals.spend(&decision.approval_ref)?;
        }
        Ok(decision)
    }
}

/// Whether a call was cancelled before it was judged.
fn withdrawn(conversation: &Conversation, key: &(u64, String)) -> bool {
    let mut state = conversation.state();
    let is_cancelled = state.judging.get(key).copied().unwrap_or_default();
    if is_cancelled {
        state.judging.remove(key);
    }
    is_cancelled
}

fn decided(decision: Decision) -> McpFailure {
    if decision.verdict == Verdict::Allow {
        // It was cancelled; nobody hears this, but the record says that nothing was executed.
        return McpFailure::GateUnavailable(Code::InvalidInput);
    }
    McpFailure::Decided {
        verdict: decision.verdict,
        reason_codes: decision.reason_codes,
        violations: decision.violations,
        trace_id: decision.trace_id,
        policy_digest: decision.policy_digest,
        intent_digest: decision.intent_digest,
    }
}
