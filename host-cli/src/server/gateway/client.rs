//! Messages from the client.

use gait_contract::Code;
use gait_contract::gateway::{McpAction, McpFailure, McpKind, McpMessage, McpMessageRequest, McpRouting, McpSide};
use gait_contract::intent::Given;
use gait_contract::mcp_servers::McpSettings;

use std::time::Instant;

use super::asks;
use super::conversation::{Asked, Conversation, Job, Open, Purpose, Route, Task, To};
use super::shares;
use crate::core::{NoWorld, Session};
use crate::host::clock;

/// The protocol version that has batches.
const BATCHES: &str = "2025-03-26";
/// The method that lists tools. Lists are recorded beside calls, so that a recording can be played back.
const LIST: &str = "tools/list";
/// The notification that a request is not wanted any more.
const CANCELLED: &str = "notifications/cancelled";
/// SHA-256 of `{}`.
const NO_ARGS: &str = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
/// An answer for when the core itself does not answer.
const CORE_STOPPED: &str = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"gait cannot read messages; nothing was handed on"}}"#;

/// What became of a message.
pub(super) struct Taken {
    /// Its id, JSON text; empty when it has none.
    pub(super) id: String,
    /// It was several messages.
    pub(super) is_batch: bool,
    /// Why it was refused.
    pub(super) refused: Option<Code>,
    /// How many answers there will be.
    pub(super) answers: usize,
}

/// Reads messages of one client with an instance of the core that is its own.
pub(super) struct Reader {
    session: Option<Session>,
}

impl Reader {
    pub(super) fn new() -> Self {
        Self { session: None }
    }

    /// One message, and what becomes of it. `None`: it could not be read, and somebody was told.
    pub(super) fn take(
        &mut self,
        conversation: &Conversation,
        caller: u64,
        bytes: &[u8],
        routing: Option<McpRouting>,
    ) -> Option<Taken> {
        let is_shared = routing.is_some();
        let may_be_batch = conversation.state().version == BATCHES;
        let own = conversation.number();
        let Some(message) = self.read(conversation, own, bytes, routing, may_be_batch) else {
            conversation.client.send(To::Answer(caller), CORE_STOPPED);
            return None;
        };
        // Whoever shares a conversation with others says by closing its stream that it has enough.
        let may_cancel = message.method != CANCELLED || !is_shared;
        let mut taken = Taken {
            id: message.id.clone(),
            is_batch: message.kind == McpKind::Batch && message.action != McpAction::Refuse,
            refused: message.refusal.as_ref().map(|refusal| refusal.error_code),
            answers: answers(&message),
        };
        if taken.is_batch {
            taken.answers = self.batch(conversation, caller, &message);
        } else if may_cancel {
            self.handle(conversation, caller, own, message);
        }
        Some(taken)
    }

    /// The members of a batch, each by itself; tells how many answers there will be.
    fn batch(&mut self, conversation: &Conversation, caller: u64, message: &McpMessage) -> usize {
        let mut members = Vec::new();
        for member in &message.members {
            let own = conversation.number();
            // A batch in a batch is none.
            if let Some(message) = self.read(conversation, own, member.as_bytes(), None, false) {
                members.push((own, message));
            }
        }
        let answers = members.iter().map(|(_, message)| answers(message)).sum();
        conversation.client.expect(caller, answers);
        for (own, message) in members {
            self.handle(conversation, caller, own, message);
        }
        answers
    }

    fn read(
        &mut self,
        conversation: &Conversation,
        own: u64,
        bytes: &[u8],
        routing: Option<McpRouting>,
        batches: bool,
    ) -> Option<McpMessage> {
        let request = McpMessageRequest {
            message: Given::Attached,
            from: McpSide::Client,
            settings: McpSettings { batches, ..conversation.setup.settings.clone() },
            now: clock::now(),
            routing,
            progress_token: own.to_string(),
            content: false,
            params: conversation.state().params.clone(),
        };
        ask(&mut self.session, conversation, |session| session.call_attached(&request, bytes, &mut NoWorld))
    }

    fn handle(&mut self, conversation: &Conversation, caller: u64, own: u64, message: McpMessage) {
        match (message.action, message.kind) {
            (McpAction::Refuse, _) => refuse(conversation, caller, &message),
            (_, McpKind::Batch) => {}
            (McpAction::Judge, _) => {
                conversation.state().judging.insert((caller, message.id.clone()), false);
                conversation.submit(Task::Judge(Box::new(Job { again: None, own, caller, message })));
            }
            (McpAction::Pass, McpKind::Request) => {
                if let (Some(client), "initialize") = (&message.client, message.method.as_str()) {
                    conversation.state().client.clone_from(client);
                }
                let mut open = open(conversation, caller, &message);
                if message.method == LIST {
                    open.intent_id = conversation.record(|record| record.intent(LIST, NO_ARGS, "{}"));
                }
                match conversation.route(&message) {
                    Route::One(server) => conversation.forward(own, Open { server, ..open }, &message),
                    Route::All => shares::ask_all(conversation, own, open, &message),
                    Route::Nobody(what) => conversation.fail(&open, "", McpFailure::NobodyHas(what)),
                }
            }
            (McpAction::Pass, McpKind::Notification) => notice(conversation, &message),
            (McpAction::Pass, McpKind::Response) => {
                let asked = message.id.parse().ok().and_then(|own: u64| conversation.state().asked.remove(&own));
                match asked {
                    Some(Asked::Server { server, id }) => {
                        conversation.write(server, &message.forward.join(&id));
                    }
                    Some(Asked::Gait(state)) => {
                        let reply = message.outcome.and_then(|outcome| outcome.reply).unwrap_or_default();
                        asks::replied(conversation, &state, &reply);
                    }
                    // An answer to what nobody asked, or what was withdrawn, stops here.
                    None => {}
                }
            }
        }
    }
}

/// How many answers a message gets.
fn answers(message: &McpMessage) -> usize {
    usize::from(match (message.action, message.kind) {
        (McpAction::Refuse, _) => message.refusal.as_ref().is_some_and(|refusal| !refusal.answer.is_empty()),
        (_, kind) => kind == McpKind::Request,
    })
}

/// A request that is about to be handed on.
pub(super) fn open(conversation: &Conversation, caller: u64, message: &McpMessage) -> Open {
    let stays_open = message.method == "subscriptions/listen";
    Open {
        purpose: Purpose::Client,
        caller,
        client_id: message.id.clone(),
        progress_token: message.progress_token.clone(),
        method: message.method.clone(),
        modern: message.modern,
        server: 0,
        deadline: (!stays_open).then(|| Instant::now() + conversation.setup.timeout),
        intent_id: String::new(),
        is_cancelled: false,
    }
}

fn refuse(conversation: &Conversation, caller: u64, message: &McpMessage) {
    let Some(refusal) = &message.refusal else { return };
    conversation.say(&format!(
        "refused a message of the client's ({}): {}",
        refusal.error_code.token(),
        refusal.message
    ));
    conversation.record(|record| record.event(&format!("refused_{}", refusal.error_code.token()), ""));
    if !refusal.answer.is_empty() {
        conversation.client.send(To::Answer(caller), &refusal.answer.join(&message.id));
    }
}

/// A notification. A cancellation goes to the server only if the server knows of the request.
fn notice(conversation: &Conversation, message: &McpMessage) {
    if message.method != CANCELLED {
        conversation.write_to_all(&message.forward.concat());
        return;
    }
    for (own, server) in cancel(conversation, None, &message.id) {
        conversation.write(server, &message.forward.join(&own.to_string()));
    }
}

/// Marks a request of this caller's, or of any, as cancelled; tells its numbers and servers as far as it was handed on.
pub(super) fn cancel(conversation: &Conversation, caller: Option<u64>, client_id: &str) -> Vec<(u64, usize)> {
    let (whose, handed_on) = mark(conversation, caller, client_id);
    if let Some(caller) = whose {
        conversation.client.close(caller);
    }
    handed_on
}

/// The request's caller, and its number with each server that it was handed to.
fn mark(conversation: &Conversation, caller: Option<u64>, client_id: &str) -> (Option<u64>, Vec<(u64, usize)>) {
    let is_it = |one: u64, id: &str| caller.is_none_or(|caller| caller == one) && id == client_id;
    let mut state = conversation.state();
    if let Some(((caller, _), is_cancelled)) = state.judging.iter_mut().find(|((one, id), _)| is_it(*one, id)) {
        *is_cancelled = true;
        return (Some(*caller), Vec::new());
    }
    for group in state.groups.values_mut() {
        group.cancel(is_it);
    }
    let (mut whose, mut handed_on) = (None, Vec::new());
    for (own, open) in &mut state.open {
        // Two callers may use the same id; one of them is meant.
        if is_it(open.caller, &open.client_id) && !open.is_cancelled && whose.is_none_or(|caller| caller == open.caller)
        {
            open.is_cancelled = true;
            whose = Some(open.caller);
            handed_on.push((*own, open.server));
        }
    }
    // Nothing ends what stays open but this.
    state.open.retain(|own, open| open.deadline.is_some() || !handed_on.iter().any(|(one, _)| one == own));
    (whose, handed_on)
}

/// Asks an instance of the core, which is replaced once it has stopped. `None`: it does not answer, and somebody was
/// told.
pub(super) fn ask<T>(
    session: &mut Option<Session>,
    conversation: &Conversation,
    what: impl FnOnce(&mut Session) -> Result<T, gait_contract::Fault>,
) -> Option<T> {
    /// An instance that has grown larger is not kept: one huge message is not paid for until the end.
    const KEPT_BYTES: usize = 96 << 20;
    let asked = (|| {
        let alive = match session.take() {
            Some(alive) if alive.is_alive() && alive.memory_bytes() <= KEPT_BYTES => alive,
            _ => conversation.core.session()?,
        };
        what(session.insert(alive))
    })();
    match asked {
        Ok(reply) => Some(reply),
        Err(fault) => {
            conversation.say(&format!("a message cannot be read ({}): {}", fault.error_code.token(), fault.error));
            None
        }
    }
}
