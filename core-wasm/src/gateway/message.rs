//! What is to be done with one message: handed on, judged first, or refused (MCP contract, 11.3).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::gateway::{
    McpAction, McpClient, McpKind, McpMessage, McpMessageRequest, McpOutcome, McpRefusal, McpReply, McpResumed, McpSide,
};
use gait_contract::{Code, Fault, limits};

use super::answer::{UNSUPPORTED, error_answer};
use super::ask::{ANSWERED, STATE};
use super::call::{self, Place};
use super::envelope::{Envelope, META_APPROVALS, META_SUBSCRIPTION, Parts, member, quoted, salvage, text_member};
use super::methods::{self, CALL};
use super::routing;
use crate::digest::sha256_hex;
use crate::json::{Canonical, Copy, Edit, JsonError, Kind, Numbers, Scanner, With};
use crate::task::Host;

/// The notification that a request is not wanted any more.
const CANCELLED: &str = "notifications/cancelled";
/// The method that asks for completions of an argument.
const COMPLETE: &str = "completion/complete";
/// The notification that a request gets on.
const PROGRESS: &str = "notifications/progress";

/// Answers op `mcp.message`.
pub(crate) async fn message(host: &Host, request: McpMessageRequest) -> Result<McpMessage, Fault> {
    let (text, is_too_large) = super::bytes_of(host, &request.message).await?;
    if is_too_large {
        let said = format!("the message has more than {} bytes", limits::MCP_MESSAGE_BYTES);
        let error = JsonError::at(Code::JsonTooLarge, said, 0);
        return Ok(refused(McpMessage::default(), &text, request.from, error));
    }
    let mut message = McpMessage::default();
    Ok(match read(&text, &request, &mut message) {
        Ok(()) => message,
        Err(error) => refused(message, &text, request.from, error),
    })
}

fn read(text: &[u8], request: &McpMessageRequest, message: &mut McpMessage) -> Result<(), JsonError> {
    if Scanner::new(text)?.kind()? == Kind::Array {
        return batch(text, request, message);
    }
    let envelope = Envelope::read(text)?;
    message.kind = envelope.kind()?;
    message.id.clone_from(&envelope.id);
    message.method = envelope.method.clone().unwrap_or_default();
    match (request.from, message.kind) {
        (McpSide::Client, McpKind::Request) => asked(text, &envelope, request, message),
        (_, McpKind::Response) => answered(text, &envelope, request, message),
        (McpSide::Client, _) => {
            // A server may take a call without an id for a call all the same.
            if !message.method.starts_with("notifications/") {
                return Err(refused_method(&message.method));
            }
            noticed(text, Parts::of_params(envelope.params.unwrap_or(b"{}"))?, Numbers::Exact, message)
        }
        (McpSide::Server, _) => {
            let parts = Parts::of_result(envelope.params.unwrap_or(b"{}"))?;
            noticed(text, parts, Numbers::AsSpelled, message)
        }
    }
}

/// A client's request.
fn asked(
    text: &[u8],
    envelope: &Envelope<'_>,
    request: &McpMessageRequest,
    message: &mut McpMessage,
) -> Result<(), JsonError> {
    let settings = &request.settings;
    let method = message.method.clone();
    let params = envelope.params.unwrap_or(b"{}");
    let parts = Parts::of_params(params)?;
    message.progress_token.clone_from(&parts.progress_token);
    message.protocol_version.clone_from(&parts.protocol_version);
    if let Some(version) = &parts.meta.protocol_version {
        message.modern = true;
        message.protocol_version.clone_from(version);
    }
    routing::check(&method, &parts, request, message.modern)?;
    let action = methods::action(&method, settings);
    if action == McpAction::Refuse {
        return Err(refused_method(&method));
    }
    let has_name = matches!(method.as_str(), CALL | "prompts/get");
    let reference = parts.reference.filter(|_| method == COMPLETE);
    let referred = reference.map(|text| text_member(text, "name")).transpose()?.filter(|name| !name.is_empty());
    let place = Place::of(parts.name.as_deref().filter(|_| has_name).or(referred.as_deref()), settings)?;
    if has_name && place.name.is_none() {
        return Err(JsonError::at(Code::McpParamsInvalid, "`name` is missing", 0));
    }
    message.upstream = place.upstream.map(|upstream| upstream.name.clone()).unwrap_or_default();
    message.uri = match reference {
        Some(text) => text_member(text, "uri")?,
        None => parts.uri.clone().filter(|_| method.starts_with("resources/")).unwrap_or_default(),
    };
    message.client = client(&method, &parts)?;
    message.resumed = resumed(&parts)?;
    if action == McpAction::Judge {
        message.call = Some(call::of(&method, params, &parts, &place, settings, &request.now)?);
    }
    // The server knows its tools by their own names, and approvals are gait's business.
    let name = place.name.as_deref().map(quoted).unwrap_or_default();
    let mut edits = Vec::from([
        Edit { path: &["id"], with: With::Gap },
        Edit { path: &["params", "_meta", META_APPROVALS], with: With::Nothing },
    ]);
    if !message.upstream.is_empty() && has_name {
        edits.push(Edit { path: &["params", "name"], with: With::Text(&name) });
    }
    if !message.upstream.is_empty() && referred.is_some() {
        edits.push(Edit { path: &["params", "ref", "name"], with: With::Text(&name) });
    }
    if message.resumed.is_some() {
        // The server asked nothing, so the answer is not for it.
        edits.push(Edit { path: &["params", "requestState"], with: With::Nothing });
        edits.push(Edit { path: &["params", "inputResponses"], with: With::Nothing });
    }
    if !request.progress_token.is_empty() {
        edits.push(Edit { path: &["params", "_meta", "progressToken"], with: With::Text(&request.progress_token) });
    }
    message.forward = Copy::of(text, Numbers::Exact, &edits)?.pieces();
    message.action = action;
    Ok(())
}

/// What the client says about itself, in the opening of a conversation or with each request.
fn client(method: &str, parts: &Parts<'_>) -> Result<Option<McpClient>, JsonError> {
    let (capabilities, client) = match parts.meta.capabilities {
        Some(capabilities) => (Some(capabilities), parts.meta.client),
        None if method == "initialize" => (parts.capabilities, parts.client),
        None => return Ok(None),
    };
    let elicitation = capabilities.map(|text| member(text, "elicitation")).transpose()?.flatten();
    let names =
        |wanted| Ok::<_, JsonError>(elicitation.map(|text| member(text, wanted)).transpose()?.flatten().is_some());
    let (asks_by_url, by_form) = (names("url")?, names("form")?);
    Ok(Some(McpClient {
        name: client.map(|text| text_member(text, "name")).transpose()?.unwrap_or_default(),
        asks_by_url,
        // Who only says that it asks, asks by form.
        asks_by_form: by_form || (elicitation.is_some() && !asks_by_url),
    }))
}

/// The answer to a question of gait's that a request brings along.
fn resumed(parts: &Parts<'_>) -> Result<Option<McpResumed>, JsonError> {
    let Some(state) = parts.state.as_deref().and_then(|state| state.strip_prefix(STATE)) else { return Ok(None) };
    let answer = parts.responses.map(|text| member(text, ANSWERED)).transpose()?.flatten();
    let reply = answer.map(|text| Parts::of_result(text).and_then(|parts| reply(&parts))).transpose()?;
    Ok(Some(McpResumed { state: state.to_string(), reply: reply.unwrap_or_default() }))
}

fn reply(parts: &Parts<'_>) -> Result<McpReply, JsonError> {
    let ticked = parts.content.map(|text| member(text, "approve")).transpose()?.flatten();
    Ok(McpReply { action: parts.action.clone(), approve: ticked == Some(b"true") })
}

fn refused_method(method: &str) -> JsonError {
    let text = format!("method `{}` does not pass", method.get(..64).unwrap_or(method).escape_debug());
    JsonError::at(Code::McpMethodRefused, text, 0)
}

/// An answer, from either side.
fn answered(
    text: &[u8],
    envelope: &Envelope<'_>,
    request: &McpMessageRequest,
    message: &mut McpMessage,
) -> Result<(), JsonError> {
    let numbers = if request.from == McpSide::Client { Numbers::Exact } else { Numbers::AsSpelled };
    let mut edits = Vec::from([Edit { path: &["id"], with: With::Gap }]);
    let mut form = Canonical::with_capacity(text.len());
    let mut outcome = McpOutcome::default();
    if let Some(result) = envelope.result {
        let parts = Parts::of_result(result)?;
        outcome.is_error = parts.is_error;
        if request.from == McpSide::Client {
            outcome.reply = Some(reply(&parts)?);
        }
        message.protocol_version = parts.protocol_version;
        if !parts.meta.subscription.is_empty() {
            edits.push(Edit { path: &["result", "_meta", META_SUBSCRIPTION], with: With::Gap });
        }
        Scanner::new(result)?.replacing_surrogates().canonical(&mut form)?;
    } else {
        outcome.is_error = true;
        form.raw(b"{\"error\":");
        Scanner::new(envelope.error.unwrap_or(b"null"))?.replacing_surrogates().canonical(&mut form)?;
        form.byte(b'}');
    }
    let canonical = form.into_bytes();
    outcome.result_digest = sha256_hex(&canonical);
    if request.content {
        outcome.result = String::from_utf8(canonical).unwrap_or_default();
    }
    message.outcome = Some(outcome);
    message.forward = Copy::of(text, numbers, &edits)?.pieces();
    message.action = McpAction::Pass;
    Ok(())
}

/// A notification, or a server's request: both pass. What they say about other messages' ids is left as a gap.
fn noticed(text: &[u8], parts: Parts<'_>, numbers: Numbers, message: &mut McpMessage) -> Result<(), JsonError> {
    let path: &[&str] = if message.kind == McpKind::Request {
        &["id"]
    } else if message.method == CANCELLED && !parts.request_id.is_empty() {
        message.id = parts.request_id;
        &["params", "requestId"]
    } else if message.method == PROGRESS && numbers == Numbers::AsSpelled && !parts.progress_token.is_empty() {
        message.id = parts.progress_token;
        &["params", "progressToken"]
    } else if !parts.meta.subscription.is_empty() {
        message.id = parts.meta.subscription;
        &["params", "_meta", META_SUBSCRIPTION]
    } else {
        &[]
    };
    let edits = [Edit { path, with: With::Gap }];
    let edits = if path.is_empty() { &edits[..0] } else { &edits[..] };
    message.forward = Copy::of(text, numbers, edits)?.pieces();
    message.action = McpAction::Pass;
    Ok(())
}

/// Several messages at once.
fn batch(text: &[u8], request: &McpMessageRequest, message: &mut McpMessage) -> Result<(), JsonError> {
    message.kind = McpKind::Batch;
    if !request.settings.batches {
        return Err(JsonError::at(Code::McpBatchRefused, "a batch does not pass", 0));
    }
    let mut members = Vec::new();
    let mut scanner = Scanner::new(text)?.replacing_surrogates();
    scanner.elements(&mut |scanner| {
        scanner.peek();
        let start = scanner.offset();
        scanner.skip()?;
        if members.len() == limits::MCP_BATCH {
            return Err(JsonError::at(Code::McpBatchRefused, "a batch has more than 100 messages", start));
        }
        members.push(text.get(start..scanner.offset()).unwrap_or_default());
        Ok(())
    })?;
    scanner.end()?;
    if members.is_empty() {
        return Err(JsonError::at(Code::McpMessageInvalid, "a batch is empty", 0));
    }
    let copied = members.into_iter().map(|member| Copy::of(member, Numbers::AsSpelled, &[]).map(Copy::whole));
    message.members = copied.collect::<Result<_, JsonError>>()?;
    message.action = McpAction::Pass;
    Ok(())
}

/// The message that is not handed on, and what is said about it.
fn refused(mut message: McpMessage, text: &[u8], from: McpSide, error: JsonError) -> McpMessage {
    let was_read = !message.method.is_empty() || message.kind != McpKind::Request;
    let mut waits = message.kind == McpKind::Request || message.kind == McpKind::Batch;
    if !was_read {
        let (id, seems_to_wait) = salvage(text);
        waits = seems_to_wait;
        message.id = id.unwrap_or_default();
    }
    let (error_code, place) = (error.code(), error.offset());
    let said = match place {
        Some(place) if place > 0 => format!("{} (byte {})", error.message(), place + 1),
        _ => error.message().to_string(),
    };
    let code = number_of(error_code);
    let answer = if from == McpSide::Client && waits {
        let mut pieces = error_answer(code, &said, error_code.token(), None);
        if message.id.is_empty() {
            pieces = [pieces.join("null")].into();
        }
        pieces
    } else {
        Vec::new()
    };
    message.action = McpAction::Refuse;
    message.call = None;
    message.forward = Vec::new();
    message.refusal = Some(McpRefusal { error_code, code, message: said, answer });
    message
}

/// JSON-RPC's number for a cause.
fn number_of(code: Code) -> i64 {
    match code {
        Code::McpMethodRefused => -32_601,
        Code::McpParamsInvalid => -32_602,
        Code::McpHeaderMismatch => -32_020,
        Code::McpVersionUnsupported => UNSUPPORTED,
        Code::McpMessageInvalid
        | Code::McpIdInvalid
        | Code::McpKeyAmbiguous
        | Code::McpBatchRefused
        | Code::JsonDuplicateKey
        | Code::JsonTooLarge => -32_600,
        _ => -32_700,
    }
}
