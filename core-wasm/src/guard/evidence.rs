//! Reading evidence: files that were named, or the files beside a runpack whose time lies in a window around the run
//! (guard contract, sections 2.3 to 2.6 and 7).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::approval::{APPROVAL_AUDIT_SCHEMA, ApprovalAudit};
use gait_contract::attestation::VerdictCounts;
use gait_contract::evidence::{EvidenceSources, IncidentRequest, IncidentSelection};
use gait_contract::gate::{CREDENTIAL_SCHEMA, CredentialRecord};
use gait_contract::regress::RESULT_SCHEMA;
use gait_contract::trace::{TRACE_SCHEMA, Trace};
use gait_contract::{Fault, FreeObject, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::document;
use crate::json::{self, Canonical};
use crate::order;
use crate::task::Host;

/// A member of the pack to be.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) content: Vec<u8>,
}

impl Member {
    /// A member in canonical form.
    pub(super) fn of<T: Serialize>(name: impl Into<String>, value: &T) -> Self {
        Self { name: name.into(), content: json::canonical(value) }
    }
}

/// What was read.
#[derive(Default)]
pub(super) struct Evidence {
    pub(super) members: Vec<Member>,
    traces: Vec<TraceLine>,
    results: Vec<ResultLine>,
    /// Digests of policies as the traces spell them.
    policies: Vec<String>,
}

#[derive(Serialize)]
struct TraceLine {
    trace_id: String,
    tool_name: String,
    verdict: String,
}

#[derive(Serialize)]
struct ResultLine {
    fixture_set: String,
    status: String,
    graders: u64,
}

/// What is read of a regress result; what its graders looked at is not.
#[derive(Default, Deserialize)]
#[serde(default)]
struct RegressNote {
    schema_id: String,
    created_at: Timestamp,
    fixture_set: String,
    status: String,
    graders: Vec<GraderNote>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "read to be checked: a grader with a field of the wrong type is no evidence")]
struct GraderNote {
    name: String,
    status: String,
    reason_codes: Vec<String>,
    details: Option<FreeObject>,
}

/// An inventory snapshot (schemas contract, B.20).
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Inventory {
    schema_id: String,
    schema_version: String,
    created_at: Timestamp,
    producer_version: String,
    snapshot_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    workspace: String,
    items: Option<Vec<InventoryItem>>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct InventoryItem {
    id: String,
    kind: String,
    name: String,
    locator: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    risk_level: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    last_seen_run: String,
}

impl Evidence {
    /// Reads what was named. The numbers in names of members follow the sorted sources of their kind.
    pub(super) async fn named(host: &Host, sources: &EvidenceSources) -> Result<Self, Fault> {
        let mut evidence = Self::default();
        for (number, source) in numbered(&sources.inventories) {
            let inventory: Inventory = read(host, &source).await?;
            evidence.members.push(Member::of(format!("inventory_snapshot_{number:02}.json"), &inventory));
        }
        for (_, source) in numbered(&sources.traces) {
            evidence.trace(read(host, &source).await?);
        }
        for (_, source) in numbered(&sources.regress) {
            evidence.result(read(host, &source).await?);
        }
        for (number, source) in numbered(&sources.approval_audits) {
            let record: ApprovalAudit = read(host, &source).await?;
            evidence.members.push(Member::of(audit_name(number), &record));
        }
        for (number, source) in numbered(&sources.credentials) {
            let record: CredentialRecord = read(host, &source).await?;
            evidence.members.push(Member::of(credential_name(number), &record));
        }
        Ok(evidence)
    }

    /// Reads what lies in a window of time. Approvals and credentials belong to the traces that do.
    pub(super) async fn within(host: &Host, request: &IncidentRequest, window: &Window) -> (Self, IncidentSelection) {
        let (mut evidence, mut selection) = (Self::default(), IncidentSelection::default());
        let names = order::set(request.names.clone());
        let source = |name: &String| format!("{}{name}", request.folder);
        let mut traces = Vec::new();
        for name in names.iter().filter(|name| is(name, "trace_")) {
            let Ok(trace) = read::<Trace>(host, &source(name)).await else { continue };
            if window.holds(&trace.created_at) && is_of(&trace.schema_id, TRACE_SCHEMA) {
                traces.push(trace.trace_id.clone());
                evidence.trace(trace);
            }
        }
        for name in names.iter().filter(|name| is(name, "regress")) {
            let Ok(result) = read::<RegressNote>(host, &source(name)).await else { continue };
            if window.holds(&result.created_at) && is_of(&result.schema_id, RESULT_SCHEMA) {
                selection.regress_count += 1;
                evidence.result(result);
            }
        }
        let (any, traces) = (!traces.is_empty(), order::set(traces));
        let belongs = |trace_id: &str| !any || order::place(&traces, trace_id).is_some();
        for name in names.iter().filter(|name| is(name, "approval_audit_")) {
            let Ok(record) = read::<ApprovalAudit>(host, &source(name)).await else { continue };
            let fits = window.holds(&record.created_at) && is_of(&record.schema_id, APPROVAL_AUDIT_SCHEMA);
            if fits && belongs(&record.trace_id) {
                selection.approval_audit_count += 1;
                evidence.members.push(Member::of(audit_name(selection.approval_audit_count), &record));
            }
        }
        for name in names.iter().filter(|name| is(name, "credential_evidence_")) {
            let Ok(record) = read::<CredentialRecord>(host, &source(name)).await else { continue };
            let fits = window.holds(&record.created_at) && is_of(&record.schema_id, CREDENTIAL_SCHEMA);
            if fits && belongs(&record.trace_id) {
                selection.credential_evidence_count += 1;
                evidence.members.push(Member::of(credential_name(selection.credential_evidence_count), &record));
            }
        }
        selection.trace_count = evidence.traces.len() as u64;
        (evidence, selection)
    }

    fn trace(&mut self, trace: Trace) {
        let Trace { trace_id, tool_name, verdict, policy_digest, .. } = trace;
        self.traces.push(TraceLine { trace_id, tool_name, verdict });
        if !policy_digest.trim().is_empty() {
            self.policies.push(policy_digest);
        }
    }

    fn result(&mut self, note: RegressNote) {
        let RegressNote { fixture_set, status, graders, .. } = note;
        self.results.push(ResultLine { fixture_set, status, graders: graders.len() as u64 });
    }

    /// Distinct digests of policies, sorted.
    pub(super) fn policy_digests(&self) -> Vec<String> {
        order::set(self.policies.clone())
    }

    /// How often each verdict was given.
    fn verdict_counts(&self) -> FreeObject {
        counts(self.traces.iter().map(|line| line.verdict.as_str()).collect())
    }

    /// The same for a statement, which knows the verdicts by name.
    pub(super) fn verdicts(&self) -> VerdictCounts {
        let mut counts = VerdictCounts::default();
        for line in &self.traces {
            let count = match line.verdict.as_str() {
                "allow" => &mut counts.allow,
                "block" => &mut counts.block,
                "dry_run" => &mut counts.dry_run,
                "require_approval" => &mut counts.require_approval,
                _ => &mut counts.other,
            };
            *count += 1;
        }
        counts
    }

    /// The summary of the traces, if there are any.
    pub(super) fn trace_summary(&mut self) -> Option<Member> {
        #[derive(Serialize)]
        struct Summary<'a> {
            total: u64,
            traces: &'a [TraceLine],
            verdict_counts: FreeObject,
        }
        order::sort(&mut self.traces, &mut |one, other| {
            let key = |line: &'_ TraceLine| [line.trace_id.clone(), line.tool_name.clone(), line.verdict.clone()];
            key(one).cmp(&key(other))
        });
        let (total, verdict_counts) = (self.traces.len() as u64, self.verdict_counts());
        (total > 0).then(|| Member::of("trace_summary.json", &Summary { total, traces: &self.traces, verdict_counts }))
    }

    /// The summary of the regress results, if there are any.
    pub(super) fn regress_summary(&mut self) -> Option<Member> {
        #[derive(Serialize)]
        struct Summary<'a> {
            results: &'a [ResultLine],
            status_counts: FreeObject,
            total: u64,
        }
        order::sort(&mut self.results, &mut |one, other| {
            (&one.fixture_set, &one.status).cmp(&(&other.fixture_set, &other.status))
        });
        let status_counts = counts(self.results.iter().map(|line| line.status.as_str()).collect());
        let total = self.results.len() as u64;
        let summary = Summary { results: &self.results, status_counts, total };
        (total > 0).then(|| Member::of("regress_summary.json", &summary))
    }
}

/// A window of time; both ends belong to it.
pub(super) struct Window {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

impl Window {
    fn holds(&self, time: &Timestamp) -> bool {
        (self.from.instant()..=self.to.instant()).contains(&time.instant())
    }
}

/// The sources of one kind with their numbers.
fn numbered(sources: &[String]) -> impl Iterator<Item = (u64, String)> {
    (1..).zip(order::set(sources.to_vec()))
}

fn audit_name(number: u64) -> String {
    format!("approval_audit_{number:02}.json")
}

fn credential_name(number: u64) -> String {
    format!("credential_evidence_{number:02}.json")
}

/// A name with this beginning that ends in `.json`.
fn is(name: &str, beginning: &str) -> bool {
    name.strip_prefix(beginning).is_some_and(|rest| rest.ends_with(".json"))
}

/// Whether a document may be of a kind: it says so, or says nothing.
fn is_of(schema_id: &str, expected: &str) -> bool {
    schema_id.is_empty() || schema_id == expected
}

async fn read<T: DeserializeOwned>(host: &Host, source: &str) -> Result<T, Fault> {
    let text = document::read(host, source).await?;
    json::read(&text).map_err(|fault| fault.at(source))
}

/// How often each text stands in a list: an object in canonical form.
fn counts(mut texts: Vec<&str>) -> FreeObject {
    order::sort(&mut texts, &mut |one, other| one.cmp(other));
    let mut form = Canonical::default();
    let mut object = form.open();
    for same in texts.chunk_by(|one, other| one == other) {
        let key = form.named(&object, same.first().copied().unwrap_or_default());
        form.integer(i64::try_from(same.len()).unwrap_or(i64::MAX));
        // Each text comes once, so no key is repeated.
        let _ = form.end_member(&mut object, key);
    }
    let _ = form.close(object);
    FreeObject::from_canonical(String::from_utf8(form.into_bytes()).unwrap_or_default())
}
