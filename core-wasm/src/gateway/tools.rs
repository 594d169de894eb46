//! Lists of what a server has. Of tools: their digests, what changed since they were first seen, and which of them a
//! policy blocks whatever a call says.

use alloc::format;
use alloc::string::String;

use gait_contract::gateway::{McpList, McpPin, McpTools, McpToolsRequest};
use gait_contract::{Code, Fault};

use super::envelope::{Envelope, quoted, text_member};
use super::routing;
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
    let listed = match request.list {
        McpList::Tools => "tools",
        McpList::Prompts => "prompts",
        McpList::Resources => "resources",
        McpList::Templates => "resourceTemplates",
    };
    let mut scanner = Scanner::new(result)?.replacing_surrogates();
    if scanner.kind()? != Kind::Object {
        return Err(JsonError::at(Code::McpMessageInvalid, "the result is no object", 0));
    }
    scanner.each_member(&mut |scanner, key| match (key, scanner.kind()?) {
        (key, Kind::Array) if key == listed => scanner.elements(&mut |scanner| {
            scanner.peek();
            let start = scanner.offset();
            scanner.skip()?;
            let text = result.get(start..scanner.offset()).unwrap_or_default();
            match request.list {
                McpList::Tools => one(text, request, policy, &mut tools),
                McpList::Prompts => {
                    tools.shown.push(named(text, &text_member(text, "name")?, request)?);
                    Ok(())
                }
                McpList::Resources | McpList::Templates => {
                    let key = if request.list == McpList::Resources { "uri" } else { "uriTemplate" };
                    tools.uris.push(text_member(text, key)?);
                    tools.shown.push(Copy::of(text, Numbers::AsSpelled, &[])?.whole());
                    Ok(())
                }
            }
        }),
        ("nextCursor", Kind::String) => {
            tools.next_cursor = quoted(&scanner.string()?);
            Ok(())
        }
        _ => scanner.skip(),
    })?;
    let list = format!("[{}]", tools.shown.join(","));
    let edits = [Edit { path: &["id"], with: With::Gap }, Edit { path: &["result", listed], with: With::Text(&list) }];
    tools.forward = Copy::of(text, Numbers::AsSpelled, &edits)?.pieces();
    Ok(tools)
}

/// One definition.
fn one(text: &[u8], request: &McpToolsRequest, policy: Option<&Policy>, tools: &mut McpTools) -> Result<(), JsonError> {
    let name = text_member(text, "name")?;
    let mut form = Canonical::with_capacity(text.len());
    Scanner::new(text)?.replacing_surrogates().canonical(&mut form)?;
    let digest = sha256_hex(&form.into_bytes());
    let other = |pin: &&McpPin| pin.name == name && pin.digest != digest;
    if request.known.iter().any(|pin| other(&pin)) || tools.pins.iter().any(|pin| other(&pin)) {
        tools.changed.push(name.clone());
    }
    let judged = match request.upstream.as_str() {
        "" => name.clone(),
        upstream => format!("{upstream}/{name}"),
    };
    let shown = if request.upstream.is_empty() { name.clone() } else { format!("{}.{name}", request.upstream) };
    tools.params.extend(routing::repeated(&shown, text)?);
    if policy.is_some_and(|policy| policy.always_blocks(&lower(judged.trim()))) {
        tools.hidden.push(name.clone());
    } else {
        tools.shown.push(named(text, &name, request)?);
    }
    tools.pins.push(McpPin { name, digest });
    Ok(())
}

/// A definition as it is shown: with its server's name, if that has one.
fn named(text: &[u8], name: &str, request: &McpToolsRequest) -> Result<String, JsonError> {
    let shown = quoted(&format!("{}.{name}", request.upstream));
    let edit = [Edit { path: &["name"], with: With::Text(&shown) }];
    let edits = if request.upstream.is_empty() { &edit[..0] } else { &edit[..] };
    Ok(Copy::of(text, Numbers::AsSpelled, edits)?.whole())
}
