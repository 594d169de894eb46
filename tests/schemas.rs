//! Every artifact that gait writes satisfies its published JSON Schema, checked by somebody else's validator: as
//! published, and closed, so that gait writes no field that the schema does not name.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;
use std::time::Duration;

use gait_tests::program::{self, Program};
use gait_tests::repository::{files, has_extension, root, text};
use gait_tests::vector;
use serde_json::{Value, json};
use zip::ZipArchive;

const PROGRAM: &str = env!("CARGO_BIN_EXE_gait-under-test");

/// Published schemas, as `runpack/run`.
fn schemas() -> BTreeMap<String, Value> {
    let folder = root().join("core-wasm/contract/schemas/v1");
    let name = |path: &Path| {
        let name = path.strip_prefix(&folder).unwrap_or(path).to_string_lossy().replace('\\', "/");
        name.trim_end_matches(".schema.json").to_owned()
    };
    let read = |path: &Path| serde_json::from_str(&text(path)).expect("a schema is JSON");
    files(&folder, has_extension("json")).iter().map(|path| (name(path), read(path))).collect()
}

/// The schema with every object that names its properties closed to others.
fn closed(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let mut members: serde_json::Map<String, Value> =
                members.iter().map(|(key, value)| (key.clone(), closed(value))).collect();
            if members.get("properties").is_some_and(Value::is_object) {
                members.insert("additionalProperties".into(), false.into());
            }
            Value::Object(members)
        }
        Value::Array(values) => values.iter().map(closed).collect(),
        value => value.clone(),
    }
}

fn complaint(schema: &Value, artifact: &Value) -> Option<String> {
    let validator = jsonschema::options().should_validate_formats(true).build(schema).expect("a schema is one");
    let errors: Vec<String> =
        validator.iter_errors(artifact).map(|error| format!("{}: {error}", error.instance_path())).collect();
    (!errors.is_empty()).then(|| errors.join("; "))
}

#[track_caller]
fn holds(schemas: &BTreeMap<String, Value>, name: &str, artifact: &Value, what: &str) {
    let schema = schemas.get(name).unwrap_or_else(|| panic!("there is no schema {name}"));
    for schema in [schema, &closed(schema)] {
        assert_eq!(complaint(schema, artifact), None, "{what} against {name}: {artifact}");
    }
}

/// Checks the members of a runpack; returns how many documents there were.
fn runpack(schemas: &BTreeMap<String, Value>, archive: &[u8], what: &str) -> usize {
    let mut archive = ZipArchive::new(Cursor::new(archive)).expect("an archive");
    let mut read = |name: &str| {
        let mut content = String::new();
        archive.by_name(name).expect("a member").read_to_string(&mut content).expect("text");
        content
    };
    let document = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    let mut count = 0;
    for (member, schema) in
        [("manifest.json", "runpack/manifest"), ("run.json", "runpack/run"), ("refs.json", "runpack/refs")]
    {
        holds(schemas, schema, &document(&read(member)), what);
        count += 1;
    }
    for (member, schema) in [("intents.jsonl", "runpack/intent"), ("results.jsonl", "runpack/result")] {
        for line in read(member).lines() {
            holds(schemas, schema, &document(line), what);
            count += 1;
        }
    }
    count
}

#[test]
fn schemas_say_what_they_are() {
    let schemas = schemas();
    assert!(schemas.len() >= 16, "{:?}", schemas.keys());
    for (name, schema) in &schemas {
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
        assert_eq!(schema["$id"], format!("https://gait.dev/schemas/v1/{name}.schema.json").as_str());
        assert!(schema["title"].is_string() && schema["description"].is_string(), "{name}");
        assert!(jsonschema::meta::is_valid(schema), "{name}");
        assert!(schema.get("additionalProperties").is_none(), "{name} is closed to later fields");
        let undescribed: Vec<&String> = schema["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, property)| !property["description"].is_string())
            .map(|(key, _)| key)
            .collect();
        assert!(undescribed.is_empty(), "{name} does not describe {undescribed:?}");
    }
}

#[test]
fn schemas_refuse_what_is_wrong() {
    let schemas = schemas();
    let run = json!({
        "schema_id": "gait.runpack.run", "schema_version": "1.0.0", "created_at": "2026-03-11T09:15:00Z",
        "producer_version": "x", "run_id": "run_x", "env": {"os": "a", "arch": "b", "runtime": "c"}, "timeline": [],
    });
    assert_eq!(complaint(&schemas["runpack/run"], &run), None);
    for (key, value) in [
        ("schema_id", json!("gait.runpack.intent")),
        ("schema_version", json!("2.0.0")),
        ("created_at", json!("noon")),
        ("run_id", json!("has blanks")),
        ("env", json!([])),
        ("timeline", json!([{"event": "no time"}])),
    ] {
        let mut wrong = run.clone();
        wrong[key] = value;
        assert!(complaint(&schemas["runpack/run"], &wrong).is_some(), "{key} may be anything");
        wrong.as_object_mut().expect("an object").remove(key);
        assert!(complaint(&schemas["runpack/run"], &wrong).is_some(), "{key} may be absent");
    }
}

#[test]
fn what_gait_writes_satisfies_its_schemas() {
    let schemas = schemas();
    let program = Program::new(PROGRAM);
    let work = program::temporary("gait-schemas-");
    let cwd = work.path();
    let put = |name: &str, bytes: &[u8]| fs::write(cwd.join(name), bytes).expect("a temporary folder");
    let get = |name: &str| fs::read(cwd.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let gait = |line: &str, code: i32| {
        let mut command = program.command(cwd);
        command.args(line.split(' '));
        let done = program::run(command, Duration::from_secs(20)).expect("it ends");
        assert_eq!(done.code(), Some(code), "gait {line}: {}{}", done.out(), done.err());
    };
    let document = |name: &str| serde_json::from_slice::<Value>(&get(name)).expect("JSON");
    put("one.key", b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8DoQe/884Qvh1w3RjnS8CZZ+TWMJulDV8d3IZkElUxuA==");
    put("full.json", &vector::blob("record_full.json"));
    put("failed.zip", &vector::blob("sample.zip"));
    put("drift.zip", &vector::blob("diff_status.zip"));

    gait("demo", 0);
    runpack(&schemas, &get("gait-out/runpack_run_demo.zip"), "demo");
    gait("demo --key-mode prod --private-key one.key", 0);
    runpack(&schemas, &get("gait-out/runpack_run_demo.zip"), "signed demo");
    gait("run record full.json --key-mode prod --private-key one.key", 0);
    assert!(runpack(&schemas, &get("gait-out/runpack_run_sample.zip"), "run record") > 6);
    gait("migrate ./failed.zip --out migrated.zip", 0);
    runpack(&schemas, &get("migrated.zip"), "migrate");
    gait("run reduce ./failed.zip --predicate non_ok_status --out reduced.zip --report-out report.json", 0);
    runpack(&schemas, &get("reduced.zip"), "run reduce");
    holds(&schemas, "runpack/reduce_report", &document("report.json"), "run reduce");

    gait("regress init --from ./failed.zip --name fixture", 0);
    holds(&schemas, "regress/config", &document("gait.yaml"), "regress init");
    holds(&schemas, "regress/fixture", &document("fixtures/fixture/fixture.json"), "regress init");
    gait("regress run", 0);
    holds(&schemas, "regress/regress_result", &document("regress_result.json"), "regress run");
    gait("regress run --candidate ./drift.zip", 5);
    holds(&schemas, "regress/regress_result", &document("regress_result.json"), "failed regress run");
    gait("run record full.json --run-id run_other", 0);
    gait("regress run --candidate run_other", 5);
    holds(&schemas, "regress/regress_result", &document("regress_result.json"), "failed regress run");

    put("trace.json", &vector::blob("trace_signed.json"));
    gait("scout signal run_demo run_other ./failed.zip --traces trace.json --regress regress_result.json", 0);
    let report = document("gait-out/scout_signal_report.json");
    holds(&schemas, "scout/signal_report", &report, "scout signal");
    for fingerprint in report["fingerprints"].as_array().expect("a list") {
        holds(&schemas, "scout/run_fingerprint", fingerprint, "scout signal");
    }
    put("mcp.yaml", b"servers: {issue-tracker: {}}\n");
    gait("scout snapshot --include mcp.yaml --out snapshot.json", 0);
    holds(&schemas, "scout/inventory_snapshot", &document("snapshot.json"), "scout snapshot");
}

#[test]
fn what_the_gate_writes_satisfies_its_schemas() {
    let schemas = schemas();
    let program = Program::new(PROGRAM);
    let work = program::temporary("gait-schemas-");
    let cwd = work.path();
    let document = |name: &str| serde_json::from_str::<Value>(&text(&cwd.join(name))).expect("JSON");
    let examples = root().join("examples").display().to_string();
    let key = format!("--key-mode prod --private-key {examples}/scenarios/keys/approval_private.key");
    let gait = |line: &str, code: i32| {
        let mut command = program.command(cwd);
        command.args(line.split(' ').chain(["--json"]));
        let done = program::run(command, Duration::from_secs(20)).expect("it ends");
        assert_eq!(done.code(), Some(code), "gait {line}: {}{}", done.out(), done.err());
        serde_json::from_str::<Value>(&done.out()).expect("one object")
    };
    let call = format!(
        "gate eval --policy {examples}/policy/base_high_risk.yaml --intent {examples}/policy/intents/intent_write.json \
         {key} --credential-broker stub --trace-out t.json --approval-audit-out a.json --credential-evidence-out c.json"
    );
    let pending = gait(&call, 4);
    holds(&schemas, "gate/trace_record", &document("t.json"), "pending");
    holds(&schemas, "gate/approval_audit_record", &document("a.json"), "pending");
    let word = |name: &str| pending[name].as_str().expect("a text").to_owned();
    for approver in ["ines", "jon"] {
        let (intent, policy) = (word("intent_digest"), word("policy_digest"));
        gait(
            &format!(
                "approve --intent-digest {intent} --policy-digest {policy} --ttl 10m --scope tool:tool.write \
                 --approver {approver} --reason-code ticket --out {approver}.json {key}"
            ),
            0,
        );
        holds(&schemas, "gate/approval_token", &document(&format!("{approver}.json")), approver);
    }
    gait(&format!("{call} --approval-token-chain ines.json,jon.json"), 0);
    holds(&schemas, "gate/trace_record", &document("t.json"), "approved");
    holds(&schemas, "gate/approval_audit_record", &document("a.json"), "approved");
    holds(&schemas, "gate/broker_credential_record", &document("c.json"), "approved");
    let limited = format!("{examples}/project-defaults");
    gait(
        &format!("gate eval --policy {limited}/policy.yaml --intent {limited}/intent.json --rate-limit-state s.json"),
        0,
    );
    holds(&schemas, "gate/rate_limit_state", &document("s.json"), "counted");
    let tested = gait(&format!("policy test {limited}/policy.yaml {limited}/intent.json"), 0);
    assert_eq!(complaint(&schemas["policytest/policy_test_result"], &tested), None);
}

#[test]
fn what_registry_and_event_logs_write_satisfies_its_schemas() {
    let schemas = schemas();
    let program = Program::new(PROGRAM);
    let work = program::temporary("gait-schemas-");
    let cwd = work.path();
    fs::write(cwd.join("m.json"), vector::blob("registry_signed.json")).expect("a temporary folder");
    fs::write(cwd.join("k.pub"), gait_tests::world::PUBLIC_KEY).expect("a temporary folder");
    let gait = |line: &str, code: i32| {
        let mut command = program.command(cwd);
        command.args(line.split(' ')).env("GAIT_ADOPTION_LOG", "a.jsonl").env("GAIT_OPERATIONAL_LOG", "o.jsonl");
        let done = program::run(command, Duration::from_secs(20)).expect("it ends");
        assert_eq!(done.code(), Some(code), "gait {line}: {}{}", done.out(), done.err());
        done.out()
    };
    gait("demo", 0);
    gait("verify nothing", 6);
    let installed = gait("registry install m.json --public-key k.pub --cache-dir c --json", 0);
    let installed: Value = serde_json::from_str(&installed).expect("one object");
    let document = |name: &str| serde_json::from_str::<Value>(&text(&cwd.join(name))).expect("JSON");
    holds(&schemas, "registry/registry_pack", &document(installed["metadata_path"].as_str().expect("a path")), "cache");
    let check = "registry verify m.json --public-key k.pub --report-out r.json";
    gait(check, 0);
    holds(&schemas, "registry/verification_report", &document("r.json"), "pass");
    gait(&format!("{check} --cache-dir c --publisher-allowlist x"), 2);
    holds(&schemas, "registry/verification_report", &document("r.json"), "fail");
    for (log, schema, lines) in [("a.jsonl", "scout/adoption_event", 5), ("o.jsonl", "scout/operational_event", 10)] {
        let log = text(&cwd.join(log));
        assert_eq!(log.lines().count(), lines);
        for line in log.lines() {
            holds(&schemas, schema, &serde_json::from_str(line).expect("JSON"), "a log");
        }
    }
}

#[test]
fn intents_of_the_examples_satisfy_the_schema() {
    let schemas = schemas();
    let intents: Vec<Value> = files(&root().join("examples"), has_extension("json"))
        .iter()
        .filter_map(|path| serde_json::from_str(&text(path)).ok())
        .filter(|document: &Value| document["schema_id"] == "gait.gate.intent_request")
        .collect();
    assert!(intents.len() > 5, "only {} intents were found", intents.len());
    for intent in &intents {
        holds(&schemas, "gate/intent_request", intent, "an example");
    }
}

#[test]
fn sound_vectors_satisfy_the_schemas() {
    let schemas = schemas();
    for name in ["demo.zip", "sample.zip", "signed_demo.zip", "replay_stubs.zip", "diff_capture_raw.zip"] {
        runpack(&schemas, &vector::blob(name), name);
    }
    // A later field is fine for readers, and nothing that gait writes.
    let mut manifest = gait_tests::runpack::Runpack::sample().manifest();
    manifest["later"] = 1.into();
    let schema = &schemas["runpack/manifest"];
    assert_eq!(complaint(schema, &manifest), None);
    assert!(complaint(&closed(schema), &manifest).is_some());
}

#[test]
fn what_the_guard_writes_satisfies_its_schemas() {
    let schemas = schemas();
    let program = Program::new(PROGRAM);
    let work = program::temporary("gait-schemas-");
    let cwd = work.path();
    let gait = |line: &str| {
        let mut command = program.command(cwd);
        command.args(line.split(' ')).env("SECRET", "yfZDYLvPYczyoUfFdvVXT87G6vtwHpPkCG7ITeoJ9o4=");
        let done = program::run(command, Duration::from_secs(20)).expect("it ends");
        assert_eq!(done.code(), Some(0), "gait {line}: {}{}", done.out(), done.err());
    };
    let manifest = |name: &str| {
        let archive = fs::read(cwd.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut archive = ZipArchive::new(Cursor::new(archive)).expect("an archive");
        let mut text = String::new();
        archive.by_name("pack_manifest.json").expect("a member").read_to_string(&mut text).expect("text");
        serde_json::from_str::<Value>(&text).expect("JSON")
    };
    for name in ["sample.zip", "trace_signed.json", "approval_audit_sample.json"] {
        fs::write(cwd.join(name), vector::blob(name)).expect("a temporary folder");
    }
    gait("guard pack ./sample.zip --trace trace_signed.json --case-id c --render-pdf --out p.zip");
    holds(&schemas, "guard/pack_manifest", &manifest("p.zip"), "guard pack");
    gait("incident pack ./sample.zip --out i.zip");
    holds(&schemas, "guard/pack_manifest", &manifest("i.zip"), "incident pack");
    gait("guard encrypt p.zip --key-env SECRET --out sealed.json");
    let document = |name: &str| serde_json::from_str::<Value>(&text(&cwd.join(name))).expect("JSON");
    holds(&schemas, "guard/encrypted_artifact", &document("sealed.json"), "guard encrypt");
    gait("guard retain --trace-ttl 1ns --report-out r.json");
    holds(&schemas, "guard/retention_report", &document("r.json"), "guard retain");
    assert_eq!(document("r.json")["deleted_files"][0]["path"], "trace_signed.json");
}
