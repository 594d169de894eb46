//! The page on which a waiting call is shown and a signed approval for it is handed in. Whoever has the address sees the
//! call; only an approver's signature lets it pass, so the page itself asks nobody who they are.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use gait_contract::approval::ApprovalVerifyRequest;
use gait_contract::intent::Given;
use gait_contract::{Code, Fault};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request, StatusCode};
use serde_json::json;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use super::asks;
use super::conversation::{Conversation, held};
use crate::flows::gate::Gate;
use crate::host::clock;
use crate::render::html::Text;
use crate::server::checks::Checks;
use crate::server::http::{Front, Limits, Listener, whole_body};
use crate::server::metrics::Metrics;
use crate::server::reply::{self, Reply};

/// Bytes of an approval that is handed in.
const TOKEN_BYTES: usize = 64 << 10;
/// The beginning of the page's path; the name of the waiting call follows. It answers without a token: who opens a page has
/// none.
pub const PATH: &str = "/approve/";

/// The pages of all conversations of one gateway.
pub(super) struct Pages {
    gate: Mutex<Gate>,
    conversations: Mutex<Vec<Weak<Conversation>>>,
    base: Mutex<Option<String>>,
    me: Weak<Pages>,
}

/// What a page shows.
struct Call {
    tool_name: String,
    args: String,
    intent: String,
    intent_digest: String,
    policy_digest: String,
    reason_codes: Vec<String>,
}

impl Pages {
    /// Pages at an address that somebody listens at, or, without one, at a loopback address of their own once one is
    /// needed.
    pub(super) fn new(gate: Gate, base: Option<String>) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            gate: Mutex::new(gate),
            conversations: Mutex::default(),
            base: Mutex::new(base),
            me: me.clone(),
        })
    }

    /// Calls of this conversation have pages from now on.
    pub(super) fn add(&self, conversation: &Arc<Conversation>) {
        let mut all = held(&self.conversations);
        all.retain(|one| one.strong_count() > 0);
        all.push(Arc::downgrade(conversation));
    }

    /// The address of a call's page.
    pub(super) fn url(&self, state: &str) -> Result<String, Fault> {
        let mut base = self.base.lock().unwrap_or_else(PoisonError::into_inner);
        let base = match &mut *base {
            Some(base) => base,
            none => none.insert(self.listen()?),
        };
        Ok(format!("{base}{PATH}{state}"))
    }

    /// Listens at a loopback address until the program ends.
    fn listen(&self) -> Result<String, Fault> {
        let stopped = |error| Fault::new(Code::InternalFailure, format!("the page cannot be served: {error}"));
        let listener = Listener::bind("127.0.0.1:0")?;
        let address = listener.address();
        let checks = Checks::new(address, Vec::new(), Vec::new(), None)?;
        let limits = Limits { body: TOKEN_BYTES * 2, connections: 64, requests: 16, ..Limits::default() };
        let front = Front { checks, limits, open: &[], metrics: Arc::new(Metrics::default()) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(stopped)?;
        let me = self.me.upgrade().ok_or_else(|| Fault::new(Code::InternalFailure, "there are no pages"))?;
        std::thread::spawn(move || {
            // Nobody says stop: the pages go with the program.
            let (_tell, stop) = watch::channel(false);
            runtime.block_on(front.serve(listener, router(me), stop))
        });
        Ok(format!("http://{address}"))
    }

    fn find(&self, state: &str) -> Option<(Arc<Conversation>, Call)> {
        let all: Vec<_> = held(&self.conversations).iter().filter_map(Weak::upgrade).collect();
        all.into_iter().find_map(|conversation| {
            let call = {
                let held = conversation.state();
                let waiting = held.waiting.get(state)?;
                let call = waiting.job.message.call.as_ref()?;
                Call {
                    tool_name: call.tool_name.clone(),
                    args: call.args.clone(),
                    intent: call.intent.clone(),
                    intent_digest: waiting.intent_digest.clone(),
                    policy_digest: waiting.policy_digest.clone(),
                    reason_codes: waiting.reason_codes.clone(),
                }
            };
            Some((conversation, call))
        })
    }

    /// What is wrong with an approval; nothing when it is good for this call.
    fn check(&self, call: &Call, token: &str) -> Result<(), String> {
        let mut gate = held(&self.gate);
        let request = ApprovalVerifyRequest {
            token: Given::Attached,
            public_key: gate.approval_key().to_owned(),
            intent_digest: call.intent_digest.clone(),
            policy_digest: call.policy_digest.clone(),
            tool_name: call.tool_name.trim().to_lowercase(),
            now: clock::now(),
        };
        match gate.ask(&request, token.as_bytes()) {
            Ok(report) if report.ok => Ok(()),
            Ok(report) => Err(report.entry.error_code),
            Err(fault) => Err(fault.error_code.token().to_owned()),
        }
    }
}

/// The routes of the pages.
pub(super) fn router(pages: Arc<Pages>) -> Router {
    Router::new().route("/approve/{state}", axum::routing::any(page)).with_state(pages)
}

async fn page(State(pages): State<Arc<Pages>>, Path(state): Path<String>, request: Request<Body>) -> Reply {
    let wants_json =
        request.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    let found = pages.find(&state);
    match (request.method(), found) {
        (&Method::GET | &Method::HEAD, Some((_, call))) => html(StatusCode::OK, &whole(&call, None)),
        (&Method::GET | &Method::HEAD | &Method::POST, None) => {
            say(StatusCode::NOT_FOUND, wants_json, "not_waiting", None, "This call does not wait any more.")
        }
        (&Method::POST, Some((conversation, call))) => {
            let body = match whole_body(request.into_body()).await {
                Ok(body) => body,
                Err(reply) => return *reply,
            };
            // Checking a signature is work for the core, and the listener has other callers.
            let handed_in = spawn_blocking(move || hand_in(&pages, &conversation, &call, &state, &body, wants_json));
            handed_in.await.unwrap_or_else(|_| {
                reply::refusal(StatusCode::INTERNAL_SERVER_ERROR, "internal_failure", "a thread of the gateway stopped")
            })
        }
        _ => reply::refusal(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this method is not answered here"),
    }
}

/// Takes an approval, if it is good for this call.
fn hand_in(pages: &Pages, conversation: &Conversation, call: &Call, state: &str, body: &[u8], is_json: bool) -> Reply {
    let token = if is_json {
        String::from_utf8_lossy(body).into_owned()
    } else {
        let mut fields = form_urlencoded::parse(body);
        fields.find(|(name, _)| name == "token").map(|(_, token)| token.into_owned()).unwrap_or_default()
    };
    let token = token.trim();
    if token.is_empty() || token.len() > TOKEN_BYTES {
        let what = "This is no approval.";
        return say(StatusCode::UNPROCESSABLE_ENTITY, is_json, "approval_token_invalid", Some(call), what);
    }
    match pages.check(call, token) {
        Err(code) => {
            let what = "This approval is not good for this call.";
            say(StatusCode::UNPROCESSABLE_ENTITY, is_json, &code, Some(call), what)
        }
        Ok(()) if asks::hand_in(conversation, state, token) => {
            say(StatusCode::OK, is_json, "", None, "The approval is good. The call is judged again with it.")
        }
        Ok(()) => say(StatusCode::NOT_FOUND, is_json, "not_waiting", None, "This call does not wait any more."),
    }
}

/// What came of a request, for a person or a program.
fn say(status: StatusCode, as_json: bool, code: &str, call: Option<&Call>, what: &str) -> Reply {
    if as_json {
        return match code {
            "" => reply::json(status, &json!({"ok": true, "message": what})),
            code => reply::refusal(status, code, what),
        };
    }
    let note = if code.is_empty() { what.to_owned() } else { format!("{what} ({code})") };
    match call {
        Some(call) => html(status, &whole(call, Some(&note))),
        None => html(status, &format!("<h1>gait</h1><p role=\"status\">{}</p>", escaped(&note))),
    }
}

/// The page of a call.
fn whole(call: &Call, note: Option<&str>) -> String {
    let mut page = String::from("<h1>A call waits for an approval</h1>");
    if let Some(note) = note {
        let _ = write!(page, "<p role=\"alert\">{}</p>", escaped(note));
    }
    let intent: serde_json::Value = serde_json::from_str(&call.intent).unwrap_or_default();
    let args: serde_json::Value = serde_json::from_str(&call.args).unwrap_or_default();
    let pretty = |value: &serde_json::Value| escaped(&serde_json::to_string_pretty(value).unwrap_or_default());
    let facts = [
        ("Tool", escaped(&call.tool_name)),
        ("Why it waits", escaped(&call.reason_codes.join(", "))),
        ("Arguments", format!("<pre>{}</pre>", pretty(&args))),
        ("Touches", format!("<pre>{}</pre>", pretty(&intent["targets"]))),
        ("Asked by", format!("<pre>{}</pre>", pretty(&intent["context"]))),
        ("Intent", format!("<code>{}</code>", escaped(&call.intent_digest))),
        ("Policy", format!("<code>{}</code>", escaped(&call.policy_digest))),
    ];
    page.push_str("<dl>");
    for (name, value) in facts {
        let _ = write!(page, "<dt>{name}</dt><dd>{value}</dd>");
    }
    let command = format!(
        "gait approve --intent-digest {} --policy-digest {} --ttl 15m --scope 'tool:{}' --approver NAME --reason-code WHY --out approval.json",
        call.intent_digest,
        call.policy_digest,
        call.tool_name.trim().to_lowercase()
    );
    let _ = write!(
        page,
        "</dl><h2>Approve it</h2><p>Sign an approval with your key. It is good for this call, with these arguments, once.</p>\
         <pre>{}</pre><form method=\"post\"><label for=\"token\">The content of approval.json</label>\
         <textarea id=\"token\" name=\"token\" rows=\"8\" required></textarea><button>Hand it in</button></form>\
         <p>To refuse, close this page: the call is not executed.</p>",
        escaped(&command)
    );
    page
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}\
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#8881;padding:.5rem;margin:0}code{overflow-wrap:anywhere}\
dt{font-weight:600;margin-top:.75rem}dd{margin:0}textarea{width:100%;box-sizing:border-box;font-family:monospace}\
label,button{display:block;margin:.5rem 0}.escaped{background:#c336}[role=alert]{border-left:4px solid #c33;padding-left:.75rem}";

fn html(status: StatusCode, body: &str) -> Reply {
    let text = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>gait: approve a call</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>\n"
    );
    let mut reply = reply::bytes(status, "text/html; charset=utf-8", text.into_bytes());
    // Nothing runs here, nothing is loaded, nobody frames it, and its address is told to nobody.
    for (name, value) in [
        (
            "content-security-policy",
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
        // `no-referrer` would have browsers hide where the form comes from, and the listener refuses what hides that.
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
        ("x-frame-options", "DENY"),
    ] {
        reply.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    reply
}

/// Text in a page, its lines as they are; whatever else nobody would see is spelled out.
fn escaped(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| Text(line).to_string()).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_call_becomes_part_of_the_page() {
        let call = Call {
            tool_name: "<script>alert(1)</script>".into(),
            args: r#"{"a":"</pre><img src=x>","b":"safe\u202eexe"}"#.into(),
            intent: r#"{"context":{"identity":"\"'&"},"targets":[]}"#.into(),
            intent_digest: "a".repeat(64),
            policy_digest: "b".repeat(64),
            reason_codes: vec!["<b>".into()],
        };
        let page = whole(&call, Some("<i>"));
        for bad in ["<script", "<img", "<b>", "<i>", "\u{202e}"] {
            assert!(!page.contains(bad), "{bad}: {page}");
        }
        assert!(
            page.contains("safe<span class=\"escaped\">\\u{202e}</span>exe") && page.contains("&lt;img src=x&gt;"),
            "{page}"
        );
    }
}
