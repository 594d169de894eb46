//! The decision service under load: requests per second and latencies with few and many rules, beside the same service
//! with a constant instead of a decision, and beside the stack that both stand on (`/healthz`).
//!
//! The load comes from this process, on the same machine: some connections, each with one request at a time. It is a
//! closed loop, so latency and throughput are two views of one thing.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use gait_cli::flows::gate::{Asked, Gate, Intent};
use gait_cli::flows::mcp_call::{Answer, facts};
use gait_cli::flows::mcp_exports::Exports;
use gait_cli::host::evidence::NewFile;
use gait_cli::server::caller::Caller;
use gait_cli::server::checkpoints::Checkpoints;
use gait_cli::server::checks::Checks;
use gait_cli::server::http::{Front, Limits, Listener, whole_body};
use gait_cli::server::metrics::Metrics;
use gait_cli::server::queue::Queue;
use gait_cli::server::reply;
use gait_cli::server::retention::Retention;
use gait_cli::server::scribe::{Decided, Entry, Scribe, Then};
use gait_cli::server::sessions::Sessions;
use gait_cli::server::workers::Names;
use gait_contract::config::GateDefaults;
use gait_contract::tool_call::CallForm;
use tokio::sync::watch;

/// Threads that send, and connections of each.
const SENDERS: usize = 2;
const CONNECTIONS: usize = 16;
/// What is asked.
const BODY: &str = r#"{"call":{"name":"docs.fetch","args":{"page":7,"query":"how do tides work?"},"context":{"identity":"agent-7","workspace":"/srv/docs","risk_class":"low"}},"run_id":"run_bench"}"#;

/// What a run of requests came to.
struct Load {
    per_second: f64,
    latencies: Vec<Duration>,
    refused: usize,
}

impl Load {
    fn at(&self, share: f64) -> f64 {
        let index = ((self.latencies.len() as f64) * share) as usize;
        let latency = self.latencies.get(index.min(self.latencies.len().saturating_sub(1)));
        latency.map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e3)
    }

    fn print(&self, what: &str, memory: Option<u64>) {
        let memory = memory.map_or(String::new(), |bytes| format!("  {:>4} MB", bytes >> 20));
        println!(
            "  {what:<44} {:>8.0}/s  p50 {:>6.2} ms  p95 {:>6.2} ms  p99 {:>6.2} ms  {} refused{memory}",
            self.per_second,
            self.at(0.5),
            self.at(0.95),
            self.at(0.99),
            self.refused
        );
    }
}

/// Measures all of it, so long for each line.
pub(crate) fn service(gait: &Path, room: &Path, span: Duration) {
    println!("\ndecision service, {} connections", SENDERS * CONNECTIONS);
    for sync in ["process", "disk"] {
        println!(" traces synced to the {sync}:");
        // What earlier lines left in the system's memory is not for the first sync to write.
        Command::new("sync").status().expect("sync runs");
        for rules in [3, 100, 1_000] {
            let folder = room.join(format!("serve_{sync}_{rules}"));
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(folder.join("policy.yaml"), policy(rules)).expect("a policy");
            let server = Server::start(gait, &folder, sync);
            if rules == 3 && sync == "process" {
                load(server.address, "GET", "/healthz", "", span).print("the stack alone (/healthz)", None);
            }
            let measured = load(server.address, "POST", "/v1/evaluate", BODY, span);
            measured.print(&format!("{rules} rules"), server.memory());
        }
        constant(room, sync == "disk", span).print("a constant instead of a decision", None);
    }
}

/// A long run: whether memory stays where it is.
pub(crate) fn soak(gait: &Path, room: &Path, span: Duration) {
    let folder = room.join("soak");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("policy.yaml"), policy(100)).expect("a policy");
    let server = Server::start_with(gait, &folder, "disk", &["--trace-max-count", "20000"]);
    let parts = 10;
    for part in 1..=parts {
        let measured = load(server.address, "POST", "/v1/evaluate", BODY, span / parts);
        measured.print(&format!("part {part} of {parts}"), server.memory());
        assert_eq!(measured.refused, 0, "under load nothing is refused");
    }
}

fn policy(rules: usize) -> String {
    let mut text = "default_verdict: block\nrules:\n".to_owned();
    for rule in 1..rules {
        let _ = writeln!(
            text,
            "  - name: rule-{rule}\n    effect: block\n    match:\n      tool_names: [tool.number{rule}]"
        );
    }
    text + "  - name: read-docs\n    effect: allow\n    match:\n      tool_names: [docs.fetch]\n"
}

struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start(gait: &Path, folder: &Path, sync: &str) -> Self {
        Self::start_with(gait, folder, sync, &[])
    }

    fn start_with(gait: &Path, folder: &Path, sync: &str, more: &[&str]) -> Self {
        let mut command = Command::new(gait);
        command.args(["mcp", "serve", "policy.yaml", "--listen", "127.0.0.1:0", "--json", "--trace-sync", sync]);
        command.args(more).current_dir(folder).env("HOME", folder);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("gait starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let start = line.split("\"listen\":\"").nth(1).and_then(|rest| rest.split('"').next());
        let address = start.and_then(|address| address.parse().ok()).unwrap_or_else(|| panic!("{line}"));
        Self { child, address }
    }

    /// Most memory that was resident.
    fn memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? << 10)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn load(address: SocketAddr, method: &str, path: &str, body: &str, span: Duration) -> Load {
    let request =
        format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let began = Instant::now();
    let (mut latencies, mut refused) = (Vec::new(), 0);
    std::thread::scope(|threads| {
        let senders: Vec<_> = (0..SENDERS).map(|_| threads.spawn(|| send(address, &request, span))).collect();
        for sender in senders {
            let (took, wrong) = sender.join().expect("a sender");
            latencies.extend(took);
            refused += wrong;
        }
    });
    let per_second = latencies.len() as f64 / began.elapsed().as_secs_f64();
    latencies.sort_unstable();
    Load { per_second, latencies, refused }
}

fn send(address: SocketAddr, request: &str, span: Duration) -> (Vec<Duration>, usize) {
    let mut streams: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let stream = TcpStream::connect(address).expect("it listens");
            stream.set_nodelay(true).expect("no delay");
            (BufReader::new(stream.try_clone().expect("a handle")), stream)
        })
        .collect();
    let (mut latencies, mut refused) = (Vec::new(), 0);
    let end = Instant::now() + span;
    let mut sent = vec![Instant::now(); streams.len()];
    for ((_, stream), sent) in streams.iter_mut().zip(&mut sent) {
        *sent = Instant::now();
        stream.write_all(request.as_bytes()).expect("sent");
    }
    while Instant::now() < end {
        for ((reader, stream), sent) in streams.iter_mut().zip(&mut sent) {
            refused += usize::from(!answered(reader));
            latencies.push(sent.elapsed());
            *sent = Instant::now();
            stream.write_all(request.as_bytes()).expect("sent");
        }
    }
    (latencies, refused)
}

/// Reads one answer; whether it is a 200.
fn answered(reader: &mut BufReader<TcpStream>) -> bool {
    let (mut line, mut length, mut good) = (String::new(), 0, false);
    loop {
        line.clear();
        reader.read_line(&mut line).expect("a head");
        if line == "\r\n" {
            break;
        }
        good |= line.starts_with("HTTP/1.1 200");
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    good
}

/// The same service, built of the same parts, that decided once and for all.
fn constant(room: &Path, durable: bool, span: Duration) -> Load {
    let folder = room.join(format!("constant_{durable}"));
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("policy.yaml"), policy(3)).expect("a policy");
    let setup = GateDefaults { policy: folder.join("policy.yaml").display().to_string(), ..GateDefaults::default() };
    let mut gate = Gate::open(&setup).expect("a gate");
    let call = br#"{"name":"docs.fetch"}"#;
    let mut decision =
        gate.judge(&Asked { form: Some(CallForm::default()), ..Asked::about(Intent::Text(call)) }).expect("a decision");
    let call = facts(&mut decision).expect("facts");
    let answer = Answer::about(&decision, call);
    let metrics = Arc::new(Metrics::default());
    let queue = Arc::new(Queue::<Entry>::new(4_096));
    let scribe = Scribe {
        queue: queue.clone(),
        durable,
        exports: Exports::default(),
        sessions: Sessions::new(folder.clone()),
        checkpoints: Checkpoints::new(folder.clone(), gate.key(), gate.signing()),
        retention: Retention::new(Vec::new()),
        metrics: metrics.clone(),
    };
    let writing = std::thread::spawn(move || scribe.work());
    let listener = Listener::bind("127.0.0.1:0").expect("an address");
    let address = listener.address();
    let checks = Checks::new(address, Vec::new(), Vec::new(), None).expect("checks");
    let (tell, stop) = watch::channel(false);
    let entries = queue.clone();
    let names = Arc::new(Names::default());
    let handler = move |body: axum::body::Body| {
        let (decision, answer, entries) = (decision.clone(), answer.clone(), entries.clone());
        let path = folder.join(format!("trace_run_bench_{}.json", names.next()));
        async move {
            let _ = whole_body(body).await;
            let text = decision.files.as_ref().map(|files| files.trace.clone()).unwrap_or_default();
            let (caller, told) = Caller::new();
            let files = vec![NewFile { path, text, replaces: false }];
            let then = Then::Answer(Box::new(Decided { decision, answer, caller }));
            assert!(entries.push(Entry { files, then }).is_ok(), "there is room");
            match told.await {
                Ok(Ok(told)) => reply::bytes(axum::http::StatusCode::OK, "application/json", told.text),
                _ => reply::refusal(axum::http::StatusCode::INTERNAL_SERVER_ERROR, "bench", "not written"),
            }
        }
    };
    let serving = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
        let router = Router::new().route("/v1/evaluate", axum::routing::post(handler));
        let front = Front { checks, limits: Limits::default(), open: &[], metrics };
        runtime.block_on(front.serve(listener, router, stop)).expect("it serves");
    });
    let measured = load(address, "POST", "/v1/evaluate", BODY, span);
    tell.send(true).expect("it listens");
    serving.join().expect("it ended");
    queue.close();
    writing.join().expect("it wrote");
    measured
}
