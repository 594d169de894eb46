//! A compiled policy, and the decision: ask the core, fetch what it wants, ask again (docs/concepts/decision.md).
//!
//! Whatever is not certain is thrown. The only way to `allow` is a core that says so about this policy and this intent.

import type { Document, EvaluateOptions, Policy, RateLimits } from "./api.js";
import type {
  Credential,
  CredentialRequest,
  Decision,
  Explanation,
  GateReply,
  GateRequest,
  PolicyReport,
  PolicyTest,
} from "./contract.js";
import { type Core, heed } from "./core.js";
import { GaitError, hostError, misuse, SourceFailure, wordsOf } from "./errors.js";
import { bytesOf, textOf } from "./json.js";
import { given, known, timeOf } from "./options.js";
import { type Desk, Session, settle, withAttached } from "./session.js";
import { checkSigner, signed } from "./signing.js";
import { Turns } from "./turns.js";

/** What every policy of one core shares. */
export interface Surroundings {
  /** Makes an instance. */
  readonly create: () => Core;
  /** Who decides, unless the caller says otherwise. */
  readonly producerVersion: string;
}

/** From the mildest to the most severe. */
const VERDICTS = ["allow", "dry_run", "require_approval", "block"];

/** Reads and compiles a policy. */
export function compile(surroundings: Surroundings, text: string | Uint8Array, name = "policy.yaml"): CompiledPolicy {
  // A copy: the caller's bytes may change, and the instance may have to be made again.
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : Uint8Array.from(text);
  return new CompiledPolicy(surroundings, name, bytes);
}

class CompiledPolicy implements Policy {
  readonly report: PolicyReport;
  readonly #producerVersion: string;
  #session: Session | undefined;

  constructor({ create, producerVersion }: Surroundings, name: string, text: Uint8Array) {
    const loaded: { report?: PolicyReport } = {};
    const desk: Desk = { documents: new Map([[name, text]]) };
    const start = () => {
      const core = create();
      const step = settle(core, "policy.load", withAttached({ policy: name }, undefined), desk);
      if (typeof step === "object" && step !== null && "reply" in step) {
        loaded.report = step.reply as PolicyReport;
        return core;
      }
      throw new GaitError((step as { fault: ConstructorParameters<typeof GaitError>[0] }).fault);
    };
    this.#session = new Session(start);
    if (loaded.report === undefined) {
      throw hostError("core_trap", "the core loaded a policy and said nothing");
    }
    this.report = loaded.report;
    this.#producerVersion = producerVersion;
  }

  get digest(): string {
    return this.report.policy_digest;
  }

  get warnings(): NonNullable<PolicyReport["warnings"]> {
    return this.report.warnings ?? [];
  }

  async explain(intent: Document): Promise<Explanation> {
    return this.#live().ask("gate.explain", { intent: "attached" }, textOf(intent, "the intent"));
  }

  async test(intent: Document): Promise<PolicyTest> {
    return this.#live().ask("policy.test", { intent: "attached" }, textOf(intent, "the intent"));
  }

  async evaluate(intent: Document, options?: EvaluateOptions): Promise<Decision> {
    const call = this.#judging(intent, options);
    const { rateLimits, sign, signal } = call.options;
    heed(signal);
    let reply = call.ask();
    if ("wanted" in reply && reply.wanted.rate_limits === true) {
      reply = await counted(call, rateLimits);
      heed(signal);
    }
    if ("wanted" in reply && reply.wanted.credential !== undefined) {
      call.request.credential = await asked(call.options, reply.wanted.credential);
      heed(signal);
      reply = call.ask();
    }
    let decision = this.#checked(reply);
    if (sign !== undefined) {
      const digest = decision.signed_digest;
      const made = await signed(sign, digest).catch(refusedSignature);
      heed(signal);
      call.request.sign = true;
      const again = this.#checked(call.ask({ digest, made }));
      // The same question gets the same answer; anything else is a core to distrust.
      if (again.verdict !== decision.verdict || again.signed_digest !== digest || again.files === undefined) {
        throw hostError("core_trap", "the core decided otherwise when it was asked to sign");
      }
      decision = again;
    }
    return decision;
  }

  free(): void {
    this.#session = undefined;
  }

  #live(): Session {
    if (this.#session === undefined) {
      throw hostError("policy_missing", "the policy was freed", undefined, "compile it again");
    }
    return this.#session;
  }

  /** The call as it is at this moment: nothing the caller changes later takes part. */
  #judging(intent: Document, given_: EvaluateOptions | undefined): Judging {
    const options = given_ === undefined ? NO_OPTIONS : { ...known(given_, ...OPTIONS) };
    checkSigner(options.sign);
    if (options.profile === "oss-prod" && options.sign === undefined) {
      throw hostError("profile_unmet", "profile oss-prod needs traces that are signed", undefined, "give `sign`");
    }
    // Bytes may be the caller's own; text never changes.
    const text = textOf(intent, "the intent");
    const attached = typeof text === "string" ? text : Uint8Array.from(text);
    const tokens = tokensOf(options.approvals);
    const documents = withSnapshot(tokens, this.report.trust_snapshot, options.trustSnapshot);
    const request: GateRequest = given<GateRequest>({
      intent: "attached",
      now: timeOf(options.now),
      producer_version: options.producerVersion ?? this.#producerVersion,
      profile: options.profile,
      simulate: options.simulate,
      correlation_id: options.correlationId,
      approvals: tokens.size === 0 ? undefined : [...tokens.keys()].map((source) => ({ source })),
      approval_key: options.approvalKey,
      approval_ref: options.approvalRef,
      credential: credentialOf(options.credential),
      credential_ref: options.credentialRef,
      credential_scopes: options.credentialScopes === undefined ? undefined : [...options.credentialScopes],
    });
    const ask = (signature?: NonNullable<Desk["signature"]>): GateReply =>
      this.#live().ask(
        "gate.decide",
        request,
        attached,
        signature === undefined ? { documents } : { documents, signature },
      );
    return { options, request, ask };
  }

  /** A verdict, about this policy; anything else is none. */
  #checked(reply: GateReply): Decision {
    const decision = "decided" in reply ? reply.decided : undefined;
    if (decision === undefined) {
      throw hostError("core_trap", "the core asks again for what it was given");
    }
    if (!VERDICTS.includes(decision.verdict) || decision.policy_digest !== this.digest) {
      throw hostError("core_trap", "the core gave an answer about something else");
    }
    return decision;
  }
}

/** One call that is being judged. */
interface Judging {
  readonly options: EvaluateOptions;
  readonly request: GateRequest;
  readonly ask: (signature?: NonNullable<Desk["signature"]>) => GateReply;
}

const NO_OPTIONS: EvaluateOptions = {};
const NO_TOKENS: ReadonlyMap<string, Uint8Array> = new Map();
const OPTIONS: (keyof EvaluateOptions)[] = [
  "profile",
  "simulate",
  "now",
  "approvals",
  "trustSnapshot",
  "approvalKey",
  "approvalRef",
  "credential",
  "credentialRef",
  "credentialScopes",
  "rateLimits",
  "sign",
  "producerVersion",
  "correlationId",
  "signal",
];

/** Approval tokens by the names they have in the request. */
function tokensOf(approvals: EvaluateOptions["approvals"]): ReadonlyMap<string, Uint8Array> {
  if (approvals === undefined || approvals.length === 0) {
    return NO_TOKENS;
  }
  const named = (token: Document, index: number): [string, Uint8Array] => {
    const name = `approval ${index + 1}`;
    return [name, Uint8Array.from(bytesOf(token, name))];
  };
  return new Map(approvals.map(named));
}

/** The documents of a call, with the trust snapshot by the name the policy gives it. */
function withSnapshot(
  tokens: ReadonlyMap<string, Uint8Array>,
  name: string | undefined,
  snapshot: Document | undefined,
): ReadonlyMap<string, Uint8Array> {
  if (snapshot === undefined) {
    return tokens;
  }
  if (name === undefined) {
    throw misuse("the policy asks for no trust in servers, and a snapshot is there", "leave `trustSnapshot` out");
  }
  if (tokens.has(name)) {
    throw misuse(
      "the policy names its trust snapshot like an approval",
      "give the snapshot another name in the policy",
    );
  }
  return new Map([...tokens, [name, Uint8Array.from(bytesOf(snapshot, name))]]);
}

const turns = new Turns();

/** Counts the call: reads the state, asks, and stores the next state, while nobody else does. */
async function counted(call: Judging, store: RateLimits | undefined): Promise<GateReply> {
  if (typeof store?.get !== "function" || typeof store.put !== "function") {
    throw misuse(
      "the policy limits rates, and there is no place to count in",
      "give `rateLimits` with `get` and `put`",
    );
  }
  return turns.take(store, async () => {
    let text: unknown;
    try {
      text = (await store.get()) ?? "";
    } catch (error) {
      throw storeError("file_unreadable", "the rate-limit state cannot be read", error);
    }
    if (typeof text !== "string") {
      throw hostError("rate_limit_state_invalid", "the rate-limit state is not text");
    }
    heed(call.options.signal);
    call.request.rate_limits = text;
    // Others may have counted meanwhile, and time must not seem to run backwards to them.
    call.request.now = timeOf(call.options.now);
    const reply = call.ask();
    const next = "wanted" in reply ? reply.wanted.next_rate_limits : reply.decided.next_rate_limits;
    if (next !== undefined) {
      try {
        await store.put(next);
      } catch (error) {
        throw storeError("file_unwritable", "the rate-limit state cannot be stored", error);
      }
    }
    return reply;
  });
}

function storeError(code: "file_unreadable" | "file_unwritable", what: string, error: unknown): GaitError {
  return error instanceof GaitError ? error : hostError(code, `${what}: ${wordsOf(error)}`, error, "look at the store");
}

function credentialOf(broker: EvaluateOptions["credential"]): Credential {
  if (broker === undefined) {
    return "off";
  }
  if (broker === "stub") {
    return "stub";
  }
  if (typeof broker !== "function") {
    throw misuse("`credential` is no broker", 'give a function, or "stub"');
  }
  return "unasked";
}

/** Asks the broker. One that fails is told to the core, which blocks the call and says so in the trace. */
async function asked({ credential }: EvaluateOptions, request: CredentialRequest): Promise<Credential> {
  if (typeof credential !== "function") {
    return "failed";
  }
  try {
    const answer = await credential(request);
    return answer === null || answer === undefined ? "failed" : { answer: JSON.stringify(answer) };
  } catch {
    return "failed";
  }
}

function refusedSignature(error: unknown): never {
  if (error instanceof SourceFailure) {
    const hint = "look at `sign` and at the key it uses";
    throw hostError("signing_failed", error.message, error.cause, hint);
  }
  throw error;
}
