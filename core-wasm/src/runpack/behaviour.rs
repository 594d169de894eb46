//! What a run did, in names and statuses: read of a verified runpack in one pass, of which nothing else is kept.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::Fault;
use gait_contract::runpack::{Receipt, Refs, Run};

use super::examine::{Reading, at_column};
use super::open::{INTENTS, REFS, RESULTS, RUN};
use super::shape::{self, NOTES, Shape};
use crate::json::Canonical;
use crate::task::Host;

/// What a run did.
pub(crate) struct Behaviour {
    /// From `run.json`, trimmed.
    pub(crate) run_id: String,
    /// Names of the called tools in their order, trimmed; blank ones are left out.
    pub(crate) tools: Vec<String>,
    /// Statuses of the results, and how often each came.
    pub(crate) statuses: BTreeMap<String, usize>,
    /// What was read.
    pub(crate) receipts: Vec<Receipt>,
}

/// Reads what a run did. The archive is verified meanwhile, but for its signatures.
pub(crate) async fn behaviour(host: &Host, source: &str) -> Result<Behaviour, Fault> {
    let reading = Reading::begin(host, source).await?;
    let run: Run = reading.document(host, RUN).await?;
    let refs: Refs = reading.document(host, REFS).await?;
    let (mut tools, mut statuses) = (Vec::new(), BTreeMap::new());
    read(host, &reading, INTENTS, shape::INTENT, &mut |tool| {
        let tool = tool.trim();
        if !tool.is_empty() {
            tools.push(tool.to_string());
        }
    })
    .await?;
    read(host, &reading, RESULTS, shape::RESULT, &mut |status| match statuses.get_mut(status) {
        Some(count) => *count += 1,
        None => drop(statuses.insert(status.to_string(), 1)),
    })
    .await?;
    reading.finish(host).await?;
    let receipts = refs.receipts.unwrap_or_default();
    Ok(Behaviour { run_id: run.run_id.trim().to_string(), tools, statuses, receipts })
}

/// Hands over the fourth note of every record: the tool of an intent, the status of a result.
async fn read(
    host: &Host,
    reading: &Reading,
    member: &'static str,
    shape: Shape,
    take: &mut dyn FnMut(&str),
) -> Result<(), Fault> {
    let (mut form, mut notes): (_, [String; NOTES]) = (Canonical::default(), Default::default());
    let mut each = |line: &[u8]| {
        shape::read(line, shape, None, &mut form, &mut notes).map_err(at_column)?;
        let [_, _, _, name, _] = &notes;
        take(name);
        Ok(())
    };
    let mut lines = reading.lines(host, member)?;
    while lines.next(&mut each).await? {}
    Ok(())
}
