//! Evidence packs: what is changed is noticed, equal evidence gives equal bytes, and attestations say what was signed.

use std::io::{Cursor, Read};

use gait_tests::archive::{Archive, Member};
use gait_tests::runpack::{Runpack, canonical};
use gait_tests::world::{PUBLIC_KEY, World};
use gait_tests::{native, vector};
use proptest::prelude::*;
use serde_json::{Value, json};
use zip::ZipArchive;

use crate::samples::{everywhere, text, tries, value};

const TRACES: [&str; 3] = ["trace_signed.json", "trace_elsewhere.json", "trace_unsigned.json"];

fn world() -> World {
    let names =
        TRACES.into_iter().chain(["approval_audit_sample.json", "approval_audit_edge.json", "regress_sample.json"]);
    names.fold(World::of("run.zip", Runpack::sample().bytes()), |world, name| world.with(name, vector::blob(name)))
}

/// A signed pack with these traces and records in it, and what was said about it.
fn built(traces: &[&str], audits: &[&str], incident: bool) -> (Vec<u8>, Value) {
    let mut request = json!({
        "run": "run.zip", "now": "2026-04-01T12:00:00Z", "producer_version": "0.1.0", "case_id": "INC-1",
        "render_pdf": true, "sign": true, "attest": {"run_name": "run.zip", "pack_name": "pack.zip"},
        "evidence": {"traces": traces, "approval_audits": audits, "regress": ["regress_sample.json"]},
    });
    if incident {
        let names: Vec<&str> = traces.iter().chain(audits).copied().collect();
        request["incident"] = json!({"window": "2h", "folder": "", "names": names});
    }
    let mut world = world();
    let answer = native::answer("guard.pack", &request, &mut world);
    assert!(answer["reply"].is_object(), "{answer}");
    (world.stream("archive").expect("a pack was written").to_vec(), answer["reply"].clone())
}

fn sound() -> Vec<u8> {
    built(&TRACES, &["approval_audit_sample.json"], true).0
}

fn verified(pack: &[u8], strict: bool) -> Value {
    let request = match strict {
        true => json!({"pack": "p.zip", "public_key": PUBLIC_KEY, "require_signature": true}),
        false => json!({"pack": "p.zip"}),
    };
    native::answer("guard.verify", &request, &mut World::of("p.zip", pack))
}

fn contents(archive: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut archive = ZipArchive::new(Cursor::new(archive)).ok()?;
    let mut members = Vec::new();
    for at in 0..archive.len() {
        let mut member = archive.by_index(at).ok()?;
        let mut content = Vec::new();
        member.read_to_end(&mut content).ok()?;
        members.push((member.name().ok()?.into_owned(), content));
    }
    Some(members)
}

/// What a signature of a manifest is over.
fn signed_part(manifest: &[u8]) -> Option<Value> {
    let mut manifest: Value = serde_json::from_slice(manifest).ok()?;
    manifest.as_object_mut()?.remove("signatures");
    Some(manifest)
}

fn packed(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    Archive::of(members.iter().map(|(name, content)| Member::stored(name, content))).bytes()
}

#[test]
fn no_flipped_bit_changes_what_a_signature_vouches_for() {
    let pack = sound();
    let honest = contents(&pack).expect("the pack is sound");
    let pack_id = verified(&pack, true)["reply"]["pack_id"].clone();
    assert!(pack_id.is_string());
    // Every bit of every fourth byte: the rest is like it.
    everywhere(pack.len() * 2, |bit| {
        let mut flipped = pack.clone();
        flipped[bit / 8 * 4 % pack.len()] ^= 1 << (bit % 8);
        let answer = verified(&flipped, true);
        if answer["reply"]["ok"] == true {
            assert_eq!(answer["reply"]["pack_id"], pack_id, "bit {bit}");
            assert!(contents(&flipped).is_none_or(|members| members == honest), "bit {bit}");
        }
    });
}

#[test]
fn every_flipped_byte_of_every_member_is_noticed() {
    let members = contents(&sound()).expect("the pack is sound");
    assert_eq!(verified(&packed(&members), true)["reply"]["ok"], true);
    for (at, (name, content)) in members.iter().enumerate() {
        everywhere(content.len(), |position| {
            let mut changed = members.clone();
            changed[at].1[position] ^= 1 << (position % 8);
            let answer = verified(&packed(&changed), true);
            // A signature without its key id is one all the same; whatever is signed is as it was.
            let same = name == "pack_manifest.json" && signed_part(&changed[at].1) == signed_part(content);
            assert!(answer["reply"]["ok"] != true || same, "byte {position} of {name}: {answer}");
        });
    }
}

#[test]
fn every_member_that_is_gone_renamed_added_or_cut_is_noticed_without_any_key() {
    let members = contents(&sound()).expect("the pack is sound");
    for at in 0..members.len() {
        let name = &members[at].0;
        let mut gone = members.clone();
        gone.remove(at);
        let mut renamed = members.clone();
        renamed[at].0 = format!("{name}.bak");
        let mut cut = members.clone();
        cut[at].1.pop();
        let mut longer = members.clone();
        longer[at].1.push(b'\n');
        let mut added = members.clone();
        added.push((format!("another_{name}"), members[at].1.clone()));
        // A manifest with a line feed behind it says the same.
        let longer = if name == "pack_manifest.json" { cut.clone() } else { longer };
        for changed in [gone, renamed, cut, longer, added] {
            let answer = verified(&packed(&changed), false);
            assert_ne!(answer["reply"]["ok"], true, "{name}: {answer}");
        }
    }
}

proptest! {
    #![proptest_config(tries(40))]

    #[test]
    fn equal_evidence_gives_equal_bytes(order in Just(TRACES.to_vec()).prop_shuffle(), twice in any::<prop::sample::Index>(), incident in any::<bool>()) {
        let audits = ["approval_audit_sample.json", "approval_audit_edge.json"];
        let mut repeated = order.clone();
        repeated.push(order[twice.index(order.len())]);
        let reversed: Vec<&str> = audits.iter().rev().copied().collect();
        prop_assert_eq!(built(&TRACES, &audits, incident), built(&repeated, &reversed, incident));
    }

    #[test]
    fn no_field_of_a_signed_manifest_can_be_changed_or_added(key in text(), value in value(), known in any::<prop::sample::Index>()) {
        let mut members = contents(&sound()).expect("the pack is sound");
        let place = members.iter().position(|member| member.0 == "pack_manifest.json").expect("a manifest");
        let mut manifest: Value = serde_json::from_slice(&members[place].1).expect("JSON");
        let keys: Vec<String> = manifest.as_object().expect("an object").keys().cloned().collect();
        for key in [&key, &keys[known.index(keys.len())]] {
            let honest = manifest.clone();
            if key == "signatures" || honest.get(key) == Some(&value) {
                continue;
            }
            manifest[key] = value.clone();
            members[place].1 = canonical(&manifest);
            let answer = verified(&packed(&members), true);
            prop_assert_ne!(&answer["reply"]["ok"], true, "{}: {}", key, answer);
            manifest = honest;
        }
    }

    #[test]
    fn no_other_payload_verifies(place in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let envelope: Value = serde_json::from_slice(&vector::blob("attestation_sound.json")).expect("JSON");
        let mut text = envelope["payload"].as_str().expect("a text").to_owned().into_bytes();
        let at = place.index(text.len());
        text[at] ^= 1 << bit;
        let mut changed = envelope.clone();
        changed["payload"] = String::from_utf8_lossy(&text).into_owned().into();
        let request = json!({"envelope": "e.json", "public_key": PUBLIC_KEY});
        let answer = native::answer("attestation.verify", &request, &mut World::of("e.json", changed.to_string()));
        // Line breaks do not count in base64, and `-` is another `+`.
        let same = |text: &str| text.replace(['\r', '\n'], "").replace('-', "+").replace('_', "/");
        let payload = |envelope: &Value| same(envelope["payload"].as_str().unwrap_or_default());
        prop_assert!(answer["reply"]["ok"] != true || payload(&changed) == payload(&envelope), "{}", answer);
    }
}
