//! The decision service as a whole: what it needs is found before it listens, and what it took on is done before it ends.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use gait_contract::config::GateDefaults;
use gait_contract::intent::Given;
use gait_contract::tool_call::{CallForm, CallReadRequest};
use gait_contract::{Call, Code, Fault, Op};
use serde::Serialize;
use serde::de::IgnoredAny;
use tokio::sync::watch;

use super::checkpoints::Checkpoints;
use super::checks::Checks;
use super::evaluate::{self, Service};
use super::gateway::{self, Mounted};
use super::http::{Front, Limits, Listener};
use super::metrics::Metrics;
use super::queue::Queue;
use super::retention::{Retention, Rule};
use super::scribe::Scribe;
use super::sessions::Sessions;
use super::workers::{self, Names, Shared};
use crate::flows::gate::{Gate, Remarks};
use crate::flows::gate_outputs::unusable;
use crate::flows::mcp_exports::Exports;
use crate::flows::signing::Wish;
use crate::host::{fs, interrupt, machine};

/// Calls that wait for being judged, and decisions that wait for being written, at most.
const WAITING: usize = 4_096;

/// How the service is set up.
#[derive(Debug, Default)]
pub struct Setup {
    /// Policy, keys, broker and rate limits.
    pub gate: GateDefaults,
    /// The address to listen on.
    pub listen: String,
    /// Dialect of requests that name none.
    pub adapter: String,
    /// Folder of traces; blank for the working folder.
    pub trace_dir: String,
    /// Folder of runpacks; blank for none.
    pub runpack_dir: String,
    /// Folder of journals.
    pub session_dir: String,
    /// Files that get a line for each decision.
    pub exports: Exports,
    /// The bearer token, when one is asked for.
    pub token: Option<String>,
    /// More names that the listener answers to.
    pub hosts: Vec<String>,
    /// Pages that may ask.
    pub origins: Vec<String>,
    /// Bytes of a request's body.
    pub max_request_bytes: usize,
    /// Statuses tell the verdict.
    pub strict_status: bool,
    /// Requests may name files.
    pub client_paths: bool,
    /// Runpacks keep arguments, and not only their digests.
    pub raw_capture: bool,
    /// The disk is asked to keep what is written before it is answered.
    pub durable: bool,
    /// Threads that judge; 0 for one on each processor.
    pub threads: usize,
    /// What is kept of old files.
    pub retention: Vec<Rule>,
    /// The servers that clients of MCP reach through this listener, and who signs their conversations.
    pub mcp: Option<(gateway::Setup, Wish, String)>,
}

/// A service that listens and does not answer yet.
pub struct Bound {
    listener: Listener,
    front: Front,
    shared: Arc<Shared>,
    scribe: Scribe,
    gates: Vec<Gate>,
    /// Threads that talk to callers.
    talkers: usize,
    strict_status: bool,
    remarks: Remarks,
    mcp: Option<Mounted>,
}

impl Bound {
    /// Finds keys, policy, folders and address. Whatever would refuse every request later refuses to start now.
    pub fn new(setup: Setup) -> Result<Self, Fault> {
        let mut gate = Gate::open(&setup.gate)?;
        gate.load()?;
        known_adapter(&mut gate, &setup.adapter)?;
        let trace_dir = folder(&setup.trace_dir)?;
        let runpack_dir = folder(&setup.runpack_dir)?;
        // Made with its first journal.
        let session_dir = PathBuf::from(&setup.session_dir);
        fs::try_writing(&trace_dir.as_deref().unwrap_or(Path::new(".")).join("trace.json")).map_err(unusable)?;
        machine::raise_open_files();
        let listener = Listener::bind(&setup.listen)?;
        let checks = Checks::new(listener.address(), setup.hosts, setup.origins, setup.token.as_deref())?;
        let mcp = match setup.mcp {
            Some((mcp, wish, public_url)) => Some(Mounted::new(mcp, wish, listener.address(), &public_url)?),
            None => None,
        };
        let metrics = Arc::new(Metrics::default());
        let entries = Arc::new(Queue::new(WAITING));
        let threads = match setup.threads {
            0 => std::thread::available_parallelism().map_or(2, usize::from),
            threads => threads,
        };
        // Talking takes a small part of a decision's time. Threads that wait for something to do would only be woken
        // between those that judge.
        let talkers = (threads / 2).max(1);
        let mut gates: Vec<_> = (1..threads).map(|_| gate.another()).collect();
        let remarks = gate.remarks().clone();
        let checkpoints = runpack_dir.clone().unwrap_or_else(|| session_dir.clone());
        let checkpoints = Checkpoints::new(checkpoints, gate.key(), gate.signing());
        gates.push(gate);
        let shared = Shared {
            jobs: Queue::new(WAITING),
            entries: entries.clone(),
            metrics: metrics.clone(),
            adapter: setup.adapter,
            trace_dir,
            runpack_dir,
            raw_capture: setup.raw_capture,
            client_paths: setup.client_paths,
            names: Names::default(),
            policy_digest: Default::default(),
        };
        let scribe = Scribe {
            queue: entries,
            durable: setup.durable,
            exports: setup.exports,
            sessions: Sessions::new(session_dir),
            checkpoints,
            retention: Retention::new(setup.retention),
            metrics: metrics.clone(),
        };
        let limits = Limits { body: setup.max_request_bytes, ..Limits::default() };
        let front = Front { checks, limits, open: evaluate::OPEN, metrics };
        let strict_status = setup.strict_status;
        Ok(Self { listener, front, shared: Arc::new(shared), scribe, gates, talkers, strict_status, remarks, mcp })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// What is to be said about the key that signs.
    pub fn remarks(&self) -> &Remarks {
        &self.remarks
    }

    /// Answers until a signal comes; then finishes what was begun, and returns when all of it is written.
    pub fn serve(self) -> Result<(), Fault> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(self.talkers).enable_all().build();
        let runtime = runtime
            .map_err(|error| Fault::new(Code::InternalFailure, format!("no threads can be started: {error}")))?;
        interrupt::survive_full_files();
        let stop = {
            // Signals are listened for before anybody can be answered.
            let _inside = runtime.enter();
            stop_signal()?
        };
        let scribe = self.scribe;
        let entries = scribe.queue.clone();
        let writing = std::thread::spawn(move || scribe.work());
        let judging: Vec<JoinHandle<()>> = self
            .gates
            .into_iter()
            .map(|gate| {
                let shared = self.shared.clone();
                std::thread::spawn(move || workers::work(gate, &shared))
            })
            .collect();
        let service =
            Service { shared: self.shared.clone(), strict: self.strict_status, body_time: self.front.limits.request };
        let mut routes = evaluate::routes(service);
        if let Some(mcp) = &self.mcp {
            routes = routes.merge(mcp.router());
            runtime.spawn(mcp.clone().look(stop.clone()));
        }
        let served = runtime.block_on(self.front.serve(self.listener, routes, stop));
        if let Some(mcp) = &self.mcp {
            mcp.end();
        }
        self.shared.jobs.close();
        // Each is waited for, whatever became of the others.
        let judged: Vec<_> = judging.into_iter().map(JoinHandle::join).collect();
        let mut ended = judged.iter().all(Result::is_ok);
        entries.close();
        ended &= writing.join().is_ok();
        runtime.shutdown_background();
        served?;
        if ended { Ok(()) } else { Err(Fault::new(Code::InternalFailure, "a thread of the service stopped")) }
    }
}

/// Turns true when the process is asked to end.
pub fn stop_signal() -> Result<watch::Receiver<bool>, Fault> {
    let (tell, stop) = watch::channel(false);
    let refused = |error| Fault::new(Code::InternalFailure, format!("signals cannot be listened for: {error}"));
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut end = signal(SignalKind::terminate()).map_err(refused)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(refused)?;
        tokio::spawn(async move {
            tokio::select! {
                _ = end.recv() => {}
                _ = interrupt.recv() => {}
            }
            let _ = tell.send(true);
        });
    }
    #[cfg(not(unix))]
    {
        let _ = refused;
        tokio::spawn(async move {
            let _ = tokio::signal::ctrl_c().await;
            let _ = tell.send(true);
        });
    }
    Ok(stop)
}

/// A folder that is there, made if need be; none for a blank name.
fn folder(path: &str) -> Result<Option<PathBuf>, Fault> {
    if path.trim().is_empty() {
        return Ok(None);
    }
    let folder = PathBuf::from(path);
    fs::make_folder(&folder, 0o750).map_err(unusable)?.keep();
    Ok(Some(folder))
}

/// A call whose intent nobody needs.
#[derive(Serialize)]
#[serde(transparent)]
struct Probe(CallReadRequest);

impl Call for Probe {
    const OP: Op = CallReadRequest::OP;
    type Reply = IgnoredAny;
}

/// A default that no request could be read with is found out now.
fn known_adapter(gate: &mut Gate, adapter: &str) -> Result<(), Fault> {
    let form = CallForm { adapter: adapter.into(), ..CallForm::default() };
    let request = Probe(CallReadRequest { call: Given::Attached, form });
    // Every dialect finds the name of a tool in this.
    gate.ask(&request, br#"{"name":"x","tool":"x","function":{"name":"x"}}"#).map(drop)
}
