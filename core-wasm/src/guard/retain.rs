//! Which traces and packs have had their time (guard contract, section 10).

use alloc::format;

use gait_contract::retention::{FoundFile, RETENTION_SCHEMA, RetainRequest, RetainedFile, Retention, RetentionReport};
use gait_contract::runpack::SCHEMA_VERSION;
use gait_contract::{Code, Fault, Timestamp};

use crate::task::Host;
use crate::text::lower;
use crate::{duration, json, order};

/// Nanoseconds of a second.
const SECOND: i64 = 1_000_000_000;

/// Answers op `guard.retain`.
pub(crate) async fn retain(_: &Host, request: RetainRequest) -> Result<Retention, Fault> {
    let trace_ttl = ttl(&request.trace_ttl, "trace")?;
    let pack_ttl = ttl(&request.pack_ttl, "pack")?;
    let stay = order::set(request.stay);
    let mut files = request.files;
    order::by_text(&mut files, |file| &file.path);
    let mut report = RetentionReport {
        schema_id: RETENTION_SCHEMA.into(),
        schema_version: SCHEMA_VERSION.into(),
        created_at: request.now.clone(),
        producer_version: request.producer_version,
        root_path: request.root,
        dry_run: request.dry_run,
        trace_ttl_seconds: trace_ttl / SECOND,
        pack_ttl_seconds: pack_ttl / SECOND,
        ..RetentionReport::default()
    };
    for FoundFile { path, modified_at } in files {
        let Some(kind) = kind(&path) else { continue };
        let ttl = if kind == "trace" { trace_ttl } else { pack_ttl };
        let age = age(&request.now, &modified_at);
        let over = ttl > 0 && age > i128::from(ttl) && order::place(&stay, &path).is_none();
        let action = if over { "deleted" } else { "kept" }.into();
        let age_seconds = u64::try_from(age / i128::from(SECOND)).unwrap_or_default();
        report.scanned_files += 1;
        let list = if over { &mut report.deleted_files } else { &mut report.kept_files };
        list.push(RetainedFile { path, kind: kind.into(), modified_at, age_seconds, action });
    }
    Ok(Retention { text: json::canonical_text(&report), report })
}

/// How long files of a kind are kept, in nanoseconds.
fn ttl(text: &str, kind: &str) -> Result<i64, Fault> {
    duration::parse(text.trim()).ok_or_else(|| {
        Fault::new(Code::InvalidInput, format!("`{text}` is no time to keep a {kind}"))
            .hint("durations have units from h to ns, for example 168h; 0 keeps for ever")
    })
}

/// What a file is, as its name has it. Whatever has no such name is nobody's to delete.
fn kind(path: &str) -> Option<&'static str> {
    let name = lower(path.rsplit('/').next().unwrap_or_default());
    let is = |beginning: &str, ending: &str| name.strip_prefix(beginning).is_some_and(|rest| rest.ends_with(ending));
    if is("trace_", ".json") {
        return Some("trace");
    }
    let pack = |beginning: &str| is(beginning, ".zip") || is(beginning, ".gaitenc");
    (pack("evidence_pack_") || pack("incident_pack_")).then_some("pack")
}

/// Nanoseconds between two times; none when the later one comes first.
fn age(now: &Timestamp, modified: &Timestamp) -> i128 {
    let nanoseconds = |time: &Timestamp| {
        let (seconds, nanos) = time.instant();
        i128::from(seconds) * i128::from(SECOND) + i128::from(nanos)
    };
    (nanoseconds(now) - nanoseconds(modified)).max(0)
}
