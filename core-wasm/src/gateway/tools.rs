//! The definitions of tools: their digests, what changed since they were first seen, and which of them a policy blocks
//! whatever a call says.

use alloc::format;
use alloc::string::String;

use gait_contract::gateway::{McpPin, McpTools, McpToolsRequest};
use gait_contract::{Code, Fault};

use super::envelope::{Envelope, quoted};
use crate::digest::sha256_hex;
use crate::json::{Canonical, Copy, Edit, JsonError, Kind, Numbers, Scanner, With};
use crate::policy::{self, Policy};
use crate::task::Host;
use crate::text::lower;

/// Answers op `mcp.tools`.
pub(crate) async fn tools(host: &Host, request: McpToolsRequest) -> Result<McpTools, Fault> {
    let policy = if request.hide_blocked { Some(policy::named(host, None).await?) } else { None };
    let (text, is_too_large) = super::bytes_of(host, &request.message).await?;
    if is_too_large {
        return Err(Fault::new(Code::JsonTooLarge, "the list of tools is too large"));
    }
    read(&text, &request, policy.as_deref()).map_err(|error| error.fault(&text))
}

fn read(text: &[u8], request: &McpToolsRequest, policy: Option<&Policy>) -> Result<McpTools, JsonError> {
    let envelope = Envelope::read(text)?;
    let mut tools = McpTools::default();
    let result = envelope.result.unwrap_or(b"{}");
    let mut scanner = Scanner::new(result)?.replacing_surrogates();
    if scanner.kind()? != Kind::Object {
        return Err(JsonError::at(Code::McpMessageInvalid, "the result is no object", 0));
    }
    scanner.each_member(&mut |scanner, key| match (key, scanner.kind()?) {
        ("tools", Kind::Array) => scanner.elements(&mut |scanner| {
            scanner.peek();
            let start = scanner.offset();
            scanner.skip()?;
            one(result.get(start..scanner.offset()).unwrap_or_default(), request, policy, &mut tools)
        }),
        ("nextCursor", Kind::String) => {
            tools.next_cursor = quoted(&scanner.string()?);
            Ok(())
        }
        _ => scanner.skip(),
    })?;
    let list = format!("[{}]", tools.shown.join(","));
    let edits = [Edit { path: &["id"], with: With::Gap }, Edit { path: &["result", "tools"], with: With::Text(&list) }];
    tools.forward = Copy::of(text, Numbers::AsSpelled, &edits)?.pieces();
    Ok(tools)
}

/// One definition.
fn one(text: &[u8], request: &McpToolsRequest, policy: Option<&Policy>, tools: &mut McpTools) -> Result<(), JsonError> {
    let mut name = String::new();
    let mut scanner = Scanner::new(text)?.replacing_surrogates();
    if scanner.kind()? == Kind::Object {
        scanner.each_member(&mut |scanner, key| {
            if key != "name" || scanner.kind()? != Kind::String {
                return scanner.skip();
            }
            name = scanner.string()?.into_owned();
            Ok(())
        })?;
    }
    let mut form = Canonical::with_capacity(text.len());
    Scanner::new(text)?.replacing_surrogates().canonical(&mut form)?;
    let digest = sha256_hex(&form.into_bytes());
    let other = |pin: &&McpPin| pin.name == name && pin.digest != digest;
    if request.known.iter().any(|pin| other(&pin)) || tools.pins.iter().any(|pin| other(&pin)) {
        tools.changed.push(name.clone());
    }
    let (prefix, judged) = match request.upstream.as_str() {
        "" => (String::new(), name.clone()),
        upstream => (format!("{upstream}."), format!("{upstream}/{name}")),
    };
    if policy.is_some_and(|policy| policy.always_blocks(&lower(judged.trim()))) {
        tools.hidden.push(name.clone());
    } else {
        let shown = quoted(&format!("{prefix}{name}"));
        let edit = [Edit { path: &["name"], with: With::Text(&shown) }];
        let edits = if prefix.is_empty() { &edit[..0] } else { &edit[..] };
        tools.shown.push(Copy::of(text, Numbers::AsSpelled, edits)?.whole());
    }
    tools.pins.push(McpPin { name, digest });
    Ok(())
}
