//! Pack evidence about a run: find what lies beside it, have the pack built and signed, verify it, put it in place.

use std::path::Path;

use gait_contract::attestation::{AttestRequest, AttestationVerifyRequest};
use gait_contract::evidence::{EvidenceSources, PackBuilt, PackRequest};
use gait_contract::guard::PackVerifyRequest;
use gait_contract::{Code, Fault};
use serde::Serialize;

use super::{attestation, gate_keys};
use crate::core::Core;
use crate::host::files::Files;
use crate::host::fs::Draft;
use crate::host::keys::PrivateKey;
use crate::host::{clock, folder, interrupt, paths};

/// What to pack, and how.
pub struct Wanted {
    /// Run id or path.
    pub run: String,
    /// File of the pack; blank for the usual name beside the runpack.
    pub out: String,
    /// The case.
    pub case_id: String,
    /// Whose controls.
    pub template: String,
    /// Adds a page for people.
    pub render_pdf: bool,
    /// Evidence by name.
    pub evidence: EvidenceSources,
    /// `dev` or `prod`.
    pub key_mode: String,
    /// File of the key.
    pub private_key: String,
    /// Environment variable with the key.
    pub private_key_env: String,
    /// Writes an attestation, too.
    pub attest: bool,
}

/// A pack was written.
#[derive(Debug, Serialize)]
pub struct Packed {
    /// Always true.
    pub ok: bool,
    /// Its path.
    pub pack_path: String,
    /// Its name, which follows from its content.
    pub pack_id: String,
    /// The run.
    pub run_id: String,
    /// The template that was used.
    pub template_id: String,
    /// Number of controls.
    pub controls: u64,
    /// Number of members for people.
    #[serde(skip_serializing_if = "is_zero")]
    pub rendered_artifacts: u64,
    /// Where its manifest is.
    pub manifest_path: String,
    /// The attestation's file.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub attestation_path: String,
    /// What is allowed but worth a look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Said once, when a development key was made.
    #[serde(skip)]
    pub announcement: Option<String>,
    /// What is odd about the key's file.
    #[serde(skip)]
    pub remark: Option<String>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Makes an evidence pack.
pub fn pack(wanted: Wanted) -> Result<Packed, Fault> {
    let run = paths::resolve(&wanted.run)?;
    let mut evidence = wanted.evidence;
    discover(&run, "approval_audit_", &mut evidence.approval_audits)?;
    discover(&run, "credential_evidence_", &mut evidence.credentials)?;
    let signer = gate_keys::signer(&wanted.key_mode, &wanted.private_key, &wanted.private_key_env)?;
    let attest = wanted.attest.then(|| AttestRequest {
        run_name: attestation::name_of(&run),
        pack_name: attestation::name_of(&wanted.out),
        core_digest: Core::digest().into(),
    });
    let request = PackRequest {
        run,
        attest,
        evidence,
        template: wanted.template,
        case_id: wanted.case_id,
        render_pdf: wanted.render_pdf,
        now: clock::now(),
        producer_version: Core::producer_version(),
        sign: true,
        ..PackRequest::default()
    };
    let made = build(&request, &wanted.out, Files::new().signing_with(Some(signer.key.clone())))?;
    let (mut attestation_path, mut sealed) = (String::new(), None);
    if let Some(unsealed) = &made.built.attestation {
        attestation_path = attestation::place(&made.path);
        let draft = Draft::holding(Path::new(&attestation_path), attestation::seal(unsealed, &signer.key).as_bytes())?;
        check_attestation(&draft, &made, &request.run, &signer.key)?;
        sealed = Some(draft);
    }
    let (pack_path, built) = made.put()?;
    if let Some(draft) = sealed {
        draft.put(Path::new(&attestation_path))?;
    }
    Ok(Packed {
        ok: true,
        manifest_path: format!("{pack_path}#pack_manifest.json"),
        pack_path,
        pack_id: built.pack_id,
        run_id: built.run_id,
        template_id: built.template_id,
        controls: built.controls,
        rendered_artifacts: built.rendered_artifacts,
        attestation_path,
        warnings: signer.warnings,
        announcement: signer.announcement,
        remark: signer.remark,
    })
}

/// A pack that is complete and verified, and has no name yet.
pub(super) struct Made {
    draft: Draft,
    path: String,
    built: PackBuilt,
}

impl Made {
    /// Gives it its name.
    pub(super) fn put(self) -> Result<(String, PackBuilt), Fault> {
        self.draft.put(Path::new(&self.path))?;
        Ok((self.path, self.built))
    }
}

/// Reads a new attestation back, and holds it against the two files it is about.
fn check_attestation(draft: &Draft, made: &Made, run: &str, key: &PrivateKey) -> Result<(), Fault> {
    let request = AttestationVerifyRequest {
        envelope: draft.path().display().to_string(),
        public_key: Some(key.public().text()),
        require_signature: true,
        folder: None,
        files: vec![run.to_owned(), made.draft.path().display().to_string()],
    };
    if Core::load()?.call(&request, &mut Files::new().quietly())?.ok {
        return Ok(());
    }
    Err(Fault::new(Code::FileChanged, "the runpack changed while it was packed, so nothing was kept"))
}

/// Has a pack built, and verifies it.
pub(super) fn build(request: &PackRequest, out: &str, files: Files) -> Result<Made, Fault> {
    let place = if out.is_empty() { paths::folder_of(&request.run) } else { paths::folder_of(out) };
    refuse_inputs(request, out)?;
    interrupt::hold();
    let core = Core::load()?;
    let mut files = files.writing_into_new(place);
    let built = core.call(request, &mut files).map_err(|fault| files.explain(fault))?;
    let draft = files.into_draft()?;
    let written = PackVerifyRequest { pack: draft.path().display().to_string(), ..PackVerifyRequest::default() };
    if !core.call(&written, &mut Files::new().quietly())?.ok {
        return Err(Fault::new(Code::InternalFailure, "the new pack does not verify, so it was not kept")
            .hint("check the disk, and report this if it happens again"));
    }
    let usual = || paths::beside(&request.run, &format!("evidence_pack_{}.zip", built.pack_id));
    let path = if out.is_empty() { usual() } else { out.to_owned() };
    Ok(Made { draft, path, built })
}

/// Fills a list that nobody filled with the files beside the runpack that have this beginning.
fn discover(run: &str, beginning: &str, list: &mut Vec<String>) -> Result<(), Fault> {
    if !list.is_empty() {
        return Ok(());
    }
    for (name, is_file) in folder::names(paths::folder_of(run))? {
        if !name.starts_with(beginning) || !name.ends_with(".json") {
            continue;
        }
        let path = paths::beside(run, &name);
        if !is_file {
            // Evidence that cannot be read must not be left out in silence.
            return Err(Fault::new(Code::FileUnreadable, format!("`{path}` is no file"))
                .hint("move it away, or name the evidence that counts"));
        }
        list.push(path);
    }
    Ok(())
}

fn refuse_inputs(request: &PackRequest, out: &str) -> Result<(), Fault> {
    let EvidenceSources { inventories, traces, regress, approval_audits, credentials } = &request.evidence;
    let mut inputs = [inventories, traces, regress, approval_audits, credentials].into_iter().flatten();
    let is_out = |input: &String| !out.is_empty() && paths::same_place(input, out);
    if is_out(&request.run) || inputs.any(is_out) {
        return Err(Fault::new(Code::OutputIsInput, format!("`{out}` would be overwritten")));
    }
    Ok(())
}
