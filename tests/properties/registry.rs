//! Changed registry manifests, and manifests with any name: what verifies is what was signed, and stays in the cache.

use gait_tests::native;
use gait_tests::runpack::canonical;
use gait_tests::vector;
use gait_tests::world::{PUBLIC_KEY, World, sha256, sign};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::samples::{text, tries};

fn install(manifest: &[u8]) -> Value {
    let request = json!({"manifest": {"source": "m.json"}, "public_key": PUBLIC_KEY});
    native::answer("registry.install", &request, &mut World::of("m.json", manifest))
}

#[test]
fn a_flipped_bit_never_makes_another_manifest_that_verifies() {
    let honest = vector::blob("registry_signed.json");
    let expected = install(&honest)["reply"].clone();
    assert!(expected["digest"].is_string(), "{expected}");
    let mut untouched = 0;
    for at in 0..honest.len() {
        // A neighbour, another case, and what is no ASCII.
        for bit in [0x01, 0x20, 0x80] {
            let mut changed = honest.clone();
            changed[at] ^= bit;
            let answer = install(&changed);
            if let Some(fault) = answer.get("fault") {
                assert_eq!(fault["error_category"], "verification_failed", "{answer}");
                continue;
            }
            // White space, and the case of what is lowered anyway.
            assert_eq!(answer["reply"]["digest"], expected["digest"], "byte {at}, bit {bit}");
            assert_eq!(answer["reply"]["folder"], expected["folder"]);
            untouched += 1;
        }
    }
    assert!(untouched < honest.len(), "{untouched} changes went unnoticed");
}

proptest! {
    #![proptest_config(tries(64))]

    #[test]
    fn whatever_a_pack_is_called_it_stays_in_the_cache(name in text(), version in text(), climb in 0_usize..4) {
        let name = format!("{}{name}", ["", "../", "..", "/"][climb]);
        let mut manifest = json!({
            "schema_id": "gait.registry.pack", "schema_version": "1.0.0", "created_at": "2026-05-04T08:00:00Z",
            "producer_version": "", "pack_name": name, "pack_version": version, "artifacts": [],
        });
        let digest = sha256(&canonical(&manifest));
        let (key_id, sig) = sign(&digest);
        manifest["signatures"] = json!([{"alg": "ed25519", "key_id": key_id, "sig": sig, "signed_digest": digest}]);
        let answer = install(manifest.to_string().as_bytes());
        if let Some(folder) = answer["reply"]["folder"].as_str() {
            let parts: Vec<&str> = folder.split('/').collect();
            prop_assert_eq!(&parts, &[name.as_str(), &version, &digest]);
            let stays = |part: &&str| !part.is_empty() && !matches!(*part, "." | "..") && !part.contains(['\\', '\0']);
            prop_assert!(parts.iter().all(stays) && name != "pins", "{}", folder);
        } else {
            prop_assert_eq!(&answer["fault"]["error_category"], "verification_failed", "{}", answer);
        }
    }
}
