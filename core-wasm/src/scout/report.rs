//! The signal report: records joined with evidence, put into families, and written piece by piece (scout contract,
//! sections 2.2 to 2.5). Memory grows with the number of runs, not with what they did.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::limits::CHUNK_BYTES;
use gait_contract::runpack::SCHEMA_VERSION;
use gait_contract::scout::{
    FINGERPRINT_SCHEMA, REPORT_SCHEMA, REPORT_TIME, ReportRequest, RunFingerprint, RunRecord, SignalSummary,
};
use gait_contract::{Code, Fault, Timestamp};
use serde::Serialize;

use super::evidence::Evidence;
use super::families::{Draft, Member, issue, rank};
use super::fingerprint::count_reason;
use super::records::{Place, Records};
use super::words::severity;
use crate::digest::sha256_hex;
use crate::task::Host;
use crate::text::compact;
use crate::{json, order};

/// The stream that the report is written to.
const STREAM: &str = "report";
/// Families that are issues.
const ISSUES: usize = 10;
/// Families that the reply shows.
const SHOWN: usize = 200;
/// Run ids and paths that it shows of each.
const SHOWN_MEMBERS: usize = 20;

/// What is kept of a run.
struct Run {
    run_id: String,
    path: String,
    place: Place,
    family: usize,
}

/// Answers op `scout.report`.
pub(crate) async fn report(host: &Host, request: ReportRequest) -> Result<SignalSummary, Fault> {
    if request.producer_version.is_empty() {
        return Err(Fault::new(Code::InvalidInput, "the request names no producer version"));
    }
    let mut evidence = Evidence::read(host, request.traces, request.regress).await?;
    let mut records = Records::open(host, request.records).await?;
    let (mut runs, mut families) = (Vec::new(), Vec::new());
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    while let Some((record, place)) = records.next().await? {
        let family = join(&record, &mut evidence, &mut places, &mut families, runs.len());
        runs.push(Run { run_id: record.run_id, path: record.source_runpack, place, family });
    }
    if runs.is_empty() {
        return Err(Fault::new(Code::InvalidInput, "there are no runs to report on"));
    }
    let (unmatched_traces, unmatched_graders) = evidence.unmatched();
    let mut summary = SignalSummary {
        run_count: runs.len() as u64,
        family_count: families.len() as u64,
        unmatched_traces,
        unmatched_graders,
        ..SignalSummary::default()
    };
    let mut out = Out { buffer: Vec::new() };
    let head = Head {
        schema_id: REPORT_SCHEMA,
        schema_version: SCHEMA_VERSION,
        created_at: REPORT_TIME,
        producer_version: &request.producer_version,
        run_count: summary.run_count,
        family_count: summary.family_count,
    };
    let head = compact(&head);
    out.add(head.strip_suffix('}').unwrap_or(&head));
    out.add(",\"fingerprints\":[");
    let created_at = Timestamp::parse(REPORT_TIME).unwrap_or_default();
    let identity = |number: usize| runs.get(number).map(|run: &Run| (run.run_id.as_str(), run.path.as_str()));
    let numbers = order::numbers(runs.len(), &mut |one, other| identity(one).cmp(&identity(other)));
    for (count, number) in numbers.into_iter().enumerate() {
        let Some(run) = runs.get(number) else { continue };
        let record = records.at(run.place).await?;
        let about = evidence.about(&record.run_id);
        let (traces, graders) = about.map_or((0, 0), |about| (about.traces, about.graders));
        let family: Option<&Draft> = families.get(run.family);
        let fingerprint = RunFingerprint {
            schema_id: FINGERPRINT_SCHEMA.into(),
            schema_version: SCHEMA_VERSION.into(),
            created_at: created_at.clone(),
            producer_version: request.producer_version.clone(),
            run_id: record.run_id,
            fingerprint: family.map(|family| family.fingerprint.clone()).unwrap_or_default(),
            action_sequence: record.action_sequence,
            tool_classes: record.tool_classes,
            target_systems: record.target_systems,
            reason_code_vector: family.map(|family| family.reasons.keys().cloned().collect()).unwrap_or_default(),
            ref_receipt_digests: record.ref_receipt_digests,
            source_runpack: record.source_runpack,
            trace_count: traces,
            regress_evidence_seen: graders > 0,
        };
        out.element(count, &compact(&fingerprint));
        out.relieve(host, CHUNK_BYTES).await?;
    }
    out.add("],\"families\":[");
    order::sort(&mut families, &mut rank);
    for (count, draft) in families.iter().enumerate() {
        let member = |number| identity(number).map(|(run_id, path)| Member { run_id, path });
        let mut family = draft.family(member);
        out.element(count, &compact(&family));
        out.relieve(host, CHUNK_BYTES).await?;
        if count < ISSUES {
            summary.top_issues.push(issue(count as u64 + 1, &family));
        }
        if count < SHOWN {
            family.run_ids.truncate(SHOWN_MEMBERS);
            family.artifact_pointers.truncate(SHOWN_MEMBERS);
            summary.families.push(family);
        }
    }
    out.add("],\"top_issues\":");
    out.add(&compact(&summary.top_issues));
    out.add("}");
    out.relieve(host, 1).await?;
    Ok(summary)
}

/// The report up to its lists.
#[derive(Serialize)]
struct Head<'a> {
    schema_id: &'a str,
    schema_version: &'a str,
    created_at: &'a str,
    producer_version: &'a str,
    run_count: u64,
    family_count: u64,
}

/// What a fingerprint is the digest of, in canonical order.
#[derive(Serialize)]
struct Fingerprinted<'a> {
    action_sequence: &'a [String],
    reason_code_vector: &'a [String],
    ref_receipt_digests: &'a [String],
    target_systems: &'a [String],
    tool_classes: &'a [String],
}

/// Joins a run with what is known about it, and puts it into its family; the family's place.
fn join(
    record: &RunRecord,
    evidence: &mut Evidence,
    places: &mut BTreeMap<String, usize>,
    families: &mut Vec<Draft>,
    number: usize,
) -> usize {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for given in &record.reasons {
        count_reason(&mut counts, given.reason.clone(), usize::try_from(given.count).unwrap_or(usize::MAX));
    }
    if let Some(about) = evidence.about(&record.run_id) {
        about.used = true;
        about.reasons.iter().for_each(|(reason, count)| count_reason(&mut counts, reason.clone(), *count));
    }
    let reasons: Vec<String> = counts.keys().cloned().collect();
    let fingerprint = sha256_hex(&json::canonical_as_declared(&Fingerprinted {
        action_sequence: &record.action_sequence,
        reason_code_vector: &reasons,
        ref_receipt_digests: &record.ref_receipt_digests,
        target_systems: &record.target_systems,
        tool_classes: &record.tool_classes,
    }));
    let severity = severity(&record.tool_classes, &record.target_systems, &reasons);
    let place = *places.entry(fingerprint).or_insert_with_key(|fingerprint| {
        let (fingerprint, reasons) = (fingerprint.clone(), BTreeMap::new());
        families.push(Draft { fingerprint, severity, reasons, members: Vec::new() });
        families.len() - 1
    });
    if let Some(family) = families.get_mut(place) {
        counts.into_iter().for_each(|(reason, count)| count_reason(&mut family.reasons, reason, count));
        family.members.push(number);
    }
    place
}

/// The report's stream, written a megabyte at a time.
struct Out {
    buffer: Vec<u8>,
}

impl Out {
    fn element(&mut self, count: usize, text: &str) {
        if count > 0 {
            self.add(",");
        }
        self.add(text);
    }

    fn add(&mut self, text: &str) {
        self.buffer.extend_from_slice(text.as_bytes());
    }

    /// Writes what has been collected, if there is enough of it.
    async fn relieve(&mut self, host: &Host, enough: usize) -> Result<(), Fault> {
        while self.buffer.len() >= enough {
            let rest = self.buffer.split_off(self.buffer.len().min(CHUNK_BYTES));
            host.write(STREAM, core::mem::replace(&mut self.buffer, rest)).await?;
        }
        Ok(())
    }
}
