//! One answer made of the answers of several servers (MCP contract, 11.3): what all of them can do together, and
//! everything that they list.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::gateway::{McpAnswer, McpMergeRequest, McpShare};
use gait_contract::{Code, Fault, FreeObject};
use serde::{Deserialize, Serialize};

use super::answer::{ANSWER_HEAD, done};
use super::envelope::Envelope;
use crate::json;
use crate::task::Host;

/// What gait calls itself.
const SELF: Named<'static> = Named { name: "gait", version: env!("CARGO_PKG_VERSION") };

/// A server's answer to `initialize` or `server/discover`, as far as it matters to whoever stands in front of several.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Opening {
    protocol_version: String,
    supported_versions: Vec<String>,
    capabilities: Capabilities,
    instructions: String,
}

/// What a server can do. What belongs to one server only, and names no server when it is asked for, is left out.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
struct Capabilities {
    #[serde(skip_serializing_if = "Option::is_none")]
    completions: Option<FreeObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logging: Option<FreeObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompts: Option<Feature>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resources: Option<Feature>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<Feature>,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
struct Feature {
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    list_changed: bool,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    subscribe: bool,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    version: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Merged<'a> {
    #[serde(rename = "_meta", skip_serializing_if = "BTreeMap::is_empty")]
    meta: BTreeMap<&'a str, Named<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    cache_scope: &'a str,
    capabilities: Capabilities,
    #[serde(skip_serializing_if = "String::is_empty")]
    instructions: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    protocol_version: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    result_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_info: Option<Named<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    supported_versions: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl_ms: Option<u64>,
}

/// Answers op `mcp.merge`.
pub(crate) async fn merge(_: &Host, request: McpMergeRequest) -> Result<McpAnswer, Fault> {
    let modern = request.modern;
    let result = match request.method.as_str() {
        "initialize" | "server/discover" => opening(&request.answers, modern)?,
        "tools/list" => list("tools", &request.answers, modern),
        "prompts/list" => list("prompts", &request.answers, modern),
        "resources/list" => list("resources", &request.answers, modern),
        "resources/templates/list" => list("resourceTemplates", &request.answers, modern),
        _ if modern => r#"{"resultType":"complete"}"#.into(),
        _ => "{}".into(),
    };
    let text = result.as_bytes();
    let canonical = json::canonicalize_without(text, None)?;
    let answer = [ANSWER_HEAD.into(), format!(",\"result\":{result}}}")].into();
    Ok(done(answer, String::from_utf8(canonical).unwrap_or_default()))
}

/// Everything on all lists, server by server. How long it stays so, gait does not know of all of them.
fn list(key: &str, answers: &[McpShare], modern: bool) -> String {
    let all: Vec<&str> = answers.iter().flat_map(|share| share.shown.iter().map(String::as_str)).collect();
    let all = all.join(",");
    let rest = if modern { r#","resultType":"complete","ttlMs":0,"cacheScope":"private""# } else { "" };
    format!(r#"{{"{key}":[{all}]{rest}}}"#)
}

/// What all servers can do together, in the oldest of their versions.
fn opening(answers: &[McpShare], modern: bool) -> Result<String, Fault> {
    let mut all = Opening::default();
    for (index, share) in answers.iter().enumerate() {
        let text = share.message.as_bytes();
        let envelope = Envelope::read(text).map_err(|error| error.fault(text).at(share.upstream.as_str()))?;
        let one: Opening = json::read(envelope.result.unwrap_or(b"{}"))
            .map_err(|fault| Fault::new(Code::McpMessageInvalid, fault.error.clone()).at(share.upstream.as_str()))?;
        if index == 0 {
            all.protocol_version.clone_from(&one.protocol_version);
            all.supported_versions.clone_from(&one.supported_versions);
        }
        // Versions are dates.
        if one.protocol_version < all.protocol_version {
            all.protocol_version = one.protocol_version;
        }
        all.supported_versions.retain(|version| one.supported_versions.contains(version));
        all.capabilities.add(one.capabilities);
        if !one.instructions.trim().is_empty() {
            let gap = if all.instructions.is_empty() { "" } else { "\n\n" };
            all.instructions.push_str(&format!("{gap}{}: {}", share.upstream, one.instructions.trim()));
        }
    }
    let meta = modern.then_some(("io.modelcontextprotocol/serverInfo", SELF));
    Ok(json::canonical_text(&Merged {
        meta: meta.into_iter().collect(),
        cache_scope: if modern { "private" } else { "" },
        capabilities: all.capabilities,
        instructions: all.instructions,
        protocol_version: &all.protocol_version,
        result_type: if modern { "complete" } else { "" },
        server_info: (!modern).then_some(SELF),
        supported_versions: &all.supported_versions,
        ttl_ms: modern.then_some(0),
    }))
}

impl Capabilities {
    fn add(&mut self, other: Self) {
        let empty = |_: FreeObject| FreeObject::from_canonical("{}".to_string());
        self.completions = self.completions.take().or(other.completions.map(empty));
        self.logging = self.logging.take().or(other.logging.map(empty));
        for (own, others) in
            [(&mut self.prompts, other.prompts), (&mut self.resources, other.resources), (&mut self.tools, other.tools)]
        {
            if let Some(others) = others {
                let own = own.get_or_insert_default();
                own.list_changed |= others.list_changed;
                own.subscribe |= others.subscribe;
            }
        }
    }
}
