//! What a decision costs: warm, by the number of rules and by which of them matches; loading a policy; and the command
//! that judges one call, from start to exit, with a signed trace on the disk.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use gait_cli::core::{Core, NoWorld, World};
use gait_contract::gate::GateRequest;
use gait_contract::policy::PolicyLoadRequest;
use gait_contract::{Call, SourceError};

use crate::process::run;
use crate::{median, milliseconds, ratio};

const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];
/// Decisions in one measured batch.
const BATCH: u32 = 200;

/// A policy of so many rules, each for a tool of its own, the way policies grow.
fn policy(rules: usize) -> String {
    let mut text = String::from("default_verdict: block\nrules:\n");
    for number in 0..rules {
        let effect = ["allow", "require_approval", "dry_run"][number % 3];
        let _ = write!(
            text,
            "  - name: rule-{number}\n    priority: {number}\n    effect: {effect}\n    match:\n      tool_names: [tool.t{number}]\n      risk_classes: [low, medium]\n      workspace_prefixes: [/srv/]\n    reason_codes: [reason_{number}]\n    endpoint:\n      domain_allowlist: [\"*.example.org\", api.example.com]\n"
        );
    }
    text
}

/// An intent of usual size for the tool of one rule.
fn intent(number: usize) -> String {
    format!(
        r#"{{"schema_id":"gait.gate.intent_request","schema_version":"1.0.0","created_at":"2026-03-11T09:15:00Z","producer_version":"adapter 1.4.0","tool_name":"tool.t{number}","args":{{"path":"/v1/orders/4711","amount":129.5,"note":"leave at the door","lines":[1,2,3],"urgent":false}},"targets":[{{"kind":"url","value":"https://api.example.com/v1/orders/4711","operation":"post","sensitivity":"internal"}}],"arg_provenance":[{{"arg_path":"$.note","source":"user"}}],"context":{{"identity":"agent-7","workspace":"/srv/shop","risk_class":"low","session_id":"s-1","request_id":"r-1"}}}}"#
    )
}

fn request(document: &str) -> Vec<u8> {
    let head = r#"{"intent":"attached","now":"2026-03-11T09:15:00Z","producer_version":"0.1.0+core.00000000000000000000000000000000","correlation_id":"000000000000000000000000","latency_ms":0.004}"#;
    [head.as_bytes(), &[0], document.as_bytes()].concat()
}

/// A world with one document in it.
struct One(Vec<u8>);

impl World for One {
    fn open(&mut self, _: &str) -> Result<u64, SourceError> {
        Ok(self.0.len() as u64)
    }
    fn read(&mut self, _: &str, offset: u64, buffer: &mut [u8]) -> Result<(), SourceError> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        buffer.copy_from_slice(&self.0[start..start + buffer.len()]);
        Ok(())
    }
    fn write(&mut self, stream: &str, _: &[u8]) -> Result<(), SourceError> {
        NoWorld.write(stream, &[])
    }
    fn sign(&mut self, digest: &str) -> Result<(String, String), SourceError> {
        NoWorld.sign(digest)
    }
}

fn load() -> Vec<u8> {
    serde_json::to_vec(&PolicyLoadRequest { policy: "policy.yaml".into() }).expect("requests are JSON")
}

/// Warm decisions, interleaved between the module and the native build.
pub(crate) fn decisions() {
    println!("\n## A warm decision, median of 60 batches of {BATCH}\n");
    println!("Intent bytes in; digests, verdict, reasons and the unsigned trace out.\n");
    println!("| rules | which matches | module | native | module against native |");
    println!("|---|---|---|---|---|");
    for rules in SIZES {
        let text = policy(rules);
        let mut session = Core::load().and_then(|core| core.session()).expect("an instance starts");
        session.run_raw(PolicyLoadRequest::OP.0, &load(), &mut One(text.clone().into())).expect("the policy loads");
        let mut native = gait_core::Core::default();
        crate::native::run(&mut native, PolicyLoadRequest::OP.0, load(), &mut One(text.into()));
        for (which, number) in [("first", 0), ("last", rules - 1), ("default", rules)] {
            let request = request(&intent(number));
            let mut times: [Vec<Duration>; 2] = Default::default();
            for _ in 0..60 {
                let start = Instant::now();
                for _ in 0..BATCH {
                    session.run_raw(GateRequest::OP.0, &request, &mut NoWorld).expect("a decision");
                }
                times[0].push(start.elapsed() / BATCH);
                let start = Instant::now();
                for _ in 0..BATCH {
                    native.call(GateRequest::OP.0, request.clone());
                }
                times[1].push(start.elapsed() / BATCH);
            }
            let [module, native] = times.map(median);
            let (a, b) = (micros(module), micros(native));
            println!("| {rules} | {which} | {a} | {b} | {:.2} × |", ratio(module, native));
        }
    }
}

/// Loading policies: reading the YAML, checking, digesting, compiling.
pub(crate) fn loading() {
    println!("\n## Loading a policy, median of 5\n");
    println!("| rules | module | a rule | native | a rule | module against native |");
    println!("|---|---|---|---|---|---|");
    for rules in SIZES {
        let text = policy(rules);
        let mut times: [Vec<Duration>; 2] = Default::default();
        for _ in 0..5 {
            let mut world = One(text.clone().into());
            let mut session = Core::load().and_then(|core| core.session()).expect("an instance starts");
            let start = Instant::now();
            session.run_raw(PolicyLoadRequest::OP.0, &load(), &mut world).expect("the policy loads");
            times[0].push(start.elapsed());
            let mut native = gait_core::Core::default();
            let start = Instant::now();
            crate::native::run(&mut native, PolicyLoadRequest::OP.0, load(), &mut world);
            times[1].push(start.elapsed());
        }
        let [module, native] = times.map(median);
        let a_rule = |time: Duration| micros(time / u32::try_from(rules).expect("few rules"));
        println!(
            "| {rules} | {} | {} | {} | {} | {:.2} × |",
            milliseconds(module),
            a_rule(module),
            milliseconds(native),
            a_rule(native),
            ratio(module, native)
        );
    }
}

/// `gate eval` and `policy test` from start to exit.
pub(crate) fn command(gait: &Path, empty: &Path, peer: Option<&Path>, room: &Path) {
    println!("\n## Judging one call, start to exit, median of 100\n");
    println!("`gate eval` signs and writes the trace, synced.\n");
    println!("| command | rules | gait | against the empty program | peer | gait against the peer |");
    println!("|---|---|---|---|---|---|");
    fs::write(room.join("intent.json"), intent(0)).expect("files can be written");
    for rules in [3, 10, 1_000, 10_000] {
        let name = format!("policy_{rules}.yaml");
        fs::write(room.join(&name), policy(rules)).expect("files can be written");
        let eval =
            ["gate", "eval", "--policy", &name, "--intent", "intent.json", "--trace-out", "trace.json", "--json"];
        let test = ["policy", "test", &name, "intent.json", "--json"];
        for (what, args) in [("gate eval", &eval[..]), ("policy test", &test[..])] {
            let mut times: [Vec<Duration>; 3] = Default::default();
            let rounds = if rules > 1_000 { 10 } else { 100 };
            for _ in 0..rounds {
                times[0].push(run::<&str>(empty, &[], room, 0).time);
                times[1].push(run(gait, args, room, 0).time);
                if let Some(peer) = peer {
                    times[2].push(run(peer, args, room, 0).time);
                }
            }
            let [nothing, ours, theirs] = times.map(median);
            let (theirs, against) = match peer {
                Some(_) => (milliseconds(theirs), format!("{:.2}", ratio(ours, theirs))),
                None => ("–".into(), "–".into()),
            };
            println!(
                "| `{what}` | {rules} | {} | {:.1} × | {theirs} | {against} |",
                milliseconds(ours),
                ratio(ours, nothing)
            );
        }
    }
}

fn micros(time: Duration) -> String {
    format!("{:.2} µs", time.as_secs_f64() * 1e6)
}
