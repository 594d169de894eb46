//! Making an evidence pack: members, control index, id, manifest, signature, archive (guard contract, sections 2 to 7).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::attestation::Attested;
use gait_contract::evidence::{IncidentSelection, PackBuilt, PackRequest};
use gait_contract::guard::{IncidentWindow, PACK_SCHEMA, PackEntry, PackManifest, RenderedArtifact};
use gait_contract::runpack::{Receipt, SCHEMA_VERSION};
use gait_contract::{Category, Code, Fault, Timestamp};
use serde::Serialize;

use super::controls::{Template, kind, pointers};
use super::evidence::{Evidence, Member, Window};
use super::{CONTROL_INDEX, EVIDENCE_POINTERS, MANIFEST, attest, pack_id, pdf};
use crate::digest::sha256_hex;
use crate::runpack::{Examined, examine, signed};
use crate::task::Host;
use crate::zip::{MemberWriter, write_archive};
use crate::{document, duration, json, order};

/// Nanoseconds of the window unless told otherwise: 24 hours.
const WINDOW: u64 = 86_400_000_000_000;
/// Nanoseconds of a second.
const SECOND: u64 = 1_000_000_000;

/// Answers op `guard.pack`.
pub(crate) async fn pack(host: &Host, request: PackRequest) -> Result<PackBuilt, Fault> {
    let span = request.incident.as_ref().map(|incident| span(&incident.window)).transpose()?;
    let run = examine(host, &request.run, None).await.map_err(|fault| as_input(fault, &request.run))?;
    let created = match &run.run.created_at {
        none if none.is_zero() => request.now.in_utc(),
        some => some.in_utc(),
    };
    let created = created.map_err(|_| out_of_reach(&request.run))?;
    let incident = match span {
        None => None,
        Some(span) => Some(Incident::around(&created, span, &run.run.run_id).map_err(|_| out_of_reach(&request.run))?),
    };
    let (mut evidence, selection) = match (&request.incident, &incident) {
        (Some(wish), Some(incident)) => {
            let (evidence, selection) = Evidence::within(host, wish, &incident.window).await;
            (evidence, Some(incident.told(selection)?))
        }
        _ => (Evidence::named(host, &request.evidence).await?, None),
    };

    let mut members = core::mem::take(&mut evidence.members);
    members.extend(evidence.trace_summary());
    members.extend(evidence.regress_summary());
    let receipts = receipts(&run).map_err(|_| out_of_reach(&request.run))?;
    members.push(runpack_summary(&run));
    members.push(Member::of("referenced_runpacks.json", &Referenced::of(&run, &receipts)));
    let policy_digests = evidence.policy_digests();
    members.extend(incident.as_ref().map(|incident| incident.member(&policy_digests)));
    order::by_text(&mut members, |member| &member.name);

    let template = Template::named(&request.template);
    let case_id = request.case_id.trim();
    let mut rendered_artifacts = Vec::new();
    if request.render_pdf {
        let generated = created.bucket(1).map_err(|_| out_of_reach(&request.run))?;
        let run_id = &run.run.run_id;
        let summary =
            pdf::Summary { run_id, case_id, template_id: template.id, generated: &generated, members: &members };
        let content = pdf::render(&summary);
        let (format, path) = (String::from("pdf"), String::from("summary.pdf"));
        rendered_artifacts.push(RenderedArtifact { format, path: path.clone(), sha256: sha256_hex(&content) });
        members.push(Member { name: path, content });
    }
    let entries = entries(&mut members);
    let (control_index, evidence_pointers) = (template.index(&entries), pointers(&entries));
    members.push(Member::of(CONTROL_INDEX, &control_index));
    members.push(Member::of(EVIDENCE_POINTERS, &evidence_pointers));
    let contents = self::entries(&mut members);

    let mut manifest = PackManifest {
        schema_id: PACK_SCHEMA.into(),
        schema_version: SCHEMA_VERSION.into(),
        created_at: created.clone(),
        producer_version: request.producer_version,
        pack_id: pack_id(&contents, &run.run.run_id),
        run_id: run.run.run_id.clone(),
        case_id: case_id.into(),
        template_id: template.id.into(),
        generated_at: created,
        control_index,
        evidence_pointers,
        incident_window: incident.map(|incident| incident.recorded),
        rendered_artifacts,
        contents,
        signatures: Vec::new(),
    };
    if request.sign {
        let digest = sha256_hex(&json::canonical(&manifest));
        manifest.signatures.push(signed(host, digest).await?);
    }
    members.push(Member::of(MANIFEST, &manifest));
    let pack_digest = write(host, members).await?;
    let attestation = match &request.attest {
        None => None,
        Some(wanted) => {
            let predicate = Attested {
                core_digest: wanted.core_digest.clone(),
                manifest_digest: run.manifest.manifest_digest.clone(),
                pack_id: manifest.pack_id.clone(),
                policy_digests: policy_digests.clone(),
                producer_version: manifest.producer_version.clone(),
                run_id: manifest.run_id.clone(),
                template_id: manifest.template_id.clone(),
                verdict_counts: evidence.verdicts(),
            };
            let run_digest = document::digest(host, &request.run).await?;
            Some(attest::statement(wanted, predicate, run_digest, pack_digest))
        }
    };
    Ok(PackBuilt {
        controls: manifest.control_index.len() as u64,
        rendered_artifacts: manifest.rendered_artifacts.len() as u64,
        signature_key_id: manifest.signatures.into_iter().map(|signature| signature.key_id).collect(),
        pack_id: manifest.pack_id,
        run_id: manifest.run_id,
        manifest_digest: run.manifest.manifest_digest,
        template_id: manifest.template_id,
        policy_digests,
        attestation,
        incident: selection,
    })
}

/// Puts the members in order, and lists them.
fn entries(members: &mut [Member]) -> Vec<PackEntry> {
    order::by_text(members, |member| &member.name);
    let entry = |member: &Member| PackEntry {
        path: member.name.clone(),
        sha256: sha256_hex(&member.content),
        kind: kind(&member.name),
    };
    members.iter().map(entry).collect()
}

/// Writes the archive; returns its SHA-256.
async fn write(host: &Host, members: Vec<Member>) -> Result<String, Fault> {
    let mut finished = Vec::with_capacity(members.len());
    for member in members {
        let mut writer = MemberWriter::new(member.name);
        writer.write(host, &member.content).await?;
        finished.push(writer.finish()?);
    }
    write_archive(host, finished, &[]).await.map(|written| written.sha256)
}

fn runpack_summary(run: &Examined) -> Member {
    #[derive(Serialize)]
    struct Summary<'a> {
        capture_mode: &'a str,
        intent_count: u64,
        manifest_digest: &'a str,
        receipt_count: u64,
        result_count: u64,
        run_id: &'a str,
    }
    let summary = Summary {
        capture_mode: &run.manifest.capture_mode,
        intent_count: run.intents.len() as u64,
        manifest_digest: &run.manifest.manifest_digest,
        receipt_count: run.refs.receipts.as_ref().map_or(0, Vec::len) as u64,
        result_count: run.results.len() as u64,
        run_id: &run.run.run_id,
    };
    Member::of("runpack_summary.json", &summary)
}

#[derive(Serialize)]
struct Referenced<'a> {
    receipts: &'a [ReferencedReceipt<'a>],
    references: u64,
    run_id: &'a str,
}

#[derive(Serialize)]
struct ReferencedReceipt<'a> {
    content_digest: &'a str,
    ref_id: &'a str,
    retrieved_at: Timestamp,
    source_locator: &'a str,
    source_type: &'a str,
}

impl<'a> Referenced<'a> {
    fn of(run: &'a Examined, receipts: &'a [ReferencedReceipt<'a>]) -> Self {
        Self { receipts, references: receipts.len() as u64, run_id: &run.run.run_id }
    }
}

/// The receipts of a run, in the order of their ids, times in UTC.
fn receipts(run: &Examined) -> Result<Vec<ReferencedReceipt<'_>>, gait_contract::ids::TimeError> {
    let referenced = |receipt: &'_ Receipt| receipt.retrieved_at.in_utc();
    let mut receipts = Vec::new();
    for receipt in run.refs.receipts.iter().flatten() {
        receipts.push(ReferencedReceipt {
            content_digest: &receipt.content_digest,
            ref_id: &receipt.ref_id,
            retrieved_at: referenced(receipt)?,
            source_locator: &receipt.source_locator,
            source_type: &receipt.source_type,
        });
    }
    order::sort(&mut receipts, &mut |one, other| one.ref_id.cmp(other.ref_id));
    Ok(receipts)
}

/// The time an incident pack is about.
struct Incident {
    window: Window,
    recorded: IncidentWindow,
}

impl Incident {
    fn around(anchor: &Timestamp, span: u64, run_id: &str) -> Result<Self, gait_contract::ids::TimeError> {
        let (from, to) = (anchor.earlier(span)?, anchor.later(span)?);
        let recorded = IncidentWindow {
            from: from.clone(),
            to: to.clone(),
            window_seconds: span / SECOND,
            selection_anchor: run_id.into(),
        };
        Ok(Self { window: Window { from, to }, recorded })
    }

    /// The member that says which policies decided.
    fn member(&self, policy_digests: &[String]) -> Member {
        #[derive(Serialize)]
        struct Digests<'a> {
            policy_digests: &'a [String],
            run_id: &'a str,
            window_from: &'a Timestamp,
            window_to: &'a Timestamp,
        }
        let digests = Digests {
            policy_digests,
            run_id: &self.recorded.selection_anchor,
            window_from: &self.window.from,
            window_to: &self.window.to,
        };
        Member::of("policy_digests.json", &digests)
    }

    /// The selection with the window, in whole seconds.
    fn told(&self, selection: IncidentSelection) -> Result<IncidentSelection, Fault> {
        let whole = |time: &Timestamp| time.bucket(1).map_err(|_| out_of_reach(&self.recorded.selection_anchor));
        Ok(IncidentSelection {
            window_from: whole(&self.window.from)?,
            window_to: whole(&self.window.to)?,
            ..selection
        })
    }
}

/// How far a window reaches.
fn span(text: &str) -> Result<u64, Fault> {
    let Some(nanoseconds) = duration::parse(text.trim()) else {
        return Err(Fault::new(Code::InvalidInput, format!("`{text}` is no duration"))
            .hint("durations have units from h to ns, for example 24h or 1h30m"));
    };
    Ok(u64::try_from(nanoseconds).ok().filter(|nanoseconds| *nanoseconds > 0).unwrap_or(WINDOW))
}

/// A runpack that is to be packed is input: whatever is wrong with it, nothing was verified.
fn as_input(fault: Fault, source: &str) -> Fault {
    if fault.error_category != Category::VerificationFailed {
        return fault;
    }
    Fault::new(Code::RunpackTampered, fault.error.to_string()).hint(fault.hint.clone()).at(source)
}

fn out_of_reach(source: &str) -> Fault {
    Fault::new(Code::InvalidInput, "a time of the run lies outside the years 0000 to 9999 in UTC").at(source)
}
