//! The gateway in front of a Model Context Protocol server: reading one message of a conversation, refusing calls,
//! and keeping an eye on what tools claim to be (MCP contract, section 11).
//!
//! Ids and progress tokens are handed around as JSON text (`7`, `"a"`), so that nobody mistakes a number for a word.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::intent::{ArgProvenance, Given};
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

/// What the gateway knows about its servers and asks of methods.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpSettings {
    /// The servers. One without a name shows its tools as they are; with names they are `<name>.<tool>`.
    pub upstreams: Vec<McpUpstream>,
    /// Methods that are judged, besides `tools/call` and `resources/read`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub judge: Vec<String>,
    /// Methods that pass, although they are unknown or would be judged; `tools/call` never does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pass: Vec<String>,
    /// Who asks, when nobody was authenticated; blank means `mcp-proxy`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub identity: String,
    /// The conversation, for the intent.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub session_id: String,
    /// The protocol version in use has batches (2025-03-26).
    #[serde(skip_serializing_if = "is_false")]
    pub batches: bool,
}

/// One server and what is known about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpUpstream {
    /// Its name among several.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Where the agent works; blank means `.`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub workspace: String,
    /// How much is at stake; blank means `high`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub risk_class: String,
    /// Where arguments come from. A client's word about it is no evidence; the configuration's is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arg_provenance: Vec<ArgProvenance>,
    /// Tools that are known better.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<McpTool>,
}

/// What the configuration knows about one tool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpTool {
    /// Its name, in any case.
    pub name: String,
    /// Instead of the server's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub workspace: String,
    /// Instead of the server's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub risk_class: String,
    /// Which arguments name what a call touches. When any is given, nothing is guessed from the arguments' names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<McpTarget>,
}

/// An argument that names what a call touches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpTarget {
    /// The argument: a text or a list of texts.
    pub argument: String,
    /// What it names: `path`, `url`, `host`, `repo`, `bucket`, `table`, `queue`, `topic` or `other`.
    pub kind: String,
    /// What is done to it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub operation: String,
    /// How sensitive its data is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sensitivity: String,
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
    /// Capabilities that the client declared with this request, JSON; only where the protocol version has that.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client_capabilities: String,
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

/// Reads the definitions of tools in a server's answer to `tools/list`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct McpToolsRequest {
    /// The answer, as it was received.
    pub message: Given,
    /// Name of the server, when tools are shown with it.
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

/// The definitions of tools.
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
    /// Where the list goes on, JSON text; empty at its end.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub next_cursor: String,
    /// The answer with the shown tools only, as `forward` of a message.
    pub forward: Vec<String>,
}
call!(McpToolsRequest, "mcp.tools", McpTools);
