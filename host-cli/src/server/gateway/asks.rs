//! Calls that wait for an approval while somebody is asked for it (MCP contract, 11.6): the client sends its user to
//! gait's page, where a signed approval is handed in, or to a form, whose answer is the client's word and no more. The
//! call is judged again when there is something new; it never passes by anything but that verdict.

use std::time::{Duration, Instant, SystemTime};

use gait_contract::gate::{ClientApproval, Decision};
use gait_contract::gateway::{McpAskRequest, McpClient, McpFailure, McpReply};
use gait_contract::policy::Verdict;

use super::conversation::{Asked, Conversation, Job, Open, State, Task, To};
use crate::core::NoWorld;
use crate::host::{entropy, keys};

/// How often a caller hears that its call still waits.
const SIGN: Duration = Duration::from_secs(5);
/// How often the folder of approvals is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// Calls of one conversation that wait at a time.
const WAITING: usize = 256;
/// Tokens that are taken for one call.
const TOKENS: usize = 32;

/// Whether clients are asked for approvals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ask {
    /// They are not.
    Off,
    /// Those that open addresses are sent to gait's page.
    #[default]
    Url,
    /// And those that show forms are shown one.
    Form,
}

/// A call that waits.
pub(super) struct Waiting {
    /// The call, as it will be judged again.
    pub(super) job: Job,
    open: Open,
    pub(super) intent_digest: String,
    pub(super) policy_digest: String,
    pub(super) reason_codes: Vec<String>,
    /// What is answered when nobody approves.
    refusal: McpFailure,
    /// Number of the question to the client, where it was sent as one.
    question: Option<u64>,
    /// The client waits for the call's answer; otherwise it will send the call again.
    is_pending: bool,
    by_form: bool,
    deadline: Instant,
    next_sign: Instant,
    signs: u64,
    tokens: Vec<String>,
    done: String,
}

/// What a call that is judged again brings along.
#[derive(Clone, Default)]
pub(super) struct Again {
    /// Under which name it waits.
    pub(super) state: String,
    /// Approvals that were handed in for it.
    pub(super) tokens: Vec<String>,
    /// The client's word.
    pub(super) client: Option<ClientApproval>,
    /// Its place in the record.
    pub(super) intent_id: String,
}

/// What a call that comes back with an answer to a question is.
pub(super) enum Resumed {
    /// A call like any other: the question is not known, or was about another call.
    Fresh,
    /// To be judged with what is there now, as it was when it was asked about.
    Again(Box<Job>),
    /// It waits on.
    Waits,
    /// Nobody approves.
    Refused(McpFailure),
}

/// Asks the client's user about a call. False when there is nobody to ask.
pub(super) fn ask(conversation: &Conversation, job: &Job, open: &Open, decision: &Decision) -> bool {
    let client = job.message.client.clone().unwrap_or_else(|| conversation.state().client.clone());
    let by_url = client.asks_by_url && conversation.setup.ask != Ask::Off;
    let by_form = !by_url && client.asks_by_form && conversation.setup.ask == Ask::Form;
    let is_full = conversation.state().waiting.len() >= WAITING;
    // Versions without sessions let only calls of tools come back.
    if !(by_url || by_form) || is_full || (open.modern && open.method != "tools/call") {
        return false;
    }
    let Some(call) = &job.message.call else { return false };
    let Ok(state) = entropy::bytes::<16>().map(|bytes| keys::hex(&bytes)) else { return false };
    let url = if by_url { conversation.pages.url(&state) } else { Ok(String::new()) };
    let request = url.map(|url| McpAskRequest {
        tool_name: call.tool_name.clone(),
        reason_codes: decision.reason_codes.clone(),
        url,
        state: state.clone(),
        modern: open.modern,
    });
    let question = match request.and_then(|request| conversation.core.call(&request, &mut NoWorld)) {
        Ok(question) => question,
        Err(fault) => {
            conversation.say(&format!("nobody can be asked about `{}`: {}", call.tool_name, fault.error));
            return false;
        }
    };
    let number = (!open.modern).then(|| conversation.number());
    let now = Instant::now();
    let waiting = Waiting {
        job: job.clone(),
        open: open.clone(),
        intent_digest: decision.intent_digest.clone(),
        policy_digest: decision.policy_digest.clone(),
        reason_codes: decision.reason_codes.clone(),
        refusal: refusal(decision),
        question: number,
        is_pending: !open.modern,
        by_form,
        // Waiting counts against the call's time.
        deadline: open.deadline.unwrap_or(now + conversation.setup.timeout),
        next_sign: now,
        signs: 0,
        tokens: Vec::new(),
        done: question.done,
    };
    {
        let mut held = conversation.state();
        if let Some(number) = number {
            held.asked.insert(number, Asked::Gait(state.clone()));
        } else {
            // Its caller has its answer, and will call again.
            held.judging.remove(&(job.caller, job.message.id.clone()));
        }
        held.waiting.insert(state, waiting);
    }
    conversation.record(|record| record.event("approval_asked", &open.intent_id));
    match number {
        Some(number) => conversation.client.send(To::About(job.caller), &question.message.join(&number.to_string())),
        None => {
            conversation
                .record(|record| record.result(&open.intent_id, true, &question.result_digest, &question.result));
            conversation.client.send(To::Answer(job.caller), &question.message.join(&open.client_id));
        }
    }
    true
}

fn refusal(decision: &Decision) -> McpFailure {
    McpFailure::Decided {
        verdict: Verdict::RequireApproval,
        reason_codes: decision.reason_codes.clone(),
        violations: decision.violations.clone(),
        trace_id: decision.trace_id.clone(),
        policy_digest: decision.policy_digest.clone(),
        intent_digest: decision.intent_digest.clone(),
    }
}

/// The client has answered the question: that it opened the page, or what was filled in.
pub(super) fn replied(conversation: &Conversation, state: &str, reply: &McpReply) {
    let (by_form, job) = {
        let held = conversation.state();
        let Some(waiting) = held.waiting.get(state) else { return };
        (waiting.by_form, waiting.job.clone())
    };
    match (reply.action.as_str(), by_form) {
        ("accept", false) => conversation.record(|record| record.event("approval_page_opened", "")),
        ("accept", true) if reply.approve => {
            let again = {
                let held = conversation.state();
                held.waiting.get(state).map(|waiting| waiting.with_the_clients_word(&held.client, state))
            };
            if let Some(again) = again {
                conversation.submit(Task::Judge(Box::new(Job { again: Some(again), ..job })));
            }
        }
        _ => refuse(conversation, state, "approval_declined"),
    }
}

impl Waiting {
    fn again(&self, state: &str) -> Again {
        Again {
            state: state.to_owned(),
            tokens: self.tokens.clone(),
            client: None,
            intent_id: self.open.intent_id.clone(),
        }
    }

    fn with_the_clients_word(&self, opened: &McpClient, state: &str) -> Again {
        let client = self.job.message.client.as_ref().unwrap_or(opened).name.clone();
        Again { client: Some(ClientApproval { client, question: state.to_owned() }), ..self.again(state) }
    }

    fn refused(&self, why: &str) -> McpFailure {
        let mut refusal = self.refusal.clone();
        if let McpFailure::Decided { reason_codes, .. } = &mut refusal {
            reason_codes.push(why.to_owned());
        }
        refusal
    }
}

/// A signed approval was handed in, and found good for this call. False when the call does not wait any more.
pub(super) fn hand_in(conversation: &Conversation, state: &str, token: &str) -> bool {
    let job = {
        let mut held = conversation.state();
        let Some(waiting) = held.waiting.get_mut(state) else { return false };
        if waiting.tokens.len() < TOKENS && !waiting.tokens.iter().any(|one| one == token) {
            waiting.tokens.push(token.to_owned());
        }
        waiting.is_pending.then(|| Job { again: Some(waiting.again(state)), ..waiting.job.clone() })
    };
    if let Some(job) = job {
        conversation.submit(Task::Judge(Box::new(job)));
    }
    true
}

/// Whether a call that comes back is the one that was asked about, and what became of that. `intent_digest` is its own.
pub(super) fn resume(conversation: &Conversation, job: &Job, open: &Open, intent_digest: &str) -> Resumed {
    let Some(resumed) = &job.message.resumed else { return Resumed::Fresh };
    let mut held = conversation.state();
    let state = &mut *held;
    let Some(waiting) = state.waiting.get_mut(&resumed.state) else { return Resumed::Fresh };
    let fits = waiting.intent_digest == intent_digest && waiting.open.method == open.method && !waiting.is_pending;
    if !fits || waiting.deadline <= Instant::now() {
        return Resumed::Fresh;
    }
    let is_yes = resumed.reply.action == "accept" && (!waiting.by_form || resumed.reply.approve);
    if !is_yes {
        let refused = waiting.refused("approval_declined");
        state.waiting.remove(&resumed.state);
        return Resumed::Refused(refused);
    }
    waiting.is_pending = true;
    waiting.open = open.clone();
    // What is handed on is the call that was asked about: it may hold a state of the server's, in whose place gait's came
    // back. Who waits for it is whoever came back.
    waiting.job.caller = job.caller;
    for (kept, back) in [
        (&mut waiting.job.message.id, &job.message.id),
        (&mut waiting.job.message.progress_token, &job.message.progress_token),
    ] {
        kept.clone_from(back);
    }
    let again = match (waiting.by_form, waiting.tokens.is_empty()) {
        (true, _) => waiting.with_the_clients_word(&state.client, &resumed.state),
        (false, false) => waiting.again(&resumed.state),
        (false, true) => return Resumed::Waits,
    };
    Resumed::Again(Box::new(Job { again: Some(again), ..waiting.job.clone() }))
}

/// The call does not wait any more.
pub(super) fn done(conversation: &Conversation, waiting: Option<Waiting>) {
    let Some(waiting) = waiting else { return };
    withdraw_question(conversation, &waiting);
    if !waiting.done.is_empty() {
        conversation.client.send(To::About(waiting.job.caller), &waiting.done);
    }
}

/// A question that was not answered does not have to be.
fn withdraw_question(conversation: &Conversation, waiting: &Waiting) {
    let Some(number) = waiting.question else { return };
    if conversation.state().asked.remove(&number).is_some() {
        let params = format!(r#"{{"requestId":{number},"reason":"gait: the call does not wait any more"}}"#);
        let notice = format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{params}}}"#);
        conversation.client.send(To::About(waiting.job.caller), &notice);
    }
}

/// Nobody approves.
fn refuse(conversation: &Conversation, state: &str, why: &str) {
    let waiting = {
        let mut held = conversation.state();
        let Some(waiting) = held.waiting.remove(state) else { return };
        held.judging.remove(&(waiting.job.caller, waiting.job.message.id.clone()));
        waiting
    };
    withdraw_question(conversation, &waiting);
    conversation.record(|record| record.event(why, &waiting.open.intent_id));
    if waiting.is_pending {
        let tool_name = waiting.job.message.call.as_ref().map(|call| call.tool_name.as_str()).unwrap_or_default();
        conversation.fail(&waiting.open, tool_name, waiting.refused(why));
    }
}

/// Looks at the clock: calls that waited long enough, or that nobody wants any more.
pub(super) fn expire(conversation: &Conversation, now: Instant) {
    let (mut over, mut gone, mut signs) = (Vec::new(), Vec::new(), Vec::new());
    {
        let mut held = conversation.state();
        let State { waiting, judging, .. } = &mut *held;
        for (state, waiting) in waiting.iter_mut() {
            let key = (waiting.job.caller, waiting.job.message.id.clone());
            if waiting.is_pending && judging.get(&key).copied().unwrap_or_default() {
                gone.push(state.clone());
            } else if waiting.deadline <= now {
                over.push(state.clone());
            } else if waiting.is_pending && waiting.next_sign <= now {
                waiting.next_sign = now + SIGN;
                waiting.signs += 1;
                if !waiting.open.progress_token.is_empty() {
                    signs.push((waiting.job.caller, waiting.open.progress_token.clone(), waiting.signs));
                }
            }
        }
    }
    for (caller, token, sign) in signs {
        // Small steps, so that whatever the server says later is more.
        let progress = sign as f64 / 1e6;
        let params = format!(r#"{{"progressToken":{token},"progress":{progress},"message":"waits for an approval"}}"#);
        let notice = format!(r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{params}}}"#);
        conversation.client.send(To::About(caller), &notice);
    }
    for state in over {
        refuse(conversation, &state, "approval_wait_expired");
    }
    for state in gone {
        let waiting = {
            let mut held = conversation.state();
            let Some(waiting) = held.waiting.remove(&state) else { continue };
            held.judging.remove(&(waiting.job.caller, waiting.job.message.id.clone()));
            waiting
        };
        withdraw_question(conversation, &waiting);
        conversation.record(|record| record.event("call_cancelled", &waiting.open.intent_id));
        conversation.fail(&Open { is_cancelled: true, ..waiting.open.clone() }, "", waiting.refused("call_cancelled"));
    }
    look(conversation, now);
}

/// Has waiting calls judged again when the folder of approvals is not what it was.
fn look(conversation: &Conversation, now: Instant) {
    let folder = conversation.setup.approval_dir.trim();
    {
        let mut held = conversation.state();
        if folder.is_empty() || held.waiting.is_empty() || held.looked.0.is_some_and(|at| now < at + LOOK) {
            return;
        }
        held.looked.0 = Some(now);
    }
    let stamp: Option<SystemTime> = std::fs::metadata(folder).and_then(|folder| folder.modified()).ok();
    let is_new = {
        let mut held = conversation.state();
        let is_new = stamp.is_some() && held.looked.1 != stamp;
        held.looked.1 = stamp;
        is_new
    };
    if is_new {
        conversation.submit(Task::Look);
    }
}

/// The calls that wait now, for somebody who has tokens.
pub(super) fn pending(conversation: &Conversation) -> Vec<Job> {
    let held = conversation.state();
    let pending = held.waiting.iter().filter(|(_, waiting)| waiting.is_pending);
    pending.map(|(state, waiting)| Job { again: Some(waiting.again(state)), ..waiting.job.clone() }).collect()
}
