//! Messages from a server.

use gait_contract::gateway::{
    McpAction, McpFailure, McpKind, McpList, McpMessage, McpMessageRequest, McpSide, McpTools, McpToolsRequest,
};
use gait_contract::intent::Given;
use gait_contract::mcp_servers::McpSettings;

use super::client::ask;
use super::conversation::{Asked, Conversation, Open, Purpose, To};
use super::shares;
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

    /// Which server it reads.
    pub(super) fn server(&self) -> usize {
        self.server
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
            params: Vec::new(),
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
                let asked = Asked::Server { server: self.server, id: message.id.clone() };
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
                let is_it = |asked: &Asked| match asked {
                    Asked::Server { server, id } => *server == self.server && *id == message.id,
                    Asked::Gait(_) => false,
                };
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
        if !outcome.is_error && matches!(open.method.as_str(), "initialize" | "server/discover") {
            self.opened(conversation, &open, message);
        }
        match open.purpose {
            Purpose::Reopen => return self.reopened(conversation, outcome.is_error),
            Purpose::Share(group) if outcome.is_error => {
                return shares::failed(conversation, group, self.server, Some(forward));
            }
            Purpose::Share(group) => {
                return match list_of(&open.method) {
                    None => shares::answered(conversation, group, self.server, &message.protocol_version, bytes),
                    Some(list) => match self.listed(conversation, list, bytes) {
                        Some(tools) => shares::listed(conversation, group, &open, tools),
                        None => shares::failed(conversation, group, self.server, None),
                    },
                };
            }
            Purpose::Client => {}
        }
        if open.method == "tools/list" && !outcome.is_error {
            match self.listed(conversation, McpList::Tools, bytes) {
                Some(tools) if conversation.setup.hide_blocked => forward = tools.forward,
                None if conversation.setup.hide_blocked => {
                    conversation.fail(&open, "", McpFailure::GateUnavailable(gait_contract::Code::PolicyInvalid));
                    return;
                }
                _ => {}
            }
        }
        record(conversation, &open, &outcome.result_digest, outcome.is_error, &outcome.result);
        if !open.is_cancelled {
            conversation.client.send(To::Answer(open.caller), &forward.join(&open.client_id));
        }
    }

    /// The server has said what it is; `initialize` settles the version.
    fn opened(&self, conversation: &Conversation, open: &Open, message: &McpMessage) {
        let outcome = message.outcome.clone().unwrap_or_default();
        let is_another = {
            let mut state = conversation.state();
            if open.method == "initialize" && open.purpose == Purpose::Client {
                state.version.clone_from(&message.protocol_version);
            }
            let before = state.openings.insert(self.server, outcome.result_digest.clone());
            before.is_some_and(|before| before != outcome.result_digest) && open.purpose == Purpose::Reopen
        };
        if is_another {
            conversation
                .say("server_definition_changed: the server that was started again describes itself differently");
            conversation.record(|record| record.event("server_definition_changed", ""));
        }
        if is_another || open.purpose != Purpose::Reopen {
            let kind = if conversation.upstream(self.server).is_empty() { "mcp.server" } else { "mcp.upstream" };
            let locator = self.shown(conversation, &open.method);
            conversation.record(|record| record.receipt(kind, &locator, &outcome.result_digest, &outcome.result));
        }
    }

    /// A server that was started again has heard the opening, and is ready if it agreed.
    fn reopened(&self, conversation: &Conversation, is_error: bool) {
        if is_error {
            conversation.say("the server that was started again refuses the conversation");
            if let Some(back) = conversation.backs.get(self.server) {
                back.close();
            }
            return;
        }
        conversation.write(self.server, r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
        conversation.state().gone.remove(&self.server);
        conversation.record(|record| record.event("server_restarted", ""));
    }

    /// Reads a list, and remembers what is on it.
    fn listed(&mut self, conversation: &Conversation, list: McpList, bytes: &[u8]) -> Option<McpTools> {
        let tools = self.read_list(conversation, list, bytes)?;
        if list == McpList::Tools {
            self.pin(conversation, &tools);
            if let Some(back) = conversation.backs.get(self.server) {
                back.learn(conversation.upstream(self.server), &tools);
            }
        }
        let mut state = conversation.state();
        for pin in &tools.pins {
            let shown = match conversation.upstream(self.server) {
                "" => pin.name.clone(),
                upstream => format!("{upstream}.{}", pin.name),
            };
            state.params.retain(|param| param.tool != shown);
        }
        state.params.extend(tools.params.iter().cloned());
        match list {
            McpList::Resources => state.resources.extend(tools.uris.iter().map(|uri| (uri.clone(), self.server))),
            McpList::Templates => {
                for template in &tools.uris {
                    let start = template.split('{').next().unwrap_or_default().to_owned();
                    if !state.templates.contains(&(start.clone(), self.server)) {
                        state.templates.push((start, self.server));
                    }
                }
            }
            McpList::Tools | McpList::Prompts => {}
        }
        drop(state);
        Some(tools)
    }

    fn read_list(&mut self, conversation: &Conversation, list: McpList, bytes: &[u8]) -> Option<McpTools> {
        let request = McpToolsRequest {
            message: Given::Attached,
            list,
            upstream: conversation.upstream(self.server).to_owned(),
            hide_blocked: self.gate.is_some() && list == McpList::Tools,
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
                if state.warned.insert(format!("{} {name} {digest}", self.server)) {
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
            let name = self.shown(conversation, &pin.name);
            conversation.record(|record| record.receipt("mcp.tool", &name, &pin.digest, ""));
        }
        for name in warnings {
            conversation
                .say(&format!("tool_definition_changed: `{name}` is another tool than when it was first listed"));
            if let Some(pin) = tools.pins.iter().find(|pin| pin.name == name) {
                conversation.record(|record| {
                    record.event("tool_definition_changed", "");
                    record.receipt("mcp.tool", &self.shown(conversation, &pin.name), &pin.digest, "");
                });
            }
        }
    }

    /// A name with its server's, as it is judged and recorded.
    fn shown(&self, conversation: &Conversation, name: &str) -> String {
        match conversation.upstream(self.server) {
            "" => name.to_owned(),
            upstream => format!("{upstream}/{name}"),
        }
    }
}

/// What a method lists.
fn list_of(method: &str) -> Option<McpList> {
    Some(match method {
        "tools/list" => McpList::Tools,
        "prompts/list" => McpList::Prompts,
        "resources/list" => McpList::Resources,
        "resources/templates/list" => McpList::Templates,
        _ => return None,
    })
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
