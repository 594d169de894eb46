//! Questions to the client's user about a call that waits for an approval (MCP contract, 11.6): by an address, where a
//! signed approval is handed in, or by a form, whose answer is the client's word and no more.

use alloc::format;
use alloc::string::String;

use gait_contract::Fault;
use gait_contract::gateway::{McpAsk, McpAskRequest};
use serde::Serialize;

use super::answer::ANSWER_HEAD;
use crate::digest::sha256_hex;
use crate::json;
use crate::task::Host;

/// The mark that tells gait's states from a server's.
pub(super) const STATE: &str = "dev.gait:";
/// Name of gait's question among those of one answer.
pub(super) const ANSWERED: &str = "dev.gait/approval";

/// Parameters of `elicitation/create`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    elicitation_id: &'a str,
    message: String,
    mode: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_schema: Option<Schema>,
    #[serde(skip_serializing_if = "str::is_empty")]
    url: &'a str,
}

/// A form with one box.
#[derive(Serialize)]
struct Schema {
    properties: Properties,
    required: &'static [&'static str],
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct Properties {
    approve: Approve,
}

#[derive(Serialize)]
struct Approve {
    title: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// Answers op `mcp.ask`.
pub(crate) async fn ask(_: &Host, request: McpAskRequest) -> Result<McpAsk, Fault> {
    let by_url = !request.url.is_empty();
    let why = request.reason_codes.join(", ");
    let what = format!("`{}` waits for an approval ({why}).", request.tool_name);
    let question = Question {
        elicitation_id: if by_url && !request.modern { &request.state } else { "" },
        message: match by_url {
            true => format!("{what} The page shows the call and takes a signed approval."),
            false => format!("{what} Should it be executed once, as it is?"),
        },
        mode: if by_url { "url" } else { "form" },
        requested_schema: (!by_url).then_some(Schema {
            properties: Properties { approve: Approve { title: "Yes, execute it once", kind: "boolean" } },
            required: &["approve"],
            kind: "object",
        }),
        url: &request.url,
    };
    let params = json::canonical_text(&question);
    let method = "\"method\":\"elicitation/create\"";
    let mut result = String::new();
    let rest = if request.modern {
        let state = json::canonical_text(&format!("{STATE}{}", request.state));
        result = format!(
            "{{\"inputRequests\":{{\"{ANSWERED}\":{{{method},\"params\":{params}}}}},\
             \"requestState\":{state},\"resultType\":\"input_required\"}}"
        );
        format!(",\"result\":{result}}}")
    } else {
        format!(",{method},\"params\":{params}}}")
    };
    let done = match by_url && !request.modern {
        true => format!(
            "{{\"jsonrpc\":\"2.0\",\"method\":\"notifications/elicitation/complete\",\"params\":{{\"elicitationId\":{}}}}}",
            json::canonical_text(&request.state)
        ),
        false => String::new(),
    };
    let result_digest = if result.is_empty() { String::new() } else { sha256_hex(result.as_bytes()) };
    Ok(McpAsk { message: [ANSWER_HEAD.into(), rest].into(), done, result, result_digest })
}
