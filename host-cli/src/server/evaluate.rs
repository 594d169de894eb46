//! The routes of the decision service (mcp contract, sections 7 and 8).

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use gait_contract::policy::Verdict;
use gait_contract::{Code, Fault};
use http::{Method, Request, StatusCode};
use serde::Serialize;
use tokio::time::timeout;

use super::caller::{Caller, Told};
use super::gateway;
use super::http::{must_be_json, whole_body};
use super::reply::{self, Reply, refusal};
use super::workers::{Job, Shared};
use crate::core::Core;

/// Paths that answer without a token.
pub const OPEN: &[&str] = &["/healthz", gateway::PAGES];

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
    let (caller, told) = Caller::new();
    if service.shared.jobs.push(Job { body, caller }).is_err() {
        return refusal(StatusCode::SERVICE_UNAVAILABLE, "server_busy", "too many calls wait for being judged");
    }
    match told.await {
        Ok(Ok(told)) => {
            service.shared.metrics.decided(told.verdict, told.took);
            service.decided(told, shape)
        }
        Ok(Err(fault)) => reply::fault(&fault),
        Err(_) => reply::fault(&Fault::new(Code::InternalFailure, "the thread that judged the call is gone")),
    }
}

impl Service {
    fn decided(&self, told: Told, shape: Shape) -> Reply {
        let status = match told.verdict {
            _ if !self.strict => StatusCode::OK,
            Verdict::Allow => StatusCode::OK,
            Verdict::DryRun | Verdict::RequireApproval => StatusCode::CONFLICT,
            Verdict::Block => StatusCode::FORBIDDEN,
        };
        let mut text = told.text;
        match shape {
            Shape::Object | Shape::Lines => {
                let kind = if matches!(shape, Shape::Lines) { "application/x-ndjson" } else { "application/json" };
                text.push(b'\n');
                reply::bytes(status, kind, text)
            }
            Shape::Events => {
                let event = [&b"event: evaluate\ndata: "[..], &text, b"\n\n"].concat();
                reply::bytes(status, "text/event-stream", event)
            }
        }
    }
}
