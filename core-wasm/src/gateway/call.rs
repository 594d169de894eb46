//! The intent of a call (MCP contract, 11.4): which tool, with what, on what, and who asks.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::gateway::McpCall;
use gait_contract::intent::{CallServer, INTENT_REQUEST_SCHEMA, IntentContext, IntentRequest, Target};
use gait_contract::mcp_servers::{McpSettings, McpTarget, McpTool, McpUpstream};
use gait_contract::runpack::SCHEMA_VERSION;
use gait_contract::{Code, FreeObject, Timestamp};

use super::envelope::{Parts, ambiguous};
use super::methods::CALL;
use crate::intent;
use crate::json::{self, Canonical, JsonError, Kind, Scanner};
use crate::order::Texts;
use crate::text::fold;

/// Who asks when nobody says.
const NOBODY: &str = "mcp-proxy";

/// Where a call goes, and what it is called there.
pub(super) struct Place<'s> {
    pub(super) upstream: Option<&'s McpUpstream>,
    /// The name of the tool or prompt as its server knows it.
    pub(super) name: Option<String>,
}

impl<'s> Place<'s> {
    /// Finds the server of a tool or prompt by its name.
    pub(super) fn of(name: Option<&str>, settings: &'s McpSettings) -> Result<Self, JsonError> {
        let alone = match settings.upstreams.as_slice() {
            [] => return Ok(Self { upstream: None, name: name.map(ToString::to_string) }),
            [one] => Some(one).filter(|one| one.name.is_empty()),
            _ => None,
        };
        let Some(name) = name.filter(|_| alone.is_none()) else {
            return Ok(Self { upstream: alone, name: name.map(ToString::to_string) });
        };
        let found = settings.upstreams.iter().find_map(|upstream| {
            let rest = name.strip_prefix(upstream.name.as_str())?.strip_prefix('.')?;
            Some(Self { upstream: Some(upstream), name: Some(rest.to_string()) })
        });
        found.ok_or_else(|| {
            let text = format!("no server is named in `{}`", name.get(..64).unwrap_or(name).escape_debug());
            JsonError::at(Code::McpParamsInvalid, text, 0)
        })
    }

    fn server(&self) -> &str {
        self.upstream.map_or("", |upstream| upstream.name.as_str())
    }
}

/// The call that a request asks for.
pub(super) fn of(
    method: &str,
    params: &[u8],
    parts: &Parts<'_>,
    place: &Place<'_>,
    settings: &McpSettings,
    now: &Timestamp,
) -> Result<McpCall, JsonError> {
    let (tool, args) = if method == CALL {
        let Some(name) = place.name.as_deref().filter(|name| !name.trim().is_empty()) else {
            return Err(JsonError::at(Code::McpParamsInvalid, "`name` is missing", 0));
        };
        (name, arguments(parts.arguments)?)
    } else {
        ("", canonical(params, Some("_meta"))?)
    };
    let named = if tool.is_empty() { method } else { tool };
    let tool_name = match place.server() {
        "" => named.to_string(),
        server => format!("{server}/{named}"),
    };
    let folded = fold(tool);
    let known = place.upstream.and_then(|upstream| upstream.tools.iter().find(|one| fold(&one.name) == folded));
    let intent = IntentRequest {
        schema_id: INTENT_REQUEST_SCHEMA.into(),
        schema_version: SCHEMA_VERSION.into(),
        created_at: now.clone(),
        tool_name: tool_name.clone(),
        targets: targets(&args, known, &crate::text::lower(tool_name.trim()))?,
        args: Some(FreeObject::from_canonical(args.clone())),
        arg_provenance: place.upstream.map(|upstream| upstream.arg_provenance.clone()).unwrap_or_default(),
        context: context(place.upstream, known, settings),
        server: server(place.upstream),
        ..IntentRequest::default()
    };
    Ok(McpCall {
        tool: tool.to_string(),
        tool_name,
        args,
        intent: json::canonical_text(&intent),
        approvals: approvals(parts.meta.approvals)?,
    })
}

/// What the server is known by, where it has an id or a name. Whoever asks has no say in it.
fn server(upstream: Option<&McpUpstream>) -> Option<CallServer> {
    let upstream = upstream?;
    let id = if upstream.server_id.trim().is_empty() { &upstream.name } else { &upstream.server_id };
    (!id.trim().is_empty()).then(|| CallServer { server_id: id.trim().to_string(), ..CallServer::default() })
}

/// The id of the JSON-RPC request stays out: it differs each time, and an approval is for a call, not for one attempt.
fn context(upstream: Option<&McpUpstream>, tool: Option<&McpTool>, settings: &McpSettings) -> IntentContext {
    let first = |choices: [Option<&str>; 3]| {
        let given = choices.into_iter().flatten().find(|choice| !choice.trim().is_empty());
        given.unwrap_or_default().to_string()
    };
    IntentContext {
        identity: first([Some(&settings.identity), Some(NOBODY), None]),
        workspace: first([tool.map(|one| &*one.workspace), upstream.map(|one| &*one.workspace), Some(".")]),
        risk_class: first([tool.map(|one| &*one.risk_class), upstream.map(|one| &*one.risk_class), Some("high")]),
        session_id: settings.session_id.clone(),
        ..IntentContext::default()
    }
}

/// The arguments of a tool; absent and `null` are none. Two that a reader may take for one are refused: the rule that
/// looks at one of them must not miss the other.
fn arguments(given: Option<&[u8]>) -> Result<String, JsonError> {
    let Some(text) = given.filter(|text| *text != b"null") else {
        return Ok("{}".into());
    };
    let mut scanner = Scanner::new(text)?.replacing_surrogates();
    if scanner.kind()? != Kind::Object {
        return Err(JsonError::at(Code::McpParamsInvalid, "`arguments` is no object", 0));
    }
    let mut seen = Texts::new();
    scanner.each_member(&mut |scanner, key| {
        if !seen.insert(fold(key.trim()).into()) {
            return Err(ambiguous(scanner, key, "another"));
        }
        scanner.skip()
    })?;
    canonical(text, None)
}

/// Canonical form, with one member left out.
fn canonical(text: &[u8], without: Option<&str>) -> Result<String, JsonError> {
    let mut form = Canonical::with_capacity(text.len());
    let mut scanner = Scanner::new(text)?.replacing_surrogates();
    scanner.canonical_without(&mut form, without)?;
    Ok(String::from_utf8(form.into_bytes()).unwrap_or_default())
}

/// Approval tokens: one object, or a list of them.
fn approvals(given: Option<&[u8]>) -> Result<Vec<String>, JsonError> {
    let mut tokens = Vec::new();
    let Some(text) = given else { return Ok(tokens) };
    let mut scanner = Scanner::new(text)?;
    let mut token = |scanner: &mut Scanner<'_>| {
        scanner.of_kind(Kind::Object)?;
        let mut form = Canonical::default();
        scanner.canonical(&mut form)?;
        tokens.push(String::from_utf8(form.into_bytes()).unwrap_or_default());
        Ok(())
    };
    if scanner.kind()? == Kind::Array {
        scanner.elements(&mut token)?
    } else {
        token(&mut scanner)?
    }
    Ok(tokens)
}

/// What a call touches: what the configuration says about the tool, or else what its arguments are called.
fn targets(args: &str, tool: Option<&McpTool>, tool_name: &str) -> Result<Vec<Target>, JsonError> {
    let mut targets = Vec::new();
    let configured = tool.map(|tool| tool.targets.as_slice()).unwrap_or_default();
    let mut scanner = Scanner::new(args.as_bytes())?;
    scanner.each_member(&mut |scanner, key| {
        let key = fold(key.trim());
        let usual = usual(&key);
        let wanted: Vec<&McpTarget> = configured.iter().filter(|one| fold(&one.argument) == key).collect();
        if wanted.is_empty() && (usual.is_none() || !configured.is_empty()) {
            return scanner.skip();
        }
        texts(scanner, &mut |text| {
            for one in &wanted {
                targets.push(Target {
                    operation: one.operation.clone(),
                    sensitivity: one.sensitivity.clone(),
                    ..target(&one.kind, text)
                });
            }
            targets.extend(usual.filter(|_| configured.is_empty()).and_then(|kind| guessed(kind, text, tool_name)));
        })
    })?;
    Ok(targets)
}

fn target(kind: &str, value: &str) -> Target {
    Target { kind: kind.into(), value: value.into(), ..Target::default() }
}

/// What an argument of this name usually names.
fn usual(key: &str) -> Option<&'static str> {
    Some(match key {
        "path" | "paths" | "file_path" | "filepath" | "file" | "files" | "filename" | "directory" => "path",
        // Other things than files have these names, too; see `guessed`.
        "source" | "destination" => "",
        "url" | "urls" | "uri" | "endpoint" => "url",
        "host" | "hostname" => "host",
        "repo" | "repository" => "repo",
        "bucket" => "bucket",
        "table" => "table",
        "queue" => "queue",
        "topic" => "topic",
        "command" | "cmd" | "script" => "other",
        _ => return None,
    })
}

fn guessed(kind: &'static str, text: &str, tool_name: &str) -> Option<Target> {
    let kind = match kind {
        "" if text.contains("://") => "url",
        "" if text.contains(['/', '\\']) => "path",
        "" => return None,
        kind => kind,
    };
    let file = if kind == "url" { file_of(text) } else { None };
    let mut guessed = match &file {
        Some(path) => target("path", path),
        None => target(kind, text),
    };
    guessed.operation = match kind {
        "other" => "exec".into(),
        _ => intent::operation(&guessed.kind, tool_name).into(),
    };
    Some(guessed)
}

/// The path that a `file:` address names.
fn file_of(text: &str) -> Option<String> {
    let text = text.trim();
    let rest = text.get(5..).filter(|_| text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("file:")))?;
    let path = match rest.strip_prefix("//") {
        Some(local) => local.find('/').and_then(|at| local.get(at..)).unwrap_or(local),
        None => rest,
    };
    let mut bytes = Vec::with_capacity(path.len());
    let mut from = path.as_bytes();
    while let Some((byte, after)) = from.split_first() {
        let escaped = after.get(..2).filter(|_| *byte == b'%').and_then(|hex| core::str::from_utf8(hex).ok());
        match escaped.and_then(crate::digest::bytes_of_hex).and_then(|bytes| bytes.first().copied()) {
            Some(decoded) => {
                bytes.push(decoded);
                from = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*byte);
                from = after;
            }
        }
    }
    Some(String::from_utf8(bytes).unwrap_or_else(|_| path.to_string())).filter(|path| !path.is_empty())
}

/// The text that comes next, or the texts of the list that comes next; blank ones and other values name nothing.
fn texts(scanner: &mut Scanner<'_>, take: &mut dyn FnMut(&str)) -> Result<(), JsonError> {
    let mut one = |scanner: &mut Scanner<'_>| {
        if scanner.kind()? != Kind::String {
            return scanner.skip();
        }
        let text = scanner.string()?;
        if !text.trim().is_empty() {
            take(&text);
        }
        Ok(())
    };
    if scanner.kind()? == Kind::Array { scanner.elements(&mut one) } else { one(scanner) }
}
