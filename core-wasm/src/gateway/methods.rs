//! Which methods there are, and what is done with them unless the configuration says otherwise.

use gait_contract::gateway::McpAction;
use gait_contract::mcp_servers::McpSettings;

/// The method that calls a tool. It is always judged.
pub(super) const CALL: &str = "tools/call";
/// The method that reads a resource.
pub(super) const READ: &str = "resources/read";

/// Methods of clients that pass: they open a conversation, list what there is, or ask for notices.
const PASSING: [&str; 18] = [
    "completion/complete",
    "initialize",
    "logging/setLevel",
    "ping",
    "prompts/get",
    "prompts/list",
    "resources/list",
    "resources/subscribe",
    "resources/templates/list",
    "resources/unsubscribe",
    "server/discover",
    "subscriptions/listen",
    "tasks/cancel",
    "tasks/get",
    "tasks/list",
    "tasks/result",
    "tasks/update",
    "tools/list",
];

/// What is done with a client's request.
pub(super) fn action(method: &str, settings: &McpSettings) -> McpAction {
    let named = |methods: &[alloc::string::String]| methods.iter().any(|one| one == method);
    if method == CALL || named(&settings.judge) {
        return McpAction::Judge;
    }
    if named(&settings.pass) {
        return McpAction::Pass;
    }
    if method == READ {
        return McpAction::Judge;
    }
    // A task belongs to one server, and its id does not say to which.
    let is_nobodys = settings.upstreams.len() > 1 && method.starts_with("tasks/");
    if PASSING.contains(&method) && !is_nobodys { McpAction::Pass } else { McpAction::Refuse }
}
