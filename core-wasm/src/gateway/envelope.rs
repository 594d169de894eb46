//! Taking a message apart: what stands where in its text, checked once for everything that readers disagree about.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};

use gait_contract::gateway::McpKind;
use gait_contract::{Code, limits};

use crate::json::{Canonical, JsonError, Kind, Scanner};
use crate::text::fold;

/// Keys of a message that have a meaning. A key that differs from one of them only by case is refused: some readers
/// take it for the other.
const MESSAGE: [&str; 6] = ["jsonrpc", "id", "method", "params", "result", "error"];
/// Keys of parameters that have one.
const PARAMS: [&str; 11] = [
    "_meta",
    "name",
    "arguments",
    "uri",
    "ref",
    "requestId",
    "progressToken",
    "protocolVersion",
    "capabilities",
    "inputResponses",
    "requestState",
];

/// Key in `_meta` under which a request names its protocol version.
pub(super) const META_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
/// Key in `_meta` under which a request names what its client can do.
pub(super) const META_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
/// Key in `_meta` under which a request names its client.
const META_CLIENT: &str = "io.modelcontextprotocol/clientInfo";
/// Key in `_meta` under which a notification names its subscription.
pub(super) const META_SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";
/// Key in `_meta` under which a caller presents approval tokens to gait.
pub(super) const META_APPROVALS: &str = "dev.gait/approvals";

/// The parts of one message.
#[derive(Default)]
pub(super) struct Envelope<'t> {
    /// JSON text; empty when there is none.
    pub(super) id: String,
    pub(super) method: Option<String>,
    pub(super) params: Option<&'t [u8]>,
    pub(super) result: Option<&'t [u8]>,
    pub(super) error: Option<&'t [u8]>,
}

/// What stands in parameters or in a result.
#[derive(Default)]
pub(super) struct Parts<'t> {
    pub(super) name: Option<String>,
    pub(super) arguments: Option<&'t [u8]>,
    /// Address of a resource.
    pub(super) uri: Option<String>,
    /// What a completion is for.
    pub(super) reference: Option<&'t [u8]>,
    /// What the client can do, where it says so once.
    pub(super) capabilities: Option<&'t [u8]>,
    /// Who the client is, where it says so once.
    pub(super) client: Option<&'t [u8]>,
    /// What the client was given to bring back.
    pub(super) state: Option<String>,
    pub(super) responses: Option<&'t [u8]>,
    /// Of an answer to a question: what was done with it, and what was filled in.
    pub(super) action: String,
    pub(super) content: Option<&'t [u8]>,
    /// JSON text of an id; empty when there is none.
    pub(super) request_id: String,
    /// Of a notification about progress, or of a request's `_meta`.
    pub(super) progress_token: String,
    pub(super) protocol_version: String,
    pub(super) is_error: bool,
    pub(super) meta: Meta<'t>,
}

/// What stands in `_meta`.
#[derive(Default)]
pub(super) struct Meta<'t> {
    /// The version the request follows, where it says so itself.
    pub(super) protocol_version: Option<String>,
    pub(super) capabilities: Option<&'t [u8]>,
    pub(super) client: Option<&'t [u8]>,
    pub(super) subscription: String,
    pub(super) approvals: Option<&'t [u8]>,
}

impl<'t> Envelope<'t> {
    /// Takes a message apart.
    pub(super) fn read(text: &'t [u8]) -> Result<Self, JsonError> {
        let mut envelope = Self::default();
        let mut is_version_2 = false;
        let mut scanner = Scanner::new(text)?.replacing_surrogates();
        if scanner.kind()? != Kind::Object {
            scanner.skip()?;
            return Err(invalid(&scanner, "a message is an object"));
        }
        scanner.each_member(&mut |scanner, key| {
            match clear(scanner, key, &MESSAGE)? {
                Some(0) => {
                    is_version_2 = scanner.kind()? == Kind::String && scanner.string()? == "2.0";
                    if !is_version_2 {
                        return Err(invalid(scanner, "`jsonrpc` is not `2.0`"));
                    }
                }
                Some(1) => envelope.id = id(scanner)?,
                Some(2) => {
                    if scanner.kind()? != Kind::String {
                        return Err(invalid(scanner, "`method` is no text"));
                    }
                    envelope.method = Some(scanner.string()?.into_owned());
                }
                Some(3) => envelope.params = Some(value(scanner, text)?),
                Some(4) => envelope.result = Some(value(scanner, text)?),
                Some(5) => envelope.error = Some(value(scanner, text)?),
                _ => scanner.skip()?,
            }
            Ok(())
        })?;
        scanner.end()?;
        if !is_version_2 {
            return Err(JsonError::at(Code::McpMessageInvalid, "`jsonrpc` is missing", 0));
        }
        envelope.kind().map(|_| envelope)
    }

    /// What the message is.
    pub(super) fn kind(&self) -> Result<McpKind, JsonError> {
        let wrong = |text: &str| Err(JsonError::at(Code::McpMessageInvalid, text, 0));
        match (&self.method, self.result.or(self.error)) {
            (Some(_), None) if self.id.is_empty() => Ok(McpKind::Notification),
            (Some(_), None) => Ok(McpKind::Request),
            (None, Some(_)) if self.result.is_some() && self.error.is_some() => {
                wrong("a message has a result and an error")
            }
            (None, Some(_)) if self.id.is_empty() => {
                Err(JsonError::at(Code::McpIdInvalid, "an answer without an id answers nothing", 0))
            }
            (None, Some(_)) => Ok(McpKind::Response),
            (Some(_), Some(_)) => wrong("a message has a method and a result"),
            (None, None) => wrong("a message has neither a method nor a result"),
        }
    }
}

impl<'t> Parts<'t> {
    /// Of a client's parameters: what gait judges must be what every reader sees.
    pub(super) fn of_params(text: &'t [u8]) -> Result<Self, JsonError> {
        Self::read(text, true)
    }

    /// Of a server's parameters or result, which nobody judges.
    pub(super) fn of_result(text: &'t [u8]) -> Result<Self, JsonError> {
        Self::read(text, false)
    }

    fn read(text: &'t [u8], strict: bool) -> Result<Self, JsonError> {
        let mut parts = Self::default();
        let mut scanner = Scanner::new(text)?.replacing_surrogates();
        if scanner.kind()? != Kind::Object {
            // A server may answer whatever it likes; a client's parameters are objects.
            return if strict { Err(params(&scanner, "parameters are an object")) } else { Ok(parts) };
        }
        scanner.each_member(&mut |scanner, key| {
            if strict {
                clear(scanner, key, &PARAMS)?;
            }
            let kind = scanner.kind()?;
            match key {
                "_meta" if kind == Kind::Object => return parts.meta(scanner, text),
                "_meta" if strict => return Err(params(scanner, "`_meta` is no object")),
                "name" if kind == Kind::String => parts.name = Some(scanner.string()?.into_owned()),
                "arguments" => parts.arguments = Some(value(scanner, text)?),
                "uri" if kind == Kind::String => parts.uri = Some(scanner.string()?.into_owned()),
                "ref" if kind == Kind::Object => parts.reference = Some(value(scanner, text)?),
                "capabilities" if kind == Kind::Object => parts.capabilities = Some(value(scanner, text)?),
                "clientInfo" if kind == Kind::Object => parts.client = Some(value(scanner, text)?),
                "requestState" if kind == Kind::String => parts.state = Some(scanner.string()?.into_owned()),
                "inputResponses" if kind == Kind::Object => parts.responses = Some(value(scanner, text)?),
                "action" if kind == Kind::String => parts.action = scanner.string()?.into_owned(),
                "content" if kind == Kind::Object => parts.content = Some(value(scanner, text)?),
                "requestId" if matches!(kind, Kind::String | Kind::Number) => parts.request_id = id(scanner)?,
                "progressToken" if matches!(kind, Kind::String | Kind::Number) => parts.progress_token = id(scanner)?,
                "protocolVersion" if kind == Kind::String => parts.protocol_version = scanner.string()?.into_owned(),
                "isError" if kind == Kind::Bool => parts.is_error = scanner.literal()? == "true",
                _ => return scanner.skip(),
            }
            Ok(())
        })?;
        Ok(parts)
    }

    fn meta(&mut self, scanner: &mut Scanner<'t>, text: &'t [u8]) -> Result<(), JsonError> {
        scanner.each_member(&mut |scanner, key| {
            let kind = scanner.kind()?;
            let is_token = matches!(kind, Kind::String | Kind::Number);
            match key {
                "progressToken" if is_token => self.progress_token = id(scanner)?,
                META_SUBSCRIPTION if is_token => self.meta.subscription = id(scanner)?,
                META_VERSION if kind == Kind::String => {
                    self.meta.protocol_version = Some(scanner.string()?.into_owned());
                }
                META_CAPABILITIES if kind == Kind::Object => self.meta.capabilities = Some(value(scanner, text)?),
                META_CLIENT if kind == Kind::Object => self.meta.client = Some(value(scanner, text)?),
                META_APPROVALS => self.meta.approvals = Some(value(scanner, text)?),
                _ => return scanner.skip(),
            }
            Ok(())
        })
    }
}

/// The place of a key among those that have a meaning; a key that only looks like one of them is refused.
fn clear(scanner: &Scanner<'_>, key: &str, known: &[&str]) -> Result<Option<usize>, JsonError> {
    if let Some(place) = known.iter().position(|known| *known == key) {
        return Ok(Some(place));
    }
    let folded = fold(key);
    match known.iter().find(|known| fold(known) == folded) {
        None => Ok(None),
        Some(other) => Err(ambiguous(scanner, key, other)),
    }
}

/// Two keys that some readers take for one.
pub(super) fn ambiguous(scanner: &Scanner<'_>, key: &str, other: &str) -> JsonError {
    let text = format!("`{}` and `{other}` are one key to some readers", key.escape_debug());
    JsonError::at(Code::McpKeyAmbiguous, text, scanner.offset())
}

/// One member of an object, as it is written.
pub(super) fn member<'t>(text: &'t [u8], wanted: &str) -> Result<Option<&'t [u8]>, JsonError> {
    let mut found = None;
    let mut scanner = Scanner::new(text)?.replacing_surrogates();
    if scanner.kind()? != Kind::Object {
        return Ok(None);
    }
    scanner.each_member(&mut |scanner, key| {
        if key != wanted {
            return scanner.skip();
        }
        found = Some(value(scanner, text)?);
        Ok(())
    })?;
    Ok(found)
}

/// A member that is a text; empty when there is none.
pub(super) fn text_member(text: &[u8], wanted: &str) -> Result<String, JsonError> {
    let Some(value) = member(text, wanted)? else { return Ok(String::new()) };
    let mut scanner = Scanner::new(value)?.replacing_surrogates();
    if scanner.kind()? == Kind::String { Ok(scanner.string()?.into_owned()) } else { Ok(String::new()) }
}

/// The bytes of the value that comes next.
fn value<'t>(scanner: &mut Scanner<'_>, text: &'t [u8]) -> Result<&'t [u8], JsonError> {
    scanner.peek();
    let start = scanner.offset();
    scanner.skip()?;
    Ok(text.get(start..scanner.offset()).unwrap_or_default())
}

/// The id that comes next, as JSON text in its one spelling.
fn id(scanner: &mut Scanner<'_>) -> Result<String, JsonError> {
    let kind = scanner.kind()?;
    let start = scanner.offset();
    let wrong = |text: &str| Err(JsonError::at(Code::McpIdInvalid, text, start));
    match kind {
        Kind::String => {
            let text = scanner.string()?;
            if text.len() > limits::MCP_ID_BYTES {
                return wrong("an id is longer than 1,024 bytes");
            }
            Ok(quoted(&text))
        }
        Kind::Number => {
            let spelling = scanner.number()?;
            let digits = spelling.strip_prefix('-').unwrap_or(spelling);
            let is_whole = digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit()) && spelling != "-0";
            if is_whole { Ok(spelling.to_string()) } else { wrong("an id is a text or a whole number of 15 digits") }
        }
        Kind::Null => wrong("an id is not null"),
        _ => wrong("an id is a text or a whole number"),
    }
}

/// A text as JSON.
pub(super) fn quoted(text: &str) -> String {
    let mut form = Canonical::default();
    form.string(text);
    String::from_utf8(form.into_bytes()).unwrap_or_default()
}

fn invalid(scanner: &Scanner<'_>, text: &str) -> JsonError {
    JsonError::at(Code::McpMessageInvalid, text, scanner.offset())
}

fn params(scanner: &Scanner<'_>, text: &str) -> JsonError {
    JsonError::at(Code::McpParamsInvalid, text, scanner.offset())
}

/// Looks for the id and the method of a message that could not be read, so that whoever waits for an answer gets one:
/// the id as JSON text if it is plain and stands once, and whether the message seems to wait for an answer.
pub(super) fn salvage(text: &[u8]) -> (Option<String>, bool) {
    let text = String::from_utf8_lossy(text);
    let (mut id, mut ids, mut has_method) = (None, 0, false);
    let mut depth = 0_usize;
    let mut rest = text.as_ref();
    while let Some(at) = rest.find(['"', '{', '}', '[', ']']) {
        let (found, after) = (rest.as_bytes().get(at).copied(), rest.get(at + 1..).unwrap_or_default());
        rest = after;
        match found {
            Some(b'{' | b'[') => depth += 1,
            Some(b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {
                let (string, after) = string_end(after);
                rest = after;
                let Some(value) = after.trim_start().strip_prefix(':').filter(|_| depth == 1) else { continue };
                match string {
                    "method" => has_method = true,
                    "id" => {
                        ids += 1;
                        id = plain_id(value.trim_start());
                    }
                    _ => {}
                }
            }
        }
    }
    // A message with a method and no id asks for nothing, and one with an id and no method is an answer itself.
    (id.filter(|_| ids == 1), has_method == (ids > 0))
}

/// Parts a text behind an opening quote at the closing one.
fn string_end(text: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if !escaped => {
                return (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
            }
            _ => escaped = byte == b'\\' && !escaped,
        }
    }
    (text, "")
}

fn plain_id(text: &str) -> Option<String> {
    let end = match text.strip_prefix('"') {
        Some(inside) => string_end(inside).0.len() + 2,
        None => text.find([',', '}', ' ', '\t', '\r', '\n']).unwrap_or(text.len()),
    };
    let spelling: Cow<'_, str> = text.get(..end)?.into();
    let mut scanner = Scanner::new(spelling.as_bytes()).ok()?;
    let found = id(&mut scanner).ok()?;
    scanner.end().ok().map(|()| found)
}
