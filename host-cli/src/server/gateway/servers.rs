//! Messages from a server.

use gait_contract::gateway::{
    McpAction, McpFailure, McpKind, McpMessage, McpMessageRequest, McpSettings, McpSide, McpTools, McpToolsRequest,
};
use gait_contract::intent::Given;

use super::client::ask;
use super::conversation::{Asked, Conversation, Open, To};
use crate::core::{NoWorld, Session};
use crate::flows::gate::Gate;
use crate::host::clock;

/// Reads messages of one server with an instance of the core that is its own.
pub(super) struct Reader {
    server: usize,
    session: Option<Session>,
    /// Knows which tools are blocked whatever the call says; only where such tools are left out.
    gate: Option<Gate>,
}

impl Reader {
    pub(super) fn new(server: usize, gate: Option<Gate>) -> Self {
        Self { server, session: None, gate }
    }

    /// One message, and what becomes of it.
    pub(super) fn take(&mut self, conversation: &Conversation, bytes: &[u8]) {
        let request = McpMessageRequest {
            message: Given::Attached,
            from: McpSide::Server,
            settings: McpSettings { batches: true, ..McpSettings::default() },
            now: clock::now(),
            routing: None,
            progress_token: String::new(),
            content: conversation.setup.raw,
        };
        let read = ask(&mut self.session, conversation, |session| session.call_attached(&request, bytes, &mut NoWorld));
        let Some(message) = read else { return };
        match (message.action, message.kind) {
            (McpAction::Refuse, _) => unreadable(conversation, &message),
            (_, McpKind::Batch) => {
                for member in &message.members {
                    self.take(conversation, member.as_bytes());
                }
            }
            (_, McpKind::Response) => self.answered(conversation, &message, bytes),
            (_, McpKind::Request) => {
                let own = conversation.number();
                let asked = Asked { server: self.server, id: message.id.clone() };
                conversation.state().asked.insert(own, asked);
                conversation.client.send(To::Anyone, &message.forward.join(&own.to_string()));
            }
            (_, McpKind::Notification) => self.noticed(conversation, &message),
        }
    }

    /// A notification: about a request of the client's, about one of the server's own, or about nothing in particular.
    fn noticed(&self, conversation: &Conversation, message: &McpMessage) {
        if message.id.is_empty() {
            conversation.client.send(To::Anyone, &message.forward.concat());
            return;
        }
        let (to, id) = {
            let mut state = conversation.state();
            if message.method == "notifications/cancelled" {
                let is_it = |asked: &Asked| asked.server == self.server && asked.id == message.id;
                let Some(own) = state.asked.iter().find(|(_, asked)| is_it(asked)).map(|(own, _)| *own) else { return };
                state.asked.remove(&own);
                (To::Anyone, own.to_string())
            } else {
                let open = message.id.parse().ok().and_then(|own: u64| state.open.get(&own));
                let Some(open) = open.filter(|open| open.server == self.server && !open.is_cancelled) else { return };
                let is_progress = message.method == "notifications/progress";
                let id = if is_progress { &open.progress_token } else { &open.client_id };
                (To::About(open.caller), id.clone())
            }
        };
        if !id.is_empty() {
            conversation.client.send(to, &message.forward.join(&id));
        }
    }

    fn answered(&mut self, conversation: &Conversation, message: &McpMessage, bytes: &[u8]) {
        let open = message.id.parse().ok().and_then(|own: u64| {
            let mut state = conversation.state();
            state.open.get(&own).is_some_and(|open| open.server == self.server).then(|| state.open.remove(&own))?
        });
        let Some(open) = open else {
            conversation.say("dropped an answer of the server's that nobody waits for any more");
            conversation.record(|record| record.event("late_answer_dropped", ""));
            return;
        };
        let outcome = message.outcome.clone().unwrap_or_default();
        let mut forward = message.forward.clone();
        match open.method.as_str() {
            "initialize" if !outcome.is_error => {
                conversation.state().version.clone_from(&message.protocol_version);
                conversation.record(|record| {
                    record.receipt("mcp.server", "initialize", &outcome.result_digest, &outcome.result)
                });
            }
            "server/discover" if !outcome.is_error => {
                conversation.record(|record| {
                    record.receipt("mcp.server", "server/discover", &outcome.result_digest, &outcome.result)
                });
            }
            "tools/list" if !outcome.is_error => {
                if let Some(tools) = self.listed(conversation, bytes) {
                    self.pin(conversation, &tools);
                    if conversation.setup.hide_blocked {
                        forward = tools.forward;
                    }
                } else if conversation.setup.hide_blocked {
                    conversation.fail(&open, "", McpFailure::GateUnavailable(gait_contract::Code::PolicyInvalid));
                    return;
                }
            }
            _ => {}
        }
        record(conversation, &open, &outcome.result_digest, outcome.is_error, &outcome.result);
        if !open.is_cancelled {
            conversation.client.send(To::Answer(open.caller), &forward.join(&open.client_id));
        }
    }

    fn listed(&mut self, conversation: &Conversation, bytes: &[u8]) -> Option<McpTools> {
        let request = McpToolsRequest {
            message: Given::Attached,
            upstream: String::new(),
            hide_blocked: self.gate.is_some(),
            known: conversation.state().pins.get(&self.server).cloned().unwrap_or_default(),
        };
        match &mut self.gate {
            Some(gate) => match gate.ask(&request, bytes) {
                Ok(tools) => Some(tools),
                Err(fault) => {
                    conversation.say(&format!("the list of tools cannot be read: {}", fault.error));
                    None
                }
            },
            None => {
                ask(&mut self.session, conversation, |session| session.call_attached(&request, bytes, &mut NoWorld))
            }
        }
    }

    /// Remembers what tools claim to be, and says when one claims something else than before.
    fn pin(&self, conversation: &Conversation, tools: &McpTools) {
        let mut warnings = Vec::new();
        let mut fresh = Vec::new();
        {
            let mut state = conversation.state();
            let state = &mut *state;
            for name in &tools.changed {
                let digest = tools.pins.iter().find(|pin| pin.name == *name).map_or("", |pin| &pin.digest);
                if state.warned.insert(format!("{name} {digest}")) {
                    warnings.push(name.clone());
                }
            }
            let pins = state.pins.entry(self.server).or_default();
            for pin in &tools.pins {
                if !pins.iter().any(|known| known.name == pin.name) {
                    pins.push(pin.clone());
                    fresh.push(pin.clone());
                }
            }
        }
        for pin in fresh {
            conversation.record(|record| record.receipt("mcp.tool", &pin.name, &pin.digest, ""));
        }
        for name in warnings {
            conversation
                .say(&format!("tool_definition_changed: `{name}` is another tool than when it was first listed"));
            if let Some(pin) = tools.pins.iter().find(|pin| pin.name == name) {
                conversation.record(|record| {
                    record.event("tool_definition_changed", "");
                    record.receipt("mcp.tool", &pin.name, &pin.digest, "");
                });
            }
        }
    }
}

/// An answer that cannot be handed on; whoever waits for it is told, if it says whose it is.
fn unreadable(conversation: &Conversation, message: &McpMessage) {
    let Some(refusal) = &message.refusal else { return };
    let code = refusal.error_code;
    conversation.say(&format!("the server wrote what is no message ({}): {}", code.token(), refusal.message));
    conversation.record(|record| record.event(&format!("server_wrote_{}", code.token()), ""));
    let open = message.id.parse().ok().and_then(|own: u64| conversation.state().open.remove(&own));
    if let Some(open) = open {
        conversation.fail(&open, "", McpFailure::AnswerUnreadable(code));
    }
}

fn record(conversation: &Conversation, open: &Open, digest: &str, is_error: bool, result: &str) {
    if open.intent_id.is_empty() {
        return;
    }
    conversation.record(|record| {
        if open.is_cancelled {
            record.event("answer_after_cancellation", &open.intent_id);
        }
        record.result(&open.intent_id, is_error, digest, result);
    });
}
