//! The core with a typed method for each operation. Nothing is decided here, and replies are handed on as they are.

import type {
  ApprovalOptions,
  AttestationOptions,
  DiffOptions,
  Document,
  EvidenceOptions,
  Gait,
  InspectOptions,
  MintOptions,
  ReadOptions,
  RecheckOptions,
  RecordOptions,
  RegistryOptions,
  Runpack,
  TraceOptions,
  VerifyOptions,
} from "./api.js";
import type { ApprovalMintRequest, Operations, RecordRequest } from "./contract.js";
import { run, type World } from "./core.js";
import { hostError, SourceFailure } from "./errors.js";
import { create } from "./gait_core.js";
import { bytesOf } from "./json.js";
import { given, known, timeOf } from "./options.js";
import { compile } from "./policy.js";
import { checkSigner, signed } from "./signing.js";
import { type Input, isInput, ReadingWorld } from "./sources.js";

const READING = ["signal", "progress"] as const;

/** Gives the operation something to read, and tells the name it has there. */
type Add = (input: Input, usual: string) => string;
/** The same for what may also be a JSON value or text. */
type AddDocument = (document: Input | Document, usual: string) => string;

/** Everything a compiled module answers. */
export function gaitOf(module: WebAssembly.Module, digest: string, version: string): Gait {
  const producerVersion = digest === "" ? version : `${version}+core.${digest.slice(0, 32)}`;

  /** Runs an operation with sources that callers gave, and lets go of them whatever happens. */
  async function ask<Op extends keyof Operations>(
    op: Op,
    options: ReadOptions,
    request: (add: Add, addDocument: AddDocument) => Operations[Op]["request"],
    world = new ReadingWorld(options),
  ): Promise<Operations[Op]["reply"]> {
    const add: Add = (input, usual) => world.add(input, usual);
    const addDocument: AddDocument = (document, usual) =>
      world.add(isInput(document) ? document : bytesOf(document, `the ${usual}`), usual);
    try {
      return await run(create(module), op, request(add, addDocument), world, options.signal);
    } finally {
      await world.close();
    }
  }

  async function record(input: Document, given_?: RecordOptions): Promise<Runpack> {
    const options = known(given_, ...RECORDING);
    checkSigner(options.sign);
    const world = new WritingWorld(options.sign);
    const recorded = await ask(
      "run.record",
      options,
      (_, add) =>
        given<RecordRequest>({
          input: add(input, "record"),
          run_id: options.runId,
          capture_mode: options.captureMode,
          signing: options.sign === undefined ? "none" : (options.signing ?? "manifest"),
          defaults: {
            now: timeOf(options.now),
            producer_version: options.producerVersion ?? producerVersion,
            env: options.env ?? { runtime: "gait" },
          },
        }),
      world,
    );
    const bytes = world.taken("archive");
    const report = await ask("verify", { signal: options.signal }, (add) => ({ archive: add(bytes, "runpack") }));
    if (!report.ok) {
      throw hostError("verification_failed", "the new runpack does not verify, so it is not handed out");
    }
    return { recorded, bytes };
  }

  return {
    core: { digest },
    producerVersion,
    async verify(runpack, options?: VerifyOptions) {
      const { publicKey, ownKeys, requireSignature, ...rest } = known(
        options,
        "publicKey",
        "ownKeys",
        "requireSignature",
        ...READING,
      );
      return ask("verify", rest, (add) => ({
        archive: add(runpack, "runpack"),
        ...given({ public_key: publicKey, own_keys: ownKeys && [...ownKeys], require_signature: requireSignature }),
      }));
    },
    async inspect(runpack, options?: InspectOptions) {
      const { records, ...rest } = known(options, "records", ...READING);
      return ask("run.inspect", rest, (add) => ({ archive: add(runpack, "runpack"), ...given({ records }) }));
    },
    async diff(left, right, options?: DiffOptions) {
      const { privacy, ...rest } = known(options, "privacy", ...READING);
      return ask("run.diff", rest, (add) => ({
        left: add(left, "left"),
        right: add(right, "right"),
        ...given({ privacy }),
      }));
    },
    async receipt(runpack, options) {
      return ask("run.receipt", known(options, ...READING), (add) => ({ archive: add(runpack, "runpack") }));
    },
    record,
    async digest(json) {
      return ask("digest.json", {}, (_, add) => ({ document: { source: add(json, "document") } }));
    },
    intent: {
      async digest(intent) {
        return ask("intent.digest", {}, (_, add) => ({ intent: { source: add(intent, "intent") } }));
      },
    },
    policy: {
      async compile(text, options) {
        const { name } = known(options, "name");
        return compile({ create: () => create(module), producerVersion }, text, name);
      },
      async format(text, options) {
        const { name } = known(options, "name");
        return ask("policy.format", {}, (_, add) => ({ policy: add(text, name ?? "policy.yaml") }));
      },
    },
    trace: {
      async verify(trace, options?: TraceOptions) {
        const { publicKey, run, ...rest } = known(options, "publicKey", "run", ...READING);
        return ask("trace.verify", rest, (add, addDocument) => ({
          trace: addDocument(trace, "trace"),
          ...given({ public_key: publicKey, run: run === undefined ? undefined : add(run, "run") }),
        }));
      },
      async recheck(trace, policy, intent, options?: RecheckOptions) {
        const { publicKey, ...rest } = known(options, "publicKey", ...READING);
        return ask("trace.recheck", rest, (_, add) => ({
          trace: add(trace, "trace"),
          policy: add(policy, "policy"),
          intent: { source: add(intent, "intent") },
          producer_version: producerVersion,
          ...given({ public_key: publicKey }),
        }));
      },
    },
    approval: {
      async verify(token, options: ApprovalOptions) {
        const wanted = known(options, "publicKey", "intentDigest", "policyDigest", "toolName", "now");
        return ask("approval.verify", {}, (_, add) => ({
          token: { source: add(token, "token") },
          public_key: wanted.publicKey,
          intent_digest: wanted.intentDigest,
          policy_digest: wanted.policyDigest,
          tool_name: wanted.toolName,
          now: timeOf(wanted.now),
        }));
      },
      async mint(options: MintOptions) {
        const wanted = known(options, ...MINTING);
        checkSigner(wanted.sign);
        return ask(
          "approval.mint",
          {},
          () =>
            given<ApprovalMintRequest>({
              intent_digest: wanted.intentDigest,
              policy_digest: wanted.policyDigest,
              ttl: wanted.ttl,
              scope: [...(wanted.scope ?? [])],
              approver: wanted.approver,
              reason_code: wanted.reasonCode,
              now: timeOf(wanted.now),
              producer_version: wanted.producerVersion ?? producerVersion,
            }),
          new WritingWorld(wanted.sign),
        );
      },
    },
    evidence: {
      async verify(pack, options?: EvidenceOptions) {
        const { publicKey, requireSignature, runId, members, ...rest } = known(
          options,
          "publicKey",
          "requireSignature",
          "runId",
          "members",
          ...READING,
        );
        return ask("guard.verify", rest, (add) => ({
          pack: add(pack, "pack"),
          ...given({ public_key: publicKey, require_signature: requireSignature, run_id: runId, members }),
        }));
      },
    },
    attestation: {
      async verify(envelope, options?: AttestationOptions) {
        const { publicKey, requireSignature, files, ...rest } = known(
          options,
          "publicKey",
          "requireSignature",
          "files",
          ...READING,
        );
        return ask("attestation.verify", rest, (add, addDocument) => ({
          envelope: addDocument(envelope, "envelope"),
          ...given({ public_key: publicKey, require_signature: requireSignature }),
          ...given({ files: files?.map((one, index) => add(one, `file ${index + 1}`)) }),
        }));
      },
    },
    registry: {
      async verify(manifest, options?: RegistryOptions) {
        const { publicKey, publishers, pin, ...rest } = known(options, "publicKey", "publishers", "pin", ...READING);
        return ask("registry.verify", rest, (_, add) => ({
          manifest: { source: add(manifest, "manifest") },
          ...given({ public_key: publicKey, publishers: publishers && [...publishers], pin }),
        }));
      },
    },
  };
}

const RECORDING = [
  "sign",
  "signing",
  "runId",
  "captureMode",
  "now",
  "producerVersion",
  "env",
  "signal",
] as const satisfies (keyof RecordOptions)[];

const MINTING = [
  "intentDigest",
  "policyDigest",
  "ttl",
  "scope",
  "approver",
  "reasonCode",
  "sign",
  "now",
  "producerVersion",
] as const satisfies (keyof MintOptions)[];

/** A world that keeps what is written, and signs with the caller's key. */
class WritingWorld extends ReadingWorld implements World {
  readonly #sign: RecordOptions["sign"];
  readonly #streams = new Map<string, Uint8Array[]>();

  constructor(sign: RecordOptions["sign"]) {
    super();
    this.#sign = sign;
  }

  /** All bytes of a stream, in one piece. */
  taken(stream: string): Uint8Array {
    const pieces = this.#streams.get(stream) ?? [];
    const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let filled = 0;
    for (const piece of pieces) {
      whole.set(piece, filled);
      filled += piece.length;
    }
    this.#streams.set(stream, [whole]);
    return whole;
  }

  override async read(name: string, offset: number, length: number): Promise<Uint8Array> {
    if (!this.#streams.has(name)) {
      return super.read(name, offset, length);
    }
    return this.taken(name).subarray(offset, offset + length);
  }

  override write(stream: string, bytes: Uint8Array): void {
    const pieces = this.#streams.get(stream);
    if (pieces === undefined) {
      this.#streams.set(stream, [bytes.slice()]);
    } else {
      pieces.push(bytes.slice());
    }
  }

  override async sign(digest: string) {
    if (this.#sign === undefined) {
      throw new SourceFailure("signing", "there is no key to sign with");
    }
    return signed(this.#sign, digest);
  }
}
