//! A server that is reached by an address (Streamable HTTP, MCP contract 11.2): each message is a request of its own,
//! under headers that are written from the message; answers come at once or on a stream. What the caller of gait
//! presented to gait is never sent on; the server's own token comes from a variable.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::time::Duration;

use axum::body::Bytes;
use base64ct::{Base64, Encoding};
use gait_contract::gateway::{McpParam, McpTools};
use gait_contract::mcp_servers::McpServer;
use gait_contract::{Code, Fault, limits};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::{sleep, timeout};

use super::conversation::{Conversation, held};
use super::servers::Reader;
use crate::host::authorities;
use crate::host::fetch::{host_of, is_this_machine};
use crate::host::sse::Events;

/// How long the end of a session is waited for.
const GOODBYE: Duration = Duration::from_secs(1);
/// How long a server may take to take a notification or an answer.
const NOTICE: Duration = Duration::from_secs(30);
/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// The pause before a stream that broke is opened again.
const PAUSE: Duration = Duration::from_secs(1);
/// What separates words in a header that is no plain text from others.
const MARKS: (&str, &str) = ("=?base64?", "?=");

/// A server that is reached by an address.
pub(super) struct Remote {
    line: Arc<Line>,
    /// Messages on their way; `None` once nothing more will come.
    outgoing: Mutex<Option<UnboundedSender<String>>>,
    /// Whoever sends them.
    work: Mutex<Option<JoinHandle<()>>>,
    runtime: Handle,
}

/// What came of what was sent.
pub(super) enum Said {
    /// A message of the server's.
    Message(Vec<u8>),
    /// No answer will come to the request of this number. Whether the server knows of it, and what happened.
    Nothing(u64, bool, String),
    /// The server does not know the session of this name any more.
    Forgotten(HeaderValue),
    /// Nothing more will come.
    Over,
}

/// The connection to one server.
struct Line {
    address: Uri,
    headers: HeaderMap,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    session: Mutex<Option<HeaderValue>>,
    /// Something was answered since the session was opened.
    has_worked: AtomicBool,
    version: Mutex<Option<HeaderValue>>,
    said: Sender<Said>,
    /// Arguments that headers repeat.
    params: Mutex<Vec<McpParam>>,
    /// Requests that were sent and have no answer yet.
    open: Mutex<BTreeMap<u64, AbortHandle>>,
}

/// What has to be known of a message to send it, or to know whose answer it is.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Head {
    id: Option<Value>,
    method: String,
    params: Params,
    result: Opened,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Params {
    name: Value,
    uri: Value,
    arguments: Value,
    request_id: Value,
    #[serde(rename = "_meta")]
    meta: Meta,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Meta {
    #[serde(rename = "io.modelcontextprotocol/protocolVersion")]
    version: Value,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Opened {
    protocol_version: Value,
}

impl Head {
    fn of(message: &[u8]) -> Self {
        serde_json::from_slice(message).unwrap_or_default()
    }

    /// The number of a request, or the request that an answer is for.
    fn number(&self) -> Option<u64> {
        self.id.as_ref().and_then(Value::as_u64)
    }
}

/// The threads of all connections.
fn runtime() -> Result<Handle, Fault> {
    static RUNTIME: OnceLock<Option<tokio::runtime::Runtime>> = OnceLock::new();
    let started =
        RUNTIME.get_or_init(|| tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().ok());
    let started = started.as_ref().map(|runtime| runtime.handle().clone());
    started.ok_or_else(|| Fault::new(Code::InternalFailure, "no threads can be started"))
}

impl Remote {
    /// Makes ready to reach a server; nothing is sent yet. What it says arrives at the other end.
    pub(super) fn reach(setup: &McpServer) -> Result<(Self, Receiver<Said>), Fault> {
        let address = allowed(&setup.url)?;
        let headers = headers(setup)?;
        let roots = match address.scheme_str() {
            Some("https") => authorities::trusted()?,
            _ => Vec::new(),
        };
        let mut store = rustls::RootCertStore::empty();
        store.add_parsable_certificates(roots);
        let unusable = |error: rustls::Error| Fault::new(Code::InternalFailure, format!("no encryption: {error}"));
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_root_certificates(store)
            .with_no_client_auth();
        let mut plain = HttpConnector::new();
        plain.enforce_http(false);
        plain.set_nodelay(true);
        plain.set_connect_timeout(Some(CONNECT));
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(plain);
        let (said, arriving) = mpsc::channel();
        let line = Arc::new(Line {
            address,
            headers,
            client: Client::builder(TokioExecutor::new()).build(connector),
            session: Mutex::default(),
            has_worked: AtomicBool::new(false),
            version: Mutex::default(),
            said,
            params: Mutex::default(),
            open: Mutex::default(),
        });
        let (outgoing, queue) = unbounded_channel();
        let runtime = runtime()?;
        let work = runtime.spawn(line.clone().work(queue));
        Ok((Self { line, outgoing: Mutex::new(Some(outgoing)), work: Mutex::new(Some(work)), runtime }, arriving))
    }

    /// Remembers which arguments headers repeat; the server knows its tools without its own name in front.
    pub(super) fn learn(&self, upstream: &str, tools: &McpTools) {
        let mut params = held(&self.line.params);
        params.retain(|param| !tools.pins.iter().any(|pin| pin.name == param.tool));
        params.extend(tools.params.iter().cloned().map(|param| {
            let own = param
                .tool
                .strip_prefix(upstream)
                .and_then(|rest| rest.strip_prefix('.'))
                .filter(|_| !upstream.is_empty());
            McpParam { tool: own.unwrap_or(&param.tool).to_owned(), ..param }
        }));
    }

    /// Hands a message over; false when nothing is sent any more.
    pub(super) fn write(&self, message: &str) -> bool {
        held(&self.outgoing).as_ref().is_some_and(|outgoing| outgoing.send(message.to_owned()).is_ok())
    }

    /// Nothing more will come; the server is told that the session is over.
    pub(super) fn close(&self) {
        held(&self.outgoing).take();
    }

    /// Lets go of everything that is still open. Nobody waits long for a server that does not answer.
    pub(super) fn end(&self) {
        self.close();
        for (_, open) in std::mem::take(&mut *held(&self.line.open)) {
            open.abort();
        }
        if let Some(mut work) = held(&self.work).take()
            && self.runtime.block_on(async { timeout(GOODBYE + GOODBYE, &mut work).await }).is_err()
        {
            work.abort();
        }
        let _ = self.line.said.send(Said::Over);
    }

    /// Reads what the server says until nothing more will come.
    pub(super) fn read(&self, conversation: &Conversation, mut reader: Reader, arriving: &Receiver<Said>) {
        let server = reader.server();
        let mut forgotten = 0;
        while let Ok(said) = arriving.recv() {
            match said {
                Said::Message(message) => reader.take(conversation, &message),
                Said::Nothing(own, was_sent, why) => {
                    conversation.say(&format!("the server at {} gives no answer: {why}", self.line.address));
                    conversation.unanswered(server, own, was_sent);
                }
                // Calls that were under way at the same time say the same; each of them reports for itself.
                Said::Forgotten(session) if held(&self.line.session).as_ref() != Some(&session) => {}
                Said::Forgotten(_) => {
                    forgotten = if self.line.has_worked.swap(false, Ordering::AcqRel) { 1 } else { forgotten + 1 };
                    if forgotten > conversation.setup.restarts {
                        break;
                    }
                    *held(&self.line.session) = None;
                    conversation.say("the server has forgotten the session; it is opened again");
                    conversation.state().gone.insert(server);
                    conversation.reopen(server);
                }
                Said::Over => break,
            }
        }
        conversation.server_gone(server);
    }
}

impl Line {
    /// Sends what is to be sent, in its order: requests may be answered side by side, but nothing overtakes the opening
    /// of the conversation or a notification.
    async fn work(self: Arc<Self>, mut queue: UnboundedReceiver<String>) {
        let mut listening: Option<AbortHandle> = None;
        while let Some(message) = queue.recv().await {
            let head = Head::of(message.as_bytes());
            let is_request = head.id.is_some() && !head.method.is_empty();
            let is_modern = head.params.meta.version.is_string();
            match head.number().filter(|_| is_request) {
                Some(own) => {
                    let opens = head.method == "initialize";
                    if opens {
                        *held(&self.session) = None;
                    }
                    let task = tokio::spawn(self.clone().request(own, message, head));
                    held(&self.open).insert(own, task.abort_handle());
                    if opens {
                        // It ends with its answer, or when somebody lets go of it.
                        let _ = task.await;
                    }
                }
                None => {
                    let cancelled =
                        head.params.request_id.as_u64().filter(|_| head.method == "notifications/cancelled");
                    let task = cancelled.and_then(|own| held(&self.open).remove(&own));
                    if let Some(task) = task.filter(|_| held(&self.session).is_none()) {
                        // Without sessions a stream that is closed is a request that is not wanted any more.
                        task.abort();
                        continue;
                    }
                    let _ = timeout(NOTICE, self.send(&message, &head)).await;
                    if head.method == "notifications/initialized" && !is_modern {
                        if let Some(before) = listening.take() {
                            before.abort();
                        }
                        listening = Some(tokio::spawn(self.clone().listen()).abort_handle());
                    }
                }
            }
        }
        if let Some(listening) = listening {
            listening.abort();
        }
        if held(&self.session).is_some() {
            let _ = timeout(GOODBYE, self.client.request(self.prepare(Method::DELETE, &Head::default(), ""))).await;
        }
    }

    /// Sends a request and hands on what comes of it.
    async fn request(self: Arc<Self>, own: u64, message: String, head: Head) {
        let nothing = |was_sent, why: String| {
            let _ = self.said.send(Said::Nothing(own, was_sent, why));
        };
        let session = held(&self.session).clone().filter(|_| head.method != "initialize");
        let response = match self.send(&message, &head).await {
            Ok(response) => response,
            Err(error) => {
                held(&self.open).remove(&own);
                return nothing(!error.is_connect(), words(&error));
            }
        };
        let status = response.status();
        if head.method == "initialize" && status.is_success() {
            *held(&self.session) = response.headers().get("mcp-session-id").cloned();
        }
        let found = if is_stream(&response) {
            self.stream(response, Some(own)).await.map(|_| ())
        } else {
            self.body(response, own).await
        };
        held(&self.open).remove(&own);
        match found {
            Ok(()) => {
                if head.method != "initialize" {
                    self.has_worked.store(true, Ordering::Release);
                }
            }
            // Whoever refuses to read a request has not executed it.
            Err(_) if matches!(status.as_u16(), 400..500) => {
                nothing(false, format!("status {status}"));
                // A session that is gone is 404; some servers say 400, which may mean anything: it is believed while
                // something has worked since.
                let is_gone = status == StatusCode::NOT_FOUND
                    || (status == StatusCode::BAD_REQUEST && self.has_worked.load(Ordering::Acquire));
                if let Some(session) = session.filter(|_| is_gone) {
                    let _ = self.said.send(Said::Forgotten(session));
                }
            }
            Err(_) if !status.is_success() => nothing(true, format!("status {status}")),
            Err(why) => nothing(true, why),
        }
    }

    /// An answer that comes whole.
    async fn body(&self, response: Response<Incoming>, own: u64) -> Result<(), String> {
        let body = Limited::new(response.into_body(), limits::MCP_MESSAGE_BYTES).collect();
        let body = body.await.map_err(|error| format!("its answer cannot be read: {error}"))?.to_bytes();
        let head = Head::of(&body);
        self.note_version(&head);
        if head.number() != Some(own) || !head.method.is_empty() {
            return Err("what it says is no answer to the request".into());
        }
        let _ = self.said.send(Said::Message(body.to_vec()));
        Ok(())
    }

    /// A stream; it has to hold the answer to `own` if there is one. Tells the id of its last event.
    async fn stream(&self, response: Response<Incoming>, own: Option<u64>) -> Result<String, String> {
        let mut body = response.into_body();
        let mut events = Events::new(limits::MCP_MESSAGE_BYTES);
        let mut answered = own.is_none();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| format!("the stream broke: {error}"))?;
            let Some(piece) = frame.data_ref() else { continue };
            let mut take = |message: Vec<u8>| {
                let head = Head::of(&message);
                self.note_version(&head);
                answered |= head.method.is_empty() && head.number() == own;
                let _ = self.said.send(Said::Message(message));
            };
            events.push(piece, &mut take).map_err(|_| "a message is too large".to_owned())?;
            if own.is_some() && answered {
                break;
            }
        }
        if answered { Ok(events.last_id().to_owned()) } else { Err("the stream ended without an answer".into()) }
    }

    /// Listens to what belongs to no request, for as long as the server offers that.
    async fn listen(self: Arc<Self>) {
        let mut last_id = String::new();
        loop {
            let request = self.prepare(Method::GET, &Head::default(), &last_id);
            let Ok(response) = self.client.request(request).await else {
                sleep(PAUSE).await;
                continue;
            };
            if !response.status().is_success() || !is_stream(&response) {
                return;
            }
            if let Ok(id) = self.stream(response, None).await
                && !id.is_empty()
            {
                last_id = id;
            }
            sleep(PAUSE).await;
        }
    }

    async fn send(&self, message: &str, head: &Head) -> Result<Response<Incoming>, hyper_util::client::legacy::Error> {
        let mut request = self.prepare(Method::POST, head, "");
        *request.body_mut() = Full::new(Bytes::from(message.to_owned()));
        self.client.request(request).await
    }

    /// A request with the headers that belong to a message.
    fn prepare(&self, method: Method, head: &Head, last_id: &str) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::default());
        *request.uri_mut() = self.address.clone();
        let headers = request.headers_mut();
        headers.clone_from(&self.headers);
        let accepted = if method == Method::GET { "text/event-stream" } else { "application/json, text/event-stream" };
        headers.insert(ACCEPT, HeaderValue::from_static(accepted));
        if method == Method::POST {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        match head.params.meta.version.as_str() {
            Some(version) => {
                put(headers, "mcp-protocol-version", plain(version));
                put(headers, "mcp-method", plain(&head.method));
                let named = match head.method.as_str() {
                    "tools/call" | "prompts/get" => head.params.name.as_str(),
                    "resources/read" => head.params.uri.as_str(),
                    _ => None,
                };
                put(headers, "mcp-name", named.and_then(plain));
                for param in held(&self.params).iter().filter(|param| named == Some(param.tool.as_str())) {
                    let name = HeaderName::try_from(format!("mcp-param-{}", param.header));
                    let value = param.path.iter().try_fold(&head.params.arguments, |value, key| value.get(key));
                    if let (Ok(name), Some(value)) = (name, value.and_then(repeated)) {
                        headers.insert(name, value);
                    }
                }
            }
            None if head.method == "initialize" => {}
            None => {
                put(headers, "mcp-session-id", held(&self.session).clone());
                put(headers, "mcp-protocol-version", held(&self.version).clone());
            }
        }
        if !last_id.is_empty() {
            put(headers, "last-event-id", HeaderValue::from_str(last_id).ok());
        }
        *request.method_mut() = method;
        request
    }

    /// The version that the answer to `initialize` settles on is told with every later message.
    fn note_version(&self, head: &Head) {
        if let Some(version) = head.result.protocol_version.as_str() {
            *held(&self.version) = plain(version);
        }
    }
}

fn put(headers: &mut HeaderMap, name: &'static str, value: Option<HeaderValue>) {
    if let Some(value) = value {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// An argument as a header: texts, numbers and words as they are, nothing for what is no single value.
fn repeated(value: &Value) -> Option<HeaderValue> {
    match value {
        Value::String(text) if text.is_empty() => HeaderValue::from_str(&format!("{}{}", MARKS.0, MARKS.1)).ok(),
        Value::String(text) => plain(text),
        Value::Number(_) | Value::Bool(_) => plain(&value.to_string()),
        _ => None,
    }
}

/// A text as a header; what is no plain text goes as base64 between marks.
fn plain(text: &str) -> Option<HeaderValue> {
    let is_plain = text.trim() == text && text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if is_plain && !text.starts_with(MARKS.0) {
        return HeaderValue::from_str(text).ok();
    }
    HeaderValue::from_str(&format!("{}{}{}", MARKS.0, Base64::encode_string(text.as_bytes()), MARKS.1)).ok()
}

fn is_stream(response: &Response<Incoming>) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/event-stream")
}

fn words(error: &hyper_util::client::legacy::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// An address that messages may be sent to: encrypted, or on this machine.
fn allowed(text: &str) -> Result<Uri, Fault> {
    let refused = |why: &str| {
        Fault::new(Code::InvalidInput, format!("`{text}` cannot be the address of a server: {why}"))
            .hint("use an address that begins with https://; http:// is for this machine only")
    };
    let uri: Uri = text.split('#').next().unwrap_or_default().parse().map_err(|_| refused("it cannot be read"))?;
    let host = host_of(&uri).ok_or_else(|| refused("it names no host"))?;
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(refused("it holds a name or a password"));
    }
    match uri.scheme_str() {
        Some("https") => Ok(uri),
        Some("http") if is_this_machine(&host) => Ok(uri),
        Some("http") => Err(refused("calls would travel without encryption")),
        _ => Err(refused("it is neither https nor http")),
    }
}

fn headers(setup: &McpServer) -> Result<HeaderMap, Fault> {
    let mut headers = HeaderMap::new();
    let wrong = |name: &str| Fault::new(Code::InvalidInput, format!("the header `{name}` cannot be sent"));
    for header in &setup.headers {
        let name: HeaderName = header.name.parse().map_err(|_| wrong(&header.name))?;
        headers.append(name, HeaderValue::from_str(&header.value).map_err(|_| wrong(&header.name))?);
    }
    if !setup.bearer_env.is_empty() {
        let token = std::env::var(&setup.bearer_env).unwrap_or_default();
        if token.trim().is_empty() {
            return Err(Fault::new(Code::KeySource, format!("the variable `{}` holds no token", setup.bearer_env))
                .hint("`bearer_env` names a variable with the server's token"));
        }
        let mut value =
            HeaderValue::from_str(&format!("Bearer {}", token.trim())).map_err(|_| wrong("authorization"))?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_travel_encrypted_or_stay_on_this_machine() {
        for good in ["https://mcp.example/mcp", "http://127.0.0.1:3000/mcp", "http://localhost/mcp", "http://[::1]:1/"]
        {
            assert!(allowed(good).is_ok(), "{good}");
        }
        for bad in ["http://mcp.example/", "http://127.0.0.1.example/", "ftp://127.0.0.1/", "https://a@b/", "/mcp", ""]
        {
            assert_eq!(allowed(bad).map_err(|fault| fault.error_code), Err(Code::InvalidInput), "{bad}");
        }
    }

    #[test]
    fn headers_are_plain_text_or_marked() {
        let written = |text: &str| plain(text).and_then(|value| value.to_str().map(str::to_owned).ok());
        assert_eq!(written("write_file").as_deref(), Some("write_file"));
        assert_eq!(written("é").as_deref(), Some("=?base64?w6k=?="));
        assert_eq!(written(" a").as_deref(), Some("=?base64?IGE=?="));
        assert_eq!(written("=?base64?x?=").as_deref(), Some("=?base64?PT9iYXNlNjQ/eD89?="));
    }

    #[test]
    fn answers_are_told_from_questions() {
        let head = Head::of(br#"{"id":7,"method":"ping"}"#);
        assert_eq!((head.number(), &*head.method), (Some(7), "ping"));
        assert_eq!(Head::of(br#"{"id":"7","result":[]}"#).number(), None);
        assert_eq!(Head::of(b"x").number(), None);
    }
}
