//! Record a run: build the archive beside its place, sign it, verify it, and only then give it its name.

use std::path::Path;

use gait_contract::runpack::{RecordDefaults, RecordRequest, Recorded};
use gait_contract::verify::VerifyRequest;
use gait_contract::{Code, Fault};
use serde::Serialize;

use super::signing::Signing;
use crate::core::Core;
use crate::host::files::Files;
use crate::host::fs::Draft;
use crate::host::{clock, interrupt, machine, paths};

/// What to record, and where to.
pub struct Wanted {
    /// The record.
    pub input: String,
    /// Folder of the archive.
    pub out_dir: String,
    /// Replaces the run id everywhere, unless blank.
    pub run_id: String,
    /// Replaces the capture mode, unless blank.
    pub capture_mode: String,
}

/// A runpack that was written.
#[derive(Debug, Serialize)]
pub struct Written {
    /// Always true.
    pub ok: bool,
    /// The run.
    pub run_id: String,
    /// Path of the archive.
    pub bundle: String,
    /// The digest that names the run's content.
    pub manifest_digest: String,
    /// The line to paste into a ticket.
    pub ticket_footer: String,
    /// `signed` or `missing`.
    pub signature_status: &'static str,
    /// Who signed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub signature_key_id: String,
    /// Things that are allowed but worth a look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Records a run.
pub fn record(wanted: Wanted, signing: Signing) -> Result<Written, Fault> {
    if !wanted.run_id.trim().is_empty() {
        paths::archive_name(wanted.run_id.trim())?;
    }
    interrupt::hold();
    let core = Core::load()?;
    let request = RecordRequest {
        input: wanted.input,
        run_id: wanted.run_id,
        capture_mode: wanted.capture_mode,
        defaults: defaults(),
        signing: signing.place,
    };
    let mut files = Files::new().writing_into_new(&wanted.out_dir).signing_with(signing.key);
    let recorded = core.call(&request, &mut files).map_err(|fault| files.explain(fault))?;
    finish(&core, files, recorded, &wanted.out_dir, signing.warnings)
}

/// Values for fields that a record lacks.
pub(super) fn defaults() -> RecordDefaults {
    RecordDefaults { now: clock::now(), producer_version: Core::producer_version(), env: machine::env() }
}

/// Puts the archive of a recorded run in place.
pub(super) fn finish(
    core: &Core,
    files: Files,
    recorded: Recorded,
    out_dir: &str,
    mut warnings: Vec<String>,
) -> Result<Written, Fault> {
    let bundle = paths::shown(out_dir, &paths::archive_name(&recorded.run_id)?);
    let draft = files.into_draft()?;
    check(core, &draft)?;
    draft.put(Path::new(&bundle))?;
    warnings.extend(recorded.warnings);
    Ok(Written {
        ok: true,
        run_id: recorded.run_id,
        bundle,
        manifest_digest: recorded.manifest_digest,
        ticket_footer: recorded.ticket_footer,
        signature_status: if recorded.signature_key_id.is_empty() { "missing" } else { "signed" },
        signature_key_id: recorded.signature_key_id,
        warnings,
    })
}

/// Reads a new archive back from the disk and verifies it.
pub(super) fn check(core: &Core, draft: &Draft) -> Result<(), Fault> {
    let archive = draft.path().display().to_string();
    let report = core.call(&VerifyRequest { archive, ..VerifyRequest::default() }, &mut Files::new())?;
    if report.ok {
        return Ok(());
    }
    Err(Fault::new(Code::VerificationFailed, "the new archive does not verify, so it was not kept")
        .hint("check the disk, and report this if it happens again"))
}
