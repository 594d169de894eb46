//! What a recorded server answers: its opening, its lists of tools and the answers to its calls, from a runpack that is
//! as its maker left it. A recording without content answers nothing and is refused.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::recording::{McpRecordedCall, McpRecording, McpRecordingRequest};
use gait_contract::runpack::{Intent, Receipt, ResultRecord};
use gait_contract::{Code, Fault, FreeObject};
use serde::Deserialize;

use super::methods::READ;
use crate::digest::sha256_hex;
use crate::json::{self, Copy, Edit, Numbers, With};
use crate::order::{self, Texts};
use crate::runpack;
use crate::task::Host;

/// The kind of receipt that a gateway leaves about a server.
const SERVER: &str = "mcp.server";
/// The method that lists tools; it is recorded like a call.
const LIST: &str = "tools/list";
/// The locator of a modern server's description.
const DISCOVER: &str = "server/discover";
/// For a conversation that opened without a word that was kept.
const UNKNOWN: &str =
    r#"{"capabilities":{},"protocolVersion":"2025-11-25","serverInfo":{"name":"gait mcp replay","version":"1"}}"#;

/// What a receipt keeps of what it is about.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Learned {
    /// The server's answer to `initialize` or `server/discover`.
    content: Option<FreeObject>,
}

/// Answers op `mcp.recording`.
pub(crate) async fn recording(host: &Host, request: McpRecordingRequest) -> Result<McpRecording, Fault> {
    let whole = runpack::whole(host, &request.archive).await?;
    if whole.manifest.capture_mode.trim() != "raw" {
        return Err(without_content(format!("`{}` was recorded without content", request.archive)));
    }
    let mut recording = McpRecording {
        run_id: whole.run.run_id,
        manifest_digest: whole.manifest.manifest_digest,
        created_at: whole.run.created_at,
        ..McpRecording::default()
    };
    pair(whole.intents, whole.results, &mut recording).map_err(|fault| fault.at(request.archive))?;
    let receipts = whole.refs.receipts.unwrap_or_default();
    open(&receipts, &mut recording)?;
    recording.receipts = receipts.iter().map(json::canonical_text).collect();
    Ok(recording)
}

#[cold]
fn without_content(text: String) -> Fault {
    Fault::new(Code::RecordingEmpty, text)
}

/// Each call with its answer.
fn pair(intents: Vec<Intent>, results: Vec<ResultRecord>, recording: &mut McpRecording) -> Result<(), Fault> {
    let mut results: Vec<(String, ResultRecord)> =
        results.into_iter().map(|result| (result.intent_id.clone(), result)).collect();
    order::by_text(&mut results, |(id, _)| id);
    let mut seen = Texts::new();
    for intent in intents {
        if !seen.insert(intent.intent_id.clone().into()) {
            return Err(ambiguous(&intent.intent_id));
        }
        let Ok(place) = results.binary_search_by(|(id, _)| id.cmp(&intent.intent_id)) else {
            if intent.tool_name != LIST {
                recording.unanswered.push(intent.tool_name);
            }
            continue;
        };
        let near = [place.checked_sub(1), place.checked_add(1)];
        let is_same = |other: &usize| results.get(*other).is_some_and(|(id, _)| *id == intent.intent_id);
        if near.iter().flatten().any(is_same) {
            return Err(ambiguous(&intent.intent_id));
        }
        let Some((_, result)) = results.get(place) else { continue };
        let is_list = intent.tool_name == LIST;
        let call = call(intent, result)?;
        if is_list { recording.lists.push(call) } else { recording.calls.push(call) }
    }
    Ok(())
}

#[cold]
fn ambiguous(intent_id: &str) -> Fault {
    Fault::new(Code::ReplayAmbiguous, format!("intent id `{intent_id}` stands twice"))
}

fn call(intent: Intent, record: &ResultRecord) -> Result<McpRecordedCall, Fault> {
    let Some(result) = record.result.as_ref().map(FreeObject::as_str) else {
        return Err(without_content(format!("`{}` was recorded without its result", intent.intent_id)));
    };
    // The digest is what a diff compares; a record that lies about it would make two different answers look alike.
    let result_digest = sha256_hex(result.as_bytes());
    if !record.result_digest.eq_ignore_ascii_case(&result_digest) {
        let text = format!("the result of `{}` is not what its digest says", intent.intent_id);
        return Err(Fault::new(Code::RunpackTampered, text));
    }
    // An error of JSON-RPC is recorded as the one member `error`; a tool's result has others.
    let error = result.strip_prefix("{\"error\":").and_then(|rest| rest.strip_suffix('}'));
    let rest = match error.filter(|_| record.status == "error") {
        Some(error) => format!(",\"error\":{error}}}"),
        None => format!(",\"result\":{result}}}"),
    };
    Ok(McpRecordedCall {
        is_error: record.status != "ok",
        answer: ["{\"jsonrpc\":\"2.0\",\"id\":".to_string(), rest].into(),
        result: result.to_string(),
        result_digest,
        intent_id: intent.intent_id,
        tool_name: intent.tool_name,
        args_digest: intent.args_digest,
    })
}

fn learned(receipt: &Receipt) -> Option<FreeObject> {
    let params = receipt.retrieval_params.as_ref()?;
    json::read::<Learned>(params.as_str().as_bytes()).ok()?.content
}

/// The first words of the server. What cannot be answered from a recording is not offered.
fn open(receipts: &[Receipt], recording: &mut McpRecording) -> Result<(), Fault> {
    let said = receipts.iter().find(|receipt| receipt.source_type == SERVER);
    recording.modern = said.is_some_and(|receipt| receipt.source_locator == DISCOVER);
    let reads = recording.calls.iter().any(|call| call.tool_name == READ);
    let capabilities = if reads { r#"{"resources":{},"tools":{}}"# } else { r#"{"tools":{}}"# };
    let content = said.and_then(learned);
    let text = content.as_ref().map_or(UNKNOWN, FreeObject::as_str);
    let edit = [Edit { path: &["capabilities"], with: With::Text(capabilities) }];
    let copy = Copy::of(text.as_bytes(), Numbers::AsSpelled, &edit).map_err(|error| error.fault(text.as_bytes()))?;
    recording.opening = copy.whole();
    Ok(())
}
