//! Signed runpacks: in the manifest (production keys) and in the archive's comment (development keys), sound and not.

use serde_json::{Value, json};

use super::{Blobs, blob};
use crate::runpack::{Runpack, canonical, signature};

/// A name, and what it changes in a sound signature entry.
type Defect = (&'static str, fn(&mut Value));

pub(super) fn blobs() -> Blobs {
    let demo = Runpack::demo();
    let in_comment = |entry: &Value| demo.archive().comment(&canonical(entry)).bytes();
    let of_demo = demo.signature();
    let mut blobs = vec![
        blob("signed_demo.zip", demo.clone().seal(sign).bytes()),
        blob("signed_twice.zip", demo.clone().seal(|manifest| {
            let good = signature(manifest);
            manifest["signatures"] = json!([good, {"alg": "ed25519", "key_id": "00", "sig": "AAAA", "signed_digest": good["signed_digest"]}]);
        }).bytes()),
        blob("signed_unknown_key.zip", demo.clone().head("x_later", json!([1, 2])).seal(sign).bytes()),
        blob("signed_then_extended.zip", demo.clone().seal(|manifest| {
            sign(manifest);
            manifest["x_later"] = true.into();
        }).bytes()),
        blob("signed_with_unlisted.zip", demo.clone().seal(sign).archive()
            .and(crate::archive::Member::stored("payload.exe", b"MZ")).bytes()),
        blob("signed_tampered.zip", demo.clone().seal(sign).archive()
            .member("results.jsonl", |_| crate::archive::Member::stored("results.jsonl", b"{}\n")).bytes()),
        blob("comment_signed_demo.zip", in_comment(&of_demo)),
        blob("comment_of_other_run.zip", in_comment(&Runpack::sample().signature())),
        blob("comment_is_a_note.zip", demo.archive().comment(b"made on a Tuesday").bytes()),
        blob("comment_other_json.zip", in_comment(&json!({"note": "made on a Tuesday"}))),
    ];
    let defects: [Defect; 10] = [
        ("digest_absent", |entry| drop(entry.as_object_mut().map(|it| it.remove("signed_digest")))),
        ("digest_other", |entry| entry["signed_digest"] = "0".repeat(64).into()),
        ("digest_upper_case", |entry| {
            entry["signed_digest"] = entry["signed_digest"].as_str().unwrap_or_default().to_uppercase().into();
        }),
        ("alg_other", |entry| entry["alg"] = "rsa".into()),
        ("key_id_other", |entry| entry["key_id"] = "0".repeat(64).into()),
        ("key_id_absent", |entry| entry["key_id"] = "".into()),
        ("sig_not_base64", |entry| entry["sig"] = "not base64!".into()),
        ("sig_short", |entry| entry["sig"] = "AAAA".into()),
        // A commitment and a scalar that fit any message, for a key of small order.
        ("small_order", |entry| {
            entry["key_id"] = "".into();
            entry["sig"] = format!("AQ{}==", "A".repeat(84)).into();
        }),
        ("sig_zero", |entry| entry["sig"] = format!("{}==", "A".repeat(86)).into()),
    ];
    for (name, change) in defects {
        let mut manifest = demo.manifest();
        let mut entry = signature(&manifest);
        change(&mut entry);
        manifest["signatures"] = json!([entry]);
        blobs.push(blob(&format!("sign_{name}.zip"), demo.with_manifest(&canonical(&manifest)).bytes()));
    }
    blobs
}

fn sign(manifest: &mut Value) {
    let entry = signature(manifest);
    manifest["signatures"] = json!([entry]);
}
