//! Evidence beside the sample run, and packs that contain it.

use serde_json::{Value, json};

use super::evidence::{named, with_signature};
use super::{Blobs, blob};
use crate::archive::{Archive, Member};
use crate::runpack::{Runpack, canonical, intent};
use crate::world::sha256;

pub(super) fn blobs() -> Blobs {
    let mut blobs = records();
    blobs.extend(containers());
    blobs
}

/// A record of a kind, with the trace it belongs to.
fn record(schema: &str, fields: Value) -> Value {
    let mut record = fields;
    record["schema_id"] = schema.into();
    record["schema_version"] = "1.0.0".into();
    record["producer_version"] = "0.1.0".into();
    if record.get("created_at").is_none() {
        record["created_at"] = "2026-03-11T10:15:00Z".into();
    }
    record
}

fn records() -> Blobs {
    let audit = |trace: &str, created_at: &str| {
        record(
            "gait.gate.approval_audit_record",
            json!({
                "trace_id": trace, "tool_name": "tool.search", "intent_digest": sha256(b"intent"),
                "policy_digest": sha256(b"policy"), "required_approvals": 1, "valid_approvals": 1, "approved": true,
                "created_at": created_at,
            }),
        )
    };
    let credential = record(
        "gait.gate.broker_credential_record",
        json!({
            "trace_id": "trace_1", "tool_name": "tool.search", "identity": "ana", "broker": "stub",
            "credential_ref": "stub:1", "later": {"dropped": true}, "scope": [], "reference": null,
        }),
    );
    let regress = record(
        "gait.regress.result",
        json!({"fixture_set": "default", "status": "pass", "graders": [null, {"name": "g", "details": {"a": 1}}]}),
    );
    let inventory = record(
        "gait.scout.inventory_snapshot",
        json!({"snapshot_id": "s1", "workspace": "", "items": [{"id": "tool:a", "tags": ["x"], "risk_level": ""}]}),
    );
    let mut foreign = regress.clone();
    foreign["schema_id"] = "gait.regress.config".into();
    let file = |name: &str, value: &Value| blob(name, format!("{value:#}\n"));
    vec![
        file("approval_audit_sample.json", &audit("trace_1", "2026-03-11T10:15:00+01:00")),
        file("approval_audit_other_trace.json", &audit("trace_9", "2026-03-11T09:15:00Z")),
        file("approval_audit_edge.json", &audit("trace_1", "2026-03-11T10:15:00Z")),
        file("approval_audit_late.json", &audit("trace_1", "2026-03-11T10:15:00.000000001Z")),
        file("credential_evidence_sample.json", &credential),
        file("regress_sample.json", &regress),
        file("regress_foreign.json", &foreign),
        file("inventory_sample.json", &inventory),
        file("inventory_no_items.json", &json!({"snapshot_id": "s2"})),
        blob("inventory_list.json", "[]"),
        blob("approval_audit_cut.json", "{\"trace_id\": "),
        blob("approval_audit_negative.json", "{\"required_approvals\": -1}"),
        blob("regress_typed.json", "{\"fixture_set\": 5}"),
    ]
}

/// Packs with runpacks and traces inside, each listed with its true digest.
fn containers() -> Blobs {
    let trace = |verdict: &str| {
        json!({
            "schema_id": "gait.gate.trace", "schema_version": "1.0.0", "created_at": "2026-03-11T09:15:00Z",
            "producer_version": "0.1.0", "trace_id": "trace_1", "tool_name": "tool.search",
            "args_digest": intent("i1", "tool.search")["args_digest"], "intent_digest": sha256(b"intent"),
            "policy_digest": sha256(b"policy"), "verdict": verdict,
        })
    };
    let signed = with_signature(&trace("allow"), "signature", |entry| entry);
    let with = |key: &str, value: Value| {
        let mut changed = signed.clone();
        changed[key] = value;
        canonical(&changed)
    };
    let mut foreign = signed.clone();
    foreign["signature"]["key_id"] = sha256(b"somebody").into();
    let tampered = Runpack::sample().content("intents.jsonl", "").seal(|manifest| {
        manifest["files"][0]["sha256"] = sha256(b"something else").into();
    });
    let unlisted = Runpack::sample().archive().and(Member::stored("notes.txt", b"?")).bytes();
    let index = json!([{"control_id": "CC7.2", "title": "Operational Monitoring", "evidence_paths": ["runpack.zip"]}]);
    let mut told_otherwise = index.clone();
    told_otherwise[0]["evidence_paths"] = json!([]);
    vec![
        pack("contains_trace", &[("traces/one.json", canonical(&signed), "evidence")], &[]),
        pack("contains_trace_unsigned", &[("trace.json", canonical(&trace("allow")), "evidence")], &[]),
        pack("contains_trace_changed", &[("trace.json", with("verdict", "block".into()), "evidence")], &[]),
        pack("contains_trace_foreign", &[("trace.json", canonical(&foreign), "evidence")], &[]),
        pack("contains_trace_typed", &[("trace.json", with("verdict", 7.into()), "evidence")], &[]),
        pack("contains_tampered_run", &[("runs/r.zip", tampered.bytes(), "evidence")], &[]),
        pack("contains_run_unlisted", &[("r.zip", unlisted, "runpack")], &[]),
        pack(
            "contains_other_archive",
            &[("logs.zip", Archive::of([Member::stored("a", b"b")]).bytes(), "evidence")],
            &[],
        ),
        pack("contains_text_as_run", &[("run.zip", b"no archive".to_vec(), "runpack")], &[]),
        pack(
            "index_as_member",
            &[("control_index.json", canonical(&index), "report")],
            &[("control_index", index.clone())],
        ),
        pack(
            "index_told_otherwise",
            &[("control_index.json", canonical(&index), "report")],
            &[("control_index", told_otherwise)],
        ),
    ]
}

fn pack(name: &str, members: &[(&str, Vec<u8>, &str)], fields: &[(&str, Value)]) -> (String, Vec<u8>) {
    let contents: Vec<Value> = members
        .iter()
        .map(|(path, content, kind)| json!({"path": path, "sha256": sha256(content), "type": kind}))
        .collect();
    let mut head = record("gait.guard.pack_manifest", json!({"run_id": "run_sample", "contents": contents}));
    for (key, value) in fields {
        head[key] = value.clone();
    }
    let archive = Archive::of(members.iter().map(|(name, content, _)| Member::deflated(name, content)))
        .and(Member::stored("pack_manifest.json", &canonical(&named(&head))));
    blob(&format!("pack_{name}.zip"), archive.bytes())
}
