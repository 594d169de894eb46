//! Making an evidence pack: of evidence that is named, or of what lies in a window of time around a run.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::attestation::{AttestRequest, Unsealed};
use crate::op::call;
use crate::{Timestamp, is_false, is_zero};

/// Makes an evidence pack about a run (guard contract, sections 2 to 7).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct PackRequest {
    /// Source of the runpack.
    pub run: String,
    /// Evidence by name; of no use with `incident`.
    pub evidence: EvidenceSources,
    /// Selects evidence by time instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentRequest>,
    /// `soc2`, `pci` or `incident_response`; blank is `soc2`, anything else `incident_response`.
    pub template: String,
    /// The case the pack is for.
    pub case_id: String,
    /// Adds `summary.pdf`.
    #[serde(skip_serializing_if = "is_false")]
    pub render_pdf: bool,
    /// The time now, for a run that has none.
    pub now: Timestamp,
    /// Who makes the pack.
    pub producer_version: String,
    /// Has the host sign the manifest.
    #[serde(skip_serializing_if = "is_false")]
    pub sign: bool,
    /// Makes a statement about runpack and pack, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attest: Option<AttestRequest>,
}

/// Sources of evidence, by kind; each once, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct EvidenceSources {
    /// Inventory snapshots.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inventories: Vec<String>,
    /// Traces of verdicts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub traces: Vec<String>,
    /// Results of regress runs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub regress: Vec<String>,
    /// Approval audit records.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub approval_audits: Vec<String>,
    /// Records of credentials that were issued.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<String>,
}

/// Which evidence of a folder belongs to an incident (guard contract, section 7). The core tells by name, content and
/// time; files that are no evidence are passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct IncidentRequest {
    /// How far the window reaches on each side of the run's beginning: `24h`, `90m`. Nothing or less is 24 hours.
    pub window: String,
    /// What stands in front of a name to make it a source: the folder with its separator.
    pub folder: String,
    /// Names of the files beside the runpack.
    pub names: Vec<String>,
}

/// An evidence pack was written to the stream `archive`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PackBuilt {
    /// Follows from its content.
    pub pack_id: String,
    /// The run it is about.
    pub run_id: String,
    /// Digest of the run's content, from its manifest.
    pub manifest_digest: String,
    /// The template that was used.
    pub template_id: String,
    /// Number of controls.
    pub controls: u64,
    /// Number of members for people.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rendered_artifacts: u64,
    /// Who signed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub signature_key_id: String,
    /// Digests of the policies that decided, from the traces; sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy_digests: Vec<String>,
    /// The statement, when one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation: Option<Unsealed>,
    /// What was selected; incident packs only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentSelection>,
}
call!(PackRequest, "guard.pack", PackBuilt);

/// What an incident pack took in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct IncidentSelection {
    /// Number of traces.
    #[serde(skip_serializing_if = "is_zero")]
    pub trace_count: u64,
    /// Number of regress results.
    #[serde(skip_serializing_if = "is_zero")]
    pub regress_count: u64,
    /// Number of approval audit records.
    #[serde(skip_serializing_if = "is_zero")]
    pub approval_audit_count: u64,
    /// Number of credential records.
    #[serde(skip_serializing_if = "is_zero")]
    pub credential_evidence_count: u64,
    /// Beginning of the window, in whole seconds.
    pub window_from: Timestamp,
    /// End of the window, in whole seconds.
    pub window_to: Timestamp,
}
