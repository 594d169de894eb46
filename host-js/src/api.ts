//! What the package offers, as types: nothing here runs.
//!
//! Options are JavaScript's (`publicKey`); what comes out is the contract's (`manifest_digest`), untouched. The types
//! of the platform are spelled structurally, so they hold in every host, whatever its `lib` is.

import type {
  ApprovalMinted,
  ApprovalReport,
  AttestationReport,
  CredentialRequest,
  Decision,
  Diff,
  Explanation,
  Footer,
  FormattedPolicy,
  Inspection,
  IntentDigests,
  JsonDigest,
  PackReport,
  PolicyReport,
  PolicyTest,
  Privacy,
  Problem,
  Profile,
  Recheck,
  Recorded,
  RegistryReport,
  TraceReport,
  VerifyReport,
} from "./contract.js";
import type { Input } from "./sources.js";

/** A JSON document: its text, its UTF-8 bytes, or the value itself, which is written as JSON and nothing but JSON. */
export type Document = string | Uint8Array | ArrayBuffer | object;

/** What stops an operation: an `AbortSignal`. */
export interface Signal {
  readonly aborted: boolean;
  readonly reason?: unknown;
}

/** How an operation that reads is run. */
export interface ReadOptions {
  /** Ends the operation between two pieces; its reason is thrown. */
  signal?: Signal | undefined;
  /** Told after each piece how many bytes were read so far, and how many there are in all sources opened so far. */
  progress?: ((read: number, size: number) => void) | undefined;
}

/** How a runpack is verified. */
export interface VerifyOptions extends ReadOptions {
  /** Base64 of the public key that signatures are held against. */
  publicKey?: string | undefined;
  /** Base64 of your own public keys; a signature by one of them has `trust: "own"`. */
  ownKeys?: readonly string[] | undefined;
  /** `ok` only if a signature by `publicKey` verifies. */
  requireSignature?: boolean | undefined;
}

/** How much of a runpack is shown. */
export interface InspectOptions extends ReadOptions {
  /** Most intents and results to hand over; 1,000 when absent. */
  records?: number | undefined;
}

/** How two runpacks are compared. */
export interface DiffOptions extends ReadOptions {
  /** How much of the records to look at. */
  privacy?: Privacy | undefined;
}

/** How an evidence pack is verified. */
export interface EvidenceOptions extends ReadOptions {
  /** Base64 of the public key that signatures are held against. */
  publicKey?: string | undefined;
  /** `ok` only if a signature by `publicKey` verifies. */
  requireSignature?: boolean | undefined;
  /** The run the pack should be about. */
  runId?: string | undefined;
  /** List every member with its digests. */
  members?: boolean | undefined;
}

/** What an attestation is checked against. */
export interface AttestationOptions extends ReadOptions {
  /** Base64 of the public key that signatures are held against. */
  publicKey?: string | undefined;
  /** `ok` only if a signature by `publicKey` verifies. */
  requireSignature?: boolean | undefined;
  /** Files that it has to be about, whatever they are called. */
  files?: readonly Input[] | undefined;
}

/** What the manifest of a registry pack is checked against. */
export interface RegistryOptions extends ReadOptions {
  /** Base64 of the publisher's public key; without one no signature counts. */
  publicKey?: string | undefined;
  /** Publishers that are allowed; all when absent. */
  publishers?: readonly string[] | undefined;
  /** The digest that is expected. */
  pin?: string | undefined;
}

/** How a trace is verified. */
export interface TraceOptions extends ReadOptions {
  /** Base64 of the public key. */
  publicKey?: string | undefined;
  /** A runpack the trace should belong to. */
  run?: Input | undefined;
}

/** How a trace is checked again. */
export interface RecheckOptions extends ReadOptions {
  /** Base64 of the public key the trace is checked against, if it is to be. */
  publicKey?: string | undefined;
}

/** A signature by an Ed25519 key. */
export interface Signed {
  /** SHA-256 of the raw public key, lower-case hex. */
  keyId: string;
  /** The 64 bytes. */
  signature: Uint8Array;
}

/** Signs 32 bytes. The key may be WebCrypto's, a KMS's or an HSM's: the core never sees it. */
export type Sign = (digest: Uint8Array) => Signed | Promise<Signed>;

/** Where the counters of rate limits are kept. */
export interface RateLimits {
  /**
   * Runs `turn` while nobody else reads or changes the state, and returns what it returns. Without it the state is
   * safe from other calls in this process that use the same object, and from nobody else.
   */
  lock?<T>(turn: () => Promise<T>): Promise<T>;
  /** The text that was stored last; `""`, `null` or `undefined` when nothing was. */
  get(): string | null | undefined | Promise<string | null | undefined>;
  /** Stores the next text. The call is judged only when this worked. */
  put(next: string): void | Promise<void>;
}

/** What a broker issued: the credential's name, never the secret. */
export interface CredentialAnswer {
  /** Its name, at most 256 bytes on one line. */
  credential_ref: string;
  /** Who issued it. */
  issued_by?: string;
}

/** Asks a broker. `null`, or anything thrown, is a failure: the call is blocked. */
export type Broker = (
  request: CredentialRequest,
) => CredentialAnswer | null | undefined | Promise<CredentialAnswer | null | undefined>;

/** How a call is judged. */
export interface EvaluateOptions {
  /** How strict the surroundings are; `oss-prod` needs `sign`. */
  profile?: Profile | undefined;
  /** Say what would happen, and enforce nothing. */
  simulate?: boolean | undefined;
  /** The time now; the host's clock when absent. */
  now?: Date | string | undefined;
  /** Approval tokens. */
  approvals?: readonly Document[] | undefined;
  /** What is known about MCP servers, for a policy with `mcp_trust`. Without it no server is trusted. */
  trustSnapshot?: Document | undefined;
  /** Base64 of the approvers' public key. */
  approvalKey?: string | undefined;
  /** What the trace names as approval when no token grants. */
  approvalRef?: string | undefined;
  /** Asked for a credential when a rule wants one. */
  credential?: Broker | "stub" | undefined;
  /** Reference to ask the broker for, instead of the rule's. */
  credentialRef?: string | undefined;
  /** Scopes to ask the broker for, besides the rule's. */
  credentialScopes?: readonly string[] | undefined;
  /** Where calls are counted. A policy that limits rates needs it. */
  rateLimits?: RateLimits | undefined;
  /** Signs the trace; then `files` holds the texts to keep. */
  sign?: Sign | undefined;
  /** Who decides, for the trace; gait's version with the core's digest when absent. */
  producerVersion?: string | undefined;
  /** Name of the call, for the trace. */
  correlationId?: string | undefined;
  /** Gives up waiting: its reason is thrown, and there is no verdict. */
  signal?: Signal | undefined;
}

/** A compiled policy. It keeps an instance of the core warm, so a decision costs microseconds. */
export interface Policy {
  /** Digest of the normalized policy. */
  readonly digest: string;
  /** What its author should know, although it is valid. */
  readonly warnings: readonly Problem[];
  /** All that is known about it. */
  readonly report: PolicyReport;
  /**
   * Judges a call. Run the tool only when `verdict` is `allow`, and with the very values that were judged. Doubt is
   * thrown: a promise that rejects is no verdict.
   */
  evaluate(intent: Document, options?: EvaluateOptions): Promise<Decision>;
  /** Tells how the verdict about a call comes about. Counts and signs nothing. */
  explain(intent: Document): Promise<Explanation>;
  /** The verdict about a call, without approvals, limits, credentials and a trace. */
  test(intent: Document): Promise<PolicyTest>;
  /** Lets go of the instance. Later calls are refused. */
  free(): void;
}

/** What an approval token is checked against. */
export interface ApprovalOptions {
  /** Base64 of the approvers' public key. */
  publicKey: string;
  /** The intent it should approve. */
  intentDigest: string;
  /** The policy it should refer to. */
  policyDigest: string;
  /** The tool it should be good for. */
  toolName: string;
  /** The time now; the host's clock when absent. */
  now?: Date | string | undefined;
}

/** What is approved, by whom, for how long. */
export interface MintOptions {
  /** The intent, 64 hex digits. */
  intentDigest: string;
  /** The policy, 64 hex digits. */
  policyDigest: string;
  /** How long the approval holds: `30m`, `1h30m`. */
  ttl: string;
  /** What it is good for: `tool:NAME`, or `*`. */
  scope: readonly string[];
  /** Who approves. */
  approver: string;
  /** Why. */
  reasonCode: string;
  /** The approver's key. */
  sign: Sign;
  /** The time now; the host's clock when absent. */
  now?: Date | string | undefined;
  /** Who writes the token; gait's version with the core's digest when absent. */
  producerVersion?: string | undefined;
}

/** How a runpack is built. */
export interface RecordOptions {
  /** Signs the manifest's digest. Without it the runpack is not signed. */
  sign?: Sign | undefined;
  /** Where the signature goes: `manifest` for keys others trust, `archive` for development keys. */
  signing?: "manifest" | "archive" | undefined;
  /** Replaces the run id everywhere. */
  runId?: string | undefined;
  /** Replaces the record's capture mode. */
  captureMode?: string | undefined;
  /** The time of the call, for fields the record lacks; the host's clock when absent. */
  now?: Date | string | undefined;
  /** Who records, for fields the record lacks; gait's version with the core's digest when absent. */
  producerVersion?: string | undefined;
  /** Where the run took place, for fields the record lacks. */
  env?: { os?: string; arch?: string; runtime?: string } | undefined;
  /** Ends the operation; its reason is thrown. */
  signal?: Signal | undefined;
}

/** A runpack that was built, and read back to see that it verifies. */
export interface Runpack {
  /** What the core says about it. */
  readonly recorded: Recorded;
  /** The archive. */
  readonly bytes: Uint8Array;
}

/** The core, ready to answer. Each call gets an instance of its own; a compiled policy keeps one. */
export interface Gait {
  /** The module that answers. */
  readonly core: {
    /**
     * SHA-256 of its bytes, lower-case hex: what `gait version --json` and `core.lock` name. Empty when a compiled
     * module was given without its digest.
     */
    readonly digest: string;
  };
  /** gait's version with the core's digest, as traces name it: `0.1.0+core.<32 hex digits>`. */
  readonly producerVersion: string;
  /** Tells whether a runpack is what it claims to be. `ok: false` is an answer; what cannot be read is thrown. */
  verify(runpack: Input, options?: VerifyOptions): Promise<VerifyReport>;
  /** Shows what is in a runpack, sound or not: members with their digests, timeline, intents, results, receipts. */
  inspect(runpack: Input, options?: InspectOptions): Promise<Inspection>;
  /** Compares two runpacks. */
  diff(left: Input, right: Input, options?: DiffOptions): Promise<Diff>;
  /** Verifies a runpack and returns the line to paste into a ticket. */
  receipt(runpack: Input, options?: ReadOptions): Promise<Footer>;
  /** Builds a runpack from a run record. */
  record(record: Document, options?: RecordOptions): Promise<Runpack>;
  /** Canonical form and digest of any JSON document; a value that is no object is given as its text. */
  digest(json: Document): Promise<JsonDigest>;
  readonly intent: {
    /** Normalizes an intent and digests it. */
    digest(intent: Document): Promise<IntentDigests>;
  };
  readonly policy: {
    /** Reads a policy (YAML) and compiles it. One that is not valid is thrown: `policy_invalid`, with all problems. */
    compile(text: string | Uint8Array, options?: { name?: string | undefined }): Promise<Policy>;
    /** Puts a policy's text into the one layout; comments stay. */
    format(text: string | Uint8Array, options?: { name?: string | undefined }): Promise<FormattedPolicy>;
  };
  readonly trace: {
    /** Tells whether a trace is signed by a key. */
    verify(trace: Input | Document, options?: TraceOptions): Promise<TraceReport>;
    /** Judges an intent again and compares with a trace. */
    recheck(
      trace: Input | Document,
      policy: Input | string,
      intent: Input | Document,
      options?: RecheckOptions,
    ): Promise<Recheck>;
  };
  readonly approval: {
    /** Tells whether an approval token is good for a call. */
    verify(token: Document, options: ApprovalOptions): Promise<ApprovalReport>;
    /** Makes a signed approval token. */
    mint(options: MintOptions): Promise<ApprovalMinted>;
  };
  readonly evidence: {
    /** Tells whether an evidence pack is what it claims to be. */
    verify(pack: Input, options?: EvidenceOptions): Promise<PackReport>;
  };
  readonly attestation: {
    /** Tells what an in-toto attestation in a DSSE envelope says, who signed it, and whether it is about some files. */
    verify(envelope: Input | Document, options?: AttestationOptions): Promise<AttestationReport>;
  };
  readonly registry: {
    /** Tells whether the manifest of a registry pack is signed by a key, and is the one that is expected. */
    verify(manifest: Input | Document, options?: RegistryOptions): Promise<RegistryReport>;
  };
}

/** Where the core comes from. */
export interface LoadOptions {
  /** `gait_core.wasm`, compiled or as bytes; the one that came with this package when absent. */
  module?: object | undefined;
  /** SHA-256 of a compiled module's bytes; of bytes it is computed. */
  digest?: string | undefined;
}

/** Loads the core. Load once and keep the result. */
export type LoadGait = (options?: LoadOptions) => Promise<Gait>;
