//! Messages from the client.

use gait_contract::gateway::{McpAction, McpKind, McpMessage, McpMessageRequest, McpRouting, McpSettings, McpSide};
use gait_contract::intent::Given;

use std::time::Instant;

use super::conversation::{Conversation, Job, Open};
use crate::core::{NoWorld, Session};
use crate::host::clock;

/// The protocol version that has batches.
const BATCHES: &str = "2025-03-26";
/// The method that lists tools. Lists are recorded beside calls, so that a recording can be played back.
const LIST: &str = "tools/list";
/// SHA-256 of `{}`.
const NO_ARGS: &str = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
/// An answer for when the core itself does not answer.
const CORE_STOPPED: &str = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"gait cannot read messages; nothing was handed on"}}"#;

/// Reads messages of one client with an instance of the core that is its own.
pub(super) struct Reader {
    session: Option<Session>,
}

impl Reader {
    pub(super) fn new() -> Self {
        Self { session: None }
    }

    /// One message, and what becomes of it.
    pub(super) fn take(
        &mut self,
        conversation: &Conversation,
        caller: u64,
        bytes: &[u8],
        routing: Option<McpRouting>,
    ) -> Option<McpMessage> {
        let may_be_batch = conversation.state().version == BATCHES;
        let own = conversation.number();
        let message = self.read(conversation, own, bytes, routing, may_be_batch)?;
        self.handle(conversation, caller, own, message.clone());
        Some(message)
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
        };
        let read = ask(&mut self.session, conversation, |session| session.call_attached(&request, bytes, &mut NoWorld));
        if read.is_none() {
            conversation.client.send(None, CORE_STOPPED);
        }
        read
    }

    fn handle(&mut self, conversation: &Conversation, caller: u64, own: u64, message: McpMessage) {
        match (message.action, message.kind) {
            (McpAction::Refuse, _) => refuse(conversation, caller, &message),
            (_, McpKind::Batch) => {
                for member in &message.members {
                    let own = conversation.number();
                    // A batch in a batch is none.
                    if let Some(message) = self.read(conversation, own, member.as_bytes(), None, false) {
                        self.handle(conversation, caller, own, message);
                    }
                }
            }
            (McpAction::Judge, _) => {
                conversation.state().judging.insert((caller, message.id.clone()), false);
                conversation.submit(Job { own, caller, message });
            }
            (McpAction::Pass, McpKind::Request) => {
                let mut open = open(conversation, caller, &message);
                if message.method == LIST {
                    open.intent_id = conversation.record(|record| record.intent(LIST, NO_ARGS, "{}"));
                }
                conversation.forward(own, open, &message);
            }
            (McpAction::Pass, McpKind::Notification) => notice(conversation, caller, &message),
            (McpAction::Pass, McpKind::Response) => {
                let asked = message.id.parse().ok().and_then(|own: u64| conversation.state().asked.remove(&own));
                // An answer to what nobody asked, or what was withdrawn, stops here.
                if let Some(asked) = asked {
                    conversation.write(asked.server, &message.forward.join(&asked.id));
                }
            }
        }
    }
}

/// A request that is about to be handed on.
pub(super) fn open(conversation: &Conversation, caller: u64, message: &McpMessage) -> Open {
    let stays_open = message.method == "subscriptions/listen";
    Open {
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
        conversation.client.send(Some(caller), &refusal.answer.join(&message.id));
    }
}

/// A notification. A cancellation goes to the server only if the server knows of the request.
fn notice(conversation: &Conversation, caller: u64, message: &McpMessage) {
    if message.method != "notifications/cancelled" {
        conversation.write_to_all(&message.forward.concat());
        return;
    }
    if let Some((own, server)) = cancel(conversation, caller, &message.id) {
        conversation.write(server, &message.forward.join(&own.to_string()));
    }
}

/// Marks a request as cancelled; tells its number and server if it was handed on.
pub(super) fn cancel(conversation: &Conversation, caller: u64, client_id: &str) -> Option<(u64, usize)> {
    let mut state = conversation.state();
    if let Some(is_cancelled) = state.judging.get_mut(&(caller, client_id.to_owned())) {
        *is_cancelled = true;
        return None;
    }
    let is_it = |open: &Open| open.caller == caller && open.client_id == client_id && !open.is_cancelled;
    let (own, open) = state.open.iter_mut().find(|(_, open)| is_it(open))?;
    open.is_cancelled = true;
    Some((*own, open.server))
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
