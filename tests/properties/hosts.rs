//! The core and its hosts: every host gets the same bytes, whatever it asks, and whatever the world does.

use std::sync::LazyLock;

use gait_contract::step::SourceErrorKind;
use gait_tests::runpack::Runpack;
use gait_tests::world::{PUBLIC_KEY, World};
use gait_tests::{module, native, repository, vector};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::samples::{defaults, object, outline, packed, record, tries, value};

/// Every operation there is, from the core's own table, with a request that works in [`world`].
static REQUESTS: LazyLock<Vec<(String, Value)>> = LazyLock::new(|| {
    let requests: Vec<(String, Value)> = [
        ("verify", json!({"archive": "a.zip", "public_key": PUBLIC_KEY, "own_keys": [PUBLIC_KEY]})),
        ("run.receipt", json!({"archive": "a.zip"})),
        ("run.inspect", json!({"archive": "a.zip"})),
        ("demo", json!({"signing": "manifest"})),
        ("run.record", json!({"input": "record.json", "defaults": defaults(), "signing": "archive"})),
        ("run.replay", json!({"archive": "a.zip"})),
        ("run.diff", json!({"left": "a.zip", "right": "b.zip"})),
        ("run.outline", json!({"archive": "a.zip", "privacy": "metadata"})),
        ("run.compare", json!({"left": "a.outline", "right": "b.outline"})),
        ("run.reduce", json!({"archive": "a.zip", "predicate": "non_ok_status"})),
        ("migrate", json!({"archive": "a.zip", "defaults": defaults()})),
        ("trace.verify", json!({"trace": "trace.json", "public_key": PUBLIC_KEY, "run": "a.zip"})),
        ("guard.verify", json!({"pack": "pack.zip", "public_key": PUBLIC_KEY})),
        ("regress.init", json!({"archive": "a.zip", "config": "gait.yaml"})),
        ("regress.run", json!({"config": "gait.yaml", "candidate": "b.zip", "producer_version": "0.1.0"})),
        ("config.read", json!({"config": "project.yaml"})),
        ("policy.load", json!({"policy": "policy.yaml"})),
        ("policy.format", json!({"policy": "policy.yaml"})),
        ("policy.test", json!({"policy": "policy.yaml", "intent": {"source": "intent.json"}})),
        ("gate.explain", json!({"policy": "policy.yaml", "intent": {"source": "intent.json"}})),
        ("gate.decide", decision()),
        ("policy.simulate", json!({"baseline": "policy.yaml", "policy": "policy.yaml", "fixtures": ["intent.json", "a.zip"]})),
        ("trace.recheck", json!({"trace": "decided.json", "policy": "policy.yaml", "intent": {"source": "intent.json"}, "public_key": PUBLIC_KEY})),
        ("intent.digest", json!({"intent": {"source": "intent.json"}})),
        ("call.read", json!({"call": {"source": "call.json"}, "form": {"adapter": "openai", "run_id": "night 7"}})),
        ("call.record", json!({"call": {"source": "call.json"}, "form": {"adapter": "openai"}, "defaults": defaults(), "signing": "archive", "decided": {"verdict": "block", "trace_id": "t"}})),
        ("approval.mint", approval()),
        ("approval.verify", approved()),
        ("scout.fingerprint", json!({"archive": "a.zip"})),
        ("scout.report", json!({"records": "records.jsonl", "traces": ["trace.json"], "regress": ["regress.json"], "producer_version": "0.1.0"})),
        ("scout.snapshot", inventory()),
        ("scout.coverage", json!({"snapshot_id": "snap_x", "items": [{"id": "a", "name": "a"}], "policies": ["policy.yaml"]})),
        ("scout.diff", json!({"left": "snapshot.json", "right": "snapshot.json"})),
        ("guard.pack", json!({"run": "a.zip", "now": "2026-04-02T08:30:00Z", "producer_version": "0.1.0", "sign": true, "evidence": {"traces": ["trace.json"]}})),
        ("guard.retain", json!({"root": "out", "trace_ttl": "168h", "pack_ttl": "720h", "now": "2026-04-02T08:30:00Z", "producer_version": "0.1.0", "files": [{"path": "out/trace_b.json", "modified_at": "2026-03-01T00:00:00Z"}]})),
        ("attestation.verify", json!({"envelope": "attestation.json", "files": ["sample.zip", "pack.zip"]})),
        ("registry.verify", json!({"manifest": {"source": "registry.json"}, "public_key": PUBLIC_KEY})),
        ("registry.install", json!({"manifest": {"source": "registry.json"}, "public_key": PUBLIC_KEY})),
        ("adoption.report", json!({"log": "commands.jsonl", "producer_version": "0.1.0"})),
        ("mcp.verify", json!({"policy": "trusting.yaml", "server": {"source": "server.json"}, "now": "2026-04-02T08:30:00Z"})),
        ("mcp.message", json!({"message": {"source": "call.msg"}, "now": "2026-04-02T08:30:00Z"})),
        ("mcp.tools", json!({"message": {"source": "list.msg"}})),
        ("mcp.servers", json!({"servers": "servers.yaml"})),
        ("mcp.merge", json!({"method": "tools/list", "answers": [{"upstream": "a", "shown": ["{}"]}]})),
        ("mcp.ask", json!({"tool_name": "pay", "reason_codes": [], "state": "s", "url": "http://127.0.0.1:1/a"})),
        ("mcp.answer", json!({"method": "tools/call", "tool_name": "pay", "failure": {"decided": {"verdict": "block", "reason_codes": [], "violations": [], "trace_id": "t", "policy_digest": "0".repeat(64), "intent_digest": "1".repeat(64)}}})),
        ("mcp.recording", json!({"archive": "conversation.zip"})),
        ("digest.json", json!({"document": {"source": "record.json"}})),
        ("signature.check", json!({"public_key": PUBLIC_KEY, "message": "00", "signature": "AAAA"})),
    ]
    .into_iter()
    .map(|(op, request)| (op.to_owned(), request))
    .collect();
    requests
});

/// A call that two people approved, signed.
fn decision() -> Value {
    json!({
        "policy": "policy.yaml", "intent": {"source": "intent.json"}, "now": "2026-04-02T08:30:00Z", "sign": true,
        "approvals": [{"source": "token_ana.json"}, {"source": "token_bo.json"}], "approval_key": PUBLIC_KEY,
    })
}

fn approval() -> Value {
    json!({
        "intent_digest": "0".repeat(64), "policy_digest": "1".repeat(64), "ttl": "1h", "scope": ["tool:crane.move"],
        "approver": "ana", "reason_code": "checked", "now": "2026-04-02T08:30:00Z", "producer_version": "0.1.0",
    })
}

fn approved() -> Value {
    json!({
        "token": {"source": "token_ana.json"}, "public_key": PUBLIC_KEY, "intent_digest": "0".repeat(64),
        "policy_digest": "1".repeat(64), "tool_name": "crane.move", "now": "2026-04-02T08:30:00Z",
    })
}

fn inventory() -> Value {
    json!({
        "workspace": ".", "files": ["agent.py", "project.yaml", "record.json"], "created_at": "2026-04-02T08:30:00Z",
        "producer_version": "0.1.0",
    })
}

/// A world in which every one of them succeeds.
fn world() -> World {
    let record = json!({"run": {"run_id": "run_x"}, "intents": [{"intent_id": "i1"}]});
    let config = json!({"fixtures": [{"name": "sample", "runpack": "fixtures/sample/runpack.zip"}]});
    World::of("a.zip", packed())
        .with("b.zip", Runpack::sample().bytes())
        .with("call.json", r#"{"function":{"name":"crane.move","arguments":"{\"to\":7}"}}"#)
        .with("a.outline", outline(&packed(), "full"))
        .with("b.outline", outline(&vector::blob("diff_args.zip"), "full"))
        .with("record.json", record.to_string())
        .with("gait.yaml", config.to_string())
        .with("trace.json", vector::blob("trace_signed.json"))
        .with("project.yaml", "gate: {policy: policy.yaml}")
        .with("policy.yaml", vector::blob("harbour.yaml"))
        .with("trusting.yaml", "mcp_trust: {snapshot: servers.json, max_age: 24h}")
        .with("server.json", r#"{"server_id":"Tide"}"#)
        .with("servers.json", r#"{"entries":[{"server_id":"tide","updated_at":"2026-04-02T08:00:00Z"}]}"#)
        .with("intent.json", vector::blob("intent_waiting.json"))
        .with("token_ana.json", vector::blob("token_ana.json"))
        .with("token_bo.json", vector::blob("token_bo.json"))
        .with("decided.json", vector::blob("recheck_waits.json"))
        .with("pack.zip", vector::blob("pack_signed.zip"))
        .with("records.jsonl", "{\"run_id\":\"run_x\"}\n{\"run_id\":\"run_y\"}\n")
        .with("regress.json", vector::blob("scout_regress.json"))
        .with("agent.py", "@tool\ndef a(x): pass\n")
        .with("sample.zip", vector::blob("sample.zip"))
        .with("attestation.json", vector::blob("attestation_sound.json"))
        .with("registry.json", vector::blob("registry_signed.json"))
        .with("commands.jsonl", r#"{"schema_id": "gait.scout.adoption_event", "schema_version": "1.0.0", "created_at": "2026-03-01T09:00:00Z", "producer_version": "1", "command": " verify ", "success": true, "exit_code": 0, "elapsed_ms": 3, "environment": {"os": "linux", "arch": "amd64"}}"#)
        .with("conversation.zip", vector::blob("conversation_modern.zip"))
        .with(
            "call.msg",
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"pay","arguments":{"to":7}}}"#,
        )
        .with("list.msg", r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"pay","inputSchema":{}}]}}"#)
        .with("servers.yaml", "servers: {a: {command: x}}\n")
        .with("snapshot.json", vector::blob("scout_snapshot_left.json"))
        .with("fixtures/sample/runpack.zip", vector::blob("fixtures/sample/runpack.zip"))
        .with("fixtures/sample/fixture.json", vector::blob("fixtures/sample/fixture.json"))
}

fn operation() -> impl Strategy<Value = (String, Value)> {
    prop::sample::select(REQUESTS.clone())
}

#[test]
fn every_operation_of_the_core_is_tried_here() {
    let contract = repository::root().join("core-wasm/contract/src");
    let declared: Vec<String> = repository::files(&contract, repository::has_extension("rs"))
        .iter()
        .flat_map(|path| {
            let text = repository::text(path);
            let calls =
                text.lines().filter_map(|line| line.strip_prefix("call!(")?.split('"').nth(1).map(String::from));
            calls.collect::<Vec<_>>()
        })
        .collect();
    assert!(declared.len() > 10, "{declared:?}");
    for op in &declared {
        assert!(REQUESTS.iter().any(|(tried, _)| tried == op), "{op} has no request here");
        assert!(vector::all().iter().any(|vector| vector.op() == op), "{op} has no vector");
    }
    for (op, request) in REQUESTS.iter() {
        let answer = native::answer(op, request, &mut world());
        assert!(answer["reply"].is_object(), "{op}: {answer}");
    }
}

#[test]
fn whatever_step_fails_the_operation_ends_in_a_fault() {
    // A snapshot that cannot be read is an answer of `mcp.verify`: no server is trusted then.
    let forgiving = ["regress.init", "regress.run", "trace.verify", "mcp.verify"];
    for (op, request) in REQUESTS.iter().filter(|(op, _)| !forgiving.contains(&op.as_str())) {
        let mut calm = world();
        native::answer(op, request, &mut calm);
        for step in 0..calm.served {
            for (kind, codes) in [
                (SourceErrorKind::NotFound, ["file_not_found", "signing_failed"]),
                (SourceErrorKind::Unreadable, ["file_unreadable", "signing_failed"]),
                (SourceErrorKind::Changed, ["file_changed", "signing_failed"]),
                (SourceErrorKind::Unwritable, ["file_unwritable", "signing_failed"]),
                (SourceErrorKind::Signing, ["signing_failed", "signing_failed"]),
            ] {
                let mut stormy = world();
                stormy.failing = Some((step, kind));
                let answer = native::answer(op, request, &mut stormy);
                let code = answer["fault"]["error_code"].as_str().unwrap_or_default();
                assert!(codes.contains(&code), "{op}, step {step}, {kind:?}: {answer}");
            }
        }
    }
}

#[test]
fn a_source_that_shrinks_while_it_is_read_is_a_fault() {
    for op in ["verify", "run.replay", "run.record"] {
        let request = &REQUESTS.iter().find(|(name, _)| name == op).expect("a request").1;
        let source = if op == "run.record" { "record.json" } else { "a.zip" };
        let frame = shrinking(op, request, source);
        assert_eq!(frame["fault"]["error_code"], "file_changed", "{op}: {frame}");
    }
}

/// An operation whose source has one byte less than announced.
fn shrinking(op: &str, request: &Value, source: &str) -> Value {
    use gait_contract::frame;
    let mut core = gait_core::Core::default();
    let mut world = world();
    let size = world.open(source).expect("the source is there");
    let mut step = core.call(op, request.to_string().into_bytes());
    for _ in 0..100 {
        let json: Value = serde_json::from_slice(frame::read(&step).expect("a frame").0).expect("a step");
        if json["open"].is_object() {
            step = core.call("answer", json!({ "size": size }).to_string().into_bytes());
        } else if let Some(read) = json["read"].as_object() {
            let place = |key: &str| read[key].as_u64().unwrap_or_default();
            let end = (place("offset") + place("length")).min(size - 1);
            let bytes = world.read(source, place("offset"), end - place("offset")).expect("bytes").to_vec();
            step = core.call("continue", bytes);
        } else {
            return json;
        }
    }
    panic!("{op} asks for ever")
}

#[test]
fn a_host_that_answers_out_of_turn_gets_a_fault() {
    let call = |core: &mut gait_core::Core, op: &str, request: &str| native::json_of(&core.call(op, request.into()));
    let mut core = gait_core::Core::default();
    assert_eq!(call(&mut core, "continue", "")["fault"]["error_code"], "unknown_op");
    assert_eq!(call(&mut core, "answer", r#"{"size":1}"#)["fault"]["error_code"], "unknown_op");
    assert_eq!(call(&mut core, "no.such.op", "{}")["fault"]["error_code"], "unknown_op");
    assert_eq!(call(&mut core, "verify", r#"{"archive":"a"}"#)["open"]["source"], "a");
    assert!(call(&mut core, "continue", "bytes")["fault"].is_object());
    assert_eq!(call(&mut core, "verify", r#"{"archive":"a"}"#)["open"]["source"], "a");
    // A new operation takes the place of one that was given up.
    assert_eq!(call(&mut core, "verify", r#"{"archive":"b"}"#)["open"]["source"], "b");
}

pub(crate) fn both(op: &str, request: &[u8], world: impl Fn() -> World) -> Result<(), TestCaseError> {
    let (mut one, mut other) = (world(), world());
    let native = native::run(op, request, &mut one);
    let module = module::run(op, request, &mut other);
    let shown = |frame: &[u8]| String::from_utf8_lossy(&frame[4..]).into_owned();
    prop_assert_eq!(shown(&native), shown(&module));
    for stream in ["archive", "report"] {
        prop_assert_eq!(one.stream(stream), other.stream(stream));
    }
    prop_assert_eq!(one.served, other.served);
    Ok(())
}

proptest! {
    #![proptest_config(tries(80))]

    #[test]
    fn native_and_module_record_alike(record in record()) {
        let request = json!({"input": "record.json", "defaults": defaults(), "signing": "archive"}).to_string();
        both("run.record", request.as_bytes(), || World::of("record.json", record.to_string()))?;
    }

    #[test]
    fn native_and_module_judge_damaged_sources_alike(
        (op, request) in operation(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let damaged = |mut bytes: Vec<u8>| {
            for (place, bits) in &flips {
                let at = place.index(bytes.len());
                bytes[at] ^= bits;
            }
            bytes.truncate(cut.map_or(bytes.len(), |cut| cut.index(bytes.len())));
            bytes
        };
        both(&op, request.to_string().as_bytes(), || world().with("a.zip", damaged(packed())))?;
    }

    #[test]
    fn native_and_module_refuse_odd_requests_alike((op, request) in operation(), odd in value(), extra in object()) {
        both(&op, odd.to_string().as_bytes(), world)?;
        let mut changed = request;
        for (key, value) in changed.as_object_mut().into_iter().flatten().take(1) {
            if key != "archive" {
                *value = odd.clone();
            }
        }
        changed["extra"] = extra;
        both(&op, changed.to_string().as_bytes(), world)?;
    }

    #[test]
    fn random_bytes_never_stop_the_core((op, request) in operation(), bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        native::run(&op, &bytes, &mut world());
        let mut everywhere = World::default();
        for source in [
            "a.zip", "b.zip", "a.outline", "b.outline", "record.json", "gait.yaml", "trace.json", "pack.zip", "policy.yaml",
            "project.yaml", "intent.json", "token_ana.json", "token_bo.json", "decided.json", "records.jsonl",
            "regress.json", "agent.py", "snapshot.json", "attestation.json", "registry.json", "commands.jsonl",
            "conversation.zip", "call.msg", "list.msg", "sample.zip", "call.json", "servers.yaml", "trusting.yaml",
            "server.json", "servers.json",
        ] {
            everywhere = everywhere.with(source, &bytes[..]);
        }
        let answer = native::answer(&op, &request, &mut everywhere);
        // Some read nothing, and few bytes can be a policy or a number.
        let can_succeed = [
            "demo", "approval.mint", "signature.check", "policy.load", "policy.format", "digest.json", "config.read",
            "scout.snapshot", "scout.coverage", "scout.diff", "guard.retain", "mcp.answer", "mcp.message", "mcp.merge", "mcp.ask",
            "adoption.report",
        ];
        prop_assert!(can_succeed.contains(&op.as_str()) || answer["fault"].is_object(), "{}: {}", op, answer);
    }
}
