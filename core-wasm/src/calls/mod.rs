//! Tool calls in the dialects that agents speak: reading one, and the intent it comes to (mcp contract, sections 2 and
//! 3). A call is never judged by less than what will run: what may be meant and is not understood is refused.
//!
//! `mcp` reads gait's own form, `dialects` those of others, `record` writes the runpack of a decision, `run_id` cleans
//! the names of runs.

mod dialects;
mod mcp;
mod record;
mod run_id;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::intent::{CallServer, Given, INTENT_REQUEST_SCHEMA, IntentContext, IntentRequest, Target};
use gait_contract::runpack::SCHEMA_VERSION;
use gait_contract::tool_call::{CallFacts, CallForm, CallReadRequest, ReadCall};
use gait_contract::{Code, Fault, FreeObject};

use crate::document;
use crate::intent::{self, Draft, Intent};
use crate::json::{self, JsonError, Kind, Scanner};
use crate::task::Host;
use crate::text::lower;

pub(crate) use record::record;

/// A tool call and its intent.
pub(crate) struct ToolCall {
    pub(crate) intent: Intent,
    pub(crate) facts: CallFacts,
}

/// What a dialect's text says.
#[derive(Default)]
struct Said {
    draft: Draft,
    run_id: String,
}

/// The dialects, and what reads them.
type Reader = fn(&mut Scanner<'_>) -> Result<Said, JsonError>;
const DIALECTS: [(&str, Reader); 5] = [
    ("mcp", mcp::read),
    ("openai", dialects::openai),
    ("anthropic", dialects::anthropic),
    ("langchain", dialects::langchain),
    ("claude_code", dialects::claude_code),
];

/// Answers op `call.read`.
pub(crate) async fn read(host: &Host, request: CallReadRequest) -> Result<ReadCall, Fault> {
    let ToolCall { intent, facts } = given(host, &request.call, &request.form).await?;
    let (intent_digest, args_digest) = (intent.intent_digest.clone(), intent.args_digest.clone());
    let request = IntentRequest {
        schema_id: INTENT_REQUEST_SCHEMA.into(),
        schema_version: SCHEMA_VERSION.into(),
        created_at: intent.created_at,
        producer_version: String::new(),
        tool_name: intent.tool_name,
        args: Some(intent.args),
        args_digest: intent.args_digest,
        intent_digest: intent.intent_digest,
        targets: intent.targets.into_iter().map(|normal| normal.target).collect(),
        arg_provenance: intent.arg_provenance,
        skill_provenance: None,
        context: intent.context,
        server: intent.server,
    };
    let intent = FreeObject::from_canonical(json::canonical_text(&request));
    Ok(ReadCall { facts, intent_digest, args_digest, intent })
}

/// Reads the call of a request; faults name its source.
pub(crate) async fn given(host: &Host, given: &Given, form: &CallForm) -> Result<ToolCall, Fault> {
    let text = document::bytes_of(host, given).await?;
    tool_call(&text, form).map_err(|fault| document::at(given, fault))
}

/// Reads one tool call.
fn tool_call(text: &[u8], form: &CallForm) -> Result<ToolCall, Fault> {
    let adapter = match lower(form.adapter.trim()) {
        blank if blank.is_empty() => "mcp".to_string(),
        named => named.replace('-', "_"),
    };
    let Some((adapter, read)) = DIALECTS.iter().find(|(name, _)| *name == adapter) else {
        let names: Vec<_> = DIALECTS.iter().map(|(name, _)| *name).collect();
        return Err(Fault::new(Code::CallInvalid, format!("there is no adapter `{adapter}`"))
            .hint(format!("adapters are {}", names.join(", "))));
    };
    let said = scan(text, *read).map_err(|error| error.fault(text))?;
    if said.draft.tool_name.is_empty() {
        return Err(Fault::new(Code::CallInvalid, format!("the call names no tool, as adapter `{adapter}` reads it")));
    }
    let mut draft = said.draft;
    if form.is_explicit {
        explicit(&draft.context)?;
    }
    complete(&mut draft.context);
    let (session_id, request_id) = (draft.context.session_id.clone(), draft.context.request_id.clone());
    let intent = intent::finish(draft, text.len())?;
    let run_id = run_id::choose([&form.run_id, &said.run_id], &intent.intent_digest);
    let named_run = run_id::clean(&form.run_id).unwrap_or_default();
    Ok(ToolCall { facts: CallFacts { adapter: (*adapter).into(), run_id, named_run, session_id, request_id }, intent })
}

/// Reads one document, and nothing but white space may follow.
fn scan(text: &[u8], read: Reader) -> Result<Said, JsonError> {
    // As intents are read, so that a call and its intent are one thing.
    let mut scanner = Scanner::new(text)?.replacing_surrogates().refusing_lookalikes();
    let said = read(&mut scanner)?;
    scanner.end()?;
    Ok(said)
}

/// What production asks of a call.
fn explicit(context: &IntentContext) -> Result<(), Fault> {
    let named =
        [("identity", &context.identity), ("workspace", &context.workspace), ("session_id", &context.session_id)];
    match named.into_iter().find(|(_, value)| value.is_empty()) {
        None => Ok(()),
        Some((field, _)) => {
            Err(Fault::new(Code::ProfileUnmet, format!("profile oss-prod: the call's `context.{field}` is missing")))
        }
    }
}

/// What holds for a caller who says nothing about himself.
fn complete(context: &mut IntentContext) {
    let usual =
        [(&mut context.identity, "mcp-proxy"), (&mut context.workspace, "."), (&mut context.risk_class, "high")];
    for (field, default) in usual {
        if field.is_empty() {
            *field = default.into();
        }
    }
}

/// The server that whoever wraps a dialect names beside its own members. What is no object is something else.
fn beside(scanner: &mut Scanner<'_>) -> Result<Option<CallServer>, JsonError> {
    if scanner.kind()? == Kind::Object {
        return intent::server(scanner);
    }
    scanner.skip()?;
    Ok(None)
}

/// Text without the white space around it; `null` is the empty one.
fn trimmed(scanner: &mut Scanner<'_>) -> Result<String, JsonError> {
    Ok(scanner.text_or_null()?.trim().into())
}

fn lowered(scanner: &mut Scanner<'_>) -> Result<String, JsonError> {
    Ok(lower(scanner.text_or_null()?.trim()))
}

/// What something is about, as far as its one text tells.
fn target(kind: &str, value: String, operation: &str) -> Target {
    Target { kind: kind.into(), value, operation: operation.into(), ..Target::default() }
}

#[cfg(test)]
mod tests;
