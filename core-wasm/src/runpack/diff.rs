//! What differs between two runpacks (runpack contract, "run diff").

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::Fault;
use gait_contract::runpack::{Diff, DiffRequest, DiffSummary, Manifest, Privacy, Receipt, Refs};
use serde::Serialize;

use super::examine::{Examined, Fingerprint, examine};
use crate::json;
use crate::task::Host;

/// Answers op `run.diff`.
pub(crate) async fn diff(host: &Host, request: DiffRequest) -> Result<Diff, Fault> {
    let left = examine(host, &request.left, Some(request.privacy)).await?;
    let right = examine(host, &request.right, Some(request.privacy)).await?;
    let summary = summarize(&left, &right, request.privacy);
    let changed =
        summary.manifest_changed || summary.intents_changed || summary.results_changed || summary.refs_changed;
    Ok(Diff { ok: !changed, privacy: request.privacy, summary })
}

/// Compares two runs that were read with the same privacy.
pub(crate) fn summarize(left: &Examined, right: &Examined, privacy: Privacy) -> DiffSummary {
    let intents = Records::compare(
        left.intents.iter().map(|note| (note.intent_id.as_str(), &note.fingerprint)),
        right.intents.iter().map(|note| (note.intent_id.as_str(), &note.fingerprint)),
    );
    let results = Records::compare(
        left.results.iter().map(|note| (note.intent_id.as_str(), &note.fingerprint)),
        right.results.iter().map(|note| (note.intent_id.as_str(), &note.fingerprint)),
    );
    let receipts = |refs: &Refs| refs.receipts.as_ref().map_or(0, Vec::len);
    DiffSummary {
        run_id_left: left.run.run_id.clone(),
        run_id_right: right.run.run_id.clone(),
        manifest_changed: described(&left.manifest) != described(&right.manifest),
        files_changed: files_changed(&left.manifest, &right.manifest),
        intents_changed: intents.changed,
        results_changed: results.changed,
        refs_changed: match privacy {
            Privacy::Full => compared(&left.refs) != compared(&right.refs),
            Privacy::Metadata => receipts(&left.refs) != receipts(&right.refs),
        },
        left_only_intents: intents.left_only,
        right_only_intents: intents.right_only,
        left_only_results: results.left_only,
        right_only_results: results.right_only,
    }
}

/// What counts of a manifest.
fn described(manifest: &Manifest) -> (&str, &str, &str, Vec<&str>) {
    let paths = manifest.files.iter().flatten().map(|entry| entry.path.as_str()).collect();
    (&manifest.schema_id, &manifest.schema_version, &manifest.capture_mode, paths)
}

fn files_changed(left: &Manifest, right: &Manifest) -> Vec<String> {
    let paths = |manifest: &Manifest| -> BTreeSet<String> {
        manifest.files.iter().flatten().map(|entry| entry.path.clone()).collect()
    };
    paths(left).symmetric_difference(&paths(right)).cloned().collect()
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

/// The comparison of one kind of record, by intent id.
struct Records {
    changed: bool,
    left_only: Vec<String>,
    right_only: Vec<String>,
}

impl Records {
    fn compare<'a>(
        left: impl Iterator<Item = (&'a str, &'a Fingerprint)>,
        right: impl Iterator<Item = (&'a str, &'a Fingerprint)>,
    ) -> Self {
        // Of several records with one id the last one counts.
        let (left, right): (BTreeMap<_, _>, BTreeMap<_, _>) = (left.collect(), right.collect());
        let only = |these: &BTreeMap<&str, _>, those: &BTreeMap<&str, _>| -> Vec<String> {
            these.keys().filter(|id| !those.contains_key(*id)).map(|id| (*id).into()).collect()
        };
        Self { changed: left != right, left_only: only(&left, &right), right_only: only(&right, &left) }
    }
}
