//! Pack the evidence of a window of time around a run: list the files beside it, let the core choose.

use gait_contract::Fault;
use gait_contract::evidence::{IncidentRequest, IncidentSelection, PackRequest};
use serde::Serialize;

use super::guard_pack::build;
use crate::core::Core;
use crate::host::files::Files;
use crate::host::{clock, folder, paths};

/// What to pack.
pub struct Wanted {
    /// Run id or path.
    pub run: String,
    /// How far the window reaches.
    pub window: String,
    /// Whose controls.
    pub template: String,
    /// The case.
    pub case_id: String,
    /// Adds a page for people.
    pub render_pdf: bool,
    /// File of the pack; blank for the usual name beside the runpack.
    pub out: String,
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
    /// What was taken in.
    #[serde(flatten)]
    pub selection: IncidentSelection,
    /// Digests of the policies that decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policy_digests: Vec<String>,
}

/// Makes an incident pack.
pub fn pack(wanted: Wanted) -> Result<Packed, Fault> {
    let run = paths::resolve(&wanted.run)?;
    let names = folder::names(paths::folder_of(&run))?;
    let names = names.into_iter().filter(|(name, is_file)| *is_file && name.ends_with(".json"));
    let incident = IncidentRequest {
        window: wanted.window,
        folder: paths::beside(&run, ""),
        names: names.map(|(name, _)| name).collect(),
    };
    let request = PackRequest {
        run,
        incident: Some(incident),
        template: wanted.template,
        case_id: wanted.case_id,
        render_pdf: wanted.render_pdf,
        now: clock::now(),
        producer_version: Core::producer_version(),
        ..PackRequest::default()
    };
    let (pack_path, built) = build(&request, &wanted.out, Files::new())?.put()?;
    Ok(Packed {
        ok: true,
        pack_path,
        pack_id: built.pack_id,
        run_id: built.run_id,
        template_id: built.template_id,
        selection: built.incident.unwrap_or_default(),
        policy_digests: built.policy_digests,
    })
}
