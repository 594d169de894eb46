//! Writing a runpack again in the current form (runpack contract, "migrate").

use gait_contract::Fault;
use gait_contract::runpack::{Intent, MigrateRequest, Migrated, Refs, ResultRecord, Run};

use super::examine::Reading;
use super::open::{INTENTS, REFS, RESULTS, RUN};
use super::write::{RunpackWriter, Seal, complete_intent, complete_refs, complete_result, complete_run};
use crate::task::Host;

/// Answers op `migrate`.
pub(crate) async fn migrate(host: &Host, request: MigrateRequest) -> Result<Migrated, Fault> {
    let reading = Reading::begin(host, &request.archive).await?;
    let original = reading.runpack.archive.digest(host).await?;
    let development_signature = reading.runpack.comment_signature();
    let mut run: Run = reading.document(host, RUN).await?;
    complete_run(&mut run, &request.defaults);
    let mut refs: Refs = reading.document(host, REFS).await?;
    complete_refs(&mut refs, &run);

    let mut writer = RunpackWriter::new(host);
    let mut records = reading.records::<Intent>(host, INTENTS)?;
    while let Some(batch) = records.next().await? {
        for mut intent in batch {
            complete_intent(&mut intent, &run);
            writer.intent(&intent).await?;
        }
    }
    let mut records = reading.records::<ResultRecord>(host, RESULTS)?;
    while let Some(batch) = records.next().await? {
        for mut result in batch {
            complete_result(&mut result, &run);
            writer.result(&result).await?;
        }
    }
    let manifest = reading.finish(host).await?;
    let capture_mode = if manifest.capture_mode.is_empty() { "reference" } else { &manifest.capture_mode };
    let written = writer.finish(&run, &refs, capture_mode, Seal::Kept(development_signature)).await?;
    Ok(Migrated {
        run_id: run.run_id,
        unchanged: (written.archive.sha256, written.archive.length) == original,
        signatures_dropped: !manifest.signatures.is_empty(),
    })
}
