//! Templates: which controls an auditor looks at, and which members speak for them (guard contract, section 4).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::guard::{ControlEntry, EvidencePointer, PackEntry};

use crate::text::lower;

/// A control, and what speaks for it: members of some kinds, and members with some word in their names.
struct Control {
    id: &'static str,
    title: &'static str,
    kinds: &'static [&'static str],
    words: &'static [&'static str],
}

const SOC2: &[Control] = &[
    Control {
        id: "CC6.6",
        title: "Change Management Evidence",
        kinds: &["trace", "evidence"],
        words: &["approval_audit_", "credential_evidence_"],
    },
    Control {
        id: "CC7.2",
        title: "Operational Monitoring",
        kinds: &["report"],
        words: &["regress_summary.json", "trace_summary.json"],
    },
    Control {
        id: "CC8.1",
        title: "Incident Evidence Integrity",
        kinds: &["runpack", "evidence"],
        words: &["runpack_summary.json", "referenced_runpacks.json"],
    },
];

const PCI: &[Control] = &[
    Control {
        id: "PCI-10",
        title: "Audit Trail and Monitoring",
        kinds: &["trace", "report"],
        words: &["trace_summary.json"],
    },
    Control {
        id: "PCI-7",
        title: "Access and Approval Controls",
        kinds: &["evidence"],
        words: &["approval_audit_", "credential_evidence_"],
    },
    Control {
        id: "PCI-12",
        title: "Incident Handling Evidence",
        kinds: &["runpack", "report"],
        words: &["runpack_summary.json", "regress_summary.json"],
    },
];

const INCIDENT_RESPONSE: &[Control] = &[
    Control {
        id: "IR-CHAIN",
        title: "Reconstruction Chain",
        kinds: &["runpack", "trace", "evidence"],
        words: &["runpack_summary.json", "trace_summary.json", "approval_audit_", "credential_evidence_"],
    },
    Control {
        id: "IR-ROOTCAUSE",
        title: "Root Cause and Regression",
        kinds: &["report"],
        words: &["regress_summary.json", "policy_digests.json"],
    },
];

/// A template by its usual name.
pub(super) struct Template {
    pub(super) id: &'static str,
    controls: &'static [Control],
}

impl Template {
    /// The template that is meant: blank is `soc2`, and what nobody knows is `incident_response`.
    pub(super) fn named(name: &str) -> Self {
        match lower(name.trim()).as_str() {
            "" | "soc2" => Self { id: "soc2", controls: SOC2 },
            "pci" => Self { id: "pci", controls: PCI },
            _ => Self { id: "incident_response", controls: INCIDENT_RESPONSE },
        }
    }

    /// The control index over members that are sorted by path.
    pub(super) fn index(&self, entries: &[PackEntry]) -> Vec<ControlEntry> {
        self.controls.iter().map(|control| control.over(entries)).collect()
    }
}

impl Control {
    fn over(&self, entries: &[PackEntry]) -> ControlEntry {
        let speaks = |entry: &&PackEntry| {
            self.kinds.contains(&entry.kind.as_str()) || self.words.iter().any(|word| entry.path.contains(word))
        };
        ControlEntry {
            control_id: self.id.into(),
            title: self.title.into(),
            evidence_paths: entries.iter().filter(speaks).map(|entry| entry.path.clone()).collect(),
        }
    }
}

/// Names for members that are sorted by path.
pub(super) fn pointers(entries: &[PackEntry]) -> Vec<EvidencePointer> {
    let pointer = |(number, entry): (usize, &PackEntry)| EvidencePointer {
        pointer_id: format!("ev_{number:03}"),
        path: entry.path.clone(),
        kind: entry.kind.clone(),
        sha256: entry.sha256.clone(),
    };
    (1..).zip(entries).map(pointer).collect()
}

/// What kind of evidence a member is; its exact name tells.
pub(super) fn kind(name: &str) -> String {
    match name {
        "runpack_summary.json" => "runpack",
        "trace_summary.json" => "trace",
        "regress_summary.json"
        | "policy_digests.json"
        | "summary.pdf"
        | super::CONTROL_INDEX
        | super::EVIDENCE_POINTERS => "report",
        _ => "evidence",
    }
    .to_string()
}
