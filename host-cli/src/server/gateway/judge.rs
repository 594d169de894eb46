//! Deciding about calls, one after the other: verdict, trace on the disk, and only then the server, once.

use std::sync::mpsc::Receiver;

use gait_contract::gate::Decision;
use gait_contract::gateway::{McpCall, McpFailure};
use gait_contract::intent::Given;
use gait_contract::policy::Verdict;
use gait_contract::{Code, Fault};

use super::approvals::{Approvals, digests};
use super::asks::{self, Resumed};
use super::client::open;
use super::conversation::{Conversation, Job, Open, Route, Task, unavailable};
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

    pub(super) fn run(mut self, conversation: &Conversation, tasks: &Receiver<Task>) {
        while let Ok(task) = tasks.recv() {
            match task {
                Task::Judge(job) => self.one(conversation, *job),
                Task::Look => self.look(conversation),
            }
        }
    }

    /// Judges waiting calls again for which there are approvals now.
    fn look(&mut self, conversation: &Conversation) {
        for job in asks::pending(conversation) {
            let Some(call) = &job.message.call else { continue };
            let found = self.approvals.find(&mut self.gate, call);
            if found.is_ok_and(|found| found.tokens.len() > found.held.len()) {
                self.one(conversation, job);
            }
        }
    }

    fn one(&mut self, conversation: &Conversation, mut job: Job) {
        let key = (job.caller, job.message.id.clone());
        let Some(call) = job.message.call.clone() else { return };
        if job.again.is_none() && withdrawn(conversation, &key) {
            conversation.record(|record| record.event("call_cancelled", ""));
            return;
        }
        let mut open = open(conversation, job.caller, &job.message);
        if job.again.is_none() && job.message.resumed.is_some() {
            match self.resume(conversation, &job, &call, &mut open) {
                Resumed::Fresh => {}
                Resumed::Again(waited) => job = *waited,
                Resumed::Waits => return,
                Resumed::Refused(refusal) => {
                    conversation.state().judging.remove(&key);
                    conversation.record(|record| record.event("approval_declined", &open.intent_id));
                    conversation.fail(&open, &call.tool_name, refusal);
                    return;
                }
            }
        }
        if let Some(again) = &job.again {
            // Somebody else may have settled it since.
            if !conversation.state().waiting.contains_key(&again.state) {
                return;
            }
            open.intent_id.clone_from(&again.intent_id);
        }
        let judged = self.judge(conversation, &call, &job);
        let may_wait = judged.as_ref().is_ok_and(|decision| decision.verdict == Verdict::RequireApproval);
        // The last moment at which a cancellation keeps the call from the server. One that may wait can still be cancelled.
        let (is_cancelled, waited) = {
            let mut state = conversation.state();
            let flag = if may_wait { state.judging.get(&key).copied() } else { state.judging.remove(&key) };
            let settles = job.again.as_ref().filter(|again| !may_wait || again.client.is_some());
            (flag.unwrap_or_default(), settles.map(|again| state.waiting.remove(&again.state)))
        };
        let waited = match waited {
            // Its time was over, or it was cancelled, while it was judged: somebody has been told, and nothing follows.
            Some(None) => return,
            Some(waited) => waited,
            None => None,
        };
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
                asks::done(conversation, waited);
                conversation.fail(&open, &call.tool_name, unavailable(&fault));
                return;
            }
        };
        open.intent_id = conversation.record(|record| {
            let intent_id = match open.intent_id.as_str() {
                "" => record.intent(&call.tool_name, &decision.trace.args_digest, &call.args),
                known => known.to_owned(),
            };
            record.event(decision.verdict.word(), &intent_id);
            if is_cancelled {
                record.event("call_cancelled", &intent_id);
            }
            intent_id
        });
        if decision.verdict == Verdict::RequireApproval && !is_cancelled {
            match &job.again {
                // One approval of several, or one that did not count: others may follow.
                Some(again) if again.client.is_none() => return,
                None if asks::ask(conversation, &job, &open, &decision) => return,
                _ => {}
            }
        }
        conversation.state().judging.remove(&key);
        asks::done(conversation, waited);
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

    /// Whether a call that comes back is the one that was asked about.
    fn resume(&mut self, conversation: &Conversation, job: &Job, call: &McpCall, open: &mut Open) -> Resumed {
        let Ok(digest) = digests(&mut self.gate, call) else { return Resumed::Fresh };
        open.intent_id = conversation.record(|record| record.intent(&call.tool_name, &digest.args_digest, &call.args));
        asks::resume(conversation, job, open, &digest.intent_digest)
    }

    /// The verdict, with everything about it on the disk.
    fn judge(&mut self, conversation: &Conversation, call: &McpCall, job: &Job) -> Result<Decision, Fault> {
        self.count += 1;
        let mut found = self.approvals.find(&mut self.gate, call)?;
        let again = job.again.clone().unwrap_or_default();
        for (number, token) in again.tokens.into_iter().enumerate() {
            let name = format!("approval {} that was handed in", number + 1);
            found.tokens.push(Given::Source(name.clone()));
            found.held.push((name, token));
        }
        let correlation_id = format!("{}:{}", conversation.run_id, job.message.id.trim_matches('"'));
        let asked = Asked {
            approvals: found.tokens,
            held: found.held,
            client_approval: again.client,
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
