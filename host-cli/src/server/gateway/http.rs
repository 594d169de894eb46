//! Streamable HTTP at `/mcp` (MCP contract, 11.2 and 11.3). Clients that begin with `initialize` get a session with a
//! server of its own; clients of versions without sessions share one server, which has to know such a version.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use gait_contract::gateway::{McpFailure, McpRouting};
use gait_contract::mcp_servers::McpHeader;
use gait_contract::{Code, Fault, limits};
use http::header::{ACCEPT, ALLOW, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use serde::Deserialize;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::Setup;
use super::callers::Event;
use super::client::Taken;
use super::conversation::{Client, held};
use super::events::Events;
use super::pages::{self, Pages};
use super::running;
use super::sessions::{Gateways, MODERN, Session, look, stopped};
use crate::flows::gate::Remarks;
use crate::flows::signing::{self, Wish};
use crate::host::{entropy, interrupt, keys};
use crate::render::wire;
use crate::server::checks::Checks;
use crate::server::http::{Front, Limits, Listener, must_be_json, whole_body};
use crate::server::metrics::Metrics;
use crate::server::reply::{self, Reply, refusal};
use crate::server::service::stop_signal;

/// Sessions at a time.
const SESSIONS: usize = 256;
/// How long an answer is waited for before its stream begins.
const AT_ONCE: Duration = Duration::from_millis(300);
/// Versions with sessions.
const LEGACY: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
/// The session's header.
const SESSION: &str = "mcp-session-id";

/// How a listener of its own is set up.
pub struct Listening {
    /// The address.
    pub listen: String,
    /// More names that it answers to.
    pub hosts: Vec<String>,
    /// Pages that may ask.
    pub origins: Vec<String>,
    /// The bearer token, when one is asked for.
    pub token: Option<String>,
    /// The address under which others reach the listener; blank for the one it listens at.
    pub public_url: String,
}

/// The routes `/mcp` and `/approve/…` on somebody's listener, with the conversations behind them.
#[derive(Clone)]
pub struct Mounted(Arc<Gateways>);

/// Listens until a signal comes; then ends all conversations, and returns when their runpacks are written.
pub fn listen(setup: Setup, wish: Wish, listening: Listening) -> Result<Remarks, Fault> {
    let listener = Listener::bind(&listening.listen)?;
    let address = listener.address();
    let mounted = Mounted::new(setup, wish, address, &listening.public_url)?;
    let remarks = held(&mounted.0.gate).remarks().clone();
    let checks = Checks::new(address, listening.hosts, listening.origins, listening.token.as_deref())?;
    let limits = Limits { body: limits::MCP_MESSAGE_BYTES, grace: Duration::from_secs(2), ..Limits::default() };
    let front = Front { checks, limits, open: &[pages::PATH], metrics: Arc::new(Metrics::default()) };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::new(Code::InternalFailure, format!("no threads can be started: {error}")))?;
    interrupt::survive_full_files();
    let served = runtime.block_on(async {
        let stop = stop_signal()?;
        tokio::spawn(mounted.clone().look(stop.clone()));
        wire::say(&format!("listening on http://{address}/mcp"));
        front.serve(listener, mounted.router(), stop).await
    });
    runtime.shutdown_background();
    mounted.end();
    served.map(|()| remarks)
}

impl Mounted {
    /// Finds out whether conversations can be had and recorded. `address` is where somebody listens.
    pub fn new(setup: Setup, wish: Wish, address: SocketAddr, public_url: &str) -> Result<Self, Fault> {
        let gate = running::gate(&setup)?;
        signing::choose(&wish)?;
        let base = match public_url.trim().trim_end_matches('/') {
            "" => format!("http://{address}"),
            given => given.to_owned(),
        };
        let pages = Pages::new(gate.another(), Some(base));
        let (sessions, shared) = (Mutex::default(), tokio::sync::Mutex::default());
        Ok(Self(Arc::new(Gateways { setup, gate: Mutex::new(gate), wish, pages, sessions, shared })))
    }

    /// The routes.
    pub fn router(&self) -> Router {
        let mcp = Router::new().route("/mcp", axum::routing::any(mcp)).with_state(self.0.clone());
        mcp.merge(pages::router(self.0.pages.clone()))
    }

    /// Looks at the clock until the listener is to stop.
    pub async fn look(self, stop: watch::Receiver<bool>) {
        look(self.0, stop).await;
    }

    /// Ends all conversations; returns when their runpacks are written.
    pub fn end(&self) {
        self.0.end_all();
    }
}

impl Session {
    /// Takes one message; answers when there is an answer, or with a stream of what there is until then.
    async fn deliver(self: Arc<Self>, body: Vec<u8>, routing: Option<McpRouting>, is_modern: bool) -> Reply {
        *held(&self.used) = Instant::now();
        let caller = self.conversation.number();
        let mut events = self.callers.open(caller);
        let session = self.clone();
        let taken = spawn_blocking(move || held(&session.reader).take(&session.conversation, caller, &body, routing));
        let Ok(Some(taken)) = taken.await else {
            self.callers.close(caller);
            return refusal(StatusCode::INTERNAL_SERVER_ERROR, "core_trap", "the message could not be read");
        };
        if taken.answers == 0 {
            self.callers.close(caller);
            return match taken.refused {
                Some(code) => refusal(StatusCode::BAD_REQUEST, code.token(), "the message was refused"),
                None => empty(StatusCode::ACCEPTED),
            };
        }
        let first = timeout(AT_ONCE, events.recv()).await.ok().flatten();
        let first = match first {
            Some(Event { text, is_last: true }) if !taken.is_batch => {
                return reply::bytes(status_of(&taken, is_modern), "application/json", text.into_bytes());
            }
            first => first,
        };
        let when_gone = move |was_answered: bool| {
            self.callers.close(caller);
            // Without sessions a stream that is closed is a call that is not wanted any more.
            if !was_answered && is_modern {
                std::thread::spawn(move || self.conversation.abandon(caller, &taken.id));
            }
        };
        stream(Events::new(first, events, Box::new(when_gone)))
    }
}

async fn mcp(State(gateways): State<Arc<Gateways>>, request: Request<Body>) -> Reply {
    match handle(gateways, request).await {
        Ok(reply) => reply,
        Err(reply) => *reply,
    }
}

/// What a body says, as far as it decides who gets it. The core reads it again, strictly.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Peek {
    method: String,
}

async fn handle(gateways: Arc<Gateways>, request: Request<Body>) -> Result<Reply, Box<Reply>> {
    let headers = request.headers().clone();
    let header = |name: &str| text(&headers, name);
    let version = header("mcp-protocol-version")?;
    let session_id = header(SESSION)?;
    if !version.is_empty() && version != MODERN && !LEGACY.contains(&version.as_str()) {
        return Err(gateways.unsupported("null", &[&LEGACY[..], &[MODERN]].concat()));
    }
    match *request.method() {
        Method::POST => {}
        Method::GET | Method::DELETE if version != MODERN => return gateways.other(&request, &session_id),
        _ => return Err(not_allowed("POST")),
    }
    must_be_json(&request)?;
    accepts(&headers, &["application/json", "text/event-stream"])?;
    let routing = McpRouting {
        protocol_version: version.clone(),
        method: header("mcp-method")?,
        name: header("mcp-name")?,
        params: params(&headers)?,
    };
    let body = whole_body(request.into_body()).await?.to_vec();
    let names_its_version = memchr_like(&body, b"io.modelcontextprotocol/protocolVersion");
    if version == MODERN || (version.is_empty() && session_id.is_empty() && names_its_version) {
        return match gateways.shared().await {
            Ok(Some(session)) => Ok(session.deliver(body, Some(routing), true).await),
            Ok(None) => Err(gateways.unsupported(&id_of(&body), &LEGACY)),
            Err(fault) => Err(Box::new(reply::fault(&fault))),
        };
    }
    if !session_id.is_empty() {
        let session = gateways.find(&session_id)?;
        return Ok(session.deliver(body, None, false).await);
    }
    let peek: Peek = serde_json::from_slice(&body).unwrap_or_default();
    if peek.method != "initialize" {
        return Err(bad(
            "session_missing",
            "the header Mcp-Session-Id is missing; a conversation begins with initialize",
        ));
    }
    if held(&gateways.sessions).len() >= SESSIONS {
        return Err(Box::new(refusal(StatusCode::SERVICE_UNAVAILABLE, "server_busy", "there are too many sessions")));
    }
    let id = entropy::bytes::<16>().map(|bytes| keys::hex(&bytes)).map_err(|fault| Box::new(reply::fault(&fault)))?;
    let starting = (gateways.clone(), id.clone());
    let started = spawn_blocking(move || starting.0.start(&starting.1)).await.unwrap_or_else(|_| Err(stopped()));
    let session = Arc::new(started.map_err(|fault| Box::new(reply::fault(&fault)))?);
    held(&gateways.sessions).insert(id.clone(), session.clone());
    let mut reply = session.deliver(body, None, false).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        reply.headers_mut().insert(SESSION, value);
    }
    Ok(reply)
}

impl Gateways {
    fn find(&self, id: &str) -> Result<Arc<Session>, Box<Reply>> {
        let found = held(&self.sessions).get(id).filter(|session| !session.is_over()).cloned();
        found.ok_or_else(|| Box::new(refusal(StatusCode::NOT_FOUND, "session_unknown", "there is no such session")))
    }

    /// A stream for what belongs to no request, or the end of a session.
    fn other(&self, request: &Request<Body>, session_id: &str) -> Result<Reply, Box<Reply>> {
        if session_id.is_empty() {
            return Err(bad("session_missing", "the header Mcp-Session-Id is missing"));
        }
        let session = self.find(session_id)?;
        if request.method() == Method::DELETE {
            self.remove(session_id);
            return Ok(empty(StatusCode::OK));
        }
        accepts(request.headers(), &["text/event-stream"])?;
        *held(&session.used) = Instant::now();
        let events = session.callers.listen();
        Ok(stream(Events::new(None, events, Box::new(|_| {}))))
    }

    /// A version that is not spoken here, with those that are.
    fn unsupported(&self, id: &str, supported: &[&str]) -> Box<Reply> {
        let request = gait_contract::gateway::McpAnswerRequest {
            method: String::new(),
            tool_name: String::new(),
            modern: true,
            failure: McpFailure::VersionUnsupported(supported.iter().map(|version| (*version).to_owned()).collect()),
            approval_dir: String::new(),
        };
        let worded = crate::core::Core::load().and_then(|core| core.call(&request, &mut crate::core::NoWorld));
        Box::new(match worded {
            Ok(answer) => {
                reply::bytes(StatusCode::BAD_REQUEST, "application/json", answer.answer.join(id).into_bytes())
            }
            Err(fault) => reply::fault(&fault),
        })
    }
}

/// The id of a request, for a refusal that needs nothing else of it.
fn id_of(body: &[u8]) -> String {
    let value: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    match &value["id"] {
        id @ (serde_json::Value::String(_) | serde_json::Value::Number(_)) => id.to_string(),
        _ => "null".into(),
    }
}

fn memchr_like(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// The one value of a header; empty when it is not there.
fn text(headers: &HeaderMap, name: &str) -> Result<String, Box<Reply>> {
    let mut given = headers.get_all(name).iter();
    match (given.next().map(HeaderValue::to_str), given.next()) {
        (None, _) => Ok(String::new()),
        (Some(Ok(value)), None) => Ok(value.trim().to_owned()),
        _ => Err(bad("header_invalid", "a header stands twice or is no plain text")),
    }
}

/// The headers that repeat arguments.
fn params(headers: &HeaderMap) -> Result<Vec<McpHeader>, Box<Reply>> {
    let params = headers.iter().filter_map(|(name, value)| Some((name.as_str().strip_prefix("mcp-param-")?, value)));
    params
        .map(|(name, value)| match value.to_str() {
            Ok(value) => Ok(McpHeader { name: name.to_owned(), value: value.trim().to_owned() }),
            Err(_) => Err(bad("header_invalid", "a header is no plain text")),
        })
        .collect()
}

/// What is sent has to be welcome.
fn accepts(headers: &HeaderMap, kinds: &[&str]) -> Result<(), Box<Reply>> {
    let given: Vec<String> = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|kind| kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
        .collect();
    let is_welcome = |kind: &&str| {
        let group = kind.split('/').next().unwrap_or_default();
        given.iter().any(|one| one == kind || one == "*/*" || *one == format!("{group}/*"))
    };
    if kinds.iter().all(is_welcome) {
        return Ok(());
    }
    let what = "the header Accept has to list application/json and text/event-stream";
    Err(Box::new(refusal(StatusCode::NOT_ACCEPTABLE, "accept", what)))
}

fn bad(code: &str, what: &str) -> Box<Reply> {
    Box::new(refusal(StatusCode::BAD_REQUEST, code, what))
}

fn not_allowed(methods: &'static str) -> Box<Reply> {
    let mut reply = refusal(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this method is not answered here");
    reply.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    Box::new(reply)
}

fn empty(status: StatusCode) -> Reply {
    let mut reply = Reply::new(Body::empty());
    *reply.status_mut() = status;
    reply
}

fn stream(events: Events) -> Reply {
    let mut reply = Reply::new(Body::new(events));
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert("cache-control", HeaderValue::from_static("no-cache"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    reply
}

/// The status of an answer that is complete. Clients of versions with sessions take anything but 200 for a broken
/// connection, so only what is no request at all is told by it.
fn status_of(taken: &Taken, is_modern: bool) -> StatusCode {
    match taken.refused {
        None => StatusCode::OK,
        Some(Code::McpMethodRefused) if is_modern => StatusCode::NOT_FOUND,
        Some(_) if is_modern || taken.id.is_empty() => StatusCode::BAD_REQUEST,
        Some(_) => StatusCode::OK,
    }
}
