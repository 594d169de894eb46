//! The smallest runpack that still shows a failure (runpack contract, "run reduce").

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use gait_contract::runpack::{
    Intent, Predicate, REDUCE_REPORT_SCHEMA, Receipt, ReduceReport, ReduceRequest, Reduced, Refs, ResultRecord, Run,
    SCHEMA_VERSION, Signing,
};
use gait_contract::{Code, Fault, FreeObject};

use super::examine::Reading;
use super::open::{INTENTS, REFS, RESULTS, RUN};
use super::write::{RunpackWriter, Seal, complete_refs};
use crate::json::{JsonError, Kind, Scanner};
use crate::order::{self, Texts};
use crate::task::Host;
use crate::text;

/// Answers op `run.reduce`.
pub(crate) async fn reduce(host: &Host, request: ReduceRequest) -> Result<Reduced, Fault> {
    let archive = &request.archive;
    let reading = Reading::begin(host, archive).await?;
    let mut run: Run = reading.document(host, RUN).await?;
    let mut refs: Refs = reading.document(host, REFS).await?;
    let census = Census::take(host, &reading).await?;
    let selected = census.select(request.predicate).ok_or_else(|| {
        let wanted = request.predicate.name();
        Fault::new(Code::ReduceNothing, format!("no intent matches `{wanted}`")).at(archive.clone())
    })?;
    let (mut intent, mut result) = kept(host, &reading, &selected, request.predicate).await?;
    let signed = !reading.runpack.manifest.signatures.is_empty() || reading.runpack.comment_signature().is_some();
    let manifest = reading.finish(host).await?;

    let original_ref_count = refs.receipts.as_ref().map_or(0, Vec::len) as u64;
    let original_run_id = run.run_id.clone();
    let reduced_run_id = reduced_run_id(&original_run_id, request.predicate);
    let mut mentioned = Texts::new();
    for object in [intent.args.as_ref(), result.as_ref().and_then(|result| result.result.as_ref())] {
        collect(object, &mut mentioned)?;
    }
    let mut receipts: Vec<Receipt> = refs
        .receipts
        .take()
        .unwrap_or_default()
        .into_iter()
        .filter(|receipt| mentioned.contains(receipt.ref_id.as_str()))
        .collect();
    order::by_text(&mut receipts, |receipt| &receipt.ref_id);
    refs.receipts = Some(receipts);
    let mut timeline = run.timeline.take().unwrap_or_default();
    timeline.retain(|event| event.reference.is_empty() || event.reference == selected);
    run.timeline = Some(timeline);
    for run_id in [&mut run.run_id, &mut refs.run_id, &mut intent.run_id] {
        run_id.clone_from(&reduced_run_id);
    }
    complete_refs(&mut refs, &run);

    let report = ReduceReport {
        schema_id: REDUCE_REPORT_SCHEMA.into(),
        schema_version: SCHEMA_VERSION.into(),
        created_at: run.created_at.in_utc().map_err(|_| {
            let text = format!("`{}` lies outside the years 0000 to 9999 in UTC", run.created_at);
            Fault::new(Code::JsonType, text).at(format!("{archive}: {RUN}"))
        })?,
        producer_version: run.producer_version.clone(),
        run_id: original_run_id,
        reduced_run_id: reduced_run_id.clone(),
        predicate: request.predicate.name().into(),
        selected_intent_id: selected,
        original_intent_count: census.intents,
        reduced_intent_count: 1,
        original_result_count: census.results,
        reduced_result_count: u64::from(result.is_some()),
        original_ref_count,
        reduced_ref_count: refs.receipts.as_ref().map_or(0, Vec::len) as u64,
        still_failing: true,
    };
    let mut writer = RunpackWriter::new(host);
    writer.intent(&intent).await?;
    if let Some(result) = &mut result {
        result.run_id = reduced_run_id;
        writer.result(result).await?;
    }
    writer.finish(&run, &refs, &manifest.capture_mode, Seal::New(Signing::None)).await?;
    Ok(Reduced { report_text: text::compact(&report), report, signatures_dropped: signed })
}

/// Which intents there are, and which results they have.
struct Census {
    intents: u64,
    results: u64,
    ids: Texts<'static>,
    answered: Texts<'static>,
    failing: Texts<'static>,
}

impl Census {
    async fn take(host: &Host, reading: &Reading) -> Result<Self, Fault> {
        let mut census =
            Self { intents: 0, results: 0, ids: Texts::new(), answered: Texts::new(), failing: Texts::new() };
        let mut records = reading.records::<Intent>(host, INTENTS)?;
        while let Some(batch) = records.next().await? {
            census.intents += batch.len() as u64;
            for id in batch.into_iter().map(|intent| intent.intent_id).filter(|id| !id.is_empty()) {
                census.ids.insert(Cow::Owned(id));
            }
        }
        let mut records = reading.records::<ResultRecord>(host, RESULTS)?;
        while let Some(batch) = records.next().await? {
            census.results += batch.len() as u64;
            for result in batch {
                if !is_ok(&result.status) {
                    census.failing.insert(Cow::Owned(result.intent_id.clone()));
                }
                census.answered.insert(Cow::Owned(result.intent_id));
            }
        }
        Ok(census)
    }

    /// The first matching intent by id.
    fn select(&self, predicate: Predicate) -> Option<String> {
        let matches = |id: &&Cow<'_, str>| match predicate {
            Predicate::MissingResult => !self.answered.contains(*id),
            Predicate::NonOkStatus => self.failing.contains(*id),
        };
        self.ids.iter().find(matches).map(ToString::to_string)
    }
}

fn is_ok(status: &str) -> bool {
    matches!(text::lower(status.trim()).as_str(), "ok" | "success")
}

/// The first intent with the id and, when a failing status was asked for, its first failing result.
async fn kept(
    host: &Host,
    reading: &Reading,
    id: &str,
    predicate: Predicate,
) -> Result<(Intent, Option<ResultRecord>), Fault> {
    let mut intent = None;
    let mut records = reading.records::<Intent>(host, INTENTS)?;
    while let Some(batch) = records.next().await? {
        intent = intent.or_else(|| batch.into_iter().find(|intent| intent.intent_id == id));
    }
    let mut result = None;
    if predicate == Predicate::NonOkStatus {
        let mut records = reading.records::<ResultRecord>(host, RESULTS)?;
        while let Some(batch) = records.next().await? {
            let fails = |result: &ResultRecord| result.intent_id == id && !is_ok(&result.status);
            result = result.or_else(|| batch.into_iter().find(fails));
        }
    }
    let intent = intent.ok_or_else(|| Fault::new(Code::FileChanged, format!("intent `{id}` is gone")))?;
    Ok((intent, result))
}

fn reduced_run_id(run_id: &str, predicate: Predicate) -> String {
    let run_id = run_id.trim();
    let prefix = if run_id.starts_with("run_") { "" } else { "run_" };
    format!("{prefix}{run_id}_reduced_{}", predicate.name().replace('_', ""))
}

/// Adds the receipt ids that an object mentions: strings under a key that contains `ref`, and strings that begin
/// with `ref_`.
fn collect(object: Option<&FreeObject>, ids: &mut Texts<'_>) -> Result<(), Fault> {
    let Some(object) = object else { return Ok(()) };
    let text = object.as_str().as_bytes();
    let mut walk = || {
        let mut scanner = Scanner::new(text)?;
        mentions(&mut scanner, ids)
    };
    walk().map_err(|error: JsonError| error.fault(text))
}

/// Walks over canonical text, container by container.
fn mentions(scanner: &mut Scanner<'_>, ids: &mut Texts<'_>) -> Result<(), JsonError> {
    // For each open container: does it belong to a key that names a reference, and is it an object?
    let mut open: Vec<bool> = Vec::new();
    let mut under_ref = false;
    loop {
        match scanner.kind()? {
            Kind::Object => {
                scanner.want(b'{', "an object")?;
                if !scanner.eat(b'}') {
                    open.push(true);
                    under_ref = key_names_a_reference(scanner)?;
                    continue;
                }
            }
            Kind::Array => {
                scanner.want(b'[', "a list")?;
                if !scanner.eat(b']') {
                    open.push(false);
                    under_ref = false;
                    continue;
                }
            }
            Kind::String => {
                let value = scanner.string()?;
                let trimmed = value.trim();
                if under_ref && !trimmed.is_empty() {
                    ids.insert(Cow::Owned(trimmed.to_string()));
                } else if value.starts_with("ref_") {
                    ids.insert(Cow::Owned(value.into_owned()));
                }
            }
            Kind::Number => drop(scanner.number()?),
            Kind::Bool | Kind::Null => drop(scanner.literal()?),
        }
        loop {
            let Some(is_object) = open.last().copied() else { return Ok(()) };
            if scanner.eat(b',') {
                under_ref = is_object && key_names_a_reference(scanner)?;
                break;
            }
            let (brace, what) = if is_object { (b'}', "`}`") } else { (b']', "`]`") };
            scanner.want(brace, what)?;
            open.pop();
        }
    }
}

fn key_names_a_reference(scanner: &mut Scanner<'_>) -> Result<bool, JsonError> {
    let key = scanner.string()?;
    scanner.want(b':', "`:`")?;
    Ok(text::lower(key.trim()).contains("ref"))
}
