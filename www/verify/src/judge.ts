//! Which operations of the core an item needs, in which order, and with which of the files beside it.

import type { Fault, Operations, PackReport, TraceReport } from "../../../host-js/src/contract.js";
import { GaitError } from "../../../host-js/src/errors.js";
import type { CoreClient } from "./core_client.js";
import { type Answer, type Contents, type Item, type Outcome, ofKind, type Rechecked } from "./items.js";
import type { TrustedKey } from "./keys.js";
import type { Progress } from "./protocol.js";
import { type Inside, ofFault, ofPack, ofRunpack, verdict } from "./verdict.js";
import { ofAttestation, ofRegistry, ofToken, ofTrace } from "./verdict_gate.js";

/** What judging one item may look at. */
export interface Surroundings {
  client: CoreClient;
  items: readonly Item[];
  keys: readonly TrustedKey[];
  /** Only a signature by one of the keys will do. */
  required: boolean;
  progress: (progress: Progress) => void;
}

/** Records shown of one runpack. */
export const RECORDS = 200;

/** Judges one item. Only a cancelled call is thrown. */
export async function judge(item: Item, around: Surroundings): Promise<Outcome> {
  const outcome = await outcomeOf(item, around);
  // A sender who forges a file has a key to send along with it.
  const along = outcome.verdict?.signers.find(({ good, key }) => good && key?.drop === item.drop);
  if (along !== undefined) {
    outcome.verdict?.reasons.push(
      `The key “${along.key?.from}” came together with this file. That is worth nothing unless you know whose key it is.`,
    );
  }
  return outcome;
}

async function outcomeOf(item: Item, around: Surroundings): Promise<Outcome> {
  switch (item.look.kind) {
    case "trace":
      return judgeTrace(item, around);
    case "token":
      return judgeToken(item, around);
    case "registry":
      return judgeRegistry(item, around);
    case "attestation":
      return judgeAttestation(item, around);
    case "policy": {
      const answer = await attempt(around, "policy.load", { policy: item.name }, [item]);
      return "fault" in answer ? { kind: "policy", verdict: ofFault(answer.fault) } : { kind: "policy", report: answer.reply };
    }
    case "intent": {
      const answer = await attempt(around, "intent.digest", { intent: { source: item.name } }, [item]);
      return "fault" in answer ? { kind: "intent", verdict: ofFault(answer.fault) } : { kind: "intent", digests: answer.reply };
    }
    case "record": {
      const lead = "This is a run record: notes about a run, without digests or signatures. `gait run record` makes a runpack of it.";
      return { kind: "unknown", verdict: verdict("open", lead) };
    }
    case "json": {
      const answer = await attempt(around, "digest.json", { document: { source: item.name } }, [item]);
      const lead = "This is a JSON document, but none that gait signs or judges by: no trace, token, intent or policy.";
      return { kind: "unknown", verdict: "fault" in answer ? ofFault(answer.fault) : verdict("open", lead) };
    }
    default:
      return judgeArchive(item, around);
  }
}

/** Looks into a runpack: what happened, and the footer when it is sound. */
export async function lookInto(item: Item, sound: boolean, around: Surroundings): Promise<Contents> {
  const inspected = await attempt(around, "run.inspect", { archive: item.name, records: RECORDS }, [item]);
  const contents: Contents = "fault" in inspected ? { fault: inspected.fault } : { inspection: inspected.reply };
  if (sound) {
    // A run id that does not fit into a footer is no fault of the archive: there is just no footer.
    const receipt = await attempt(around, "run.receipt", { archive: item.name }, [item]);
    if ("reply" in receipt) {
      contents.footer = receipt.reply.ticket_footer;
    }
  }
  return contents;
}

/** What a policy says about an intent. */
export async function explain(policy: Item, intent: Item, around: Surroundings): Promise<Answer> {
  const request = { policy: policy.name, intent: { source: intent.name } };
  const answer = await attempt(around, "gate.explain", request, [policy, intent]);
  const pair = { policy: policy.name, intent: intent.name };
  return "fault" in answer ? { ...pair, fault: answer.fault } : { ...pair, explanation: answer.reply };
}

/** A runpack, or else an evidence pack; what is neither gets the refusal of `gait verify`. */
async function judgeArchive(item: Item, around: Surroundings): Promise<Outcome> {
  const own_keys = around.keys.map((key) => key.text);
  const answer = await attempt(around, "verify", { archive: item.name, own_keys }, [item]);
  if ("reply" in answer) {
    const told = ofRunpack(answer.reply, around.keys, around.required);
    return { kind: "runpack", verdict: told, report: answer.reply };
  }
  if (answer.fault.error_code === "manifest_missing") {
    const pack = await judgePack(item, around);
    if (pack !== undefined) {
      return pack;
    }
  }
  return { kind: item.look.kind === "archive" ? "runpack" : "unknown", verdict: ofFault(answer.fault) };
}

async function judgePack(item: Item, around: Surroundings): Promise<Outcome | undefined> {
  const runs = ofKind(around.items, "runpack").filter(({ outcome }) => outcome.report?.run_id !== undefined);
  const run_id = runs.length === 1 ? runs[0]?.outcome.report?.run_id : undefined;
  const request: Operations["guard.verify"]["request"] = { pack: item.name, members: true, ...(run_id === undefined ? {} : { run_id }) };
  const first = await attempt(around, "guard.verify", request, [item]);
  if ("fault" in first) {
    // No evidence pack either.
    return first.fault.error_code === "manifest_missing" ? undefined : { kind: "unknown", verdict: ofFault(first.fault) };
  }
  let report: PackReport = first.reply;
  let signer: TrustedKey | undefined;
  const inside: Inside[] = (report.contained ?? []).map((contained) => ({ contained }));
  // The report names no signers, so each key is tried: one may have signed the pack, another what is in it.
  for (const key of around.keys) {
    const unknown = inside.filter(({ contained }) => contained.signature_status === "skipped");
    if (report.signature_status !== "skipped" && unknown.length === 0) {
      break;
    }
    const tried = await attempt(around, "guard.verify", { ...request, public_key: key.text }, [item]);
    if ("fault" in tried) {
      continue;
    }
    if (signer === undefined && tried.reply.signature_status === "verified") {
      report = tried.reply;
      signer = key;
    }
    for (const one of unknown) {
      const now = tried.reply.contained?.find(({ path }) => path === one.contained.path);
      if (now !== undefined && (!now.ok || now.signature_status === "verified")) {
        one.contained = now;
        one.key = key;
      }
    }
  }
  return { kind: "pack", verdict: ofPack(report, inside, signer, around.keys, around.required), report, inside };
}

async function judgeTrace(item: Item, around: Surroundings): Promise<Outcome> {
  const runs = ofKind(around.items, "runpack").filter(({ outcome }) => outcome.verdict.standing === "sound");
  const run = runs.length === 1 ? runs[0] : undefined;
  let report: TraceReport | undefined;
  for (const key of likelyFirst(around.keys, item.look.keyId)) {
    const request = { trace: item.name, public_key: key.text, ...(run === undefined ? {} : { run: run.name }) };
    const answer = await attempt(around, "trace.verify", request, run === undefined ? [item] : [item, run]);
    if ("fault" in answer) {
      return { kind: "trace", verdict: ofFault(answer.fault) };
    }
    report ??= answer.reply;
    if (answer.reply.ok) {
      report = answer.reply;
      break;
    }
  }
  if (report === undefined) {
    // Without a key the core does not read a trace; it is still to be a document without tricks.
    const answer = await attempt(around, "digest.json", { document: { source: item.name } }, [item]);
    if ("fault" in answer) {
      return { kind: "trace", verdict: ofFault(answer.fault) };
    }
  }
  const recheck = await recheckTrace(item, around);
  const told = ofTrace(item.look, report, recheck, around.keys, around.required);
  return { kind: "trace", verdict: told, ...(report && { report }), ...(recheck && { recheck }) };
}

/** Judges the intent again, when there are a policy and an intent to do it with. */
async function recheckTrace(item: Item, around: Surroundings): Promise<Rechecked | undefined> {
  const { facts, keyId } = item.look;
  const policies = ofKind(around.items, "policy").filter(({ outcome }) => outcome.report !== undefined);
  const intents = ofKind(around.items, "intent").filter(({ outcome }) => outcome.digests !== undefined);
  const policy = theOne(policies, ({ outcome }) => outcome.report?.policy_digest === facts["policy_digest"]);
  const intent = theOne(intents, ({ outcome }) => outcome.digests?.intent_digest === facts["intent_digest"]);
  if (policy === undefined || intent === undefined) {
    return undefined;
  }
  const others: string[] = [];
  if (policy.outcome.report?.policy_digest !== facts["policy_digest"]) {
    others.push(`“${policy.name}” is not the policy that decided: the trace names another digest.`);
  }
  if (intent.outcome.digests?.intent_digest !== facts["intent_digest"]) {
    others.push(`“${intent.name}” is not the intent that was judged: the trace names another digest.`);
  }
  const pair: Rechecked = { policy: policy.name, intent: intent.name, others };
  const key = around.keys.find(({ id }) => id === keyId);
  const request: Operations["trace.recheck"]["request"] = {
    trace: item.name,
    policy: policy.name,
    intent: { source: intent.name },
    producer_version: around.client.producer,
    ...(key && { public_key: key.text }),
  };
  const answer = await attempt(around, "trace.recheck", request, [item, policy, intent]);
  if ("fault" in answer) {
    return { ...pair, fault: answer.fault };
  }
  const { explanation } = await explain(policy, intent, around);
  return { ...pair, report: answer.reply, ...(explanation && { explanation }) };
}

async function judgeToken(item: Item, around: Surroundings): Promise<Outcome> {
  const { facts } = item.look;
  const intents = ofKind(around.items, "intent").filter(({ outcome }) => outcome.digests !== undefined);
  const policies = ofKind(around.items, "policy").filter(({ outcome }) => outcome.report !== undefined);
  const intent = theOne(intents, ({ outcome }) => outcome.digests?.intent_digest === facts["intent_digest"]);
  const policy = theOne(policies, ({ outcome }) => outcome.report?.policy_digest === facts["policy_digest"]);
  const tool = intent?.outcome.digests?.normalized["tool_name"];
  const against = [intent && `the intent “${intent.name}”`, policy && `the policy “${policy.name}”`].filter(Boolean).join(" and ");
  const request = {
    token: { source: item.name },
    intent_digest: intent?.outcome.digests?.intent_digest ?? facts["intent_digest"] ?? "",
    policy_digest: policy?.outcome.report?.policy_digest ?? facts["policy_digest"] ?? "",
    tool_name: typeof tool === "string" ? tool : await scopeOf(item),
    now: new Date().toISOString(),
  };
  let first: Operations["approval.verify"]["reply"] | undefined;
  for (const key of likelyFirst(around.keys, item.look.keyId)) {
    const answer = await attempt(around, "approval.verify", { ...request, public_key: key.text }, [item]);
    if ("fault" in answer) {
      return { kind: "token", verdict: ofFault(answer.fault), against };
    }
    first ??= answer.reply;
    if (answer.reply.entry.error_code !== "approval_token_signature_invalid") {
      first = answer.reply;
      break;
    }
  }
  if (first === undefined) {
    const answer = await attempt(around, "digest.json", { document: { source: item.name } }, [item]);
    if ("fault" in answer) {
      return { kind: "token", verdict: ofFault(answer.fault), against };
    }
  }
  const told = ofToken(item.look, first, against, around.keys, around.required);
  return { kind: "token", verdict: told, against, ...(first && { report: first }) };
}

/** The manifest of a registry pack: its own rules first, then each key. */
async function judgeRegistry(item: Item, around: Surroundings): Promise<Outcome> {
  const request = { manifest: { source: item.name } };
  const first = await attempt(around, "registry.verify", request, [item]);
  if ("fault" in first) {
    return { kind: "registry", verdict: ofFault(first.fault) };
  }
  for (const key of likelyFirst(around.keys, item.look.keyId)) {
    const tried = await attempt(around, "registry.verify", { ...request, public_key: key.text }, [item]);
    if ("reply" in tried && tried.reply.signature_verified) {
      return { kind: "registry", verdict: ofRegistry(item.look, key, around.keys, around.required), report: tried.reply };
    }
  }
  return { kind: "registry", verdict: ofRegistry(item.look, undefined, around.keys, around.required), report: first.reply };
}

/** An attestation: its signatures, and the files beside it that have the names of its subjects. */
async function judgeAttestation(item: Item, around: Surroundings): Promise<Outcome> {
  const request = { envelope: item.name, folder: "" };
  const beside = [item, ...around.items.filter(({ look }) => look.kind === "archive")];
  const first = await attempt(around, "attestation.verify", request, beside);
  if ("fault" in first) {
    return { kind: "attestation", verdict: ofFault(first.fault) };
  }
  let report = first.reply;
  let signer: TrustedKey | undefined;
  for (const key of likelyFirst(around.keys, item.look.keyId)) {
    const tried = await attempt(around, "attestation.verify", { ...request, public_key: key.text }, beside);
    if ("reply" in tried && tried.reply.signature_status === "verified") {
      report = tried.reply;
      signer = key;
      break;
    }
  }
  return { kind: "attestation", verdict: ofAttestation(item.look, report, signer, around.keys, around.required), report };
}

/** A tool that the token's own scope covers, so that signature and dates can be looked at without an intent. */
async function scopeOf(item: Item): Promise<string> {
  const scope: unknown = await item.blob.text().then((text) => JSON.parse(text).scope).catch(() => undefined);
  const named = Array.isArray(scope) ? scope.find((part) => typeof part === "string" && part.startsWith("tool:")) : undefined;
  return typeof named === "string" ? named.slice("tool:".length) : "any";
}

/** The one that fits; else the only one there is; else none. */
function theOne<T>(candidates: readonly T[], fits: (candidate: T) => boolean): T | undefined {
  return candidates.find(fits) ?? (candidates.length === 1 ? candidates[0] : undefined);
}

/** The key that is named comes first; the others may still be it, for a name is only a claim. */
function likelyFirst(keys: readonly TrustedKey[], keyId: string): TrustedKey[] {
  return [...keys].sort((left, right) => Number(right.id === keyId) - Number(left.id === keyId));
}

/** Asks the core; a fault is an answer here, and being cancelled is not. */
export async function attempt<Op extends keyof Operations>(
  around: Surroundings,
  op: Op,
  request: Operations[Op]["request"],
  items: readonly Item[],
): Promise<{ reply: Operations[Op]["reply"] } | { fault: Fault }> {
  try {
    const sources = new Map(items.map((item) => [item.name, item.blob]));
    return { reply: await around.client.ask(op, request, sources, around.progress) };
  } catch (error) {
    if (error instanceof GaitError) {
      return { fault: error.fault };
    }
    throw error;
  }
}
