//! Evidence packs (guard contract): what an auditor receives about a run, and checking it.
//!
//! - [`evidence`]: reading the evidence, by name or by the time around a run
//! - [`controls`]: which member speaks for which control of a template
//! - [`pdf`]: `summary.pdf`, byte for byte
//! - [`build`]: op `guard.pack`
//! - [`verify`]: op `guard.verify`
//! - [`retain`]: op `guard.retain`
//! - [`attest`]: in-toto statements, and op `attestation.verify`
//! - [`contained`]: runpacks and traces inside a pack

mod attest;
mod build;
mod contained;
mod controls;
mod evidence;
mod pdf;
mod retain;
mod verify;

use alloc::format;
use alloc::string::String;

use gait_contract::guard::PackEntry;
use serde::Serialize;

pub(crate) use attest::verify as verify_attestation;
pub(crate) use build::pack;
pub(crate) use retain::retain;
pub(crate) use verify::verify;

use crate::digest::sha256_hex;
use crate::json;

/// The manifest's member.
const MANIFEST: &str = "pack_manifest.json";
/// The member with the control index.
const CONTROL_INDEX: &str = "control_index.json";
/// The member with the evidence pointers.
const EVIDENCE_POINTERS: &str = "evidence_pointers.json";

/// The id that follows from the content (section 5).
fn pack_id(contents: &[PackEntry], run_id: &str) -> String {
    #[derive(Serialize)]
    struct Named<'a> {
        contents: &'a [PackEntry],
        run_id: &'a str,
    }
    let digest = sha256_hex(&json::canonical(&Named { contents, run_id }));
    format!("pack_{}", digest.get(..16).unwrap_or_default())
}
