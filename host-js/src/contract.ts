// Types of the boundary, written by `make gen` from core-wasm/contract. What a field means is said there, once.

/** What an adoption log tells (doctor contract, section 6). */
export interface AdoptionReport {
  /** `gait.doctor.adoption_report`. */
  schema_id: string;
  /** `1.0.0`. */
  schema_version: string;
  /** The time of the latest event; 1980 for an empty log. */
  created_at: string;
  /** gait's version. */
  producer_version: string;
  /** The log. */
  source: string;
  /** Number of events. */
  total_events: number;
  /** Events of calls that succeeded. */
  success_events: number;
  /** The others. A block or a pending approval counts here: the call did not exit with 0. */
  failed_events: number;
  /** The earliest time, in UTC; absent for an empty log. */
  first_event_at?: string;
  /** The latest time, in UTC; absent for an empty log. */
  last_event_at?: string;
  /** What was called, sorted. */
  commands: CommandCount[];
  /** All milestones, in their order. */
  milestones: Milestone[];
  /** A1 to A4 were reached. */
  activation_complete: boolean;
  /** What to run for those of them that are missing. */
  blockers?: string[];
}

/** Counts an adoption log. One line that is no event refuses the whole log. */
export interface AdoptionRequest {
  /** Source of the log. */
  log: string;
  /** Version of the program. */
  producer_version: string;
}

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

/** `approval_audit_<trace_id>.json`: which tokens were there, and what became of them (gate contract, 5.5). */
export interface ApprovalAudit {
  /** `gait.gate.approval_audit_record`. */
  schema_id: string;
  /** `1.0.0`. */
  schema_version: string;
  /** The trace's time. */
  created_at: string;
  /** Who decided. */
  producer_version: string;
  /** The trace it belongs to. */
  trace_id: string;
  /** Which tool. */
  tool_name: string;
  /** Which intent. */
  intent_digest: string;
  /** Which policy. */
  policy_digest: string;
  /** How many approvals were asked for. */
  required_approvals: number;
  /** How many valid ones were there. */
  valid_approvals: number;
  /** There were enough of them. Whether the call was allowed, the trace says. */
  approved: boolean;
  /** Who approved. */
  approvers?: string[];
  /** Every token; `null` where a record was kept without them. */
  entries: ApprovalEntry[];
}

/** One token in an audit record. */
export interface ApprovalEntry {
  /** From the token. */
  token_id?: string;
  /** From the token. */
  approver_identity?: string;
  /** From the token. */
  reason_code?: string;
  /** From the token. */
  scope?: string[];
  /** From the token, in UTC. */
  expires_at: string;
  /** The token counts. */
  valid: boolean;
  /** Why it does not. */
  error_code?: string;
}

/** Makes a signed approval token. */
export interface ApprovalMintRequest {
  /** The intent to approve, 64 hex digits. */
  intent_digest?: string;
  /** The policy under which it is approved, 64 hex digits. */
  policy_digest?: string;
  /** How long the approval holds: `30m`, `1h30m` (gate contract, 4.7). */
  ttl?: string;
  /** What it is good for. */
  scope?: string[];
  /** Who approves. */
  approver?: string;
  /** Why. */
  reason_code?: string;
  /** The time now. */
  now?: string;
  /** Who writes the token. */
  producer_version?: string;
  /** Only check the request, and sign nothing: the reply is as it would be, with an empty `key_id` and `text`. */
  check_only?: boolean;
}

/** An approval token that was made. */
export interface ApprovalMinted {
  /** Name of the token. */
  token_id: string;
  /** Until when, in whole seconds. */
  expires_at: string;
  /** Why. */
  reason_code: string;
  /** What it is good for, sorted. */
  scope: string[];
  /** The key that signed. */
  key_id: string;
  /** The token's file. */
  text: string;
}

/** What checking an approval token showed. */
export interface ApprovalReport {
  /** The token is good. */
  ok: boolean;
  /** The token, as the audit record would list it. */
  entry: ApprovalEntry;
}

/** Checks one approval token. */
export interface ApprovalVerifyRequest {
  /** The token. */
  token: Given;
  /** Base64 of the approvers' public key. */
  public_key: string;
  /** The intent it should approve. */
  intent_digest: string;
  /** The policy it should refer to. */
  policy_digest: string;
  /** The tool it should be good for. */
  tool_name: string;
  /** The time now. */
  now: string;
}

/** Where one argument comes from. */
export interface ArgProvenance {
  /** Which argument. */
  arg_path?: string;
  /** `user`, `tool_output`, `external` or `system`. */
  source?: string;
  /** Which source exactly. */
  source_ref?: string;
  /** Digest of what came from there, 64 hex digits. */
  integrity_digest?: string;
}

/** A context for intents that have none. */
export interface AssumedContext {
  /** Who asks. */
  identity?: string;
  /** Where the agent works. */
  workspace?: string;
  /** How much is at stake. */
  risk_class?: string;
}

/** Asks for a statement about the pack that is made. */
export interface AttestRequest {
  /** What the runpack is called. */
  run_name?: string;
  /** What the pack is called; blank is `evidence_pack_<pack_id>.zip`. */
  pack_name?: string;
  /** SHA-256 of the core's module, which the core itself cannot know. */
  core_digest?: string;
}

/** What an attestation says, and what checking it showed. */
export interface AttestationReport {
  /** No file differs from what is said about it, and signatures are as demanded. */
  ok: boolean;
  /** What is said. */
  predicate: Attested;
  /** What it is said about. */
  subjects: SubjectReport[];
  /** Files that the statement is not about. */
  strangers?: string[];
  /** What the signatures showed. */
  signature_status: SignatureStatus;
  /** One text for each signature that does not verify, sorted. */
  signature_errors?: string[];
  /** Number of signatures. */
  signatures_total?: number;
  /** Number of signatures that verify. */
  signatures_valid?: number;
}

/** Asks what a DSSE envelope with a statement by gait says, and whether its signature and its subjects are right. */
export interface AttestationVerifyRequest {
  /** Source of the envelope. */
  envelope?: string;
  /** Base64 of the public key that signatures are held against. */
  public_key?: string;
  /** Refuse the envelope unless a signature by `public_key` verifies. */
  require_signature?: boolean;
  /** What stands in front of a subject's name to make it a source; absent when subjects are not looked for. */
  folder?: string;
  /** Sources that have to be among the subjects, whatever they are called. */
  files?: string[];
}

/** What gait says about an evidence pack. */
export interface Attested {
  /** SHA-256 of the core that made the pack. */
  core_digest: string;
  /** Digest of the run's content, from its manifest. */
  manifest_digest: string;
  /** The pack's name, which follows from its content. */
  pack_id: string;
  /** Digests of the policies that decided, sorted. */
  policy_digests: string[];
  /** Who made the pack. */
  producer_version: string;
  /** The run. */
  run_id: string;
  /** Whose controls the evidence is sorted by. */
  template_id: string;
  /** How often each verdict was given. */
  verdict_counts: VerdictCounts;
}

/** What a tool call says beside its intent. */
export interface CallFacts {
  /** The dialect, cleaned. */
  adapter: string;
  /** The run, cleaned: it may name files. */
  run_id: string;
  /** The run that the caller named, cleaned; empty when none of it is left. */
  named_run?: string;
  /** The session the call names. */
  session_id?: string;
  /** The request the call names. */
  request_id?: string;
}

/** How to read a document that is a tool call and no intent. */
export interface CallForm {
  /** `mcp`, `openai`, `anthropic`, `langchain` or `claude_code`, in any case; blank stands for `mcp`. */
  adapter?: string;
  /** The run the call belongs to; blank for what the call says, or a name made of the intent's digest. */
  run_id?: string;
  /** The call has to name identity, workspace and session itself. */
  is_explicit?: boolean;
}

/** Turns a tool call into an intent. A call that does not fit its dialect is a fault. */
export interface CallReadRequest {
  /** The call. */
  call: Given;
  /** How to read it. */
  form?: CallForm;
}

/** Writes the runpack of one decision about a tool call to the stream `archive` (mcp contract, section 4). */
export interface CallRecordRequest {
  /** The call that was judged, or its intent when there is no form. */
  call: Given;
  /** How it was read. */
  form?: CallForm;
  /** What was decided. */
  decided: Decided;
  /** Keep the arguments themselves, and not only their digest. */
  with_args?: boolean;
  /** Who records, and where. */
  defaults: RecordDefaults;
  /** Where the signature goes. */
  signing?: Signing;
}

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

/**
 * An approval by the word of the program that calls (MCP contract, 11.6). It never satisfies a rule that wants several
 * approvals or distinct approvers, nor production.
 */
export interface ClientApproval {
  /** The program, as it calls itself. */
  client?: string;
  /** Name of the question it answered. */
  question?: string;
}

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
  | "json_key_case"
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
  | "recording_empty"
  | "replay_ambiguous"
  | "reduce_nothing"
  | "output_is_input"
  | "config_invalid"
  | "fixture_invalid"
  | "fixture_name"
  | "policy_invalid"
  | "policy_unformatted"
  | "policy_missing"
  | "policy_exists"
  | "intent_invalid"
  | "call_invalid"
  | "profile_unmet"
  | "approval_request_invalid"
  | "time_missing"
  | "broker_invalid"
  | "rate_limit_state_invalid"
  | "rate_limit_lock_timeout"
  | "rate_limit_lock_acquire_failed"
  | "rate_limit_lock_write_failed"
  | "clock_backwards"
  | "registry_manifest_invalid"
  | "registry_name_unsafe"
  | "registry_publisher_refused"
  | "registry_pin_mismatch"
  | "registry_signature_invalid"
  | "registry_source_refused"
  | "registry_too_large"
  | "network_unreachable"
  | "network_answer"
  | "mcp_message_invalid"
  | "mcp_id_invalid"
  | "mcp_key_ambiguous"
  | "mcp_method_refused"
  | "mcp_params_invalid"
  | "mcp_batch_refused"
  | "mcp_header_mismatch"
  | "mcp_version_unsupported"
  | "adoption_log_invalid"
  | "attestation_invalid"
  | "envelope_invalid"
  | "decryption_failed"
  | "verification_failed"
  | "signing_failed"
  | "core_trap"
  | "core_limit"
  | "internal_failure"
  | "unknown_op";

/** How often a command was called. */
export interface CommandCount {
  /** The command. */
  command: string;
  /** Calls. */
  total: number;
  /** Calls that succeeded. */
  success: number;
  /** Calls that did not. */
  failure: number;
}

/** Compares two outlines that were made with the same privacy; the answer is that of `DiffRequest`. */
export interface CompareRequest {
  /** Source of the left outline. */
  left: string;
  /** Source of the right outline. */
  right: string;
  /** How much the outlines look at. */
  privacy?: Privacy;
}

/**
 * Reads a project configuration. Keys that gait does not know are left alone; text that is not YAML, and values
 * that are not text, are a fault `config_invalid`.
 */
export interface ConfigReadRequest {
  /** Source of the configuration. */
  config: string;
}

/** A constraint that fired. */
export interface ConstraintEffect {
  /** `dataflow` or `endpoint`. */
  constraint: string;
  /** What it found. */
  codes: string[];
  /** The verdict before. */
  before: Verdict;
  /** The verdict after. */
  after: Verdict;
}

/** A runpack or a trace inside an evidence pack. */
export interface Contained {
  /** Member name. */
  path: string;
  /** What it is. */
  kind: ContainedKind;
  /** It is what it claims to be, as far as that can be told. */
  ok: boolean;
  /** Its run id or trace id. */
  name?: string;
  /**
   * What its signatures showed. A key that signed the pack need not have signed this, so a signature by another
   * key counts as not checked.
   */
  signature_status?: SignatureStatus;
  /** Why it does not verify. */
  error?: string;
}

/** What can be verified inside an evidence pack. */
export type ContainedKind =
  /** A runpack. */
  | "runpack"
  /** The trace of a verdict. */
  | "trace";

/** `inventory_coverage_<id>.json`. */
export interface Coverage {
  /** The snapshot. */
  snapshot_id: string;
  /** Number of different names. */
  discovered_tools: number;
  /** How many of them a rule names. */
  gated_tools: number;
  /** How many high and critical items no rule names. */
  high_risk_ungated_tools: number;
  /** Gated of discovered names, with two decimals; 100 when there are none. */
  coverage_percent: number;
  /** Digests of the policies. */
  policy_digests?: string[];
  /** Names in lower case. */
  discovered_tool_names?: string[];
  /** Names in rules, whether they were found or not. */
  gated_tool_names?: string[];
  /** High and critical items that no rule names. */
  high_risk_ungated_tool_ids?: string[];
}

/** What policies speak of. */
export interface CoverageReport {
  /** The numbers and names. */
  coverage: Coverage;
  /** Text of the file. */
  coverage_text: string;
}

/** Asks how many tools and servers of a snapshot policies speak of. */
export interface CoverageRequest {
  /** From the snapshot. */
  snapshot_id: string;
  /** From the snapshot. */
  items: InventoryItem[];
  /** Sources of the policies. */
  policies: string[];
}

/** What is known about the credential for the call. */
export type Credential =
  /** No broker is configured. */
  | "off"
  /** A broker is configured and was not asked yet. */
  | "unasked"
  /** The built-in stub issues one. */
  | "stub"
  /** An environment variable held a secret; only its name and the first 8 bytes of its SHA-256 as hex are told. */
  | {
    environment: {
      /** Name of the variable. */
      variable: string;
      /** 16 hex digits. */
      digest: string;
    };
  }
  /** A command answered with this text. */
  | { answer: string }
  /** The broker failed. */
  | "failed";

/** `credential_evidence_<trace_id>.json` (gate contract, 5.6). */
export interface CredentialRecord {
  /** `gait.gate.broker_credential_record`. */
  schema_id: string;
  /** `1.0.0`. */
  schema_version: string;
  /** The trace's time. */
  created_at: string;
  /** Who decided. */
  producer_version: string;
  /** The trace it belongs to. */
  trace_id: string;
  /** Which tool. */
  tool_name: string;
  /** Who asked. */
  identity: string;
  /** Who issued it. */
  broker: string;
  /** What was asked for. */
  reference?: string;
  /** For what. */
  scope?: string[];
  /** Its name; never the secret. */
  credential_ref: string;
}

/** What a broker is asked for (gate contract, 5.6). */
export interface CredentialRequest {
  /** What comes after the prefix in the name of the environment variable. */
  environment_key: string;
  /** Standard input of a broker command: one JSON object. */
  command_input: string;
}

/** The part of a decision that its runpack holds. */
export interface Decided {
  /** The verdict. */
  verdict?: Verdict;
  /** Why. */
  reason_codes?: string[];
  /** What the call violates. */
  violations?: string[];
  /** Name of the trace. */
  trace_id?: string;
}

/** A verdict with everything that belongs to it. */
export interface Decision {
  /** What holds. */
  verdict: Verdict;
  /** Why, as a sorted set. */
  reason_codes: string[];
  /** What the call violates, as a sorted set. */
  violations: string[];
  /** Names of the rules that decided, joined by `,`; empty when none did. */
  matched_rule?: string;
  /** Digest of the policy. */
  policy_digest: string;
  /** Digest of the intent. */
  intent_digest: string;
  /** Name of the trace. */
  trace_id: string;
  /** Ids of the tokens that grant, joined by `,`, or what the caller named. */
  approval_ref?: string;
  /** How many approvals the call needs. */
  required_approvals?: number;
  /** How many valid ones are there. */
  valid_approvals?: number;
  /** What the call said beside its intent, when it was no intent. */
  call?: CallFacts;
  /** What is known about the call's MCP server, when the policy asks for it. */
  mcp_trust?: ServerTrust;
  /** What the rate limit said. */
  rate_limit?: RateLimitUse;
  /** The rate-limit state to store. */
  next_rate_limits?: string;
  /** The credential that was issued. */
  credential?: IssuedCredential;
  /** What would have happened, when nothing was enforced. */
  simulated?: Simulated;
  /** The trace; signed when that was asked for. */
  trace: Trace;
  /** What a signature of the trace is over, 64 hex digits. */
  signed_digest: string;
  /** The approval audit record, when approvals are part of the story. */
  approval_audit?: ApprovalAudit;
  /** The record of the credential, when one was issued. */
  credential_record?: CredentialRecord;
  /** The files to keep, when the trace was signed. */
  files?: GateFiles;
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

/** The differences between two snapshots. */
export interface Drift {
  /** The earlier one. */
  left_snapshot_id: string;
  /** The later one. */
  right_snapshot_id: string;
  /** Items of the later one only. */
  added?: DriftItem[];
  /** Items of the earlier one only. */
  removed?: DriftItem[];
  /** Items of both that differ. */
  changed?: DriftChange[];
  /** How many were added. */
  added_count: number;
  /** How many were removed. */
  removed_count: number;
  /** How many differ. */
  changed_count: number;
}

/** An item that differs. */
export interface DriftChange {
  /** Its id. */
  id: string;
  /** Its kind in the later snapshot. */
  kind: string;
  /** Its name in the later snapshot. */
  name: string;
  /** Its file before. */
  before_locator: string;
  /** Its file after. */
  after_locator: string;
  /** Its risk before. */
  before_risk_level?: string;
  /** Its risk after. */
  after_risk_level?: string;
}

/** An item that only one snapshot has. */
export interface DriftItem {
  /** Its id. */
  id: string;
  /** `tool` or `mcp_server`. */
  kind: string;
  /** Its name. */
  name: string;
  /** Its file. */
  locator: string;
  /** Its risk. */
  risk_level?: string;
}

/** What changed. */
export interface DriftReport {
  /** Nothing did. */
  ok: boolean;
  /** The differences. */
  diff: Drift;
  /** The same as the text of a file. */
  diff_text: string;
}

/** Compares two snapshots. */
export interface DriftRequest {
  /** Source of the earlier one. */
  left: string;
  /** Source of the later one. */
  right: string;
}

/** What probably changed. */
export type Driver =
  /** Settings or the environment. */
  | "configuration_change"
  /** What may be called. */
  | "policy_change"
  /** What is read. */
  | "reference_set_change"
  /** What tools answer. */
  | "tool_result_shape_change";

/** Where a run took place. */
export interface Env {
  /** Operating system. */
  os?: string;
  /** Processor architecture. */
  arch?: string;
  /** Program that recorded the run. */
  runtime?: string;
}

/** Sources of evidence, by kind; each once, in any order. */
export interface EvidenceSources {
  /** Inventory snapshots. */
  inventories?: string[];
  /** Traces of verdicts. */
  traces?: string[];
  /** Results of regress runs. */
  regress?: string[];
  /** Approval audit records. */
  approval_audits?: string[];
  /** Records of credentials that were issued. */
  credentials?: string[];
}

/** Evaluates one intent and says how the verdict came about. */
export interface ExplainRequest {
  /** Source of the policy; when absent, the policy that the instance loaded last. */
  policy?: string;
  /** The call. */
  intent: Given;
}

/** How a verdict came about. */
export interface Explanation {
  /** `gait.gate.policy_explain`. */
  schema_id: string;
  /** `1.0.0`. */
  schema_version: string;
  /** Digest of the policy. */
  policy_digest: string;
  /** Digest of the intent. */
  intent_digest: string;
  /** The verdict. */
  verdict: Verdict;
  /** Why. */
  reason_codes: string[];
  /** What the call violates. */
  violations: string[];
  /** Names of the rules that decided, joined by `,`; empty when none did. */
  matched_rule?: string;
  /** What failing closed found missing. When it found anything, no rule is looked at. */
  fail_closed?: string[];
  /** The rules in the order in which they are looked at, up to the ones that decided. */
  rules: RuleLook[];
  /** How many more rules were looked at before those listed and did not match. */
  rules_left_out?: number;
  /** The verdict where no rule matches, when it came to that. */
  default_verdict?: Verdict;
  /** What else the verdict asks for before the call may run. */
  obligations?: string[];
}

/** Runs with one fingerprint. */
export interface Family {
  /** `fam_` and the first 12 digits of the fingerprint. */
  family_id: string;
  /** The fingerprint they share. */
  fingerprint: string;
  /** Number of runpacks; copies count. */
  count: number;
  /** The runs. */
  run_ids: string[];
  /** The first of them. */
  canonical_run_id: string;
  /** The first reason in alphabetical order, kept for compatibility. */
  top_failure_reason?: string;
  /** The reason that was given most often in all members. */
  most_frequent_reason?: string;
  /** What probably changed. */
  drivers: Driver[];
  /** How severe it is. */
  severity_score: number;
  /** The same as a word. */
  severity_level: Severity;
  /** Paths of the archives. */
  artifact_pointers?: string[];
  /** What to do, one for each driver. */
  suggestions: Suggestion[];
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
  /** Every mistake in a policy, in the order of the text. */
  problems?: Problem[];
}

/**
 * Verifies one runpack, without its signatures, and notes what its run did. Nothing recorded is kept but names,
 * statuses and digests.
 */
export interface FingerprintRequest {
  /** Source of the archive. */
  archive: string;
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

/** A policy in the one layout. */
export interface FormattedPolicy {
  /** The text. */
  text: string;
  /** The text differs from what was read. */
  changed: boolean;
  /** Digest of the policy; the same before and after. */
  policy_digest: string;
}

/** A file that was found. */
export interface FoundFile {
  /** Its path. */
  path?: string;
  /** When it was written. */
  modified_at?: string;
}

/**
 * What stands below `gate`: text without white space around it, empty when it is not set. Paths are relative
 * to the working folder.
 */
export interface GateDefaults {
  /** File of the policy. */
  policy?: string;
  /** `standard` or `oss-prod`. */
  profile?: string;
  /** `dev` or `prod`. */
  key_mode?: string;
  /** File of the key that signs traces. */
  private_key?: string;
  /** Environment variable with the key that signs traces. */
  private_key_env?: string;
  /** File of the approvers' public key. */
  approval_public_key?: string;
  /** Environment variable with the approvers' public key. */
  approval_public_key_env?: string;
  /** File of the approvers' private key, of which only the public half is used. */
  approval_private_key?: string;
  /** Environment variable with the approvers' private key, of which only the public half is used. */
  approval_private_key_env?: string;
  /** File of the rate-limit state. */
  rate_limit_state?: string;
  /** `off`, `stub`, `env` or `command`. */
  credential_broker?: string;
  /** What the names of the broker's environment variables begin with. */
  credential_env_prefix?: string;
  /** Reference to ask the broker for, instead of the rule's. */
  credential_ref?: string;
  /** Scopes to ask the broker for, besides the rule's; separated by commas. */
  credential_scopes?: string;
  /** Program of the broker. */
  credential_command?: string;
  /** Its arguments; separated by commas. */
  credential_command_args?: string;
  /** File of the credential evidence. */
  credential_evidence_path?: string;
  /** File of the trace. */
  trace_path?: string;
}

/** Texts of the files that a decision leaves behind, to be stored as they are. */
export interface GateFiles {
  /** `trace_<trace_id>.json`. */
  trace: string;
  /** `approval_audit_<trace_id>.json`. */
  approval_audit?: string;
  /** `credential_evidence_<trace_id>.json`. */
  credential_evidence?: string;
}

/** What a gate operation comes to. */
export type GateReply =
  /** Nothing is decided yet: ask again with what is wanted. */
  | { wanted: Wanted }
  /** The verdict. */
  | { decided: Decision };

/** Judges one intent. */
export interface GateRequest {
  /** Source of the policy; when absent, the policy that the instance loaded last. */
  policy?: string;
  /** The call. */
  intent: Given;
  /** How to read it, when it is a tool call and no intent. */
  form?: CallForm;
  /** How strict the surroundings are. */
  profile?: Profile;
  /** Say what would happen, and enforce nothing. */
  simulate?: boolean;
  /** The time now. Without it nothing that depends on time can be decided, which is a fault where it matters. */
  now?: string;
  /** Who decides; goes into the trace. */
  producer_version?: string;
  /** Name of the call; goes into the trace. */
  correlation_id?: string;
  /** How long the evaluation took, in milliseconds; goes into the trace. */
  latency_ms?: number;
  /** Approval tokens. */
  approvals?: Given[];
  /** Base64 of the public key that approval tokens are checked against. */
  approval_key?: string;
  /** `approval_token_ref` of the trace when no token grants. */
  approval_ref?: string;
  /** The calling program says that its user approves. Weak: the program may have answered for its user. */
  client_approval?: ClientApproval;
  /** What the broker said, as far as it was asked. */
  credential?: Credential;
  /** Reference to ask the broker for, instead of the rule's. */
  credential_ref?: string;
  /** Scopes to ask the broker for, besides the rule's. */
  credential_scopes?: string[];
  /** The text of the rate-limit state; empty when there is none yet. Absent: ask for it when it is needed. */
  rate_limits?: string;
  /** Have the trace signed, and reply with the texts of all files to keep. */
  sign?: boolean;
}

/** A document that an operation works on. */
export type Given =
  /** A source the host opens. */
  | { source: string }
  /** The document itself. */
  | { inline: Record<string, unknown> }
  /** The bytes that follow the request: JSON, a zero byte, the document. */
  | "attached";

/** A member that is not what the manifest says. */
export interface HashMismatch {
  /** Member name. */
  path: string;
  /** SHA-256 as stored in the manifest. */
  expected: string;
  /** SHA-256 of what is there. */
  actual: string;
}

/**
 * Which evidence of a folder belongs to an incident (guard contract, section 7). The core tells by name, content and
 * time; files that are no evidence are passed over.
 */
export interface IncidentRequest {
  /** How far the window reaches on each side of the run's beginning: `24h`, `90m`. Nothing or less is 24 hours. */
  window?: string;
  /** What stands in front of a name to make it a source: the folder with its separator. */
  folder?: string;
  /** Names of the files beside the runpack. */
  names?: string[];
}

/** What an incident pack took in. */
export interface IncidentSelection {
  /** Number of traces. */
  trace_count?: number;
  /** Number of regress results. */
  regress_count?: number;
  /** Number of approval audit records. */
  approval_audit_count?: number;
  /** Number of credential records. */
  credential_evidence_count?: number;
  /** Beginning of the window, in whole seconds. */
  window_from: string;
  /** End of the window, in whole seconds. */
  window_to: string;
}

/** Reads a runpack as far as it can be read. What is wrong with it is shown, not refused; `verify` judges. */
export interface InspectRequest {
  /** Source of the archive. */
  archive: string;
  /** How many intents and results to hand over at most; 1,000 when absent. */
  records?: number;
}

/** One member of an archive. */
export interface InspectedMember {
  /** Its name. */
  path: string;
  /** Uncompressed bytes; zero when it is not there. */
  bytes: number;
  /** The digest the manifest lists; empty when it lists none. */
  expected?: string;
  /** The digest of what is there; empty when it is not there, or not listed and therefore not read. */
  found?: string;
}

/** What is in a runpack. */
export interface Inspection {
  /** From the manifest. */
  run_id: string;
  /** From the manifest. */
  capture_mode: string;
  /** From the manifest. */
  manifest_digest: string;
  /** From the manifest. */
  producer_version: string;
  /** The archive's members, and those that the manifest lists and the archive lacks. */
  members: InspectedMember[];
  /** The run with its timeline, if it can be read. */
  run?: Run;
  /** The first intents. */
  intents: Intent[];
  /** How many intents there are. */
  intents_total: number;
  /** The first results. */
  results: ResultRecord[];
  /** How many results there are. */
  results_total: number;
  /** The receipts, if they can be read. */
  refs?: Refs;
  /** What could not be read, and why. */
  unreadable?: string[];
}

/** One line of `intents.jsonl`: a tool call the agent wanted. */
export interface Intent {
  /** `gait.runpack.intent`. */
  schema_id: "gait.runpack.intent";
  /** `1.0.0`. */
  schema_version: "1.0.0";
  /** When it was recorded. */
  created_at: string;
  /** Who recorded it. */
  producer_version: string;
  /** The run it belongs to. */
  run_id: string;
  /** Name of the call within the run. */
  intent_id: string;
  /** Which tool. */
  tool_name: string;
  /** By convention the digest of the canonical arguments. */
  args_digest: string;
  /** The arguments, when they were captured. */
  args?: Record<string, unknown>;
}

/** Normalizes an intent and digests it. */
export interface IntentDigestRequest {
  /** The intent. */
  intent: Given;
}

/** A normalized intent and its digests. */
export interface IntentDigests {
  /** Digest of the normalized intent. */
  intent_digest: string;
  /** Digest of the normalized arguments. */
  args_digest: string;
  /** What was digested (gate contract, 2.6). */
  normalized: Record<string, unknown>;
}

/** A tool or a server. */
export interface InventoryItem {
  /** Follows from kind and name. */
  id?: string;
  /** `tool` or `mcp_server`. */
  kind?: "tool" | "mcp_server";
  /** As it was found first. */
  name?: string;
  /** The file, the smallest path if there are several. */
  locator?: string;
  /** `low`, `high` or `critical`, by the name. */
  risk_level?: "low" | "medium" | "high" | "critical";
  /** What it was found as. */
  tags?: string[];
  /** The last run that used it; gait writes none. */
  last_seen_run?: string;
}

/** One of the first families. */
export interface Issue {
  /** From 1. */
  rank: number;
  /** The family. */
  family_id: string;
  /** The fingerprint they share. */
  fingerprint: string;
  /** Number of runpacks; copies count. */
  count: number;
  /** The family's first run. */
  canonical_run_id: string;
  /** The first reason in alphabetical order, kept for compatibility. */
  top_failure_reason?: string;
  /** The reason that was given most often in all members. */
  most_frequent_reason?: string;
  /** What probably changed. */
  drivers: Driver[];
  /** How severe it is. */
  severity_score: number;
  /** The same as a word. */
  severity_level: Severity;
  /** What to do, one for each driver. */
  suggestions: Suggestion[];
}

/** A credential that was issued. */
export interface IssuedCredential {
  /** Who issued it. */
  issuer: string;
  /** Its name; never the secret. */
  reference: string;
}

/** A document's canonical form and its digest (gate contract, 1.3 and 1.4). */
export interface JsonDigest {
  /** SHA-256 of the canonical form, 64 hex digits. */
  digest: string;
  /** The canonical form (RFC 8785). */
  canonical: string;
}

/** Digests a JSON document. */
export interface JsonDigestRequest {
  /** The document: any JSON value, read strictly. */
  document: Given;
}

/** A verdict and its reasons. */
export interface Judgement {
  /** The verdict. */
  verdict: Verdict;
  /** Why. */
  reason_codes: string[];
  /** What the call violates. */
  violations: string[];
  /** Names of the rules that decided, joined by `,`; empty when none did. */
  matched_rule?: string;
}

/** Whether two artifacts belong together. */
export type Linked =
  /** They do. */
  | "yes"
  /** They do not. */
  | "no"
  /** Nothing ties them together, and nothing speaks against it. */
  | "unknown";

/** A matcher that does not hold. */
export interface MatcherFailure {
  /** The key below `match`. */
  matcher: string;
  /** What it asks for. */
  wanted: string[];
  /** What the intent has. */
  found: string[];
}

/** What is to be done with a message. */
export type McpAction =
  /** It is not handed on; `refusal` says why. */
  | "refuse"
  /** It is handed on. */
  | "pass"
  /** It is handed on if the gate allows it. */
  | "judge";

/** An answer in place of a server's. */
export interface McpAnswer {
  /** The answer, in two parts, the request's id between them. */
  answer: string[];
  /** The result in it, or `{"error":…}`, canonical JSON. */
  result: string;
  /** SHA-256 of the result. */
  result_digest: string;
}

/** Words an answer in place of a server's (MCP contract, 11.5). */
export interface McpAnswerRequest {
  /** The request's method: a tool's caller gets a result that a model can read, others get an error. */
  method: string;
  /** The tool as it is judged. */
  tool_name?: string;
  /** The request follows a version without `initialize`. */
  modern?: boolean;
  /** Why. */
  failure: McpFailure;
  /** Folder in which approval tokens are looked for. */
  approval_dir?: string;
}

/** A question to the client. */
export interface McpAsk {
  /** The request to the client, or the answer to its call, in two parts, the id between them. */
  message: string[];
  /** The notification that the question has been answered elsewhere; empty where there is none. */
  done?: string;
  /** The result, canonical JSON, where the question is the call's answer. */
  result?: string;
  /** SHA-256 of the result. */
  result_digest?: string;
}

/** Words a question to the client (MCP contract, 11.6). */
export interface McpAskRequest {
  /** The tool as it is judged. */
  tool_name?: string;
  /** Why the call waits. */
  reason_codes?: string[];
  /** The page on which it can be approved; empty when a form asks. */
  url?: string;
  /** The gateway's word for the question. */
  state?: string;
  /** The call follows a version without sessions: the question is its answer. */
  modern?: boolean;
}

/** A call for the gate. */
export interface McpCall {
  /** The tool as its server knows it; empty when the method is not `tools/call`. */
  tool?: string;
  /** The tool as it is judged and recorded. */
  tool_name: string;
  /** The arguments, canonical JSON. */
  args: string;
  /** The intent, JSON. */
  intent: string;
  /** Approval tokens that came along in `_meta`, JSON. They are not handed on. */
  approvals?: string[];
}

/** What a client says about itself. It is no evidence. */
export interface McpClient {
  /** Its name. */
  name?: string;
  /** It sends its user to an address when it is asked to. */
  asks_by_url?: boolean;
  /** It has its user fill in a form when it is asked to. */
  asks_by_form?: boolean;
}

/** Why a call that was read gets no answer of its server's. */
export type McpFailure =
  /** The gate did not allow it. */
  | {
    decided: {
      /** What holds; anything but `allow`. */
      verdict: Verdict;
      /** Why. */
      reason_codes: string[];
      /** What the call violates. */
      violations: string[];
      /** Name of the trace. */
      trace_id: string;
      /** Digest of the policy. */
      policy_digest: string;
      /** Digest of the intent. */
      intent_digest: string;
    };
  }
  /** The gate could not decide, or its decision could not be kept. What stopped it. */
  | { gate_unavailable: Code }
  /** The call was handed on, and no answer came in time. */
  | "timed_out"
  /** The server ended before it answered; `true` when the call had been handed on. */
  | { server_gone: boolean }
  /** The server's answer could not be read. */
  | { answer_unreadable: Code }
  /** The request follows a protocol version that is not spoken here; these are. */
  | { version_unsupported: string[] }
  /** There are several servers, and none of them is known to have this. */
  | { nobody_has: string }
  /** A recording answers in the server's place, and it has no answer to this call. How often the call was recorded. */
  | { not_recorded: number };

/** A header. */
export interface McpHeader {
  /** Its name. */
  name?: string;
  /** What it says. */
  value?: string;
}

/** What a message is. */
export type McpKind =
  /** It asks for an answer. */
  | "request"
  /** It does not. */
  | "notification"
  /** It is one. */
  | "response"
  /** Several messages; each is to be read by itself. */
  | "batch";

/** What a list lists. */
export type McpList =
  /** `tools/list`. */
  | "tools"
  /** `prompts/list`. */
  | "prompts"
  /** `resources/list`. */
  | "resources"
  /** `resources/templates/list`. */
  | "templates";

/** Makes one answer of the answers of several servers to one request (MCP contract, 11.3). */
export interface McpMergeRequest {
  /** The request's method. */
  method?: string;
  /** The request follows a version without `initialize`. */
  modern?: boolean;
  /** The answers, in the order of the servers. There is none of an error. */
  answers?: McpShare[];
}

/** One message, read once. */
export interface McpMessage {
  /** What it is. */
  kind: McpKind;
  /** What is to be done with it. */
  action: McpAction;
  /**
   * A request's or response's id, the request that a cancellation is about, the token that a server reports progress
   * under, the subscription that a notification belongs to; JSON text, empty when there is none.
   */
  id?: string;
  /** A request's or notification's method. */
  method?: string;
  /**
   * The message as it is handed on: these texts, and between each two of them the id that `id` stands for on the
   * other side.
   */
  forward?: string[];
  /** The messages of a batch. */
  members?: string[];
  /** The token under which a client's request wants progress reported, JSON text. */
  progress_token?: string;
  /** The protocol version that the message names. */
  protocol_version?: string;
  /** The message follows a version without `initialize`: its request says which (2026-07-28 and later). */
  modern?: boolean;
  /** The server that the message is for; empty when it is for all, or when there is one. */
  upstream?: string;
  /** Address of the resource that a request is about. */
  uri?: string;
  /** What the client says about itself, where the request is one that says it. */
  client?: McpClient;
  /** The request comes back with an answer to a question of the gateway's. */
  resumed?: McpResumed;
  /** What the gate is to judge. */
  call?: McpCall;
  /** What a response says. */
  outcome?: McpOutcome;
  /** Why the message is refused. */
  refusal?: McpRefusal;
}

/** Reads one message, or one member of a batch, and says what is to be done with it. */
export interface McpMessageRequest {
  /** Its bytes, as they were received. */
  message: Given;
  /** Who sent it. */
  from?: McpSide;
  /** Servers and methods; only a client's messages need them. */
  settings?: McpSettings;
  /** When it arrived. */
  now?: string;
  /** What the HTTP request says about the message beside it, where the protocol version has such headers. */
  routing?: McpRouting;
  /**
   * The token under which a server reports progress of this request instead of the client's, JSON text; two clients
   * may choose the same one.
   */
  progress_token?: string;
  /** Reply with the result itself as well, not only with its digest. */
  content?: boolean;
  /** Arguments that headers repeat, as far as tools were listed. */
  params?: McpParam[];
}

/** What a response says. */
export interface McpOutcome {
  /** It is an error, or a tool's result that says so itself. */
  is_error: boolean;
  /** SHA-256 of the canonical result, or of the error. */
  result_digest: string;
  /** The result, or `{"error":…}`, canonical JSON; when it was asked for. */
  result?: string;
  /** The response as the answer to a question of the gateway's; of a client's only. */
  reply?: McpReply;
}

/** An argument of a tool that a header `Mcp-Param-…` repeats, because the tool's schema says `x-mcp-header`. */
export interface McpParam {
  /** The tool, as it is shown. */
  tool?: string;
  /** The keys that lead to the argument. */
  path?: string[];
  /** The header's name without `Mcp-Param-`, lower case. */
  header?: string;
}

/** The digest of a tool's definition. */
export interface McpPin {
  /** The tool, as its server knows it. */
  name?: string;
  /** SHA-256 of its canonical definition. */
  digest?: string;
}

/** A call and its answer. */
export interface McpRecordedCall {
  /** Its id in the recorded run. */
  intent_id: string;
  /** The tool as it was judged. */
  tool_name: string;
  /** Digest of the arguments. */
  args_digest: string;
  /** The answer is an error, or a tool's result that says so itself. */
  is_error?: boolean;
  /** The answer in two parts, the request's id between them. */
  answer: string[];
  /** The result in it, or `{"error":…}`, canonical JSON. */
  result: string;
  /** SHA-256 of the result. */
  result_digest: string;
}

/** What a recorded server answers. */
export interface McpRecording {
  /** The recorded run. */
  run_id: string;
  /** The archive's manifest digest. */
  manifest_digest: string;
  /** When the conversation began. */
  created_at: string;
  /** It followed a version without `initialize` (2026-07-28 and later). */
  modern?: boolean;
  /**
   * The result of `initialize`, or of `server/discover` in a modern conversation, JSON: the recorded one, with those
   * capabilities only that can be answered from a recording.
   */
  opening: string;
  /** The answers to `tools/list`, in their order. */
  lists: McpRecordedCall[];
  /** The calls, in their order. */
  calls: McpRecordedCall[];
  /** Names of calls that have no answer in the recording: they were cancelled, or the server was gone. */
  unanswered?: string[];
  /** What was learned about the server: receipts, JSON. */
  receipts: string[];
}

/** Reads what a server answered, from a runpack with content. */
export interface McpRecordingRequest {
  /** Source of the archive. */
  archive: string;
}

/** Why a message is refused, in the words of JSON-RPC. */
export interface McpRefusal {
  /** gait's name of the cause. */
  error_code: Code;
  /** JSON-RPC's number. */
  code: number;
  /** What is wrong. */
  message: string;
  /** The answer, in the same way as `forward`; empty when nobody waits for one. */
  answer?: string[];
}

/** What a client says to a question of the gateway's. */
export interface McpReply {
  /** `accept`, `decline`, `cancel`, or whatever else it said; empty when it said nothing. */
  action?: string;
  /** In the form, the box for yes was ticked. */
  approve?: boolean;
}

/** What a client brings back after it was asked something, in versions without sessions. It is not handed on. */
export interface McpResumed {
  /** The gateway's word for the question, without the mark that tells it from a server's. */
  state: string;
  /** What the client said. */
  reply: McpReply;
}

/** Headers of an HTTP request that repeat what its body says. Blank: not there. */
export interface McpRouting {
  /** `MCP-Protocol-Version`. */
  protocol_version?: string;
  /** `Mcp-Method`. */
  method?: string;
  /** `Mcp-Name`, as it was sent. */
  name?: string;
  /** The headers whose names begin with `Mcp-Param-`: the rest of their names in lower case, and what was sent. */
  params?: McpHeader[];
}

/** What stands below `mcp_serve`: text as it is spelled, empty when it is not set. */
export interface McpServeDefaults {
  /** `false` for a service that is described and not run. */
  enabled?: string;
  /** Address and port. */
  listen?: string;
  /** `off` or `token`. */
  auth_mode?: string;
  /** Environment variable that holds the token. */
  auth_token_env?: string;
  /** Most bytes of a request. */
  max_request_bytes?: string;
  /** `strict` answers verdicts as HTTP statuses. */
  http_verdict_status?: string;
  /** Whether callers may name files that are written. */
  allow_client_artifact_paths?: string;
}

/** One server: how to reach it, and what is known about it. */
export interface McpServer {
  /** What is known about it. */
  upstream: McpUpstream;
  /** The command that starts it and its arguments; empty when it is reached by an address. */
  command?: string[];
  /** Variables it gets: `NAME` is handed on, `NAME=VALUE` is set. */
  env?: string[];
  /** The folder it starts in; blank for gait's own. */
  cwd?: string;
  /** Its address; empty when it is started. */
  url?: string;
  /** Headers of every request to it. */
  headers?: McpHeader[];
  /** The variable that holds the bearer token for it. */
  bearer_env?: string;
}

/** The servers that a file names, in its order. */
export interface McpServers {
  /** At least one. */
  servers: McpServer[];
}

/** Reads the file that names servers. */
export interface McpServersRequest {
  /** The file, YAML or JSON. */
  servers?: string;
}

/** What the gateway knows about its servers and asks of methods. */
export interface McpSettings {
  /** The servers. One without a name shows its tools as they are; with names they are `<name>.<tool>`. */
  upstreams?: McpUpstream[];
  /** Methods that are judged, besides `tools/call` and `resources/read`. */
  judge?: string[];
  /** Methods that pass, although they are unknown or would be judged; `tools/call` never does. */
  pass?: string[];
  /** Who asks, when nobody was authenticated; blank means `mcp-proxy`. */
  identity?: string;
  /** The conversation, for the intent. */
  session_id?: string;
  /** The protocol version in use has batches (2025-03-26). */
  batches?: boolean;
}

/** One server's share in an answer. */
export interface McpShare {
  /** Name of the server. */
  upstream?: string;
  /** Its answer, as it was received; of lists nothing. */
  message?: string;
  /** Of lists the definitions that are shown, JSON. */
  shown?: string[];
}

/** Who sent a message. */
export type McpSide =
  /** The program that has a model. */
  | "client"
  /** The program that has tools. */
  | "server";

/** An argument that names what a call touches. */
export interface McpTarget {
  /** The argument: a text or a list of texts. */
  argument?: string;
  /** What it names: `path`, `url`, `host`, `repo`, `bucket`, `table`, `queue`, `topic` or `other`. */
  kind?: string;
  /** What is done to it. */
  operation?: string;
  /** How sensitive its data is. */
  sensitivity?: string;
}

/** What the configuration knows about one tool. */
export interface McpTool {
  /** Its name, in any case. */
  name?: string;
  /** Instead of the server's. */
  workspace?: string;
  /** Instead of the server's. */
  risk_class?: string;
  /** Which arguments name what a call touches. When any is given, nothing is guessed from the arguments' names. */
  targets?: McpTarget[];
}

/** The definitions in a list. */
export interface McpTools {
  /** The tools, in the order of the list. */
  pins: McpPin[];
  /** Names of tools whose definition is another than before. */
  changed?: string[];
  /** Names of tools that are left out. */
  hidden?: string[];
  /** The definitions that are shown, as they are shown, JSON. */
  shown: string[];
  /** Arguments that headers repeat. */
  params?: McpParam[];
  /** Addresses of the resources that are listed, or the templates of addresses. */
  uris?: string[];
  /** Where the list goes on, JSON text; empty at its end. */
  next_cursor?: string;
  /** The answer with the shown tools only, as `forward` of a message. */
  forward: string[];
}

/** Reads the definitions in a server's answer that lists them. Digests are kept of tools only. */
export interface McpToolsRequest {
  /** The answer, as it was received. */
  message: Given;
  /** What it lists. */
  list?: McpList;
  /** Name of the server, when tools and prompts are shown with it. */
  upstream?: string;
  /** Leave tools out that the loaded policy blocks whatever the call says. */
  hide_blocked?: boolean;
  /** What was known before. */
  known?: McpPin[];
}

/** One server and what is known about it. */
export interface McpUpstream {
  /** Its name among several. */
  name?: string;
  /** What policies that ask for trust know it by; blank for its name among several. */
  server_id?: string;
  /** Where the agent works; blank means `.`. */
  workspace?: string;
  /** How much is at stake; blank means `high`. */
  risk_class?: string;
  /** Where arguments come from. A client's word about it is no evidence; the configuration's is. */
  arg_provenance?: ArgProvenance[];
  /** Tools that are known better. */
  tools?: McpTool[];
}

/** What a policy makes of a server. */
export interface McpVerification {
  /** The policy lets calls go there. */
  ok: boolean;
  /** The server's id. */
  server_id?: string;
  /** Its name. */
  server_name?: string;
  /** `local_snapshot`; empty when the policy does not ask for trust. */
  trust_model?: string;
  /** The snapshot. */
  snapshot_path?: string;
  /** Digest of the policy. */
  policy_digest: string;
  /** Risk class that was assumed. */
  risk_class: string;
  /** The verdict that trust alone comes to; rules are not looked at. */
  verdict: Verdict;
  /** Why. */
  reason_codes?: string[];
  /** What a call there would violate. */
  violations?: string[];
  /** The whole story; absent when the policy does not ask for trust. */
  mcp_trust?: ServerTrust;
}

/** Says what a policy makes of a server, before any call goes there. */
export interface McpVerifyRequest {
  /** Source of the policy; when absent, the policy that the instance loaded last. */
  policy?: string;
  /** The server. */
  server: NamedServer;
  /** Risk class of the calls it would get; blank for the most severe one that the policy requires trust for. */
  risk_class?: string;
  /** The time now. */
  now?: string;
}

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

/** Something a user gets to. */
export interface Milestone {
  /** Its name. */
  name: string;
  /** It was reached. */
  achieved: boolean;
}

/** Which server is meant. */
export type NamedServer =
  /** The one with this id. */
  | { id: string }
  /** The one that this source describes: an object with `server_id`, `server_name` or both. */
  | { source: string };

/** A fixture that says too little. */
export interface NotEvaluated {
  /** The fixture. */
  fixture: string;
  /** The call within a runpack. */
  intent_id?: string;
  /** What is missing. */
  reason: string;
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

/** An evidence pack was written to the stream `archive`. */
export interface PackBuilt {
  /** Follows from its content. */
  pack_id: string;
  /** The run it is about. */
  run_id: string;
  /** Digest of the run's content, from its manifest. */
  manifest_digest: string;
  /** The template that was used. */
  template_id: string;
  /** Number of controls. */
  controls: number;
  /** Number of members for people. */
  rendered_artifacts?: number;
  /** Who signed. */
  signature_key_id?: string;
  /** Digests of the policies that decided, from the traces; sorted. */
  policy_digests?: string[];
  /** The statement, when one was asked for. */
  attestation?: Unsealed;
  /** What was selected; incident packs only. */
  incident?: IncidentSelection;
}

/** A member of an evidence pack that its manifest lists. */
export interface PackMember {
  /** Member name. */
  path: string;
  /** What the manifest calls it. */
  type?: string;
  /** SHA-256 of the content as the manifest lists it. */
  expected?: string;
  /** SHA-256 of the content; absent when the member is missing or its data is damaged. */
  found?: string;
}

/** What checking an evidence pack showed. */
export interface PackReport {
  /** Nothing is missing, nothing differs, the id fits, what is contained verifies, signatures are as demanded. */
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
  /** The entries of `contents` in their order, with what was found; only where they were asked for. */
  members?: PackMember[];
  /** Runpacks and traces among the members, each verified for itself. */
  contained?: Contained[];
  /** Whether the pack is about the named run; absent when none was named. */
  linked?: Linked;
}

/** Makes an evidence pack about a run (guard contract, sections 2 to 7). */
export interface PackRequest {
  /** Source of the runpack. */
  run?: string;
  /** Evidence by name; of no use with `incident`. */
  evidence?: EvidenceSources;
  /** Selects evidence by time instead. */
  incident?: IncidentRequest;
  /** `soc2`, `pci` or `incident_response`; blank is `soc2`, anything else `incident_response`. */
  template?: string;
  /** The case the pack is for. */
  case_id?: string;
  /** Adds `summary.pdf`. */
  render_pdf?: boolean;
  /** The time now, for a run that has none. */
  now?: string;
  /** Who makes the pack. */
  producer_version?: string;
  /** Has the host sign the manifest. */
  sign?: boolean;
  /** Makes a statement about runpack and pack, too. */
  attest?: AttestRequest;
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
  /** List every member with its digests, for people who look at them. */
  members?: boolean;
}

/** Where a signature stands. */
export type Place =
  /** In the manifest's `signatures`. */
  | "manifest"
  /** In the archive's comment. */
  | "archive";

/** Puts a policy's text into the one layout, keeping its comments. */
export interface PolicyFormatRequest {
  /** Source of the policy. */
  policy: string;
}

/**
 * Reads a policy, compiles it, and keeps it in the instance for the `gate` operations that name none.
 * A policy that is not valid is a fault `policy_invalid` with all its problems.
 */
export interface PolicyLoadRequest {
  /** Source of the policy. */
  policy: string;
}

/** What a valid policy is. */
export interface PolicyReport {
  /** Always true: a policy that is not valid is a fault. */
  ok: boolean;
  /** Digest of the normalized policy (gate contract, 3.3). */
  policy_digest: string;
  /** The verdict where no rule matches. */
  default_verdict: Verdict;
  /** Number of rules. */
  rules: number;
  /** Source of the snapshot that says which MCP servers are trusted; empty when the policy asks for none. */
  trust_snapshot?: string;
  /** What the author should know, although the policy is valid. */
  warnings?: Problem[];
}

/** What a policy says about an intent (schemas contract, B.12). */
export interface PolicyTest {
  /** `gait.policytest.result`. */
  schema_id: string;
  /** `1.0.0`. */
  schema_version: string;
  /** The intent's time, in UTC. */
  created_at: string;
  /** Digest of the policy. */
  policy_digest: string;
  /** Digest of the intent. */
  intent_digest: string;
  /** The verdict. */
  verdict: Verdict;
  /** Why. */
  reason_codes: string[];
  /** What the call violates. */
  violations: string[];
  /** The same in one line of at most 240 bytes. */
  summary: string;
  /** Names of the rules that decided, joined by `,`; empty when none did. */
  matched_rule?: string;
  /** What the author of the policy should know. */
  warnings?: Problem[];
}

/** Evaluates one intent without side effects. */
export interface PolicyTestRequest {
  /** Source of the policy; when absent, the policy that the instance loaded last. */
  policy?: string;
  /** The call. */
  intent: Given;
}

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

/** Something about a policy's text that its author should know. */
export interface Problem {
  /** Stable name of the kind of problem. */
  code: ProblemCode;
  /** What is wrong, in the author's terms. */
  message: string;
  /** What to do about it, for example the nearest known key. */
  help?: string;
  /** Line, counted from 1. */
  line: number;
  /** Column of the first character meant, counted in characters from 1. */
  column: number;
  /** Number of characters meant on that line, at least 1. */
  length: number;
  /** The source line as it stands, without its line end. */
  source: string;
}

/** Kinds of problems. */
export type ProblemCode =
  /** The text is not YAML, or uses a part of YAML that policies do without. */
  | "yaml_syntax"
  /** The text is not UTF-8, begins with a byte-order mark, or holds control characters. */
  | "yaml_encoding"
  /** The text, its nesting, or what its aliases stand for is too large. */
  | "yaml_too_large"
  /** An alias without its anchor, inside its own anchor, or a merge that collides. */
  | "yaml_alias"
  /** A second document follows. */
  | "yaml_second_document"
  /** A key stands twice in one mapping. */
  | "duplicate_key"
  /** gait does not know the key. */
  | "unknown_key"
  /** A value of another type than the key takes. */
  | "wrong_type"
  /** A value that the key does not take. */
  | "unknown_value"
  /** Something that must be there is not. */
  | "missing_value"
  /** A number outside its range. */
  | "out_of_range"
  /** A pattern that no value can match as written. */
  | "malformed_pattern"
  /** A JSON pointer that is none (RFC 6901). */
  | "malformed_pointer"
  /** Settings that have no effect as they stand (a warning). */
  | "no_effect";

/** How strict the surroundings of a decision are. */
export type Profile =
  /** Everything the policy says, and nothing more. */
  | "standard"
  /** For production: the policy must not allow by default, and high risk needs a broker credential. */
  | "oss-prod";

/** What a project sets. */
export interface ProjectConfig {
  /** For `gait gate eval`. */
  gate: GateDefaults;
  /** For `gait mcp serve`; absent when the project configures no service. */
  mcp_serve?: McpServeDefaults;
  /** How long things are kept. */
  retention?: RetentionDefaults;
}

/** What a rate limit said. */
export interface RateLimitUse {
  /** `tool`, `identity` or `tool_identity`. */
  scope: string;
  /** What was counted. */
  key: string;
  /** How many calls the window has seen, this one included if it was counted. */
  used: number;
  /** How many more it allows. */
  remaining: number;
}

/** A tool call as an intent. */
export interface ReadCall {
  /** What it says beside that. */
  facts: CallFacts;
  /** Digest of the intent. */
  intent_digest: string;
  /** Digest of the arguments. */
  args_digest: string;
  /** The intent (`gait.gate.intent_request`) in its normal form. */
  intent: Record<string, unknown>;
}

/** A reason, and how often it was given. */
export interface ReasonCount {
  /** The reason. */
  reason: string;
  /** How often. */
  count: number;
}

/** Proof that a piece of reference material was read. */
export interface Receipt {
  /** Name of the receipt within the run. */
  ref_id: string;
  /** Kind of source. */
  source_type: string;
  /** Where the source is. */
  source_locator: string;
  /** Digest of the query. */
  query_digest: string;
  /** Digest of the content that came back. */
  content_digest: string;
  /** When it was read. */
  retrieved_at: string;
  /** How the content was redacted. */
  redaction_mode: string;
  /** How sensitive it is. */
  sensitivity_label?: string;
  /** Parameters of the retrieval. */
  retrieval_params?: Record<string, unknown>;
}

/** Asks for the ticket footer of a runpack, after verifying it. */
export interface ReceiptRequest {
  /** Source of the runpack. */
  archive: string;
}

/** Whether a trace follows from a policy and an intent. */
export interface Recheck {
  /** It does. */
  ok: boolean;
  /** Name of the trace. */
  trace_id: string;
  /** The verdict in the trace. */
  recorded_verdict: string;
  /** The verdict that follows from policy and intent alone. */
  evaluated_verdict: Verdict;
  /**
   * What turned the evaluated verdict into the recorded one: `approval`, `rate_limit`, `credential` or `simulation`.
   */
  explained_by?: string;
  /** Why, as evaluated. */
  reason_codes: string[];
  /** Names of the rules that decided, joined by `,`; empty when none did. */
  matched_rule?: string;
  /** Fields of the trace that do not follow. */
  mismatches?: RecheckMismatch[];
  /** Digest of the core that decided, as the trace names it. */
  recorded_core?: string;
  /** The core that decided is the one that evaluated. */
  same_core: boolean;
  /** Whether the trace's signature was checked, and how that went. */
  signature_status: SignatureStatus | null;
  /** Why the signature does not verify. */
  signature_error?: string;
}

/** One field of a trace that does not follow. */
export interface RecheckMismatch {
  /** The field. */
  field: string;
  /** What the trace says. */
  recorded: string;
  /** What follows. */
  evaluated: string;
}

/** Judges an intent again and compares with a trace. */
export interface RecheckRequest {
  /** Source of the trace. */
  trace: string;
  /** Source of the policy. */
  policy: string;
  /** The call. */
  intent: Given;
  /** Base64 of the public key the trace is checked against, if it is to be. */
  public_key?: string;
  /** gait's version with the digest of the core that evaluates. */
  producer_version?: string;
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

/** `refs.json`: what the run read, by digest. */
export interface Refs {
  /** `gait.runpack.refs`. */
  schema_id: "gait.runpack.refs";
  /** `1.0.0`. */
  schema_version: "1.0.0";
  /** When it was recorded. */
  created_at: string;
  /** Who recorded it. */
  producer_version: string;
  /** The run it belongs to. */
  run_id: string;
  /** The receipts, in the order they were recorded. */
  receipts: Receipt[];
}

/** What goes into the cache. */
export interface RegistryEntry {
  /** From the manifest. */
  pack_name: string;
  /** From the manifest. */
  pack_version: string;
  /** Digest of the normalized manifest without its signatures. */
  digest: string;
  /** The normalized publisher. */
  publisher?: string;
  /** The normalized `source` of the manifest. */
  pack_source?: string;
  /** Where the manifest belongs below the cache folder: its folder, parts separated by `/`. */
  folder: string;
  /** Text of the manifest's file. */
  manifest_text: string;
  /** Text of the pin's file. */
  pin_text: string;
}

/**
 * Asks for what goes into the cache. A manifest that cannot be trusted is a fault, whatever is wrong with it: rules of
 * the manifest first, then publisher, pin and signature (registry contract, section 4).
 */
export interface RegistryInstallRequest {
  /** The manifest as it was fetched. */
  manifest: Given;
  /** Base64 of the public key that signatures are held against. */
  public_key: string;
  /** Publishers that are allowed; none that is not blank allows all. */
  publishers?: string[];
  /** The digest that is expected; a blank one is none. */
  pin?: string;
}

/** What checking a manifest showed. */
export interface RegistryReport {
  /** A signature verifies, the pin fits if there is one, and the publisher is allowed. */
  ok: boolean;
  /** From the manifest. */
  pack_name: string;
  /** From the manifest. */
  pack_version: string;
  /** Digest of the normalized manifest without its signatures. */
  digest: string;
  /** Where the pin is or would be. */
  pin_path?: string;
  /** The pin as it is spelled, without white space around it. */
  pin_digest?: string;
  /** There is a pin. */
  pin_present?: boolean;
  /** The pin names the digest. */
  pin_verified?: boolean;
  /** A signature by the key verifies. */
  signature_verified?: boolean;
  /** Why no signature counts, or why the publisher is refused. */
  signature_error?: string;
  /** The normalized publisher. */
  publisher?: string;
  /** The normalized `source` of the manifest. */
  pack_source?: string;
  /** The publisher is on the list, or there is none. */
  publisher_allowed?: boolean;
  /** Out of `pin_mismatch`, `publisher_not_allowed`, `signature_not_verified`. */
  failure_reasons?: string[];
  /** Text of the verification report, if the request says where the manifest is. */
  report_text?: string;
}

/**
 * Asks what a manifest is worth (registry contract, sections 1, 2 and 7). What breaks a rule of section 1 is a
 * fault; everything else is told in the reply.
 */
export interface RegistryVerifyRequest {
  /** The manifest. */
  manifest: Given;
  /** Base64 of the public key that signatures are held against; without one no signature counts. */
  public_key?: string;
  /** Publishers that are allowed; none that is not blank allows all. */
  publishers?: string[];
  /** Content of the pin that the digest is held against; without one there is nothing to compare. */
  pin?: string;
  /** Where that pin is or would be, for the report. */
  pin_path?: string;
  /** Where the manifest is, for the report; without it there is no report. */
  metadata_path?: string;
  /** Version of the program, for the report. */
  producer_version?: string;
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

/**
 * Groups runs into families of incidents and ranks them. The report, a `SignalReport`, is written to the stream
 * `report`.
 */
export interface ReportRequest {
  /** Source of the records: one `RunRecord` a line, in any order. */
  records: string;
  /** Sources of traces. */
  traces?: string[];
  /** Sources of regress results. */
  regress?: string[];
  /** gait's version, for the report. */
  producer_version: string;
}

/** One line of `results.jsonl`: what the tool answered. */
export interface ResultRecord {
  /** `gait.runpack.result`. */
  schema_id: "gait.runpack.result";
  /** `1.0.0`. */
  schema_version: "1.0.0";
  /** When it was recorded. */
  created_at: string;
  /** Who recorded it. */
  producer_version: string;
  /** The run it belongs to. */
  run_id: string;
  /** The intent it answers. */
  intent_id: string;
  /** `ok` or `error`; readers accept any text. */
  status: "ok" | "error";
  /** By convention the digest of the canonical result. */
  result_digest: string;
  /** The result, when it was captured. */
  result?: Record<string, unknown>;
}

/**
 * Asks which files of a folder have had their time (guard contract, section 10). Nothing is opened: names and times
 * decide.
 */
export interface RetainRequest {
  /** The folder, for the report. */
  root?: string;
  /** How long traces are kept: `168h`. Nothing or less is for ever. */
  trace_ttl?: string;
  /** How long packs are kept. */
  pack_ttl?: string;
  /** Nothing is to be deleted. */
  dry_run?: boolean;
  /** The time now. */
  now?: string;
  /** Who writes the report. */
  producer_version?: string;
  /** Every file in the folder and below it. */
  files?: FoundFile[];
  /** Paths that stay whatever their age is: they could not be deleted. */
  stay?: string[];
}

/** One file of a retention report. */
export interface RetainedFile {
  /** Its path. */
  path: string;
  /** `trace` or `pack`. */
  kind: "trace" | "pack";
  /** When it was written. */
  modified_at: string;
  /** How old it is, in whole seconds. */
  age_seconds: number;
  /** `deleted` or `kept`; `deleted` also where a dry run only would have. */
  action: "deleted" | "kept";
}

/** What is to be deleted, as the report about it. */
export interface Retention {
  /** The report. */
  report: RetentionReport;
  /** The report's file. */
  text: string;
}

/** What stands below `retention`: spans of time as they are spelled, empty when they are not set. */
export interface RetentionDefaults {
  /** How long traces are kept. */
  trace_ttl?: string;
  /** How long sessions are kept. */
  session_ttl?: string;
  /** How long exports are kept. */
  export_ttl?: string;
}

/** What `gait guard retain --report-out` writes (schemas contract, B.15). */
export interface RetentionReport {
  /** `gait.guard.retention_report`. */
  schema_id: string;
  /** `1.0.0`. */
  schema_version: string;
  /** When it was decided. */
  created_at: string;
  /** Who decided. */
  producer_version: string;
  /** The folder that was looked through. */
  root_path: string;
  /** Nothing was deleted. */
  dry_run: boolean;
  /** How long traces are kept, in whole seconds; nothing or less is for ever. */
  trace_ttl_seconds: number;
  /** How long packs are kept, in whole seconds. */
  pack_ttl_seconds: number;
  /** Number of traces and packs that were found. */
  scanned_files: number;
  /** Files that have had their time, by path. */
  deleted_files: RetainedFile[];
  /** Files that stay, by path. */
  kept_files: RetainedFile[];
}

/** One rule that was looked at. */
export interface RuleLook {
  /** Its name. */
  name: string;
  /** Its priority; smaller comes first. */
  priority: number;
  /** What it would say. */
  effect: Verdict;
  /** All its matchers hold. */
  matched: boolean;
  /** It matched, and a more severe rule of the same priority decided. */
  outranked?: boolean;
  /** The matchers that do not hold. */
  failed?: MatcherFailure[];
  /** The constraints that fired, in order. */
  constraints?: ConstraintEffect[];
}

/** `run.json`: the run as a whole. */
export interface Run {
  /** `gait.runpack.run`. */
  schema_id: "gait.runpack.run";
  /** `1.0.0`. */
  schema_version: "1.0.0";
  /** When the run began. */
  created_at: string;
  /** Who recorded the run. */
  producer_version: string;
  /** The run's name. */
  run_id: string;
  /** Where it ran. */
  env: Env;
  /** What happened when; `null` when it was not recorded. */
  timeline: TimelineEvent[] | null;
}

/** What one run did. Records of many runs, one on each line, are what `scout.report` reads. */
export interface RunRecord {
  /** From `run.json`. */
  run_id: string;
  /** Source of the archive. */
  source_runpack: string;
  /** Tools in the order they were called. */
  action_sequence: string[];
  /** What kinds of tools they are, sorted. */
  tool_classes: string[];
  /** Where the run read, sorted. */
  target_systems: string[];
  /** Reasons that the run's own results give, sorted. */
  reasons: ReasonCount[];
  /** What it read, by digest, sorted. */
  ref_receipt_digests: string[];
}

/** What a policy makes of a server. */
export interface ServerTrust {
  /** The server's id, as the snapshot spells it if it is listed. */
  server_id?: string;
  /** Its name, likewise. */
  server_name?: string;
  /** Who publishes it, in lower case. */
  publisher?: string;
  /** Where this is known from, in lower case. */
  source?: string;
  /** The outcome in one word. */
  status: TrustStatus;
  /** The evidence that the snapshot names for the server, else the snapshot. */
  decision_source?: string;
  /** Its score. */
  score?: number;
  /** The score the policy wants. */
  threshold?: number;
  /** When it was last looked at. */
  updated_at?: string;
  /** How old that may be, in whole seconds. */
  max_age_seconds?: number;
  /** The policy wants a trusted server for calls of this risk class. */
  required?: boolean;
  /** The check failed and is required, so the verdict is at least the policy's `action`. */
  enforced?: boolean;
  /** Its registry pack is verified; looked at only when the policy wants it. */
  registry_verified?: boolean;
  /** Its publisher is on the policy's list; looked at only when there is one. */
  publisher_allowed?: boolean;
  /** Why, as a sorted set. */
  reason_codes: string[];
  /** What is wrong with the snapshot, for people. */
  detail?: string;
}

/** How severe a family is. */
export type Severity =
  /** A score below 70. */
  | "low"
  /** From 70. */
  | "medium"
  /** From 110. */
  | "high"
  /** From 150. */
  | "critical";

/** What is in the report, as far as it is shown. */
export interface SignalSummary {
  /** Number of runpacks. */
  run_count: number;
  /** Number of families. */
  family_count: number;
  /** The first 10 families. */
  top_issues: Issue[];
  /** The first 200 families, with at most 20 run ids and paths each. */
  families: Family[];
  /** Traces that name none of the runs. */
  unmatched_traces?: number;
  /** Failed graders that name none of the runs. */
  unmatched_graders?: number;
}

/** An Ed25519 signature over the 32 raw bytes of a digest (runpack contract, section 7). */
export interface Signature {
  /** `ed25519`. */
  alg: string;
  /** SHA-256 of the 32 public-key bytes, lower-case hex. */
  key_id: string;
  /** Standard base64 of the 64 signature bytes. */
  sig: string;
  /** Digest of the signed payload, lower-case hex. */
  signed_digest?: string;
}

/** Whether a signature is one. */
export interface SignatureCheck {
  /** It is. */
  ok: boolean;
  /** The key that signed, when it is. */
  key_id?: string;
  /** Why it is not. */
  error?: string;
}

/** Checks one Ed25519 signature, as strictly as those of runpacks, traces and approvals are checked. */
export interface SignatureCheckRequest {
  /** Base64 of the public key. */
  public_key: string;
  /** Hex of the signed bytes. */
  message: string;
  /** Base64 of the signature. */
  signature: string;
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

/** Evaluates fixtures under two policies. */
export interface SimulateRequest {
  /** Source of the policy that holds today. */
  baseline: string;
  /** Source of the policy that shall hold. */
  policy: string;
  /** Sources of intents, traces and runpacks. */
  fixtures: string[];
  /** The context of intents in runpacks, which do not record one. */
  assumed?: AssumedContext;
}

/** What would have happened. */
export interface Simulated {
  /** The verdict that was not enforced. */
  verdict: Verdict;
  /** Its reasons. */
  reason_codes: string[];
  /** It is `block` or `require_approval`. */
  would_have_blocked: boolean;
}

/** Which verdicts change between two policies. */
export interface Simulation {
  /** Digest of the policy that holds today. */
  baseline_digest: string;
  /** Digest of the policy that shall hold. */
  policy_digest: string;
  /** How many intents were evaluated. */
  evaluated: number;
  /** How many of them get another verdict. */
  changed: number;
  /** How many get a more severe one. */
  stricter: number;
  /** How many get a milder one. */
  looser: number;
  /** The intents whose verdict, reasons or violations change. */
  changes: VerdictChange[];
  /** Fixtures that say too little to be evaluated. */
  not_evaluated?: NotEvaluated[];
}

/** Where a skill comes from. */
export interface SkillProvenance {
  /** The skill. */
  skill_name: string;
  /** Its version. */
  skill_version?: string;
  /** Where it was taken from. */
  source: string;
  /** Who published it. */
  publisher: string;
  /** Its digest. */
  digest?: string;
  /** The key that signed it. */
  signature_key_id?: string;
}

/** A file that was left out. */
export interface SkippedFile {
  /** The file. */
  path: string;
  /** Why. */
  reason: string;
}

/** What was found. */
export interface SnapshotReport {
  /** Follows from workspace and items. */
  snapshot_id: string;
  /** Tools and servers, by id. */
  items: InventoryItem[];
  /** Number of files that were looked into. */
  scanned: number;
  /** The first 100 files that could not be read as what their names say. */
  skipped?: SkippedFile[];
  /** How many there are. */
  skipped_total?: number;
  /** Text of the snapshot, an `InventorySnapshot`. */
  snapshot_text: string;
}

/** Lists the tools and servers that files speak of. */
export interface SnapshotRequest {
  /** The roots, joined by commas. */
  workspace: string;
  /** Files below the roots in the order of the walk, spelled with `/`; the path is the source. */
  files: string[];
  /** Patterns of which a file has to match one, if there are any. */
  include?: string[];
  /** Patterns of which a file may match none. */
  exclude?: string[];
  /** The time of the call, UTC. */
  created_at: string;
  /** gait's version, for the snapshot. */
  producer_version: string;
}

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

/** A subject, and whether its file is the one that is meant. */
export interface SubjectReport {
  /** The file's name. */
  name: string;
  /** SHA-256 as stated. */
  sha256: string;
  /** What looking at the file showed. */
  status: SubjectStatus;
}

/** What looking at a subject's file showed. */
export type SubjectStatus =
  /** It is the file that is meant. */
  | "matches"
  /** It is another one. */
  | "differs"
  /** It was not there, or not looked for. */
  | "not_checked";

/** What to do about a family. The texts are fixed; nothing recorded enters them. */
export interface Suggestion {
  /** `policy_fixture`, `regress_fixture` or `configuration`. */
  kind: "policy_fixture" | "regress_fixture" | "configuration";
  /** What to run, in words. */
  summary: string;
  /** Which files it concerns, in words. */
  likely_scope: string;
}

/** One entry of the timeline. */
export interface TimelineEvent {
  /** What happened. */
  event: string;
  /** When. */
  ts: string;
  /** The intent it belongs to. */
  ref?: string;
}

/** `trace_<id>.json` (schemas contract, B.8). */
export interface Trace {
  /** `gait.gate.trace`. */
  schema_id: string;
  /** `1.0.0`. */
  schema_version: string;
  /** The intent's time, in UTC. */
  created_at: string;
  /** Who decided: gait's version with the deciding core's digest. */
  producer_version: string;
  /** Name of the trace. */
  trace_id: string;
  /** Name of the call that produced it. */
  correlation_id?: string;
  /** Which tool was to be called. */
  tool_name: string;
  /** Digest of the normalized arguments. */
  args_digest: string;
  /** Digest of the normalized intent. */
  intent_digest: string;
  /** Digest of the policy that decided. */
  policy_digest: string;
  /** `allow`, `block`, `dry_run` or `require_approval`. */
  verdict: string;
  /** What the call violated. */
  violations?: string[];
  /** How long the evaluation took. */
  latency_ms?: number;
  /** The approval the verdict rests on. */
  approval_token_ref?: string;
  /** Where the skill that asked comes from. */
  skill_provenance?: SkillProvenance;
  /** The signature over everything else. */
  signature?: Signature;
}

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

/** What is known about a server, in one word. */
export type TrustStatus =
  /** The call names no server, or the snapshot is not there. */
  | "missing"
  /** The snapshot is not valid, or the server's registry pack is not verified. */
  | "invalid"
  /** The snapshot does not list the server. */
  | "unknown"
  /** Its status or publisher is not trusted. */
  | "untrusted"
  /** What is known is too old. */
  | "stale"
  /** Its score is too low. */
  | "below_threshold"
  /** It has everything that the policy wants. */
  | "trusted";

/** A statement that waits for its signature. */
export interface Unsealed {
  /** What the payload is. */
  payload_type: string;
  /** The statement, canonical JSON. */
  payload: string;
  /** What is to be signed, as UTF-8: the pre-authentication encoding of type and payload. */
  pae: string;
}

/** What a policy says about a call, from the mildest to the most severe. */
export type Verdict =
  /** The call may be executed. */
  | "allow"
  /** The call may be prepared, and is never executed. */
  | "dry_run"
  /** The call waits until somebody approves it. */
  | "require_approval"
  /** The call is refused. */
  | "block";

/** One intent under two policies. */
export interface VerdictChange {
  /** The fixture. */
  fixture: string;
  /** The call within a runpack. */
  intent_id?: string;
  /** Which tool. */
  tool_name: string;
  /** Digest of the intent. */
  intent_digest: string;
  /** What today's policy says. */
  baseline: Judgement;
  /** What the other policy says. */
  candidate: Judgement;
}

/** How often each verdict was given. */
export interface VerdictCounts {
  /** Calls that were let through. */
  allow: number;
  /** Calls that were not. */
  block: number;
  /** Calls that were only rehearsed. */
  dry_run: number;
  /** Words that are no verdict. */
  other?: number;
  /** Calls that waited for an approval. */
  require_approval: number;
}

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

/** What a host must fetch before there is a verdict. Ask again with it, everything else unchanged. */
export interface Wanted {
  /** The rate-limit state, held under its lock from reading until the next one is stored. */
  rate_limits?: boolean;
  /** The rate-limit state to store now, before the broker is asked. */
  next_rate_limits?: string;
  /** A credential. */
  credential?: CredentialRequest;
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
  "run.inspect": { request: InspectRequest; reply: Inspection };
  "migrate": { request: MigrateRequest; reply: Migrated };
  "regress.init": { request: RegressInitRequest; reply: RegressInit };
  "regress.run": { request: RegressRunRequest; reply: RegressReport };
  "trace.verify": { request: TraceVerifyRequest; reply: TraceReport };
  "guard.verify": { request: PackVerifyRequest; reply: PackReport };
  "guard.pack": { request: PackRequest; reply: PackBuilt };
  "guard.retain": { request: RetainRequest; reply: Retention };
  "attestation.verify": { request: AttestationVerifyRequest; reply: AttestationReport };
  "intent.digest": { request: IntentDigestRequest; reply: IntentDigests };
  "call.read": { request: CallReadRequest; reply: ReadCall };
  "call.record": { request: CallRecordRequest; reply: Recorded };
  "approval.mint": { request: ApprovalMintRequest; reply: ApprovalMinted };
  "approval.verify": { request: ApprovalVerifyRequest; reply: ApprovalReport };
  "policy.load": { request: PolicyLoadRequest; reply: PolicyReport };
  "policy.format": { request: PolicyFormatRequest; reply: FormattedPolicy };
  "policy.test": { request: PolicyTestRequest; reply: PolicyTest };
  "policy.simulate": { request: SimulateRequest; reply: Simulation };
  "gate.explain": { request: ExplainRequest; reply: Explanation };
  "gate.decide": { request: GateRequest; reply: GateReply };
  "trace.recheck": { request: RecheckRequest; reply: Recheck };
  "mcp.verify": { request: McpVerifyRequest; reply: McpVerification };
  "mcp.message": { request: McpMessageRequest; reply: McpMessage };
  "mcp.answer": { request: McpAnswerRequest; reply: McpAnswer };
  "mcp.tools": { request: McpToolsRequest; reply: McpTools };
  "mcp.merge": { request: McpMergeRequest; reply: McpAnswer };
  "mcp.ask": { request: McpAskRequest; reply: McpAsk };
  "mcp.servers": { request: McpServersRequest; reply: McpServers };
  "mcp.recording": { request: McpRecordingRequest; reply: McpRecording };
  "config.read": { request: ConfigReadRequest; reply: ProjectConfig };
  "adoption.report": { request: AdoptionRequest; reply: AdoptionReport };
  "registry.verify": { request: RegistryVerifyRequest; reply: RegistryReport };
  "registry.install": { request: RegistryInstallRequest; reply: RegistryEntry };
  "scout.fingerprint": { request: FingerprintRequest; reply: RunRecord };
  "scout.report": { request: ReportRequest; reply: SignalSummary };
  "scout.snapshot": { request: SnapshotRequest; reply: SnapshotReport };
  "scout.coverage": { request: CoverageRequest; reply: CoverageReport };
  "scout.diff": { request: DriftRequest; reply: DriftReport };
  "digest.json": { request: JsonDigestRequest; reply: JsonDigest };
  "signature.check": { request: SignatureCheckRequest; reply: SignatureCheck };
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
  json_key_case: { error_category: "invalid_input", retryable: false, hint: "keys are spelled exactly; other readers would take this one for another" },
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
  recording_empty: { error_category: "invalid_input", retryable: false, hint: "a replay needs arguments and results; record the conversation with `gait mcp gateway --capture raw`" },
  replay_ambiguous: { error_category: "invalid_input", retryable: false, hint: "an intent id stands twice, so a replay has no single answer" },
  reduce_nothing: { error_category: "invalid_input", retryable: false, hint: "nothing fails in that way; the predicates are missing_result and non_ok_status" },
  output_is_input: { error_category: "invalid_input", retryable: false, hint: "choose another file with `--out`" },
  config_invalid: { error_category: "invalid_input", retryable: false, hint: "`gait regress init --from <run>` writes a configuration that works" },
  fixture_invalid: { error_category: "invalid_input", retryable: false, hint: "mend the fixture's fixture.json, or make it again with `gait regress init`" },
  fixture_name: { error_category: "invalid_input", retryable: false, hint: "names start with a-z or 0-9 and go on with a-z 0-9 . _ -" },
  policy_invalid: { error_category: "invalid_input", retryable: false, hint: "mend the places named; `gait policy validate FILE` checks again" },
  policy_unformatted: { error_category: "invalid_input", retryable: false, hint: "`gait policy fmt --write FILE` formats it" },
  policy_missing: { error_category: "invalid_input", retryable: false, hint: "load a policy first, or name one in the request" },
  policy_exists: { error_category: "invalid_input", retryable: false, hint: "policies are not replaced by accident; choose another file with `--out`, or add `--force`" },
  intent_invalid: { error_category: "invalid_input", retryable: false, hint: "mend the intent; its fields stand in docs/contracts/gate.md" },
  call_invalid: { error_category: "invalid_input", retryable: false, hint: "mend the call; what each adapter reads stands in docs/contracts/mcp.md" },
  profile_unmet: { error_category: "invalid_input", retryable: false, hint: "profile oss-prod has conditions; docs/contracts/gate.md lists them" },
  approval_request_invalid: { error_category: "invalid_input", retryable: false, hint: "`gait approve --help` shows a call that works" },
  time_missing: { error_category: "invalid_input", retryable: false, hint: "the request must say what time it is" },
  broker_invalid: { error_category: "invalid_input", retryable: false, hint: "brokers are off, stub, env and command; `gait gate eval --help` tells what each needs" },
  rate_limit_state_invalid: { error_category: "invalid_input", retryable: false, hint: "restore the state file, or remove it to count from zero" },
  rate_limit_lock_timeout: { error_category: "state_contention", retryable: true, hint: "another process holds the lock; try again, or remove the lock file if that process is gone" },
  rate_limit_lock_acquire_failed: { error_category: "io_failure", retryable: false, hint: "check that the folder of the state file is writable" },
  rate_limit_lock_write_failed: { error_category: "io_failure", retryable: false, hint: "check that the disk has free space" },
  clock_backwards: { error_category: "state_contention", retryable: true, hint: "the clock stands before a call that was counted already; set it right, or remove the state file" },
  registry_manifest_invalid: { error_category: "invalid_input", retryable: false, hint: "a manifest names itself, its version and, for a skill, publisher and source; docs/registry.md shows one" },
  registry_name_unsafe: { error_category: "invalid_input", retryable: false, hint: "pack name and version become folders of the cache; the pack's publisher has to choose others" },
  registry_publisher_refused: { error_category: "verification_failed", retryable: false, hint: "add the publisher to `--publisher-allowlist` if you trust it" },
  registry_pin_mismatch: { error_category: "verification_failed", retryable: false, hint: "the manifest is not the one that was pinned; ask its publisher before you change the pin" },
  registry_signature_invalid: { error_category: "verification_failed", retryable: false, hint: "check that the key is the publisher's, and fetch the manifest again" },
  registry_source_refused: { error_category: "verification_failed", retryable: false, hint: "remote sources are https, and `--allow-host` names every host on the way" },
  registry_too_large: { error_category: "verification_failed", retryable: false, hint: "a manifest may have 5,242,880 bytes" },
  network_unreachable: { error_category: "network_transient", retryable: true, hint: "check network and host, then run the command again" },
  network_answer: { error_category: "network_permanent", retryable: false, hint: "check the address; the host was reached and does not have the manifest there" },
  mcp_message_invalid: { error_category: "invalid_input", retryable: false, hint: "send JSON-RPC 2.0: an object with `jsonrpc`, and `method` or a result" },
  mcp_id_invalid: { error_category: "invalid_input", retryable: false, hint: "an id is a text or a whole number, and not null" },
  mcp_key_ambiguous: { error_category: "invalid_input", retryable: false, hint: "some readers take the two keys for one; spell keys as the protocol does" },
  mcp_method_refused: { error_category: "invalid_input", retryable: false, hint: "`--pass METHOD` lets a method through, `--judge METHOD` has it judged" },
  mcp_params_invalid: { error_category: "invalid_input", retryable: false, hint: "give the parameters the form that the method asks for" },
  mcp_batch_refused: { error_category: "invalid_input", retryable: false, hint: "only protocol version 2025-03-26 has batches; send one message after the other" },
  mcp_header_mismatch: { error_category: "invalid_input", retryable: false, hint: "the headers of a request must repeat what its body says" },
  mcp_version_unsupported: { error_category: "invalid_input", retryable: false, hint: "use a protocol version that both sides know" },
  adoption_log_invalid: { error_category: "invalid_input", retryable: false, hint: "mend or remove the line; a log with one bad line is not counted at all" },
  attestation_invalid: { error_category: "invalid_input", retryable: false, hint: "`gait guard pack --format in-toto` writes attestations that gait reads back" },
  envelope_invalid: { error_category: "invalid_input", retryable: false, hint: "give a file that `gait guard encrypt` wrote" },
  decryption_failed: { error_category: "invalid_input", retryable: false, hint: "check that it is the key the file was encrypted with, and copy the file again" },
  verification_failed: { error_category: "verification_failed", retryable: false, hint: "check the artifact and verify it again" },
  signing_failed: { error_category: "io_failure", retryable: false, hint: "check the signing key, or record without a signature with `--no-sign`" },
  core_trap: { error_category: "internal_failure", retryable: false, hint: "nothing was decided and nothing was written; please report the input that caused this" },
  core_limit: { error_category: "internal_failure", retryable: false, hint: "the input needs more memory or work than gait allows; nothing was decided" },
  internal_failure: { error_category: "internal_failure", retryable: false, hint: "check the environment and run the command again" },
  unknown_op: { error_category: "internal_failure", retryable: false, hint: "host and core are of different versions; install gait again" },
};
