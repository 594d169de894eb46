//! The module in Node, through the package's own conversation (`host-js/test/vectors.mjs`).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use base64ct::{Base64, Encoding};
use serde::Deserialize;

use crate::repository;
use crate::vector::Ending;

#[derive(Deserialize)]
struct Line {
    case: String,
    frame: String,
    archive: Option<Written>,
    steps: usize,
}

#[derive(Deserialize)]
struct Written {
    length: u64,
    sha256: String,
}

/// How every vector of a folder ended in Node, by name.
pub fn run(folder: &Path) -> Result<BTreeMap<String, Ending>, String> {
    let root = repository::root();
    let script = root.join("host-js/test/vectors.mjs");
    let module = |place: &str| fs::read(root.join(place)).ok();
    if module("host-js/dist/gait_core.wasm") != module("core-wasm/dist/gait_core.wasm") {
        return Err("the Node package is not built, or is older than the module; run `npm --prefix host-js ci` once, \
                    then `npm --prefix host-js run build`"
            .into());
    }
    let done = Command::new("node").arg(&script).arg(folder).output();
    let done = done.map_err(|error| format!("`node` cannot be started ({error}); install Node 20 or later"))?;
    if !done.status.success() {
        return Err(format!("{}: {}", script.display(), String::from_utf8_lossy(&done.stderr)));
    }
    let text = String::from_utf8_lossy(&done.stdout);
    text.lines().map(ending).collect()
}

fn ending(line: &str) -> Result<(String, Ending), String> {
    let Line { case, frame, archive, steps } =
        serde_json::from_str(line).map_err(|error| format!("{error} in {line:?}"))?;
    let frame = Base64::decode_vec(&frame).map_err(|error| format!("{case}: {error}"))?;
    let archive = archive.map(|Written { length, sha256 }| (length, sha256));
    Ok((case, Ending { frame, archive, steps }))
}
