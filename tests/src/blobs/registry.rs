//! Manifests of registry packs, sound and not.

use serde_json::{Value, json};

use super::{Blobs, blob};
use crate::runpack::canonical;
use crate::world::{sha256, sign};

pub(super) fn blobs() -> Blobs {
    let pack = json!({
        "schema_id": "gait.registry.pack", "schema_version": "1.0.0", "created_at": "2026-05-04T08:00:00Z",
        "producer_version": "0.1.0", "pack_name": "harbor-rules", "pack_version": "2.1.0", "pack_type": "policy",
        "publisher": "harbor office", "source": "git", "risk_class": "low",
        "provenance": {"commit": "4c1d", "build": 12.0},
        "artifacts": [{"path": "policy.yaml", "sha256": sha256(b"policy"), "media_type": "application/yaml"}],
    });
    let with = |changes: Value| {
        let mut pack = pack.clone();
        for (key, value) in changes.as_object().into_iter().flatten() {
            pack[key] = value.clone();
        }
        pack
    };
    let entry = |pack: &Value| {
        let digest = sha256(&canonical(pack));
        let (key_id, sig) = sign(&digest);
        json!({"alg": "ed25519", "key_id": key_id, "sig": sig, "signed_digest": digest})
    };
    let signed = |pack: &Value| {
        let mut signed = pack.clone();
        signed["signatures"] = json!([entry(pack)]);
        signed
    };
    let good = entry(&pack);
    let of_entry = |change: fn(&mut Value)| {
        let mut entry = good.clone();
        change(&mut entry);
        with(json!({"signatures": [entry]}))
    };
    // Signed as it is spelled, and not as it is read.
    let mut spelled = with(json!({"publisher": " Harbor OFFICE ", "pack_type": "POLICY"}));
    let signed_as_spelled = signed(&spelled);
    spelled["signatures"] = json!([good]);
    let mut later = signed(&pack);
    later["stars"] = 5.into();
    let file = |name: &str, pack: &Value| blob(&format!("registry_{name}.json"), format!("{pack:#}\n"));
    let unsigned = |name: &str, changes: Value| file(name, &with(changes));
    vec![
        file("signed", &signed(&pack)),
        file("unsigned", &pack),
        file("other_spelling", &spelled),
        file("signed_as_spelled", &signed_as_spelled),
        file("later_field", &later),
        file("without_artifacts", &{
            let mut bare = with(json!({"artifacts": null}));
            bare["signatures"] = json!([entry(&bare)]);
            bare
        }),
        file("two_signatures", &with(json!({"signatures": [{"alg": "rsa", "key_id": "", "sig": ""}, good]}))),
        file("many_signatures", &with(json!({"signatures": vec![good.clone(); 65]}))),
        file("tampered", &with(json!({"risk_class": "none", "signatures": [good]}))),
        file(
            "digest_upper_case",
            &of_entry(|entry| {
                entry["signed_digest"] = entry["signed_digest"].as_str().unwrap_or_default().to_uppercase().into();
            }),
        ),
        file("digest_absent", &of_entry(|entry| drop(entry.as_object_mut().map(|it| it.remove("signed_digest"))))),
        file("alg_other", &of_entry(|entry| entry["alg"] = "rsa".into())),
        file("key_id_other", &of_entry(|entry| entry["key_id"] = "0".repeat(64).into())),
        unsigned("schema_other", json!({"schema_id": "gait.registry.ecosystem_index"})),
        unsigned("version_other", json!({"schema_version": "1.1.0"})),
        unsigned("name_blank", json!({"pack_name": " \u{a0}"})),
        unsigned("version_blank", json!({"pack_version": ""})),
        unsigned("skill_without_publisher", json!({"pack_type": "Skill", "publisher": " "})),
        unsigned("skill_without_source", json!({"pack_type": "skill", "source": ""})),
        unsigned("name_climbs", json!({"pack_name": ".."})),
        unsigned("name_separator", json!({"pack_name": "../../etc"})),
        unsigned("name_pins", json!({"pack_name": "Pins"})),
        unsigned("name_line_break", json!({"pack_name": "a\nb"})),
        unsigned("version_backslash", json!({"pack_version": "1\\2"})),
        unsigned("time_invalid", json!({"created_at": "noon"})),
        unsigned("artifacts_text", json!({"artifacts": "none"})),
        blob("registry_duplicate_key.json", "{\"pack_name\":\"a\",\"pack_name\":\"b\"}"),
        blob("registry_bom.json", "\u{feff}{}"),
        blob("registry_list.json", "[]"),
        blob("registry_cut.json", "{\"schema_id\":"),
    ]
}
