//! The intents of a runpack, whole: with the arguments, where they were captured.

use alloc::vec::Vec;

use gait_contract::Fault;
use gait_contract::runpack::{Intent, Refs, Run};

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
