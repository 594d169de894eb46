//! The gateway in front of a Model Context Protocol server: reading one message of a conversation, refusing calls,
//! and keeping an eye on what tools claim to be (MCP contract, section 11).
//!
//! Ids and progress tokens are handed around as JSON text (`7`, `"a"`), so that nobody mistakes a number for a word.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::intent::Given;
use crate::mcp_servers::{McpHeader, McpSettings};
use crate::op::call;
use crate::policy::Verdict;
use crate::{Code, Timestamp, is_false};

/// Who sent a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum McpSide {
    /// The program that has a model.
    #[default]
    Client,
    /// The program that has tools.
    Server,
}

/// Reads one message, or one member of a batch, and says what is to be done with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct McpMessageRequest {
    /// Its bytes, as they were received.
    pub message: Given,
    /// Who sent it.
    #[serde(default)]
    pub from: McpSide,
    /// Servers and methods; only a client's messages need them.
    #[serde(default)]
    pub settings: McpSettings,
    /// When it arrived.
    #[serde(default)]
    pub now: Timestamp,
    /// What the HTTP request says about the message beside it, where the protocol version has such headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing: Option<McpRouting>,
    /// The token under which a server reports progress of this request instead of the client's, JSON text; two clients
    /// may choose the same one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub progress_token: String,
    /// Reply with the result itself as well, not only with its digest.
    #[serde(default, skip_serializing_if = "is_false")]
    pub content: bool,
    /// Arguments that headers repeat, as far as tools were listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<McpParam>,
}

/// An argument of a tool that a header `Mcp-Param-…` repeats, because the tool's schema says `x-mcp-header`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpParam {
    /// The tool, as it is shown.
    pub tool: String,
    /// The keys that lead to the argument.
    pub path: Vec<String>,
    /// The header's name without `Mcp-Param-`, lower case.
    pub header: String,
}

/// Headers of an HTTP request that repeat what its body says. Blank: not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpRouting {
    /// `MCP-Protocol-Version`.
    pub protocol_version: String,
    /// `Mcp-Method`.
    pub method: String,
    /// `Mcp-Name`, as it was sent.
    pub name: String,
    /// The headers whose names begin with `Mcp-Param-`: the rest of their names in lower case, and what was sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<McpHeader>,
}

/// What a message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum McpKind {
    /// It asks for an answer.
    #[default]
    Request,
    /// It does not.
    Notification,
    /// It is one.
    Response,
    /// Several messages; each is to be read by itself.
    Batch,
}

/// What is to be done with a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum McpAction {
    /// It is not handed on; `refusal` says why.
    #[default]
    Refuse,
    /// It is handed on.
    Pass,
    /// It is handed on if the gate allows it.
    Judge,
}

/// One message, read once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpMessage {
    /// What it is.
    pub kind: McpKind,
    /// What is to be done with it.
    pub action: McpAction,
    /// A request's or response's id, the request that a cancellation is about, the token that a server reports progress
    /// under, the subscription that a notification belongs to; JSON text, empty when there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// A request's or notification's method.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// The message as it is handed on: these texts, and between each two of them the id that `id` stands for on the
    /// other side.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forward: Vec<String>,
    /// The messages of a batch.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// The token under which a client's request wants progress reported, JSON text.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub progress_token: String,
    /// The protocol version that the message names.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub protocol_version: String,
    /// The message follows a version without `initialize`: its request says which (2026-07-28 and later).
    #[serde(skip_serializing_if = "is_false")]
    pub modern: bool,
    /// The server that the message is for; empty when it is for all, or when there is one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub upstream: String,
    /// Address of the resource that a request is about.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub uri: String,
    /// What the client says about itself, where the request is one that says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<McpClient>,
    /// The request comes back with an answer to a question of the gateway's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resumed: Option<McpResumed>,
    /// What the gate is to judge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<McpCall>,
    /// What a response says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<McpOutcome>,
    /// Why the message is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<McpRefusal>,
}
call!(McpMessageRequest, "mcp.message", McpMessage);

/// What a client says about itself. It is no evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpClient {
    /// Its name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// It sends its user to an address when it is asked to.
    #[serde(skip_serializing_if = "is_false")]
    pub asks_by_url: bool,
    /// It has its user fill in a form when it is asked to.
    #[serde(skip_serializing_if = "is_false")]
    pub asks_by_form: bool,
}

/// What a client brings back after it was asked something, in versions without sessions. It is not handed on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpResumed {
    /// The gateway's word for the question, without the mark that tells it from a server's.
    pub state: String,
    /// What the client said.
    pub reply: McpReply,
}

/// What a client says to a question of the gateway's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpReply {
    /// `accept`, `decline`, `cancel`, or whatever else it said; empty when it said nothing.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub action: String,
    /// In the form, the box for yes was ticked.
    #[serde(skip_serializing_if = "is_false")]
    pub approve: bool,
}

/// A call for the gate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpCall {
    /// The tool as its server knows it; empty when the method is not `tools/call`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tool: String,
    /// The tool as it is judged and recorded.
    pub tool_name: String,
    /// The arguments, canonical JSON.
    pub args: String,
    /// The intent, JSON.
    pub intent: String,
    /// Approval tokens that came along in `_meta`, JSON. They are not handed on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<String>,
}

/// What a response says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpOutcome {
    /// It is an error, or a tool's result that says so itself.
    pub is_error: bool,
    /// SHA-256 of the canonical result, or of the error.
    pub result_digest: String,
    /// The result, or `{"error":…}`, canonical JSON; when it was asked for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub result: String,
    /// The response as the answer to a question of the gateway's; of a client's only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<McpReply>,
}

/// Why a message is refused, in the words of JSON-RPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct McpRefusal {
    /// gait's name of the cause.
    pub error_code: Code,
    /// JSON-RPC's number.
    pub code: i64,
    /// What is wrong.
    pub message: String,
    /// The answer, in the same way as `forward`; empty when nobody waits for one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answer: Vec<String>,
}

/// Why a call that was read gets no answer of its server's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum McpFailure {
    /// The gate did not allow it.
    Decided {
        /// What holds; anything but `allow`.
        verdict: Verdict,
        /// Why.
        reason_codes: Vec<String>,
        /// What the call violates.
        violations: Vec<String>,
        /// Name of the trace.
        trace_id: String,
        /// Digest of the policy.
        policy_digest: String,
        /// Digest of the intent.
        intent_digest: String,
    },
    /// The gate could not decide, or its decision could not be kept. What stopped it.
    GateUnavailable(Code),
    /// The call was handed on, and no answer came in time.
    TimedOut,
    /// The server ended before it answered; `true` when the call had been handed on.
    ServerGone(bool),
    /// The server's answer could not be read.
    AnswerUnreadable(Code),
    /// The request follows a protocol version that is not spoken here; these are.
    VersionUnsupported(Vec<String>),
    /// There are several servers, and none of them is known to have this.
    NobodyHas(String),
    /// A recording answers in the server's place, and it has no answer to this call. How often the call was recorded.
    NotRecorded(u64),
}

/// Words an answer in place of a server's (MCP contract, 11.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct McpAnswerRequest {
    /// The request's method: a tool's caller gets a result that a model can read, others get an error.
    pub method: String,
    /// The tool as it is judged.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tool_name: String,
    /// The request follows a version without `initialize`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub modern: bool,
    /// Why.
    pub failure: McpFailure,
    /// Folder in which approval tokens are looked for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub approval_dir: String,
}

/// An answer in place of a server's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct McpAnswer {
    /// The answer, in two parts, the request's id between them.
    pub answer: Vec<String>,
    /// The result in it, or `{"error":…}`, canonical JSON.
    pub result: String,
    /// SHA-256 of the result.
    pub result_digest: String,
}
call!(McpAnswerRequest, "mcp.answer", McpAnswer);

/// What a list lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum McpList {
    /// `tools/list`.
    #[default]
    Tools,
    /// `prompts/list`.
    Prompts,
    /// `resources/list`.
    Resources,
    /// `resources/templates/list`.
    Templates,
}

/// Reads the definitions in a server's answer that lists them. Digests are kept of tools only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct McpToolsRequest {
    /// The answer, as it was received.
    pub message: Given,
    /// What it lists.
    #[serde(default)]
    pub list: McpList,
    /// Name of the server, when tools and prompts are shown with it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub upstream: String,
    /// Leave tools out that the loaded policy blocks whatever the call says.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hide_blocked: bool,
    /// What was known before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<McpPin>,
}

/// The digest of a tool's definition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpPin {
    /// The tool, as its server knows it.
    pub name: String,
    /// SHA-256 of its canonical definition.
    pub digest: String,
}

/// The definitions in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpTools {
    /// The tools, in the order of the list.
    pub pins: Vec<McpPin>,
    /// Names of tools whose definition is another than before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// Names of tools that are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<String>,
    /// The definitions that are shown, as they are shown, JSON.
    pub shown: Vec<String>,
    /// Arguments that headers repeat.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<McpParam>,
    /// Addresses of the resources that are listed, or the templates of addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uris: Vec<String>,
    /// Where the list goes on, JSON text; empty at its end.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub next_cursor: String,
    /// The answer with the shown tools only, as `forward` of a message.
    pub forward: Vec<String>,
}
call!(McpToolsRequest, "mcp.tools", McpTools);

/// Makes one answer of the answers of several servers to one request (MCP contract, 11.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpMergeRequest {
    /// The request's method.
    pub method: String,
    /// The request follows a version without `initialize`.
    #[serde(skip_serializing_if = "is_false")]
    pub modern: bool,
    /// The answers, in the order of the servers. There is none of an error.
    pub answers: Vec<McpShare>,
}

/// One server's share in an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpShare {
    /// Name of the server.
    pub upstream: String,
    /// Its answer, as it was received; of lists nothing.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Of lists the definitions that are shown, JSON.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<String>,
}
call!(McpMergeRequest, "mcp.merge", McpAnswer);

/// Words a question to the client (MCP contract, 11.6).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpAskRequest {
    /// The tool as it is judged.
    pub tool_name: String,
    /// Why the call waits.
    pub reason_codes: Vec<String>,
    /// The page on which it can be approved; empty when a form asks.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// The gateway's word for the question.
    pub state: String,
    /// The call follows a version without sessions: the question is its answer.
    #[serde(skip_serializing_if = "is_false")]
    pub modern: bool,
}

/// A question to the client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpAsk {
    /// The request to the client, or the answer to its call, in two parts, the id between them.
    pub message: Vec<String>,
    /// The notification that the question has been answered elsewhere; empty where there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub done: String,
    /// The result, canonical JSON, where the question is the call's answer.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub result: String,
    /// SHA-256 of the result.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub result_digest: String,
}
call!(McpAskRequest, "mcp.ask", McpAsk);
