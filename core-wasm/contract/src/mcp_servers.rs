//! The servers behind a gateway: what is known about them, and the file that names them.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::intent::ArgProvenance;
use crate::is_false;
use crate::op::call;

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
    /// What policies that ask for trust know it by; blank for its name among several.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub server_id: String,
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

/// Reads the file that names servers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpServersRequest {
    /// The file, YAML or JSON.
    pub servers: String,
}

/// The servers that a file names, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpServers {
    /// At least one.
    pub servers: Vec<McpServer>,
}
call!(McpServersRequest, "mcp.servers", McpServers);

/// One server: how to reach it, and what is known about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpServer {
    /// What is known about it.
    pub upstream: McpUpstream,
    /// The command that starts it and its arguments; empty when it is reached by an address.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Variables it gets: `NAME` is handed on, `NAME=VALUE` is set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
    /// The folder it starts in; blank for gait's own.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cwd: String,
    /// Its address; empty when it is started.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// Headers of every request to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<McpHeader>,
    /// The variable that holds the bearer token for it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub bearer_env: String,
}

/// A header.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct McpHeader {
    /// Its name.
    pub name: String,
    /// What it says.
    pub value: String,
}
