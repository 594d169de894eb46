// Types of the boundary, written by `make gen` from core-wasm/contract. What a field means is said there, once.

/** What the host answers, as JSON, to steps that do not want raw bytes. */
export type Answer =
  /** The source exists and has this many bytes. */
  | { size: number }
  /** A signature over the digest. */
  | {
    signature: {
      /** SHA-256 of the raw public key, lower-case hex. */
      key_id: string;
      /** Standard base64 of the 64-byte Ed25519 signature. */
      sig: string;
    };
  }
  /** It could not be done. */
  | { failed: SourceError };

/** Groups of causes (schemas contract, C.2). */
export type Category =
  | "invalid_input"
  | "verification_failed"
  | "policy_blocked"
  | "approval_required"
  | "dependency_missing"
  | "io_failure"
  | "state_contention"
  | "network_transient"
  | "network_permanent"
  | "internal_failure";

/** Stable names of causes. A code is for ever; its hint may improve. */
export type Code =
  | "invalid_input"
  | "file_not_found"
  | "file_unreadable"
  | "file_unwritable"
  | "file_changed"
  | "key_invalid"
  | "key_source"
  | "key_missing"
  | "key_exists"
  | "unsafe_operation"
  | "json_syntax"
  | "json_utf8"
  | "json_bom"
  | "json_surrogate"
  | "json_number"
  | "json_depth"
  | "json_duplicate_key"
  | "json_trailing"
  | "json_type"
  | "json_too_large"
  | "zip_not_an_archive"
  | "zip_truncated"
  | "zip_too_large"
  | "zip_unsupported"
  | "zip_header_mismatch"
  | "zip_overlap"
  | "zip_ambiguous"
  | "zip_unsafe_name"
  | "zip_duplicate_member"
  | "zip_name_clash"
  | "zip_member_too_large"
  | "zip_member_corrupt"
  | "manifest_missing"
  | "manifest_invalid"
  | "schema_unsupported"
  | "runpack_incomplete"
  | "runpack_tampered"
  | "record_too_large"
  | "run_id_invalid"
  | "replay_ambiguous"
  | "reduce_nothing"
  | "output_is_input"
  | "config_invalid"
  | "fixture_invalid"
  | "fixture_name"
  | "verification_failed"
  | "signing_failed"
  | "core_trap"
  | "core_limit"
  | "internal_failure"
  | "unknown_op";

/** Compares two outlines that were made with the same privacy; the answer is that of `DiffRequest`. */
export interface CompareRequest {
  /** Source of the left outline. */
  left: string;
  /** Source of the right outline. */
  right: string;
  /** How much the outlines look at. */
  privacy?: Privacy;
}

/** Writes the demo runpack to the stream `archive`. */
export interface DemoRequest {
  /** Where the signature goes. */
  signing?: Signing;
}

/** The answer to a diff. */
export interface Diff {
  /** True when nothing that counts differs. */
  ok: boolean;
  /** As asked. */
  privacy: Privacy;
  /** What differs. */
  summary: DiffSummary;
}

/** Compares two runpacks. */
export interface DiffRequest {
  /** Source of the left runpack. */
  left: string;
  /** Source of the right runpack. */
  right: string;
  /** How much to look at. */
  privacy?: Privacy;
}

/** What differs between two runpacks (runpack contract, `run diff`). */
export interface DiffSummary {
  /** Left run, from `run.json`. */
  run_id_left: string;
  /** Right run, from `run.json`. */
  run_id_right: string;
  /** Schema pair, capture mode or the list of paths differ. */
  manifest_changed: boolean;
  /** Paths listed on one side only, sorted. */
  files_changed?: string[];
  /** Intents differ. */
  intents_changed: boolean;
  /** Results differ. */
  results_changed: boolean;
  /** Receipts differ. */
  refs_changed: boolean;
  /** Intent ids on the left only, sorted. */
  left_only_intents?: string[];
  /** Intent ids on the right only, sorted. */
  right_only_intents?: string[];
  /** Ids of results on the left only, sorted. */
  left_only_results?: string[];
  /** Ids of results on the right only, sorted. */
  right_only_results?: string[];
}

/** Where a run took place. */
export interface Env {
  /** Operating system. */
  os?: string;
  /** Processor architecture. */
  arch?: string;
  /** Program that recorded the run. */
  runtime?: string;
}

/** The error envelope (schemas contract, C.2). Hosts add `correlation_id`. */
export interface Fault {
  /** What is wrong, in the user's terms. Wording may improve; nothing may depend on it. */
  error: string;
  /** Stable token that names the cause. */
  error_code: Code;
  /** Group of causes; decides the exit code. */
  error_category: Category;
  /** True when the same call may succeed later without any change. */
  retryable: boolean;
  /** What to do next. */
  hint: string;
  /** Where: a file, a member, a line and column, as far as they are known. */
  at?: string;
}

/** A folder below `fixtures/`. */
export interface FixtureFolder {
  /** The folder's name. */
  name: string;
  /** It holds a `fixture.json`. */
  has_fixture: boolean;
  /** Names of the other files in it. */
  files?: string[];
}

/** The footer of a verified runpack. */
export interface Footer {
  /** From the manifest. */
  run_id: string;
  /** From the manifest. */
  manifest_digest: string;
  /** The line to paste into a ticket. */
  ticket_footer: string;
}

/** A member that is not what the manifest says. */
export interface HashMismatch {
  /** Member name. */
  path: string;
  /** SHA-256 as stored in the manifest. */
  expected: string;
  /** SHA-256 of what is there. */
  actual: string;
}

/** Whether two artifacts belong together. */
export type Linked =
  /** They do. */
  | "yes"
  /** They do not. */
  | "no"
  /** Nothing ties them together, and nothing speaks against it. */
  | "unknown";

/** Writes a runpack again in the current form, to the stream `archive`. */
export interface MigrateRequest {
  /** Source of the runpack. */
  archive: string;
  /** Values for absent fields. */
  defaults: RecordDefaults;
}

/** A runpack was migrated. */
export interface Migrated {
  /** From `run.json`. */
  run_id: string;
  /** True when the new archive has the very bytes of the old one. */
  unchanged: boolean;
  /** True when the original's manifest carried signatures, which the new archive does not. */
  signatures_dropped?: boolean;
}

/**
 * Writes what a comparison needs to know of one runpack to the stream `outline`, for `CompareRequest`: two large
 * archives can be read by two instances at the same time.
 */
export interface OutlineRequest {
  /** Source of the runpack. */
  archive: string;
  /** How much to look at. */
  privacy?: Privacy;
}

/** An outline was written. */
export interface Outlined {
  /** Number of intents and results. */
  records: number;
}

/** What checking an evidence pack showed. */
export interface PackReport {
  /** Nothing is missing, nothing differs, the id fits, signatures are as demanded. */
  ok: boolean;
  /** From the manifest. */
  pack_id?: string;
  /** From the manifest. */
  run_id?: string;
  /** Number of entries in `contents`. */
  files_checked?: number;
  /** Listed members that are not there, sorted. */
  missing_files?: string[];
  /** Members whose content differs, and the manifest itself when its id does not follow from it; sorted by path. */
  hash_mismatches?: HashMismatch[];
  /** Members that nobody lists. */
  undeclared_files?: string[];
  /** What the signatures showed. */
  signature_status?: SignatureStatus;
  /** One text for each entry that does not verify, sorted. */
  signature_errors?: string[];
  /** Number of signature entries. */
  signatures_total?: number;
  /** Number of entries that verify. */
  signatures_valid?: number;
  /** Whether the pack is about the named run; absent when none was named. */
  linked?: Linked;
}

/** Asks whether an evidence pack is what it claims to be (guard contract, section 8). */
export interface PackVerifyRequest {
  /** Source of the pack. */
  pack: string;
  /** Base64 of the public key that signatures are held against. */
  public_key?: string;
  /** Refuse the pack unless a signature by `public_key` verifies. */
  require_signature?: boolean;
  /** The run the pack should be about. */
  run_id?: string;
}

/** Where a signature stands. */
export type Place =
  /** In the manifest's `signatures`. */
  | "manifest"
  /** In the archive's comment. */
  | "archive";

/** What `run reduce` looks for. */
export type Predicate =
  /** An intent without a result. */
  | "missing_result"
  /** A result whose status is neither `ok` nor `success`. */
  | "non_ok_status";

/** How much of the records a diff looks at. */
export type Privacy =
  /** Arguments, results and receipts. */
  | "full"
  /** Digests and counts only. */
  | "metadata";

/** Asks for the ticket footer of a runpack, after verifying it. */
export interface ReceiptRequest {
  /** Source of the runpack. */
  archive: string;
}

/** What the host knows and the record may lack: defaults for absent fields (runpack contract, `run record`). */
export interface RecordDefaults {
  /** The time of the call, UTC. */
  now: string;
  /** gait's version with the core's digest as build metadata. */
  producer_version: string;
  /** The host's operating system, architecture and runtime. */
  env: Env;
}

/** Builds a runpack from a run record and writes it to the stream `archive`. */
export interface RecordRequest {
  /** Source of the record: `{run, intents, results, refs, capture_mode}`. */
  input: string;
  /** Replaces the run id everywhere; blank means the record's own. */
  run_id?: string;
  /** Replaces the record's capture mode; blank means the record's own, else `reference`. */
  capture_mode?: string;
  /** Values for absent fields. */
  defaults: RecordDefaults;
  /** Where the signature goes. */
  signing?: Signing;
}

/** A runpack was written. */
export interface Recorded {
  /** The run's name. */
  run_id: string;
  /** The digest that names the run's content. */
  manifest_digest: string;
  /** The line to paste into a ticket; its run id may lie outside the footer's grammar. */
  ticket_footer: string;
  /** Who signed, if anyone did. */
  signature_key_id?: string;
  /** Things that are allowed but worth a look. */
  warnings?: string[];
}

/** `….reduce_report.json`. */
export interface ReduceReport {
  /** `gait.runpack.reduce_report`. */
  schema_id: "gait.runpack.reduce_report";
  /** `1.0.0`. */
  schema_version: "1.0.0";
  /** The run's, in UTC. */
  created_at: string;
  /** The run's. */
  producer_version: string;
  /** The original run. */
  run_id: string;
  /** The reduced run. */
  reduced_run_id: string;
  /** `missing_result` or `non_ok_status`. */
  predicate: "missing_result" | "non_ok_status";
  /** The intent that was kept. */
  selected_intent_id: string;
  /** Intents before. */
  original_intent_count: number;
  /** Intents after. */
  reduced_intent_count: number;
  /** Results before. */
  original_result_count: number;
  /** Results after. */
  reduced_result_count: number;
  /** Receipts before. */
  original_ref_count: number;
  /** Receipts after. */
  reduced_ref_count: number;
  /** Always true. */
  still_failing: boolean;
}

/** Writes the smallest runpack that still shows a failure to the stream `archive`. */
export interface ReduceRequest {
  /** Source of the runpack. */
  archive: string;
  /** What to look for. */
  predicate?: Predicate;
}

/** A runpack was reduced. */
export interface Reduced {
  /** What was kept, and of how much. */
  report: ReduceReport;
  /** The report as it is stored: compact, keys in order. */
  report_text: string;
  /** True when the original carried signatures, which the reduced archive does not. */
  signatures_dropped: boolean;
}

/** What `regress init` writes. */
export interface RegressInit {
  /** From the manifest. */
  run_id: string;
  /** The fixture's name. */
  fixture_name: string;
  /** Text of `fixtures/<name>/fixture.json`. */
  fixture_text: string;
  /** Text of `gait.yaml`. */
  config_text: string;
  /** Things that are allowed but worth a look. */
  warnings?: string[];
}

/** Turns a runpack into a fixture. The host writes what the reply says, all or nothing. */
export interface RegressInitRequest {
  /** Source of the runpack. */
  archive: string;
  /** The fixture's name; empty means one made from the run id. */
  name?: string;
  /** Folders below `fixtures/`, as the host sees them now. */
  folders?: FixtureFolder[];
  /** Source of the present configuration, when there is one: its fixture set is kept. */
  config?: string;
}

/** What the graders say. */
export interface RegressReport {
  /** True when every grader passes. */
  ok: boolean;
  /** The same as a word. */
  status: Status;
  /** From the configuration. */
  fixture_set: string;
  /** Number of grader results. */
  graders: number;
  /** Number of them that failed. */
  failed?: number;
  /** First reason of the first failed grader. */
  top_failure_reason?: string;
  /** What to run next. */
  next_command?: string;
  /** One line for each failed grader: name, reasons, what differed. */
  failures?: string[];
  /** Fixtures that were compared with nothing but themselves. */
  self_compared?: string[];
  /** Text of `regress_result.json`. */
  result_text: string;
  /** Text of the JUnit file. */
  junit_text: string;
}

/** Grades every fixture of a configuration. */
export interface RegressRunRequest {
  /** Source of the configuration, as the caller spelled its path. */
  config: string;
  /** Archive to compare every fixture with, instead of the fixtures' own candidates. */
  candidate?: string;
  /** gait's version, for the result. */
  producer_version: string;
}

/** What a replay gives. */
export interface Replay {
  /** True when no result is missing. */
  ok: boolean;
  /** From `run.json`. */
  run_id: string;
  /** `stub`: nothing was executed. */
  mode: string;
  /** One step for every intent, in order. */
  steps?: ReplayStep[];
  /** Ids of intents without a result or a stub, sorted. */
  missing_results?: string[];
}

/** Replays a run from its recorded results, without running anything. */
export interface ReplayRequest {
  /** Source of the runpack. */
  archive: string;
}

/** One replayed tool call. */
export interface ReplayStep {
  /** Which intent. */
  intent_id: string;
  /** Its tool, as recorded. */
  tool_name: string;
  /** The recorded status, `stubbed`, or `missing_result`. */
  status: string;
  /** `http`, `file`, `db` or `queue` for stubs. */
  stub_type?: string;
  /** The recorded digest, or the stub's. */
  result_digest?: string;
}

/** What the signatures showed against the key the caller named. */
export type SignatureStatus =
  /** The manifest carries none. */
  | "missing"
  /** There are some, and no key to hold them against: present, not checked. */
  | "skipped"
  /** At least one verifies with the named key. */
  | "verified"
  /** None verifies with the named key. */
  | "failed";

/** Who signed, as far as that can be told. */
export interface Signer {
  /** The key id the entry claims. */
  key_id: string;
  /** How the key is known to the caller. */
  trust: Trust;
  /** What checking the entry showed. */
  status: SignerStatus;
  /** `manifest` or `archive`. */
  place: Place;
}

/** What checking one signature showed. */
export type SignerStatus =
  /** It verifies. */
  | "verified"
  /** It does not. */
  | "failed"
  /** There is no key to check it with. */
  | "not_checked";

/** Where a new signature goes (ADR 0006). */
export type Signing =
  /** No signature. */
  | "none"
  /** A development key's signature, in the archive's comment: no byte of any member changes. */
  | "archive"
  /** A production key's signature, in the manifest's `signatures`. */
  | "manifest";

/** Why a host could not do what a step asked for. */
export interface SourceError {
  /** What kind of failure it was. */
  kind: SourceErrorKind;
  /** The operating system's words. */
  message: string;
}

/** Kinds of failure a host can report. */
export type SourceErrorKind =
  /** Nothing has that name. */
  | "not_found"
  /** There is something, but its bytes cannot be had (a folder, no permission, a read error). */
  | "unreadable"
  /** Fewer bytes than announced: the source changed while it was read. */
  | "changed"
  /** The bytes could not be stored. */
  | "unwritable"
  /** The signing key could not be used. */
  | "signing";

/** Pass or fail. */
export type Status =
  /** Everything is as expected. */
  | "pass"
  /** Something is not. */
  | "fail";

/**
 * What a running operation wants next. `Write` carries bytes after the JSON of its frame (`frame`); `R` is the
 * operation's reply.
 */
export type Step<R> =
  /** Find a source. Answer: `Answer::Size` or `Answer::Failed`. */
  | {
    open: {
      /** The source's name: a path as the request or a configuration spelled it. */
      source: string;
    };
  }
  /** Hand over `length` bytes from `offset`. Answer: exactly these bytes, or `Answer::Failed`. */
  | {
    read: {
      /** A source that was opened, or a stream that was written. */
      source: string;
      /** First byte. */
      offset: number;
      /** Number of bytes, at most `limits::CHUNK_BYTES`; none when the core only ends a long step. */
      length: number;
    };
  }
  /** Append the frame's bytes to a stream. Answer: no bytes, or `Answer::Failed`. */
  | {
    write: {
      /** `archive` for the result; names that start with `scratch/` are read back and then forgotten. */
      stream: string;
    };
  }
  /** Sign a digest with the caller's key. Answer: `Answer::Signature`, or `Answer::Failed`. */
  | {
    sign: {
      /** Lower-case hex of the 32 bytes to sign. */
      digest: string;
    };
  }
  /** The operation is done. */
  | { reply: R }
  /** The operation failed; nothing was decided. */
  | { fault: Fault };

/** What checking a trace showed. */
export interface TraceReport {
  /** The signature verifies. */
  ok: boolean;
  /** From the trace. */
  trace_id: string;
  /** From the trace. */
  verdict: string;
  /** `verified` or `failed`. */
  signature_status: SignatureStatus;
  /** The signing key, when the signature itself was looked at. */
  key_id?: string;
  /** Why it does not verify. */
  error?: string;
  /** Whether an intent of the run is the one that was judged; absent when no run was named. */
  linked?: Linked;
}

/** Asks whether a trace is signed by a key. */
export interface TraceVerifyRequest {
  /** Source of the trace. */
  trace: string;
  /** Base64 of the public key. */
  public_key?: string;
  /** Source of a runpack the trace should belong to. */
  run?: string;
}

/** How the caller knows a signing key. */
export type Trust =
  /** The caller's own key. */
  | "own"
  /** The key the caller named. */
  | "given"
  /** Neither; anybody may have made it. */
  | "unknown";

/** What verification showed. `ok: false` is an answer, not a fault. */
export interface VerifyReport {
  /** Nothing is missing, nothing differs, and signatures are as demanded. */
  ok: boolean;
  /** From the manifest. */
  run_id?: string;
  /** As stored in the manifest. */
  manifest_digest?: string;
  /** Number of entries in the manifest's `files`. */
  files_checked?: number;
  /** Members that should be there and are not, or that the manifest should list and does not; sorted. */
  missing_files?: string[];
  /** Members whose content differs from the manifest, sorted by path. */
  hash_mismatches?: HashMismatch[];
  /** Members that the manifest does not list: never read; refused where a signature is required. */
  unlisted_members?: string[];
  /** What the signatures showed against the named key. */
  signature_status?: SignatureStatus;
  /** One text for each entry that does not verify, sorted. */
  signature_errors?: string[];
  /** Number of signature entries. */
  signatures_total?: number;
  /** Number of entries that verify with the named key. */
  signatures_valid?: number;
  /** Who signed, one entry for each signature, wherever it stands. */
  signers?: Signer[];
  /** True when the archive holds only what the manifest lists and lists all that a runpack needs. */
  complete?: boolean;
}

/** Asks whether a runpack is what it claims to be (runpack contract, section 8). */
export interface VerifyRequest {
  /** Source of the runpack. */
  archive: string;
  /** Base64 of the public key that signatures are held against. */
  public_key?: string;
  /** Base64 of the caller's own public keys: they tell who signed, and need not be named on each call. */
  own_keys?: string[];
  /** Refuse the runpack unless a signature by `public_key` verifies. */
  require_signature?: boolean;
}

/** Every operation of the core: what goes in, and what comes out unless it is a fault. */
export interface Operations {
  "demo": { request: DemoRequest; reply: Recorded };
  "verify": { request: VerifyRequest; reply: VerifyReport };
  "run.receipt": { request: ReceiptRequest; reply: Footer };
  "run.record": { request: RecordRequest; reply: Recorded };
  "run.replay": { request: ReplayRequest; reply: Replay };
  "run.diff": { request: DiffRequest; reply: Diff };
  "run.outline": { request: OutlineRequest; reply: Outlined };
  "run.compare": { request: CompareRequest; reply: Diff };
  "run.reduce": { request: ReduceRequest; reply: Reduced };
  "migrate": { request: MigrateRequest; reply: Migrated };
  "regress.init": { request: RegressInitRequest; reply: RegressInit };
  "regress.run": { request: RegressRunRequest; reply: RegressReport };
  "trace.verify": { request: TraceVerifyRequest; reply: TraceReport };
  "guard.verify": { request: PackVerifyRequest; reply: PackReport };
}

/** What belongs to each code: its category and its usual hint. */
export const FAULTS: Readonly<Record<Code, Pick<Fault, "error_category" | "retryable" | "hint">>> = {
  invalid_input: { error_category: "invalid_input", retryable: false, hint: "check the command's usage with `--help`" },
  file_not_found: { error_category: "invalid_input", retryable: false, hint: "check the path, or the run id if you gave one" },
  file_unreadable: { error_category: "invalid_input", retryable: false, hint: "check that the path names a readable file" },
  file_unwritable: { error_category: "io_failure", retryable: false, hint: "check that the folder exists, is writable and has free space" },
  file_changed: { error_category: "io_failure", retryable: false, hint: "another process changed the file while it was read; run the command again" },
  key_invalid: { error_category: "invalid_input", retryable: false, hint: "keys are base64 text of 32 bytes (public) or 64 bytes (private); `gait keys init` makes a pair" },
  key_source: { error_category: "invalid_input", retryable: false, hint: "name one key source: a file or an environment variable" },
  key_missing: { error_category: "invalid_input", retryable: false, hint: "give `--public-key FILE` or `--public-key-env NAME`" },
  key_exists: { error_category: "invalid_input", retryable: false, hint: "keys are not replaced by accident; choose another folder or name, or add `--force`" },
  unsafe_operation: { error_category: "internal_failure", retryable: false, hint: "real tools run only with `--real-tools --unsafe-real-tools --allow-tools=…` and the unlocking variable set to 1" },
  json_syntax: { error_category: "invalid_input", retryable: false, hint: "the text is not JSON at the place named; mend it there" },
  json_utf8: { error_category: "invalid_input", retryable: false, hint: "JSON is UTF-8; store the file again in that encoding" },
  json_bom: { error_category: "invalid_input", retryable: false, hint: "remove the byte-order mark at the start" },
  json_surrogate: { error_category: "invalid_input", retryable: false, hint: "a lone surrogate escape stands for no character; write the pair or the character itself" },
  json_number: { error_category: "invalid_input", retryable: false, hint: "numbers must fit an IEEE double; write larger ones as strings" },
  json_depth: { error_category: "invalid_input", retryable: false, hint: "nest fewer than 1,024 levels" },
  json_duplicate_key: { error_category: "invalid_input", retryable: false, hint: "readers disagree about repeated keys; keep one" },
  json_trailing: { error_category: "invalid_input", retryable: false, hint: "one document only; remove what follows it" },
  json_type: { error_category: "invalid_input", retryable: false, hint: "give the field the type its schema names" },
  json_too_large: { error_category: "invalid_input", retryable: false, hint: "split the document; the limits stand in docs/contracts/limits.md" },
  zip_not_an_archive: { error_category: "invalid_input", retryable: false, hint: "give a runpack (.zip); `gait demo` makes one" },
  zip_truncated: { error_category: "invalid_input", retryable: false, hint: "the archive was cut off; copy or download it again" },
  zip_too_large: { error_category: "invalid_input", retryable: false, hint: "gait reads archives below 4 GiB with at most 4,096 members" },
  zip_unsupported: { error_category: "invalid_input", retryable: false, hint: "write the archive with plain store or deflate, without encryption, disks or zip64" },
  zip_header_mismatch: { error_category: "invalid_input", retryable: false, hint: "two headers tell different stories about one member; do not trust the archive" },
  zip_overlap: { error_category: "invalid_input", retryable: false, hint: "members share bytes or leave gaps; do not trust the archive" },
  zip_ambiguous: { error_category: "invalid_input", retryable: false, hint: "readers disagree about where the archive ends; ask for the original archive" },
  zip_unsafe_name: { error_category: "invalid_input", retryable: false, hint: "a member's name leaves the archive; do not unpack it anywhere" },
  zip_duplicate_member: { error_category: "verification_failed", retryable: false, hint: "readers disagree about which member counts; ask for the original archive" },
  zip_name_clash: { error_category: "verification_failed", retryable: false, hint: "two names differ only by case, so readers disagree; ask for the original archive" },
  zip_member_too_large: { error_category: "invalid_input", retryable: false, hint: "a member may hold 104,857,600 bytes" },
  zip_member_corrupt: { error_category: "invalid_input", retryable: false, hint: "the member's data is damaged; copy or download the archive again" },
  manifest_missing: { error_category: "invalid_input", retryable: false, hint: "the archive holds no manifest.json, so it is no runpack" },
  manifest_invalid: { error_category: "invalid_input", retryable: false, hint: "manifest.json is not a runpack manifest; ask for the original archive" },
  schema_unsupported: { error_category: "invalid_input", retryable: false, hint: "this artifact has another type or a newer version; `gait version` tells what is installed" },
  runpack_incomplete: { error_category: "invalid_input", retryable: false, hint: "`gait verify` lists what is missing" },
  runpack_tampered: { error_category: "invalid_input", retryable: false, hint: "`gait verify` lists what does not match; use the original archive" },
  record_too_large: { error_category: "invalid_input", retryable: false, hint: "one record may hold 10,485,760 bytes" },
  run_id_invalid: { error_category: "invalid_input", retryable: false, hint: "use letters, digits, `_` and `-`; the run id becomes a file name" },
  replay_ambiguous: { error_category: "invalid_input", retryable: false, hint: "an intent id stands twice, so a replay has no single answer" },
  reduce_nothing: { error_category: "invalid_input", retryable: false, hint: "nothing fails in that way; the predicates are missing_result and non_ok_status" },
  output_is_input: { error_category: "invalid_input", retryable: false, hint: "choose another file with `--out`" },
  config_invalid: { error_category: "invalid_input", retryable: false, hint: "`gait regress init --from <run>` writes a configuration that works" },
  fixture_invalid: { error_category: "invalid_input", retryable: false, hint: "mend the fixture's fixture.json, or make it again with `gait regress init`" },
  fixture_name: { error_category: "invalid_input", retryable: false, hint: "names start with a-z or 0-9 and go on with a-z 0-9 . _ -" },
  verification_failed: { error_category: "verification_failed", retryable: false, hint: "check the artifact and verify it again" },
  signing_failed: { error_category: "io_failure", retryable: false, hint: "check the signing key, or record without a signature with `--no-sign`" },
  core_trap: { error_category: "internal_failure", retryable: false, hint: "nothing was decided and nothing was written; please report the input that caused this" },
  core_limit: { error_category: "internal_failure", retryable: false, hint: "the input needs more memory or work than gait allows; nothing was decided" },
  internal_failure: { error_category: "internal_failure", retryable: false, hint: "check the environment and run the command again" },
  unknown_op: { error_category: "internal_failure", retryable: false, hint: "host and core are of different versions; install gait again" },
};
