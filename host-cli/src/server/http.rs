//! The listener: accepts connections within limits, lets in who may ask, and hands requests to a router.
//!
//! Every route of gait's server stands behind [`Front::serve`], so a new one (`/mcp`, for instance) only brings an
//! [`axum::Router`]: limits of size, time and number, `Host`, `Origin` and the bearer token have been looked at when its
//! handler begins. Handlers read bodies with [`whole_body`] or as a stream; both end at the limit.

use std::net::{SocketAddr, TcpListener as StdListener};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use gait_contract::{Code, Fault};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tower::ServiceExt;

use super::checks::Checks;
use super::metrics::Metrics;
use super::patience::{Busy, Patience, Patient};
use super::reply::{Reply, refusal};

/// Bytes of a request's head.
const HEAD_BYTES: usize = 32 << 10;
/// Headers of a request.
const HEADERS: usize = 64;
/// How long accepting pauses when the system has no more files to give.
const BREATH: Duration = Duration::from_millis(50);

/// What requests may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a body.
    pub body: usize,
    /// Connections at a time; more wait at the door.
    pub connections: usize,
    /// Requests that are being answered at a time; more are sent away.
    pub requests: usize,
    /// For a request from its head to the head of its answer.
    pub request: Duration,
    /// For everything else.
    pub patience: Patience,
    /// For requests in flight when the server stops.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            body: 1 << 20,
            connections: 4_096,
            requests: 1_024,
            request: seconds(30),
            patience: Patience { head: seconds(5), idle: seconds(60), write: seconds(30) },
            grace: seconds(30),
        }
    }
}

/// What stands before every route.
pub struct Front {
    /// Who may ask.
    pub checks: Checks,
    /// What it may cost.
    pub limits: Limits,
    /// Paths that answer without a token, and beginnings of such paths, which end in `/`.
    pub open: &'static [&'static str],
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

/// An address that is listened on.
pub struct Listener {
    listener: StdListener,
    address: SocketAddr,
}

impl Listener {
    /// Reads an address and binds it. Names other than `localhost` are not looked up: they may mean anything tomorrow.
    pub fn bind(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        let refused = |why: String| {
            Fault::new(Code::InvalidInput, format!("cannot listen on `{text}`: {why}"))
                .hint("name an address and a port, `127.0.0.1:8787` for instance")
        };
        let numeric = match text.strip_prefix("localhost:") {
            Some(port) => format!("127.0.0.1:{port}"),
            None => text.to_owned(),
        };
        let address: SocketAddr = numeric.parse().map_err(|_| refused("it is no address with a port".into()))?;
        let bound = StdListener::bind(address).and_then(|listener| {
            listener.set_nonblocking(true)?;
            let address = listener.local_addr()?;
            Ok(Self { listener, address })
        });
        bound.map_err(|error| refused(crate::host::fs::words(&error)))
    }

    /// Where it listens; with the port that was chosen when 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Front {
    /// Serves until `stop` says so, then finishes what was begun.
    pub async fn serve(self, listener: Listener, router: Router, mut stop: watch::Receiver<bool>) -> Result<(), Fault> {
        let listener = TcpListener::from_std(listener.listener)
            .map_err(|error| Fault::new(Code::InternalFailure, format!("the listener cannot be used: {error}")))?;
        let front = Arc::new(self);
        let places = Arc::new(Semaphore::new(front.limits.connections));
        let requests = Arc::new(Semaphore::new(front.limits.requests));
        loop {
            // Whoever finds no place waits in the system's queue.
            let place = tokio::select! {
                place = places.clone().acquire_owned() => place,
                () = stopped(&mut stop) => break,
            };
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = stopped(&mut stop) => break,
            };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(_) => {
                    tokio::time::sleep(BREATH).await;
                    continue;
                }
            };
            let connection = Connection {
                front: front.clone(),
                router: router.clone(),
                requests: requests.clone(),
                stop: stop.clone(),
            };
            tokio::spawn(async move {
                connection.talk(stream).await;
                drop(place);
            });
        }
        drop(listener);
        // All places are free again when the last connection is over.
        let all = u32::try_from(front.limits.connections).unwrap_or(u32::MAX);
        let _ = timeout(front.limits.grace, places.acquire_many(all)).await;
        Ok(())
    }
}

/// Waits until the server is to stop, or whoever could say so is gone.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// One connection.
struct Connection {
    front: Arc<Front>,
    router: Router,
    requests: Arc<Semaphore>,
    stop: watch::Receiver<bool>,
}

impl Connection {
    async fn talk(self, stream: TcpStream) {
        let _ = stream.set_nodelay(true);
        let metrics = self.front.metrics.clone();
        metrics.connections.add(1);
        let (busy, patience) = (Busy::default(), self.front.limits.patience);
        let stream = TokioIo::new(Patient::new(stream, patience, busy.clone()));
        let mut stop = self.stop.clone();
        let answers = service_fn(move |request: Request<Incoming>| {
            busy.turn();
            let (busy, front) = (busy.clone(), self.front.clone());
            let (router, requests) = (self.router.clone(), self.requests.clone());
            async move {
                let reply = front.answer(request, router, &requests).await;
                Ok::<_, std::convert::Infallible>(reply.map(|inner| Held { inner, busy }))
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            // `Patient` is stricter; this one would count the rest between two requests as well.
            .header_read_timeout(patience.idle + patience.head)
            .max_buf_size(HEAD_BYTES)
            .max_headers(HEADERS)
            // Whoever has nothing more to say may still want to hear the answer.
            .half_close(true)
            .serve_connection(stream, answers);
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => Some(ended),
            () = stopped(&mut stop) => None,
        };
        if ended.is_none() {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
        metrics.connections.add(-1);
    }
}

/// The body of an answer. Its connection is busy until all of it is handed over, which a stream may take long for.
struct Held {
    inner: Body,
    busy: Busy,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.busy.turn();
    }
}

impl hyper::body::Body for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.inner).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Front {
    async fn answer(&self, request: Request<Incoming>, router: Router, requests: &Semaphore) -> Reply {
        let Ok(_place) = requests.try_acquire() else {
            return refusal(StatusCode::SERVICE_UNAVAILABLE, "server_busy", "too many requests are being answered");
        };
        self.metrics.in_flight.add(1);
        let reply = self.admitted(request, router).await;
        self.metrics.in_flight.add(-1);
        self.metrics.answered(reply.status().as_u16());
        reply
    }

    async fn admitted(&self, request: Request<Incoming>, router: Router) -> Reply {
        let path = request.uri().path();
        let is_open = self.open.iter().any(|open| path == *open || (open.ends_with('/') && path.starts_with(open)));
        if let Err(reply) = self.checks.admit(&request, is_open) {
            return *reply;
        }
        let announced =
            request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > self.limits.body as u64) {
            return too_large();
        }
        let request = request.map(|body| Body::new(Limited::new(body, self.limits.body)));
        match timeout(self.limits.request, router.oneshot(request)).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(never)) => match never {},
            Err(_) => refusal(StatusCode::SERVICE_UNAVAILABLE, "request_timeout", "the request took too long"),
        }
    }
}

/// The whole body of a request, within the limit.
pub async fn whole_body(body: Body) -> Result<Bytes, Box<Reply>> {
    match body.collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if is_too_large(&error) => Err(Box::new(too_large())),
        Err(_) => Err(Box::new(refusal(StatusCode::BAD_REQUEST, "body_unreadable", "the body cannot be read"))),
    }
}

fn is_too_large(error: &axum::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

fn too_large() -> Reply {
    refusal(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "the body is larger than this server takes")
}

/// A content type that is there has to be JSON: forms and plain text are what pages of others can send.
pub fn must_be_json(request: &Request<Body>) -> Result<(), Box<Reply>> {
    let mut given = request.headers().get_all(CONTENT_TYPE).iter();
    let is_json = |value: &http::HeaderValue| {
        let kind = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
        kind.trim().eq_ignore_ascii_case("application/json")
    };
    match (given.next(), given.next()) {
        (None, _) => Ok(()),
        (Some(kind), None) if is_json(kind) => Ok(()),
        _ => {
            let text = "the content type has to be application/json";
            Err(Box::new(refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_type", text)))
        }
    }
}
