//! DSSE envelopes with statements about the sample run and a pack of it.

use base64ct::{Base64, Base64Url, Encoding};
use serde_json::{Value, json};

use super::evidence::pack;
use super::{Blobs, blob};
use crate::runpack::{Runpack, canonical};
use crate::world::{sha256, sign_bytes};

const TYPE: &str = "application/vnd.in-toto+json";

pub(super) fn blobs() -> Blobs {
    let subject = |name: &str, bytes: &[u8]| json!({"name": name, "digest": {"sha256": sha256(bytes)}});
    let (run, pack) = (Runpack::sample().bytes(), pack());
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": "https://gait.dev/attestation/evidence_pack/v1",
        "subject": [subject("sample.zip", &run), subject("pack.zip", &pack)],
        "predicate": {
            "run_id": "run_sample", "manifest_digest": sha256(b"manifest"), "pack_id": "pack_0", "core_digest": "ab",
            "policy_digests": [sha256(b"policy")], "producer_version": "0.1.0", "template_id": "soc2",
            "verdict_counts": {"allow": 2, "block": 0, "dry_run": 0, "require_approval": 0},
        },
    });
    let with = |key: &str, value: Value| {
        let mut statement = statement.clone();
        statement[key] = value;
        canonical(&statement)
    };
    let payload = canonical(&statement);
    let signed = |payload: &[u8]| envelope(payload, json!([seal(&pae(payload))]));
    let changed = |key: &str, value: Value| {
        let mut envelope = signed(&payload);
        envelope[key] = value;
        envelope
    };
    let mut seal_of_other = seal(&pae(&payload));
    seal_of_other["keyid"] = sha256(b"somebody").into();
    let mut url_safe = signed(&payload);
    url_safe["payload"] = Base64Url::encode_string(&payload).into();
    let twice = String::from_utf8(payload.clone()).expect("JSON").replace("{\"_type\"", "{\"predicate\":{},\"_type\"");
    let text = signed(&payload).to_string().replace("\"payloadType\"", "\"payload\":\"e30=\",\"payloadType\"");
    let file = |name: &str, envelope: &Value| blob(&format!("attestation_{name}.json"), format!("{envelope}\n"));
    vec![
        file("sound", &signed(&payload)),
        file("other_file", &signed(&with("subject", json!([subject("demo.zip", &run), subject("pack.zip", &pack)])))),
        file(
            "climbing_name",
            &signed(&with("subject", json!([subject("../sample.zip", &run), subject("a:b", &pack)]))),
        ),
        file("payload_changed", &envelope(&with("extra", 1.into()), json!([seal(&pae(&payload))]))),
        file("signed_without_type", &envelope(&payload, json!([seal(&payload)]))),
        file("signed_digest", &envelope(&payload, json!([seal(&unhex(&sha256(&pae(&payload))))]))),
        file("unsigned", &envelope(&payload, json!([]))),
        file("two_signatures", &envelope(&payload, json!([seal(b"something else"), seal(&pae(&payload))]))),
        file("key_id_other", &envelope(&payload, json!([seal_of_other]))),
        file("url_safe", &url_safe),
        file("type_other", &changed("payloadType", "application/json".into())),
        file("payload_not_base64", &changed("payload", "?".into())),
        file("payload_not_utf8", &signed(b"\xff\xfe")),
        file("payload_duplicate_key", &signed(twice.as_bytes())),
        blob("attestation_envelope_duplicate_key.json", text),
        file("statement_other", &signed(&with("_type", "https://in-toto.io/Statement/v0.1".into()))),
        file("predicate_other", &signed(&with("predicateType", "https://slsa.dev/provenance/v1".into()))),
        file("no_subjects", &signed(&with("subject", json!([])))),
        file("signatures_many", &envelope(&payload, vec![seal(b""); 65].into())),
    ]
}

/// What a signature has to be over, from the DSSE protocol.
fn pae(payload: &[u8]) -> Vec<u8> {
    [format!("DSSEv1 {} {TYPE} {} ", TYPE.len(), payload.len()).as_bytes(), payload].concat()
}

fn seal(message: &[u8]) -> Value {
    let (key_id, sig) = sign_bytes(message);
    json!({"keyid": key_id, "sig": sig})
}

fn envelope(payload: &[u8], signatures: Value) -> Value {
    json!({"payload": Base64::encode_string(payload), "payloadType": TYPE, "signatures": signatures})
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hex")).collect()
}
