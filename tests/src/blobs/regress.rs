//! Configurations, and fixtures in folders as `gait regress init` lays them out.

use serde_json::{Value, json};

use super::{Blobs, blob};
use crate::archive::Member;
use crate::runpack::{Runpack, intent, refs, result, run};

pub(super) fn blobs() -> Blobs {
    let mut blobs = configurations();
    let sample = Runpack::sample().bytes();
    let (search, book) = (intent("i1", "tool.search"), intent("i2", "tool.book"));
    let unanswered = Runpack::new(&run(), &[search.clone(), book], &[result("i1", "ok")], &refs(&["r1", "r2"]));
    let mut other_schema = search;
    other_schema["schema_version"] = "0.9.0".into();
    let odd = Runpack::new(&run(), &[other_schema], &[result("i1", "ok")], &refs(&[]));
    let mut early = run();
    early["created_at"] = "0001-01-01T00:00:00Z".into();
    let timeless = Runpack::new(&early, &[], &[], &refs(&[]));
    let tampered =
        Runpack::sample().archive().member("results.jsonl", |_| Member::stored("results.jsonl", b"")).bytes();

    let archives: [(&str, Vec<u8>, Value); 15] = [
        ("sample", sample.clone(), json!({})),
        ("candidate_same", sample.clone(), json!({"candidate_runpack": "../../diff_volatile.zip"})),
        ("candidate_differs", sample.clone(), json!({"candidate_runpack": "../../diff_status.zip"})),
        (
            "candidate_allowed",
            sample.clone(),
            json!({
                "candidate_runpack": " ../../diff_status.zip ", "diff_allow_changed_files": ["results.jsonl", " ", "results.jsonl"],
            }),
        ),
        ("candidate_absent", sample.clone(), json!({"candidate_runpack": "nothing.zip"})),
        ("candidate_tampered", sample.clone(), json!({"candidate_runpack": "../../tampered_results.zip"})),
        ("candidate_unanswered", sample.clone(), json!({"candidate_runpack": "../unanswered/runpack.zip"})),
        ("unanswered", unanswered.bytes(), json!({})),
        ("unanswered_expected", unanswered.bytes(), json!({"expected_replay_exit_code": 2})),
        ("odd_schema", odd.bytes(), json!({})),
        ("timeless", timeless.bytes(), json!({})),
        ("tampered", tampered, json!({})),
        ("negative", sample.clone(), json!({"expected_replay_exit_code": -1})),
        ("other_name", sample.clone(), json!({"name": "somebody_else"})),
        ("other_run", sample.clone(), json!({"run_id": "run_other"})),
    ];
    for (name, archive, changes) in archives {
        blobs.push(blob(&format!("fixtures/{name}/runpack.zip"), archive));
        blobs.push(blob(&format!("fixtures/{name}/fixture.json"), fixture(name, &changes)));
    }
    for (name, text) in [
        ("no_run_id", fixture("no_run_id", &json!({"run_id": ""}))),
        ("not_json", "name: not_json\n".into()),
        ("code_text", fixture("code_text", &json!({"expected_replay_exit_code": "2"}))),
        ("code_fraction", fixture("code_fraction", &json!({"expected_replay_exit_code": 2.5}))),
        (
            "duplicate_key",
            r#"{"name":"duplicate_key","run_id":"a","run_id":"run_sample","runpack":"runpack.zip"}"#.into(),
        ),
    ] {
        blobs.push(blob(&format!("fixtures/{name}/runpack.zip"), sample.clone()));
        blobs.push(blob(&format!("fixtures/{name}/fixture.json"), text));
    }
    blobs.push(blob("fixtures/lonely/runpack.zip", sample));
    blobs
}

fn fixture(name: &str, changes: &Value) -> String {
    let mut fixture = json!({
        "schema_id": "gait.regress.fixture", "schema_version": "1.0.0", "name": name, "run_id": "run_sample",
        "runpack": "runpack.zip", "expected_replay_exit_code": 0,
    });
    for (key, value) in changes.as_object().into_iter().flatten() {
        fixture[key] = value.clone();
    }
    format!("{fixture:#}\n")
}

fn configurations() -> Blobs {
    let config = |name: &str, config: &Value| blob(&format!("config_{name}.yaml"), format!("{config:#}\n"));
    let entry =
        |name: &str| json!({"name": name, "run_id": "run_sample", "runpack": format!("fixtures/{name}/runpack.zip")});
    let of = |names: &[&str]| {
        json!({
            "schema_id": "gait.regress.config", "schema_version": "1.0.0", "fixture_set": "nightly",
            "fixtures": names.iter().map(|name| entry(name)).collect::<Vec<_>>(),
        })
    };
    let with = |key: &str, value: Value| {
        let mut config = of(&["sample"]);
        config[key] = value;
        config
    };
    let mut blobs: Blobs = [
        "sample",
        "candidate_same",
        "candidate_differs",
        "candidate_allowed",
        "candidate_absent",
        "candidate_tampered",
        "candidate_unanswered",
        "unanswered",
        "unanswered_expected",
        "odd_schema",
        "timeless",
        "tampered",
        "negative",
        "other_name",
        "other_run",
        "no_run_id",
        "not_json",
        "code_text",
        "code_fraction",
        "duplicate_key",
        "lonely",
        "absent",
    ]
    .map(|name| config(name, &of(&[name])))
    .into();
    blobs.extend([
        config("three", &of(&["unanswered", "sample", "candidate_differs"])),
        config("bare", &json!({"fixtures": [{"name": "sample", "runpack": "fixtures/sample/runpack.zip"}]})),
        config("twice", &of(&["sample", "sample"])),
        config("empty", &of(&[])),
        config("null", &with("fixtures", Value::Null)),
        config("other_schema", &with("schema_id", "gait.gate.policy".into())),
        config("newer", &with("schema_version", "2.0.0".into())),
        config("blank_name", &with("fixtures", json!([{"name": " ", "runpack": "x.zip"}]))),
        config("blank_runpack", &with("fixtures", json!([{"name": "sample", "runpack": " "}]))),
        config(
            "other_run_id",
            &with("fixtures", json!([{"name": "sample", "run_id": "run_x", "runpack": "fixtures/sample/runpack.zip"}])),
        ),
        config("typed", &with("fixtures", json!({}))),
        blob("config_yaml.yaml", "schema_id: gait.regress.config\nfixtures:\n  - name: sample\n"),
        blob("config_broken.yaml", "{\"fixtures\": [\n"),
        blob("config_duplicate.yaml", "{\"fixtures\":[],\"fixtures\":[]}\n"),
    ]);
    blobs
}
