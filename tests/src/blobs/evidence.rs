//! Traces and evidence packs, sound and not. Most checks on them are the runpack's; these are the ones of their own.

use serde_json::{Value, json};

use super::{Blobs, blob};
use crate::archive::{Archive, Member};
use crate::runpack::{Runpack, canonical, intent};
use crate::world::{sha256, sign};

pub(super) fn blobs() -> Blobs {
    let mut blobs = traces();
    blobs.extend(packs());
    blobs
}

fn traces() -> Blobs {
    let trace = json!({
        "schema_id": "gait.gate.trace", "schema_version": "1.0.0", "created_at": "2026-03-11T09:15:00Z",
        "producer_version": "0.1.0", "trace_id": "trace_1", "tool_name": "tool.search",
        "args_digest": intent("i1", "tool.search")["args_digest"], "intent_digest": sha256(b"intent"),
        "policy_digest": sha256(b"policy"), "verdict": "allow", "latency_ms": 1.5,
    });
    let signed = with_signature(&trace, "signature", |entry| entry);
    let with = |key: &str, value: Value| {
        let mut trace = signed.clone();
        trace[key] = value;
        trace
    };
    let mut later = trace.clone();
    later["step_count"] = 3.into();
    let mut elsewhere = trace.clone();
    elsewhere["tool_name"] = "tool.elsewhere".into();
    let file = |name: &str, trace: &Value| blob(&format!("trace_{name}.json"), format!("{trace:#}\n"));
    vec![
        file("signed", &signed),
        file("unsigned", &trace),
        file("verdict_changed", &with("verdict", "block".into())),
        file("field_added", &with("step_count", 3.into())),
        file("later_field_signed", &with_signature(&later, "signature", |entry| entry)),
        file("elsewhere", &with_signature(&elsewhere, "signature", |entry| entry)),
        file("time_invalid", &with("created_at", "noon".into())),
        blob("trace_cut.json", "{\"schema_id\": \"gait.gate.trace\","),
        blob("trace_duplicate_key.json", "{\"verdict\":\"block\",\"verdict\":\"allow\"}"),
    ]
}

/// The sound pack.
pub(super) fn pack() -> Vec<u8> {
    packs().swap_remove(0).1
}

fn packs() -> Blobs {
    let run = Runpack::sample().bytes();
    let summary = b"{\"controls\":[]}".to_vec();
    let members = [("runpack.zip", run, "runpack"), ("summary.json", summary, "report")];
    let contents: Vec<Value> = members
        .iter()
        .map(|(path, content, kind)| json!({"path": path, "sha256": sha256(content), "type": kind}))
        .collect();
    let head = json!({
        "schema_id": "gait.guard.pack_manifest", "schema_version": "1.0.0", "created_at": "2026-03-11T09:15:00Z",
        "producer_version": "0.1.0", "run_id": "run_sample", "contents": contents,
    });
    let manifest = named(&head);
    let archive = |manifest: &Value| {
        Archive::of(members.iter().map(|(name, content, _)| Member::stored(name, content)))
            .and(Member::stored("pack_manifest.json", &canonical(manifest)))
    };
    let with = |key: &str, value: Value| {
        let mut manifest = manifest.clone();
        manifest[key] = value;
        archive(&manifest).bytes()
    };
    let renamed = |key: &str, value: Value| {
        let mut head = head.clone();
        head[key] = value;
        archive(&named(&head))
    };
    let signed = with_signature(&manifest, "signatures", |entry| json!([entry]));
    let mut extended = signed.clone();
    extended["later"] = 1.into();
    vec![
        blob("pack.zip", archive(&manifest).bytes()),
        blob("pack_signed.zip", archive(&signed).bytes()),
        blob("pack_signed_then_extended.zip", archive(&extended).bytes()),
        blob(
            "pack_lists_nothing.zip",
            Archive::of([Member::stored(
                "pack_manifest.json",
                &canonical(&named(&{
                    let mut head = head.clone();
                    head["contents"] = json!([]);
                    head
                })),
            )])
            .bytes(),
        ),
        blob("pack_undeclared.zip", archive(&manifest).and(Member::stored("extra.json", b"{}")).bytes()),
        blob("pack_missing.zip", archive(&manifest).without("summary.json").bytes()),
        blob(
            "pack_changed.zip",
            archive(&manifest).member("summary.json", |_| Member::stored("summary.json", b"{}")).bytes(),
        ),
        blob(
            "pack_damaged.zip",
            archive(&manifest).member("summary.json", |member| member.both(|head| head.crc32 ^= 1)).bytes(),
        ),
        blob("pack_id_other.zip", with("pack_id", "pack_0000000000000000".into())),
        blob("pack_run_id_changed.zip", with("run_id", "run_other".into())),
        blob("pack_of_other_run.zip", renamed("run_id", "run_other".into()).bytes()),
        blob("pack_schema_other.zip", with("schema_id", "gait.pack.manifest".into())),
        blob("pack_contents_object.zip", with("contents", json!({}))),
    ]
}

/// The manifest with the id that follows from it (guard contract, section 5).
pub(super) fn named(head: &Value) -> Value {
    let mut manifest = head.clone();
    let digest = sha256(&canonical(&json!({"contents": head["contents"], "run_id": head["run_id"]})));
    manifest["pack_id"] = format!("pack_{}", &digest[..16]).into();
    manifest
}

/// A document with a signature by the fixed key over everything else.
pub(super) fn with_signature(document: &Value, key: &str, place: fn(Value) -> Value) -> Value {
    let digest = sha256(&canonical(document));
    let (key_id, sig) = sign(&digest);
    let mut signed = document.clone();
    signed[key] = place(json!({"alg": "ed25519", "key_id": key_id, "sig": sig, "signed_digest": digest}));
    signed
}
