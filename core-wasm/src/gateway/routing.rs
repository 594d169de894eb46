//! What a request says about its version has to be complete, and what its HTTP headers repeat has to be what its body
//! says (MCP contract, 11.2): whoever routes by headers must not see another call than whoever reads the body.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::Code;
use gait_contract::gateway::{McpMessageRequest, McpParam};

use super::answer::VERSIONS;
use super::envelope::{Parts, member, text_member};
use super::methods::{CALL, READ};
use crate::json::{Canonical, JsonError, Kind, Scanner};
use crate::sign::base64;
use crate::text::lower;

/// The first protocol version without `initialize`.
const MODERN: &str = "2026-07-28";
/// The key in a schema that has an argument repeated by a header.
const REPEATED: &str = "x-mcp-header";
/// Schemas in schemas that are looked into.
const DEPTH: usize = 16;

/// Checks a client's request.
pub(super) fn check(
    method: &str,
    parts: &Parts<'_>,
    request: &McpMessageRequest,
    modern: bool,
) -> Result<(), JsonError> {
    let version = parts.meta.protocol_version.as_deref().unwrap_or_default();
    if modern && (version < MODERN || !VERSIONS.contains(&version)) {
        let text = format!("protocol version `{}` is not known", version.get(..32).unwrap_or(version).escape_debug());
        return Err(JsonError::at(Code::McpVersionUnsupported, text, 0));
    }
    if modern && parts.meta.capabilities.is_none() {
        return Err(JsonError::at(Code::McpParamsInvalid, "`_meta` names no client capabilities", 0));
    }
    let Some(routing) = &request.routing else { return Ok(()) };
    if !modern {
        if routing.protocol_version.as_str() >= MODERN {
            return Err(JsonError::at(Code::McpParamsInvalid, "`_meta` names no protocol version", 0));
        }
        return Ok(());
    }
    equal("MCP-Protocol-Version", &routing.protocol_version, version)?;
    equal("Mcp-Method", &routing.method, method)?;
    let named = match method {
        CALL | "prompts/get" => parts.name.clone().unwrap_or_default(),
        READ => parts.uri.clone().unwrap_or_default(),
        _ => return Ok(()),
    };
    equal("Mcp-Name", &decoded(&routing.name), &named)?;
    for param in request.params.iter().filter(|param| method == CALL && param.tool == named) {
        let header = format!("Mcp-Param-{}", param.header);
        let mut sent = routing.params.iter().filter(|sent| sent.name == param.header);
        let (sent, twice) = (sent.next().map(|sent| decoded(&sent.value)), sent.next().is_some());
        match (sent, value_at(parts.arguments, &param.path)?) {
            (Some(sent), Some(value)) if !twice => equal(&header, &sent, &value)?,
            (None, None) => {}
            (sent, value) => equal(&header, &sent.unwrap_or_default(), &value.unwrap_or_default()).and(Err(
                JsonError::at(Code::McpHeaderMismatch, format!("`{header}` does not repeat the argument"), 0),
            ))?,
        }
    }
    Ok(())
}

fn equal(header: &str, is: &str, wanted: &str) -> Result<(), JsonError> {
    let text = format!("`{header}` is `{}`, and the body says `{}`", is.escape_debug(), wanted.escape_debug());
    if is == wanted { Ok(()) } else { Err(JsonError::at(Code::McpHeaderMismatch, text, 0)) }
}

/// A header's value; what is no plain text comes as base64 between marks.
fn decoded(value: &str) -> Cow<'_, str> {
    let Some(inside) = value.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) else {
        return Cow::Borrowed(value);
    };
    match base64(inside).and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(text) => Cow::Owned(text),
        None => Cow::Borrowed(value),
    }
}

/// The argument at the end of a path as a header says it; nothing for what is absent, `null`, or no single value.
fn value_at(arguments: Option<&[u8]>, path: &[String]) -> Result<Option<String>, JsonError> {
    let mut here = arguments;
    for key in path {
        here = here.map(|text| member(text, key)).transpose()?.flatten();
    }
    let Some(text) = here else { return Ok(None) };
    let mut scanner = Scanner::new(text)?.replacing_surrogates();
    Ok(match scanner.kind()? {
        Kind::String => Some(scanner.string()?.into_owned()),
        Kind::Number => {
            let mut form = Canonical::default();
            scanner.canonical(&mut form)?;
            String::from_utf8(form.into_bytes()).ok()
        }
        Kind::Bool => Some(scanner.literal()?.to_string()),
        _ => None,
    })
}

/// The arguments of a tool that headers repeat, from its definition.
pub(super) fn repeated(tool: &str, definition: &[u8]) -> Result<Vec<McpParam>, JsonError> {
    let mut found = Vec::new();
    if let Some(schema) = member(definition, "inputSchema")? {
        look(tool, schema, &mut Vec::new(), &mut found)?;
    }
    Ok(found)
}

fn look(tool: &str, schema: &[u8], path: &mut Vec<String>, found: &mut Vec<McpParam>) -> Result<(), JsonError> {
    let header = lower(&text_member(schema, REPEATED)?);
    if !header.is_empty() && !path.is_empty() {
        found.push(McpParam { tool: tool.to_string(), path: path.clone(), header });
    }
    let Some(properties) = member(schema, "properties")?.filter(|_| path.len() < DEPTH) else { return Ok(()) };
    let mut inner = Vec::new();
    let mut scanner = Scanner::new(properties)?.replacing_surrogates();
    if scanner.kind()? != Kind::Object {
        return Ok(());
    }
    scanner.each_member(&mut |scanner, key| {
        scanner.peek();
        let start = scanner.offset();
        scanner.skip()?;
        inner.push((key.to_string(), properties.get(start..scanner.offset()).unwrap_or_default()));
        Ok(())
    })?;
    for (key, schema) in inner {
        path.push(key);
        look(tool, schema, path, found)?;
        path.pop();
    }
    Ok(())
}
