//! What differs between two runpacks (runpack contract, "run diff").

use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::Fault;
use gait_contract::runpack::{Diff, DiffRequest, DiffSummary, Privacy};

use super::examine::{Examined, examine};
use super::outline::{Outline, Records};
use crate::order;
use crate::task::Host;

/// Answers op `run.diff`.
pub(crate) async fn diff(host: &Host, request: DiffRequest) -> Result<Diff, Fault> {
    let left = examine(host, &request.left, Some(request.privacy)).await?;
    let right = examine(host, &request.right, Some(request.privacy)).await?;
    Ok(compare(&left, &right, request.privacy))
}

/// Compares two runs that were read with the same privacy.
pub(crate) fn compare(left: &Examined, right: &Examined, privacy: Privacy) -> Diff {
    compare_outlines(&Outline::of(left, privacy), &Outline::of(right, privacy), privacy)
}

/// Compares two outlines that were made with the same privacy.
pub(super) fn compare_outlines(left: &Outline<'_>, right: &Outline<'_>, privacy: Privacy) -> Diff {
    let (left_paths, right_paths) = (left.paths(), right.paths());
    let one_sided = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|path| order::place(those, path).is_none()).cloned().collect()
    };
    let files_changed = [one_sided(&left_paths, &right_paths), one_sided(&right_paths, &left_paths)].concat();
    let summary = DiffSummary {
        run_id_left: left.head.run_id.clone(),
        run_id_right: right.head.run_id.clone(),
        manifest_changed: left.head.manifest != right.head.manifest,
        files_changed: order::set(files_changed),
        intents_changed: left.intents != right.intents,
        results_changed: left.results != right.results,
        refs_changed: left.head.refs != right.head.refs,
        left_only_intents: only(&left.intents, &right.intents),
        right_only_intents: only(&right.intents, &left.intents),
        left_only_results: only(&left.results, &right.results),
        right_only_results: only(&right.results, &left.results),
    };
    let changed =
        summary.manifest_changed || summary.intents_changed || summary.results_changed || summary.refs_changed;
    Diff { ok: !changed, privacy, summary }
}

/// Ids that stand on one side only, sorted.
fn only(these: &Records<'_>, those: &Records<'_>) -> Vec<String> {
    let absent = |id: &str| those.binary_search_by(|(other, _)| (*other).cmp(id)).is_err();
    these.iter().filter(|(id, _)| absent(id)).map(|(id, _)| (*id).into()).collect()
}
