//! The routes of the decision service (mcp contract, sections 7 and 8).

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use gait_contract::policy::Verdict;
use gait_contract::{Code, ExitCode, Fault};
use http::{Method, Request, StatusCode};
use serde::Serialize;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::gateway;
use super::http::{must_be_json, whole_body};
use super::reply::{self, Reply, refusal};
use super::workers::{Job, Shared};
use crate::core::Core;
use crate::flows::mcp_call::Answer;

/// Paths that answer without a token.
pub const OPEN: &[&str] = &["/healthz", gateway::OPEN[0]];

/// What the routes know.
#[derive(Clone)]
pub struct Service {
    /// The threads that judge.
    pub shared: Arc<Shared>,
    /// Statuses tell the verdict.
    pub strict: bool,
    /// For a caller to send its body.
    pub body_time: Duration,
}

/// How an answer is sent.
#[derive(Clone, Copy)]
enum Shape {
    Object,
    Events,
    Lines,
}

/// An answer over HTTP.
#[derive(Serialize)]
struct Served<'a> {
    #[serde(flatten)]
    answer: &'a Answer,
    exit_code: u8,
    /// Whoever asked runs the call, or does not.
    executed: bool,
    decision_latency_ms: u64,
}

/// The routes. Others can be merged with them.
pub fn routes(service: Service) -> Router {
    Router::new()
        .route("/healthz", axum::routing::any(health))
        .route("/metrics", axum::routing::any(metrics))
        .route(
            "/v1/evaluate",
            axum::routing::any(|service: State<Service>, request: Request<Body>| {
                evaluate(service, request, Shape::Object)
            }),
        )
        .route(
            "/v1/evaluate/sse",
            axum::routing::any(|service: State<Service>, request: Request<Body>| {
                evaluate(service, request, Shape::Events)
            }),
        )
        .route(
            "/v1/evaluate/stream",
            axum::routing::any(|service: State<Service>, request: Request<Body>| {
                evaluate(service, request, Shape::Lines)
            }),
        )
        .fallback(|| async { refusal(StatusCode::NOT_FOUND, "route_unknown", "there is nothing at this path") })
        .with_state(service)
}

fn wrong_method(expected: &str) -> Reply {
    refusal(StatusCode::METHOD_NOT_ALLOWED, "method_unknown", &format!("{expected} is expected"))
}

async fn health(request: Request<Body>) -> Reply {
    #[derive(Serialize)]
    struct Health {
        ok: bool,
        service: &'static str,
    }
    if request.method() != Method::GET {
        return wrong_method("GET");
    }
    reply::json(StatusCode::OK, &Health { ok: true, service: "gait.mcp.serve" })
}

async fn metrics(State(service): State<Service>, request: Request<Body>) -> Reply {
    if request.method() != Method::GET {
        return wrong_method("GET");
    }
    let text = service.shared.metrics.text(&Core::producer_version(), &service.shared.policy());
    reply::bytes(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", text.into_bytes())
}

async fn evaluate(State(service): State<Service>, request: Request<Body>, shape: Shape) -> Reply {
    if request.method() != Method::POST {
        return wrong_method("POST");
    }
    if let Err(reply) = must_be_json(&request) {
        return *reply;
    }
    let body = match timeout(service.body_time, whole_body(request.into_body())).await {
        Ok(Ok(body)) => body,
        Ok(Err(reply)) => return *reply,
        Err(_) => return refusal(StatusCode::REQUEST_TIMEOUT, "request_timeout", "the body did not come in time"),
    };
    let arrived = Instant::now();
    let (reply, answer) = oneshot::channel();
    if service.shared.jobs.push(Job { body, reply }).is_err() {
        return refusal(StatusCode::SERVICE_UNAVAILABLE, "server_busy", "too many calls wait for being judged");
    }
    match answer.await {
        Ok(Ok(answer)) => {
            let took = arrived.elapsed();
            service.shared.metrics.decided(answer.verdict, took);
            service.decided(&answer, took, shape)
        }
        Ok(Err(fault)) => reply::fault(&fault),
        Err(_) => reply::fault(&Fault::new(Code::InternalFailure, "the thread that judged the call is gone")),
    }
}

impl Service {
    fn decided(&self, answer: &Answer, took: Duration, shape: Shape) -> Reply {
        let (exit, strict) = match answer.verdict {
            Verdict::Allow => (ExitCode::Success, StatusCode::OK),
            Verdict::DryRun => (ExitCode::Success, StatusCode::CONFLICT),
            Verdict::Block => (ExitCode::PolicyBlocked, StatusCode::FORBIDDEN),
            Verdict::RequireApproval => (ExitCode::ApprovalRequired, StatusCode::CONFLICT),
        };
        let status = if self.strict { strict } else { StatusCode::OK };
        let decision_latency_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let served = Served { answer, exit_code: exit as u8, executed: false, decision_latency_ms };
        match shape {
            Shape::Object => reply::json(status, &served),
            Shape::Lines => {
                let mut lines = reply::json(status, &served);
                lines
                    .headers_mut()
                    .insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/x-ndjson"));
                lines
            }
            Shape::Events => {
                let data = serde_json::to_string(&served).unwrap_or_default();
                reply::bytes(status, "text/event-stream", format!("event: evaluate\ndata: {data}\n\n").into_bytes())
            }
        }
    }
}
