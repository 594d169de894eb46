//! Runpacks: the artifacts inside the archive, and the operations that write and compare them.
//!
//! Source of every rule: the runpack contract (`docs/contracts/runpack.md`).

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::free::is_absent;
use crate::op::call;
use crate::{FreeObject, Timestamp, is_false};

/// `schema_version` of every artifact of the first major version.
pub const SCHEMA_VERSION: &str = "1.0.0";
/// `schema_id` of `manifest.json`.
pub const MANIFEST_SCHEMA: &str = "gait.runpack.manifest";
/// `schema_id` of `run.json`.
pub const RUN_SCHEMA: &str = "gait.runpack.run";
/// `schema_id` of a line of `intents.jsonl`.
pub const INTENT_SCHEMA: &str = "gait.runpack.intent";
/// `schema_id` of a line of `results.jsonl`.
pub const RESULT_SCHEMA: &str = "gait.runpack.result";
/// `schema_id` of `refs.json`.
pub const REFS_SCHEMA: &str = "gait.runpack.refs";
/// `schema_id` of the report that `run reduce` writes.
pub const REDUCE_REPORT_SCHEMA: &str = "gait.runpack.reduce_report";

/// `manifest.json`: what the archive holds, by digest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Manifest {
    /// `gait.runpack.manifest`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = MANIFEST_SCHEMA)))]
    pub schema_id: String,
    /// `1.0.0`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA_VERSION)))]
    pub schema_version: String,
    /// When the run began; copied from `run.json`.
    pub created_at: Timestamp,
    /// Who wrote the archive; copied from `run.json`.
    pub producer_version: String,
    /// The run's name.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^run_[A-Za-z0-9_-]+$")))]
    pub run_id: String,
    /// `reference` or `raw`; a label, nothing is redacted.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["reference", "raw"])))]
    pub capture_mode: String,
    /// The four other members with their SHA-256, sorted by path.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<FileEntry>"))]
    pub files: Option<Vec<FileEntry>>,
    /// SHA-256 of the canonical manifest with this field empty and without `signatures`.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-fA-F0-9]{64}$")))]
    pub manifest_digest: String,
    /// Signatures over the canonical manifest without this field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<Signature>,
}

/// One member and its digest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct FileEntry {
    /// Member name.
    pub path: String,
    /// SHA-256 of the uncompressed member.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-fA-F0-9]{64}$")))]
    pub sha256: String,
}

/// An Ed25519 signature over the 32 raw bytes of a digest (runpack contract, section 7).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Signature {
    /// `ed25519`.
    pub alg: String,
    /// SHA-256 of the 32 public-key bytes, lower-case hex.
    pub key_id: String,
    /// Standard base64 of the 64 signature bytes.
    pub sig: String,
    /// Digest of the signed payload, lower-case hex.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-fA-F0-9]{64}$")))]
    pub signed_digest: String,
}

/// `run.json`: the run as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Run {
    /// `gait.runpack.run`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = RUN_SCHEMA)))]
    pub schema_id: String,
    /// `1.0.0`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA_VERSION)))]
    pub schema_version: String,
    /// When the run began.
    pub created_at: Timestamp,
    /// Who recorded the run.
    pub producer_version: String,
    /// The run's name.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^run_[A-Za-z0-9_-]+$")))]
    pub run_id: String,
    /// Where it ran.
    pub env: Env,
    /// What happened when; `null` when it was not recorded.
    pub timeline: Option<Vec<TimelineEvent>>,
}

/// Where a run took place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Env {
    /// Operating system.
    pub os: String,
    /// Processor architecture.
    pub arch: String,
    /// Program that recorded the run.
    pub runtime: String,
}

/// One entry of the timeline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct TimelineEvent {
    /// What happened.
    pub event: String,
    /// When.
    pub ts: Timestamp,
    /// The intent it belongs to.
    #[serde(rename = "ref", skip_serializing_if = "String::is_empty")]
    pub reference: String,
}

/// One line of `intents.jsonl`: a tool call the agent wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Intent {
    /// `gait.runpack.intent`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = INTENT_SCHEMA)))]
    pub schema_id: String,
    /// `1.0.0`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA_VERSION)))]
    pub schema_version: String,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// Who recorded it.
    pub producer_version: String,
    /// The run it belongs to.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^run_[A-Za-z0-9_-]+$")))]
    pub run_id: String,
    /// Name of the call within the run.
    pub intent_id: String,
    /// Which tool.
    pub tool_name: String,
    /// By convention the digest of the canonical arguments.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-fA-F0-9]{64}$")))]
    pub args_digest: String,
    /// The arguments, when they were captured.
    #[cfg_attr(feature = "schema", schemars(with = "FreeObject"))]
    #[serde(skip_serializing_if = "is_absent")]
    pub args: Option<FreeObject>,
}

/// One line of `results.jsonl`: what the tool answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ResultRecord {
    /// `gait.runpack.result`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = RESULT_SCHEMA)))]
    pub schema_id: String,
    /// `1.0.0`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA_VERSION)))]
    pub schema_version: String,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// Who recorded it.
    pub producer_version: String,
    /// The run it belongs to.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^run_[A-Za-z0-9_-]+$")))]
    pub run_id: String,
    /// The intent it answers.
    pub intent_id: String,
    /// `ok` or `error`; readers accept any text.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["ok", "error"])))]
    pub status: String,
    /// By convention the digest of the canonical result.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-fA-F0-9]{64}$")))]
    pub result_digest: String,
    /// The result, when it was captured.
    #[cfg_attr(feature = "schema", schemars(with = "FreeObject"))]
    #[serde(skip_serializing_if = "is_absent")]
    pub result: Option<FreeObject>,
}

/// `refs.json`: what the run read, by digest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Refs {
    /// `gait.runpack.refs`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = REFS_SCHEMA)))]
    pub schema_id: String,
    /// `1.0.0`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA_VERSION)))]
    pub schema_version: String,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// Who recorded it.
    pub producer_version: String,
    /// The run it belongs to.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^run_[A-Za-z0-9_-]+$")))]
    pub run_id: String,
    /// The receipts, in the order they were recorded.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Receipt>"))]
    pub receipts: Option<Vec<Receipt>>,
}

/// Proof that a piece of reference material was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Receipt {
    /// Name of the receipt within the run.
    pub ref_id: String,
    /// Kind of source.
    pub source_type: String,
    /// Where the source is.
    pub source_locator: String,
    /// Digest of the query.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-fA-F0-9]{64}$")))]
    pub query_digest: String,
    /// Digest of the content that came back.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-fA-F0-9]{64}$")))]
    pub content_digest: String,
    /// When it was read.
    pub retrieved_at: Timestamp,
    /// How the content was redacted.
    pub redaction_mode: String,
    /// How sensitive it is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sensitivity_label: String,
    /// Parameters of the retrieval.
    #[cfg_attr(feature = "schema", schemars(with = "FreeObject"))]
    #[serde(skip_serializing_if = "is_absent")]
    pub retrieval_params: Option<FreeObject>,
}

/// Where a new signature goes (ADR 0006).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Signing {
    /// No signature.
    #[default]
    None,
    /// A development key's signature, in the archive's comment: no byte of any member changes.
    Archive,
    /// A production key's signature, in the manifest's `signatures`.
    Manifest,
}

/// What the host knows and the record may lack: defaults for absent fields (runpack contract, `run record`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordDefaults {
    /// The time of the call, UTC.
    pub now: Timestamp,
    /// gait's version with the core's digest as build metadata.
    pub producer_version: String,
    /// The host's operating system, architecture and runtime.
    pub env: Env,
}

/// Writes the demo runpack to the stream `archive`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DemoRequest {
    /// Where the signature goes.
    #[serde(default)]
    pub signing: Signing,
}

/// Builds a runpack from a run record and writes it to the stream `archive`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordRequest {
    /// Source of the record: `{run, intents, results, refs, capture_mode}`.
    pub input: String,
    /// Replaces the run id everywhere; blank means the record's own.
    #[serde(default)]
    pub run_id: String,
    /// Replaces the record's capture mode; blank means the record's own, else `reference`.
    #[serde(default)]
    pub capture_mode: String,
    /// Values for absent fields.
    pub defaults: RecordDefaults,
    /// Where the signature goes.
    #[serde(default)]
    pub signing: Signing,
}

/// A runpack was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Recorded {
    /// The run's name.
    pub run_id: String,
    /// The digest that names the run's content.
    pub manifest_digest: String,
    /// The line to paste into a ticket; its run id may lie outside the footer's grammar.
    pub ticket_footer: String,
    /// Who signed, if anyone did.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub signature_key_id: String,
    /// Things that are allowed but worth a look.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}
call!(DemoRequest, "demo", Recorded);
call!(RecordRequest, "run.record", Recorded);

/// Replays a run from its recorded results, without running anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReplayRequest {
    /// Source of the runpack.
    pub archive: String,
}

/// What a replay gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Replay {
    /// True when no result is missing.
    pub ok: bool,
    /// From `run.json`.
    pub run_id: String,
    /// `stub`: nothing was executed.
    pub mode: String,
    /// One step for every intent, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<ReplayStep>,
    /// Ids of intents without a result or a stub, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_results: Vec<String>,
}
call!(ReplayRequest, "run.replay", Replay);

/// One replayed tool call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReplayStep {
    /// Which intent.
    pub intent_id: String,
    /// Its tool, as recorded.
    pub tool_name: String,
    /// The recorded status, `stubbed`, or `missing_result`.
    pub status: String,
    /// `http`, `file`, `db` or `queue` for stubs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stub_type: String,
    /// The recorded digest, or the stub's.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub result_digest: String,
}

/// How much of the records a diff looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Privacy {
    /// Arguments, results and receipts.
    #[default]
    Full,
    /// Digests and counts only.
    Metadata,
}

/// Compares two runpacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DiffRequest {
    /// Source of the left runpack.
    pub left: String,
    /// Source of the right runpack.
    pub right: String,
    /// How much to look at.
    #[serde(default)]
    pub privacy: Privacy,
}

/// Writes what a comparison needs to know of one runpack to the stream `outline`, for [`CompareRequest`]: two large
/// archives can be read by two instances at the same time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutlineRequest {
    /// Source of the runpack.
    pub archive: String,
    /// How much to look at.
    #[serde(default)]
    pub privacy: Privacy,
}

/// An outline was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Outlined {
    /// Number of intents and results.
    pub records: u64,
}
call!(OutlineRequest, "run.outline", Outlined);

/// Compares two outlines that were made with the same privacy; the answer is that of [`DiffRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompareRequest {
    /// Source of the left outline.
    pub left: String,
    /// Source of the right outline.
    pub right: String,
    /// How much the outlines look at.
    #[serde(default)]
    pub privacy: Privacy,
}
call!(CompareRequest, "run.compare", Diff);

/// The answer to a diff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Diff {
    /// True when nothing that counts differs.
    pub ok: bool,
    /// As asked.
    pub privacy: Privacy,
    /// What differs.
    pub summary: DiffSummary,
}
call!(DiffRequest, "run.diff", Diff);

/// What differs between two runpacks (runpack contract, `run diff`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DiffSummary {
    /// Left run, from `run.json`.
    pub run_id_left: String,
    /// Right run, from `run.json`.
    pub run_id_right: String,
    /// Schema pair, capture mode or the list of paths differ.
    pub manifest_changed: bool,
    /// Paths listed on one side only, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files_changed: Vec<String>,
    /// Intents differ.
    pub intents_changed: bool,
    /// Results differ.
    pub results_changed: bool,
    /// Receipts differ.
    pub refs_changed: bool,
    /// Intent ids on the left only, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_only_intents: Vec<String>,
    /// Intent ids on the right only, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub right_only_intents: Vec<String>,
    /// Ids of results on the left only, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_only_results: Vec<String>,
    /// Ids of results on the right only, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub right_only_results: Vec<String>,
}

/// What `run reduce` looks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Predicate {
    /// An intent without a result.
    #[default]
    MissingResult,
    /// A result whose status is neither `ok` nor `success`.
    NonOkStatus,
}

impl Predicate {
    /// The predicate's name, as flags and reports spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MissingResult => "missing_result",
            Self::NonOkStatus => "non_ok_status",
        }
    }
}

/// Writes the smallest runpack that still shows a failure to the stream `archive`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReduceRequest {
    /// Source of the runpack.
    pub archive: String,
    /// What to look for.
    #[serde(default)]
    pub predicate: Predicate,
}

/// A runpack was reduced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reduced {
    /// What was kept, and of how much.
    pub report: ReduceReport,
    /// The report as it is stored: compact, keys in order.
    pub report_text: String,
    /// True when the original carried signatures, which the reduced archive does not.
    pub signatures_dropped: bool,
}
call!(ReduceRequest, "run.reduce", Reduced);

/// `….reduce_report.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReduceReport {
    /// `gait.runpack.reduce_report`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = REDUCE_REPORT_SCHEMA)))]
    pub schema_id: String,
    /// `1.0.0`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA_VERSION)))]
    pub schema_version: String,
    /// The run's, in UTC.
    pub created_at: Timestamp,
    /// The run's.
    pub producer_version: String,
    /// The original run.
    pub run_id: String,
    /// The reduced run.
    pub reduced_run_id: String,
    /// `missing_result` or `non_ok_status`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["missing_result", "non_ok_status"])))]
    pub predicate: String,
    /// The intent that was kept.
    pub selected_intent_id: String,
    /// Intents before.
    pub original_intent_count: u64,
    /// Intents after.
    pub reduced_intent_count: u64,
    /// Results before.
    pub original_result_count: u64,
    /// Results after.
    pub reduced_result_count: u64,
    /// Receipts before.
    pub original_ref_count: u64,
    /// Receipts after.
    pub reduced_ref_count: u64,
    /// Always true.
    pub still_failing: bool,
}

/// Writes a runpack again in the current form, to the stream `archive`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MigrateRequest {
    /// Source of the runpack.
    pub archive: String,
    /// Values for absent fields.
    pub defaults: RecordDefaults,
}

/// A runpack was migrated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Migrated {
    /// From `run.json`.
    pub run_id: String,
    /// True when the new archive has the very bytes of the old one.
    pub unchanged: bool,
    /// True when the original's manifest carried signatures, which the new archive does not.
    #[serde(default, skip_serializing_if = "is_false")]
    pub signatures_dropped: bool,
}
call!(MigrateRequest, "migrate", Migrated);
