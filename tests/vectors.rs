//! Walks `vectors/` through every host of the core: the native library, the module in wasmtime, the module in Node.
//! Their answers must be equal to the last byte.

use std::collections::BTreeSet;
use std::fs;

use gait_contract::Code;
use gait_tests::vector::{self, Vector};
use gait_tests::{blobs, repository, runners};
use serde_json::Value;

/// Codes that need a world that misbehaves (tried in `properties/`), or an input too large for a vector.
const UNREACHABLE: [&str; 6] =
    ["file_unreadable", "file_unwritable", "file_changed", "signing_failed", "unknown_op", "internal_failure"];

#[test]
fn every_vector_gets_the_answer_it_expects() {
    none(runners::unexpected(&vector::all()).into_iter());
}

#[test]
fn the_module_in_wasmtime_answers_like_the_native_library() {
    none(runners::other_in_wasmtime(&vector::all()).into_iter());
}

#[test]
fn the_module_in_node_answers_like_the_native_library() {
    none(runners::other_in_node(&vector::folder()).into_iter());
}

#[test]
fn most_vectors_are_refusals_and_every_code_of_the_core_has_one() {
    let vectors = vector::all();
    let refusals: Vec<&Vector> = vectors.iter().filter(|vector| code(vector).is_some()).collect();
    assert!(refusals.len() * 2 > vectors.len(), "{} of {} vectors are refusals", refusals.len(), vectors.len());
    let codes: BTreeSet<&str> = refusals.iter().filter_map(|vector| code(vector)).collect();
    // The codes that the core's own sources name; hosts have more.
    let core = repository::files(&repository::root().join("core-wasm/src"), repository::has_extension("rs"));
    let sources: String = core.iter().map(|path| repository::text(path)).collect();
    let of_the_core = |code: &&Code| sources.contains(&format!("Code::{code:?}"));
    let tokens = Code::ALL.iter().filter(of_the_core).map(|code| code.token());
    none(tokens.filter(|code| !codes.contains(code) && !UNREACHABLE.contains(code)));
}

#[test]
fn vectors_are_named_for_what_they_show() {
    let well_named = |vector: &Vector| {
        let words = vector.name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'/'));
        words && !vector.title.is_empty() && !vector.why.is_empty()
    };
    let vectors = vector::all();
    none(vectors.iter().filter(|vector| !well_named(vector)).map(|vector| &vector.name));
    none(
        vectors
            .iter()
            .filter(|vector| vector.expect.fault.is_some() && code(vector).is_none())
            .map(|vector| &vector.name),
    );
}

#[test]
fn blobs_are_what_the_generator_makes_and_nothing_else() {
    let folder = vector::folder().join("blobs");
    let made = blobs::all();
    let stale = |(name, bytes): (&String, &Vec<u8>)| {
        (fs::read(folder.join(name)).ok().as_ref() != Some(bytes)).then(|| name.clone())
    };
    let mut odd: Vec<String> = made.iter().filter_map(stale).collect();
    odd.extend(vector::blob_names().into_iter().filter(|name| !made.contains_key(name)));
    assert!(odd.is_empty(), "run `cargo run -p gait-tests --bin make-blobs`: {odd:?}");
    none(vector::unused_blobs(&vector::all()).into_iter());
}

/// The code a refusal expects, or the first of several. Messages of a conversation are refused in a reply.
fn code(vector: &Vector) -> Option<&str> {
    let refused = || vector.expect.reply.as_ref()?.get("refusal");
    let code = vector.expect.fault.as_ref().or_else(refused)?.get("error_code")?;
    code.as_str().or_else(|| code.get("$in")?.as_array()?.first().and_then(Value::as_str))
}

#[track_caller]
fn none<T: std::fmt::Display>(complaints: impl Iterator<Item = T>) {
    let complaints: Vec<String> = complaints.map(|complaint| complaint.to_string()).collect();
    assert!(complaints.is_empty(), "{}:\n{}", complaints.len(), complaints.join("\n"));
}
