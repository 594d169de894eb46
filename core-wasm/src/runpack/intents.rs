//! Records of a runpack, whole: with arguments and results, where they were captured.

use alloc::vec::Vec;

use gait_contract::Fault;
use gait_contract::runpack::{Intent, Manifest, Refs, ResultRecord, Run};

use super::examine::Reading;
use super::open::{INTENTS, REFS, RESULTS, RUN};
use crate::task::Host;

/// Reads all intents of a runpack that is as its maker left it.
pub(crate) async fn intents(host: &Host, source: &str) -> Result<Vec<Intent>, Fault> {
    let reading = Reading::begin(host, source).await?;
    let _: Run = reading.document(host, RUN).await?;
    let _: Refs = reading.document(host, REFS).await?;
    let mut intents = Vec::new();
    let mut records = reading.records::<Intent>(host, INTENTS)?;
    while let Some(batch) = records.next().await? {
        intents.extend(batch);
    }
    let mut results = reading.lines(host, RESULTS)?;
    while results.next(&mut |_| Ok(())).await? {}
    reading.finish(host).await?;
    Ok(intents)
}

/// Everything that a runpack holds.
pub(crate) struct Whole {
    pub(crate) manifest: Manifest,
    pub(crate) run: Run,
    pub(crate) refs: Refs,
    pub(crate) intents: Vec<Intent>,
    pub(crate) results: Vec<ResultRecord>,
}

/// Reads all of a runpack that is as its maker left it.
pub(crate) async fn whole(host: &Host, source: &str) -> Result<Whole, Fault> {
    let reading = Reading::begin(host, source).await?;
    let run: Run = reading.document(host, RUN).await?;
    let refs: Refs = reading.document(host, REFS).await?;
    let (mut intents, mut results) = (Vec::new(), Vec::new());
    let mut records = reading.records::<Intent>(host, INTENTS)?;
    while let Some(batch) = records.next().await? {
        intents.extend(batch);
    }
    let mut records = reading.records::<ResultRecord>(host, RESULTS)?;
    while let Some(batch) = records.next().await? {
        results.extend(batch);
    }
    let manifest = reading.finish(host).await?;
    Ok(Whole { manifest, run, refs, intents, results })
}
