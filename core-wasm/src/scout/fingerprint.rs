//! One runpack, verified and reduced to what a fingerprint is made of (scout contract, section 2.1).

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use gait_contract::runpack::Receipt;
use gait_contract::scout::{FingerprintRequest, ReasonCount, RunRecord};
use gait_contract::{Code, Fault};

use super::words::{Class, identifier};
use crate::task::Host;
use crate::text::lower;
use crate::{order, runpack};

/// Characters of a source's locator that count.
const LOCATOR: usize = 48;

/// Answers op `scout.fingerprint`.
pub(crate) async fn fingerprint(host: &Host, request: FingerprintRequest) -> Result<RunRecord, Fault> {
    let run = runpack::behaviour(host, &request.archive).await?;
    if run.run_id.is_empty() {
        let fault = Fault::new(Code::RunIdInvalid, "the run has no id, so nothing can be said about it");
        return Err(fault.at(request.archive).hint("record the run again with `run.run_id` in its input"));
    }
    let mut reasons = BTreeMap::new();
    for (status, count) in &run.statuses {
        let status = identifier(status);
        if status != "ok" && status != "success" {
            count_reason(&mut reasons, format!("result_status_{status}"), *count);
        }
    }
    let classes: Vec<Class> = run.tools.iter().map(|tool| Class::of(tool)).collect();
    let targets = run.receipts.iter().map(target_system).collect();
    let digests = run.receipts.iter().map(|receipt| lower(receipt.content_digest.trim()));
    Ok(RunRecord {
        run_id: run.run_id,
        source_runpack: request.archive,
        action_sequence: run.tools,
        tool_classes: Class::ALL
            .iter()
            .filter(|class| classes.contains(class))
            .map(|class| class.word().into())
            .collect(),
        target_systems: order::set(targets),
        reasons: reasons.into_iter().map(|(reason, count)| ReasonCount { reason, count: count as u64 }).collect(),
        ref_receipt_digests: order::set(digests.filter(|digest| digest.len() == 64).collect()),
    })
}

/// Adds to the number of times that a reason was given.
pub(super) fn count_reason(reasons: &mut BTreeMap<String, usize>, reason: String, count: usize) {
    match reasons.get_mut(&reason) {
        Some(before) => *before = before.saturating_add(count),
        None => drop(reasons.insert(reason, count)),
    }
}

fn target_system(receipt: &Receipt) -> String {
    let locator = identifier(&receipt.source_locator);
    format!("{}:{}", identifier(&receipt.source_type), locator.get(..LOCATOR).unwrap_or(&locator))
}
