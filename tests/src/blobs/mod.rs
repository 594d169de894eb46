//! The blobs of the vectors, each made by a line that says what is wrong with it.

mod attestations;
mod conversations;
mod evidence;
mod gate;
mod guard;
mod json;
mod policies;
mod records;
mod registry;
mod regress;
mod runpacks;
mod scout;
mod signatures;
mod zip;

use std::collections::BTreeMap;

/// Name and bytes of every blob.
pub fn all() -> BTreeMap<String, Vec<u8>> {
    let families = [
        attestations::blobs(),
        zip::blobs(),
        runpacks::blobs(),
        signatures::blobs(),
        json::blobs(),
        policies::blobs(),
        records::blobs(),
        regress::blobs(),
        conversations::blobs(),
        evidence::blobs(),
        gate::blobs(),
        guard::blobs(),
        registry::blobs(),
        scout::blobs(),
    ];
    let mut blobs = BTreeMap::new();
    for (name, bytes) in families.into_iter().flatten() {
        assert!(blobs.insert(name.clone(), bytes).is_none(), "two blobs are named {name}");
    }
    blobs
}

/// A list of names and bytes.
type Blobs = Vec<(String, Vec<u8>)>;

fn blob(name: &str, bytes: impl Into<Vec<u8>>) -> (String, Vec<u8>) {
    (name.into(), bytes.into())
}
