//! Damaged and doctored archives.

use std::io::{Cursor, Read, Write};

use gait_tests::archive::{Archive, Member};
use gait_tests::runpack::Runpack;
use proptest::prelude::*;
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::samples::{everywhere, packed, record, recorded, tries, verified};

/// Names and contents, as an independent reader sees them.
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

#[test]
fn no_flipped_bit_changes_what_verifies() {
    let archive = packed();
    let honest = contents(&archive).expect("the archive is sound");
    let digest = verified(&archive)["reply"]["manifest_digest"].clone();
    everywhere(archive.len() * 8, |bit| {
        let mut flipped = archive.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let answer = verified(&flipped);
        // Times, attributes and the like say nothing about content.
        if answer["reply"]["ok"] == true {
            assert_eq!(answer["reply"]["manifest_digest"], digest, "bit {bit}");
            assert!(contents(&flipped).is_none_or(|members| members == honest), "bit {bit}");
        }
    });
}

#[test]
fn no_cut_off_archive_verifies() {
    for archive in [packed(), Runpack::demo().bytes(), Runpack::demo().archive().comment(b"a note").bytes()] {
        everywhere(archive.len(), |length| {
            let answer = verified(&archive[..length]);
            let code = answer["fault"]["error_code"].as_str().unwrap_or_default();
            assert!(code.starts_with("zip_"), "{length} of {} bytes: {answer}", archive.len());
        });
    }
}

#[test]
fn every_flipped_byte_of_every_member_is_noticed() {
    let members = contents(&packed()).expect("the archive is sound");
    for (at, (name, content)) in members.iter().enumerate() {
        everywhere(content.len(), |position| {
            let mut flipped = content.clone();
            flipped[position] ^= 1 << (position % 8);
            let archive =
                Archive::of(members.iter().enumerate().map(|(other, (name, content))| {
                    Member::stored(name, if other == at { &flipped } else { content })
                }));
            let answer = verified(&archive.bytes());
            // The manifest's own digest may be written in capitals.
            let same = name == "manifest.json" && flipped.eq_ignore_ascii_case(content);
            let noticed = answer["reply"]["ok"] != true;
            assert!(noticed || same, "byte {position} of {name}: {answer}");
            if name != "manifest.json" {
                assert_eq!(answer["reply"]["hash_mismatches"][0]["path"], Value::from(name.as_str()));
            }
        });
    }
}

#[test]
fn how_members_are_packed_does_not_count() {
    let members = contents(&packed()).expect("the archive is sound");
    let digest = verified(&packed())["reply"]["manifest_digest"].clone();
    for level in [0, 1, 9] {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in members.iter().rev() {
            let method = if level == 0 { zip::CompressionMethod::Stored } else { zip::CompressionMethod::Deflated };
            let options = SimpleFileOptions::default().compression_method(method);
            let options = if level == 0 { options } else { options.compression_level(Some(level)) };
            writer.start_file(name.as_str(), options).and_then(|()| Ok(writer.write_all(content)?)).expect("memory");
        }
        let answer = verified(&writer.finish().expect("memory").into_inner());
        assert_eq!((&answer["reply"]["ok"], &answer["reply"]["manifest_digest"]), (&true.into(), &digest), "{answer}");
    }
}

proptest! {
    #![proptest_config(tries(60))]

    #[test]
    fn an_independent_reader_sees_the_members_in_order(record in record()) {
        let members = contents(&recorded(&record)).expect("the archive is sound");
        let names: Vec<&str> = members.iter().map(|member| member.0.as_str()).collect();
        prop_assert_eq!(names, ["intents.jsonl", "manifest.json", "refs.json", "results.jsonl", "run.json"]);
        for (name, content) in &members {
            let manifest: Value = serde_json::from_slice(&members[1].1).expect("the manifest is JSON");
            let listed = manifest["files"].as_array().into_iter().flatten().find(|file| file["path"] == name.as_str());
            let digest = gait_tests::world::sha256(content);
            prop_assert!(name == "manifest.json" || listed.is_some_and(|file| file["sha256"] == digest.as_str()));
        }
    }

    #[test]
    fn several_flips_change_nothing_that_verifies(flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let archive = packed();
        let mut flipped = archive.clone();
        for (place, bits) in flips {
            let at = place.index(flipped.len());
            flipped[at] ^= bits;
        }
        let answer = verified(&flipped);
        if answer["reply"]["ok"] == true {
            prop_assert_eq!(&answer["reply"]["manifest_digest"], &verified(&archive)["reply"]["manifest_digest"]);
        }
    }

    #[test]
    fn spliced_archives_never_verify_as_something_new(record in record(), cut in any::<prop::sample::Index>(), from in any::<prop::sample::Index>()) {
        let (one, other) = (recorded(&record), packed());
        let spliced = [&one[..cut.index(one.len())], &other[from.index(other.len())..]].concat();
        let answer = verified(&spliced);
        if answer["reply"]["ok"] == true {
            let digests = [verified(&one), verified(&other)].map(|answer| answer["reply"]["manifest_digest"].clone());
            prop_assert!(digests.contains(&answer["reply"]["manifest_digest"]));
        }
    }
}
