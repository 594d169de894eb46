//! Requests that all of several servers answer: each is asked, and one answer is made of theirs. A server that has no
//! answer is left out; when none has one, the first error is the answer.

use std::collections::BTreeMap;

use gait_contract::gateway::{McpFailure, McpMergeRequest, McpMessage, McpShare, McpTools};

use super::conversation::{Conversation, Open, Purpose, To};
use crate::core::NoWorld;

/// Pages of one server's list that are asked for.
const PAGES: u32 = 200;

/// One request of the client's that several servers answer.
pub(super) struct Group {
    /// The client's request.
    open: Open,
    /// The request, as servers get it.
    forward: Vec<String>,
    shares: BTreeMap<usize, McpShare>,
    /// Pages that each server has answered with.
    pages: BTreeMap<usize, u32>,
    /// How many servers have still to answer.
    left: usize,
    /// The first answer that was an error, as `forward` of a message.
    error: Option<Vec<String>>,
    /// The oldest version that a server chose.
    version: String,
}

/// Asks all servers. `own` names the group.
pub(super) fn ask_all(conversation: &Conversation, own: u64, open: Open, message: &McpMessage) {
    let servers: Vec<usize> = (0..conversation.setup.servers.len()).collect();
    if open.deadline.is_none() {
        // Nobody waits for one answer: each server's notices are handed on as they come.
        for server in servers {
            conversation.forward(conversation.number(), Open { server, ..open.clone() }, message);
        }
        return;
    }
    let group = Group {
        open: open.clone(),
        forward: message.forward.clone(),
        shares: BTreeMap::new(),
        left: servers.len(),
        error: None,
        version: String::new(),
        pages: BTreeMap::new(),
    };
    conversation.state().groups.insert(own, group);
    for server in servers {
        let share = Open { server, purpose: Purpose::Share(own), intent_id: String::new(), ..open.clone() };
        conversation.forward(conversation.number(), share, message);
    }
}

/// A server has answered, with something that is no list.
pub(super) fn answered(conversation: &Conversation, own: u64, server: usize, version: &str, bytes: &[u8]) {
    if let Some(group) = conversation.state().groups.get_mut(&own) {
        if group.version.is_empty() || version < group.version.as_str() {
            version.clone_into(&mut group.version);
        }
        let upstream = conversation.upstream(server).to_owned();
        let message = String::from_utf8_lossy(bytes).into_owned();
        group.shares.insert(server, McpShare { upstream, message, shown: Vec::new() });
    }
    settle(conversation, own);
}

/// A server has answered with a page of its list.
pub(super) fn listed(conversation: &Conversation, own: u64, open: &Open, tools: McpTools) {
    let next = {
        let mut state = conversation.state();
        let Some(group) = state.groups.get_mut(&own) else { return };
        let upstream = conversation.upstream(open.server).to_owned();
        let share = group.shares.entry(open.server).or_insert_with(|| McpShare { upstream, ..McpShare::default() });
        share.shown.extend(tools.shown);
        let pages = group.pages.entry(open.server).or_default();
        *pages += 1;
        let goes_on = !tools.next_cursor.is_empty() && !group.open.is_cancelled;
        if goes_on && *pages == PAGES {
            conversation
                .say(&format!("the list of `{}` is cut off after {PAGES} pages", conversation.upstream(open.server)));
        }
        (goes_on && *pages < PAGES).then(|| page(&group.forward, &tools.next_cursor)).flatten()
    };
    match next {
        Some(next) => conversation.hand_on(conversation.number(), open.clone(), |own| next.join(own)),
        None => settle(conversation, own),
    }
}

/// The request for the next page: the client's own, with the server's cursor.
fn page(forward: &[String], cursor: &str) -> Option<[String; 2]> {
    let mut request: serde_json::Value = serde_json::from_str(&forward.join("0")).ok()?;
    let object = request.as_object_mut()?;
    object.remove("id");
    let params = object.entry("params").or_insert_with(|| serde_json::json!({}));
    params["cursor"] = serde_json::from_str(cursor).ok()?;
    let rest = request.to_string();
    Some(["{\"id\":".into(), format!(",{}", rest.strip_prefix('{')?)])
}

/// A server has no answer; what it said about that, if it said something.
pub(super) fn failed(conversation: &Conversation, own: u64, server: usize, error: Option<Vec<String>>) {
    if let Some(group) = conversation.state().groups.get_mut(&own) {
        let name = conversation.upstream(server);
        conversation.say(&format!("server `{name}` has no answer to `{}`", group.open.method));
        group.error = group.error.take().or(error);
    }
    settle(conversation, own);
}

/// One server less to wait for; the last one makes the answer.
fn settle(conversation: &Conversation, own: u64) {
    let group = {
        let mut state = conversation.state();
        let Some(group) = state.groups.get_mut(&own) else { return };
        group.left = group.left.saturating_sub(1);
        if group.left > 0 {
            return;
        }
        let Some(group) = state.groups.remove(&own) else { return };
        if group.open.method == "initialize" && !group.version.is_empty() {
            state.version.clone_from(&group.version);
        }
        group
    };
    let open = group.open;
    if group.shares.is_empty() {
        match group.error {
            Some(error) if !open.is_cancelled => {
                conversation.client.send(To::Answer(open.caller), &error.join(&open.client_id));
            }
            _ => conversation.fail(&open, "", McpFailure::ServerGone(true)),
        }
        return;
    }
    let request = McpMergeRequest {
        method: open.method.clone(),
        modern: open.modern,
        answers: group.shares.into_values().collect(),
    };
    match conversation.core.call(&request, &mut NoWorld) {
        Ok(answer) => {
            if matches!(open.method.as_str(), "initialize" | "server/discover") {
                conversation.record(|record| {
                    record.receipt("mcp.server", &open.method, &answer.result_digest, &answer.result);
                });
            }
            if !open.intent_id.is_empty() {
                conversation
                    .record(|record| record.result(&open.intent_id, false, &answer.result_digest, &answer.result));
            }
            if !open.is_cancelled {
                conversation.client.send(To::Answer(open.caller), &answer.answer.join(&open.client_id));
            }
        }
        Err(fault) => conversation.fail(&open, "", McpFailure::AnswerUnreadable(fault.error_code)),
    }
}

impl Group {
    /// Whether it answers this request; then nobody wants the answer any more.
    pub(super) fn cancel(&mut self, is_it: impl Fn(u64, &str) -> bool) {
        self.open.is_cancelled |= is_it(self.open.caller, &self.open.client_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_asked_for_like_the_first() {
        let forward =
            ["{\"jsonrpc\":\"2.0\",\"id\":".to_owned(), ",\"method\":\"tools/list\",\"params\":{\"_meta\":{}}}".into()];
        let next = page(&forward, "\"c\"").expect("a page").join("7");
        let next: serde_json::Value = serde_json::from_str(&next).expect("JSON");
        assert_eq!(
            next,
            serde_json::json!({"id": 7, "jsonrpc": "2.0", "method": "tools/list", "params": {"_meta": {}, "cursor": "c"}})
        );
        assert!(page(&["x".into()], "1").is_none());
    }
}
