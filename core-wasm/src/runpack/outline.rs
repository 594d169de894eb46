//! What a comparison needs to know of one runpack, small enough to be handed from one instance to another: two large
//! archives are read by two instances at the same time, and a third one compares their outlines.
//!
//! An outline never leaves the process that asked for it, so its form is free to change from version to version.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::limits::{CHUNK_BYTES, OUTLINE_BYTES};
use gait_contract::runpack::{CompareRequest, Diff, OutlineRequest, Outlined, Privacy, Receipt, Refs};
use gait_contract::{Code, Fault, frame};
use serde::{Deserialize, Serialize};

use super::diff::compare_outlines;
use super::examine::{Examined, Fingerprint, examine};
use crate::digest::sha256_hex;
use crate::order;
use crate::task::Host;
use crate::{document, json};

/// The stream an outline is written to.
const STREAM: &str = "outline";

/// What counts of one runpack.
pub(super) struct Outline<'a> {
    pub(super) head: Head,
    pub(super) intents: Records<'a>,
    pub(super) results: Records<'a>,
}

/// Intent ids and fingerprints, sorted by id; of several records with one id the last one counts.
pub(super) type Records<'a> = Vec<(&'a str, &'a Fingerprint)>;

/// Everything but the records.
#[derive(Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) run_id: String,
    pub(super) manifest: Described,
    /// Digest of the receipts, or their number when only metadata counts.
    pub(super) refs: String,
    /// Number of intents in the body; the results follow them.
    intents: u64,
    /// Number of results in the body.
    results: u64,
}

/// What counts of a manifest.
#[derive(Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Described {
    schema_id: String,
    schema_version: String,
    capture_mode: String,
    paths: Vec<String>,
}

impl<'a> Outline<'a> {
    /// The outline of a run that was read with `privacy`.
    pub(super) fn of(examined: &'a Examined, privacy: Privacy) -> Self {
        let Examined { manifest, run, refs, intents, results } = examined;
        let receipts = refs.receipts.as_ref().map_or(0, Vec::len);
        let head = Head {
            run_id: run.run_id.clone(),
            manifest: Described {
                schema_id: manifest.schema_id.clone(),
                schema_version: manifest.schema_version.clone(),
                capture_mode: manifest.capture_mode.clone(),
                paths: manifest.files.iter().flatten().map(|entry| entry.path.clone()).collect(),
            },
            refs: match privacy {
                Privacy::Full => sha256_hex(&compared(refs)),
                Privacy::Metadata => receipts.to_string(),
            },
            intents: intents.len() as u64,
            results: results.len() as u64,
        };
        Self {
            head,
            intents: by_id(intents.iter().map(|note| (note.intent_id.as_str(), &note.fingerprint)).collect()),
            results: by_id(results.iter().map(|note| (note.intent_id.as_str(), &note.fingerprint)).collect()),
        }
    }

    /// The paths that the manifest lists, as a set.
    pub(super) fn paths(&self) -> Vec<String> {
        order::set(self.head.manifest.paths.clone())
    }

    /// Reads an outline that was written by [`write`].
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (head, mut body) = frame::read(bytes)?;
        let head: Head = json::read(head).ok()?;
        let (mut intents, mut results) = (Records::new(), Records::new());
        for count in 0..head.intents.checked_add(head.results)? {
            let (length, rest) = body.split_first_chunk::<4>()?;
            let (id, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
            let (fingerprint, rest) = rest.split_first_chunk::<32>()?;
            let records = if count < head.intents { &mut intents } else { &mut results };
            records.push((core::str::from_utf8(id).ok()?, fingerprint));
            body = rest;
        }
        body.is_empty().then(|| Self { head, intents: by_id(intents), results: by_id(results) })
    }
}

fn by_id(mut records: Records<'_>) -> Records<'_> {
    order::by_text(&mut records, |(id, _)| id);
    records.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            kept.1 = later.1;
        }
        same
    });
    records
}

/// What counts of the receipts.
fn compared(refs: &Refs) -> Vec<u8> {
    #[derive(Serialize)]
    struct Compared<'a> {
        receipts: &'a Option<Vec<Receipt>>,
        schema_id: &'a str,
        schema_version: &'a str,
    }
    let Refs { schema_id, schema_version, receipts, .. } = refs;
    json::canonical(&Compared { receipts, schema_id, schema_version })
}

/// Answers op `run.outline`.
pub(crate) async fn outline(host: &Host, request: OutlineRequest) -> Result<Outlined, Fault> {
    let examined = examine(host, &request.archive, Some(request.privacy)).await?;
    let head = json::canonical(&Outline::of(&examined, request.privacy).head);
    let mut bytes = frame::write(&head, &[]);
    let intents = examined.intents.iter().map(|note| (&note.intent_id, &note.fingerprint));
    let results = examined.results.iter().map(|note| (&note.intent_id, &note.fingerprint));
    for (id, fingerprint) in intents.chain(results) {
        bytes.extend_from_slice(&u32::try_from(id.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend_from_slice(id.as_bytes());
        bytes.extend_from_slice(fingerprint);
        if bytes.len() >= CHUNK_BYTES {
            host.write(STREAM, core::mem::take(&mut bytes)).await?;
        }
    }
    host.write(STREAM, bytes).await?;
    Ok(Outlined { records: (examined.intents.len() + examined.results.len()) as u64 })
}

/// Answers op `run.compare`.
pub(crate) async fn compare(host: &Host, request: CompareRequest) -> Result<Diff, Fault> {
    let left = document::read_within(host, &request.left, OUTLINE_BYTES).await?;
    let right = document::read_within(host, &request.right, OUTLINE_BYTES).await?;
    let outline = |bytes, source: &str| {
        let text = format!("`{source}` is no outline");
        Outline::read(bytes).ok_or_else(|| Fault::new(Code::InternalFailure, text))
    };
    Ok(compare_outlines(&outline(&left, &request.left)?, &outline(&right, &request.right)?, request.privacy))
}
