//! A recorded MCP conversation as a server: what it answers, taken from a runpack (`gait mcp replay`).

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::is_false;
use crate::op::call;

/// Reads what a server answered, from a runpack with content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct McpRecordingRequest {
    /// Source of the archive.
    pub archive: String,
}

/// What a recorded server answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpRecording {
    /// The recorded run.
    pub run_id: String,
    /// The archive's manifest digest.
    pub manifest_digest: String,
    /// When the conversation began.
    pub created_at: Timestamp,
    /// It followed a version without `initialize` (2026-07-28 and later).
    #[serde(skip_serializing_if = "is_false")]
    pub modern: bool,
    /// The result of `initialize`, or of `server/discover` in a modern conversation, JSON: the recorded one, with those
    /// capabilities only that can be answered from a recording.
    pub opening: String,
    /// The answers to `tools/list`, in their order.
    pub lists: Vec<McpRecordedCall>,
    /// The calls, in their order.
    pub calls: Vec<McpRecordedCall>,
    /// Names of calls that have no answer in the recording: they were cancelled, or the server was gone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unanswered: Vec<String>,
    /// What was learned about the server: receipts, JSON.
    pub receipts: Vec<String>,
}
call!(McpRecordingRequest, "mcp.recording", McpRecording);

/// A call and its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpRecordedCall {
    /// Its id in the recorded run.
    pub intent_id: String,
    /// The tool as it was judged.
    pub tool_name: String,
    /// Digest of the arguments.
    pub args_digest: String,
    /// The answer is an error, or a tool's result that says so itself.
    #[serde(skip_serializing_if = "is_false")]
    pub is_error: bool,
    /// The answer in two parts, the request's id between them.
    pub answer: Vec<String>,
    /// The result in it, or `{"error":…}`, canonical JSON.
    pub result: String,
    /// SHA-256 of the result.
    pub result_digest: String,
}
