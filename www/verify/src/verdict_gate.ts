//! Verdicts about traces, approval tokens, registry packs and attestations, in words. Pure, like verdict.ts.

import type { ApprovalReport, AttestationReport, SubjectStatus, TraceReport } from "../../../host-js/src/contract.js";
import type { Rechecked } from "./items.js";
import type { TrustedKey } from "./keys.js";
import type { Look } from "./look.js";
import { type SignerLine, type Standing, signerText, type Verdict, verdict, worse } from "./verdict.js";

/** What is wrong with a token, for people. */
const TOKEN_FAULTS: Readonly<Record<string, string>> = {
  approval_token_invalid: "It is not a complete approval token.",
  approval_token_signature_missing: "It is not signed.",
  approval_token_signature_invalid: "Its signature is not by a key you supplied, or it was changed after signing.",
  approval_token_intent_mismatch: "It approves another call than the intent beside it.",
  approval_token_policy_mismatch: "It was given under another policy than the one beside it.",
  approval_token_expired: "It has expired: it grants nothing any more. It may have been good in its time.",
  approval_token_not_yet_valid: "It is dated in the future. Check the clock of this machine.",
  approval_token_scope_mismatch: "Its scope does not cover the tool of the intent.",
};

/** A trace: its signature, and, with policy and intent beside it, whether its verdict follows. */
export function ofTrace(
  look: Look,
  report: TraceReport | undefined,
  recheck: Rechecked | undefined,
  keys: readonly TrustedKey[],
  required: boolean,
): Verdict {
  const reasons: string[] = [];
  const signature = traceSignature(look, report, keys, required, reasons);
  const again = recheckStanding(recheck, reasons);
  if (report?.linked === "yes") {
    reasons.push("The call is one of the run in the runpack beside it.");
  } else if (report?.linked === "no") {
    reasons.push("The call is none of the run in the runpack beside it.");
  }
  const linked: Standing = report?.linked === "no" ? "open" : "sound";
  const standing = worse(worse(signature, again ?? "sound"), linked);
  const said = `It records the verdict “${look.facts["verdict"] ?? ""}” about a call of “${look.facts["tool_name"] ?? ""}”.`;
  return verdict(standing, `${leadOf(standing, signature, again)} ${said}`, reasons, signersOf(look, report?.ok ?? false, keys));
}

/** An approval token. */
export function ofToken(
  look: Look,
  report: ApprovalReport | undefined,
  against: string,
  keys: readonly TrustedKey[],
  required: boolean,
): Verdict {
  const who = `“${look.facts["approver_identity"] ?? ""}” approves one call, for “${look.facts["reason_code"] ?? ""}”.`;
  const checked = against === "" ? "Drop the intent and the policy beside it to see whether it is about them." : `It was held against ${against}.`;
  if (report === undefined) {
    const lead = `Its signature was not checked: supply the approver's public key. ${who}`;
    return verdict("open", lead, [checked], signersOf(look, false, keys));
  }
  if (report.ok) {
    return verdict("sound", `It is signed with a key you supplied, and in force. ${who}`, [checked], signersOf(look, true, keys));
  }
  const code = report.entry.error_code ?? "";
  const badSignature = code === "approval_token_signature_invalid";
  const good = !badSignature && code !== "approval_token_signature_missing" && code !== "approval_token_invalid";
  const foreign = badSignature && !keys.some((key) => key.id === look.keyId);
  const standing = foreign && !required ? "open" : "unsound";
  const lead = `${TOKEN_FAULTS[code] ?? "It does not grant anything."} ${who}`;
  return verdict(standing, lead, [`Code: ${code}`, checked], signersOf(look, good, keys));
}

/** The manifest of a registry pack; `key` is the one whose signature verified, if any did. */
export function ofRegistry(look: Look, key: TrustedKey | undefined, keys: readonly TrustedKey[], required: boolean): Verdict {
  const artifacts = "It names its artifacts by digest. They are not in it: compare each with its digest before you use it.";
  return vouched(look, key, keys, required, [artifacts]);
}

/** An attestation, and the files it is about. */
export function ofAttestation(
  look: Look,
  report: AttestationReport,
  key: TrustedKey | undefined,
  keys: readonly TrustedKey[],
  required: boolean,
): Verdict {
  const named = (status: SubjectStatus) => report.subjects.filter((subject) => subject.status === status).map(({ name }) => `“${name}”`);
  const [differs, matches, absent] = [named("differs"), named("matches"), named("not_checked")];
  const reasons = [
    ...differs.map((name) => `${name} beside it is not the file that it is about.`),
    ...matches.map((name) => `${name} beside it is the file that it is about.`),
    ...(absent.length > 0 ? [`Drop ${absent.join(" and ")} beside it to see whether it is about them.`] : []),
  ];
  const told = vouched(look, key, keys, required, reasons);
  return differs.length === 0 ? told : verdict("unsound", "A file beside it is another one than it says.", told.reasons, told.signers);
}

/** A signed document that needs nothing else to be believed: by whom is the question. */
function vouched(look: Look, key: TrustedKey | undefined, keys: readonly TrustedKey[], required: boolean, more: string[]): Verdict {
  if (key !== undefined) {
    const signer = { keyId: key.id, key, good: true, text: signerText("verified", key) };
    return verdict("sound", "It is signed with a key you supplied, and nothing was changed since.", more, [signer]);
  }
  const foreign = look.keyId !== "" && !keys.some((known) => known.id === look.keyId);
  const signers = signersOf(look, false, keys);
  if (look.keyId === "") {
    return verdict("unsound", "Nothing vouches for it.", ["It is not signed: anybody can write such a file.", ...more], signers);
  }
  if (!foreign) {
    const lead = "It names a key you supplied, and its signature does not verify: it was changed, or is not by that key.";
    return verdict("unsound", lead, more, signers);
  }
  const reason = "It is signed with a key you have not supplied: anybody can make such a key.";
  const lead = keys.length === 0 ? "Its signature was not checked: supply the signer's public key." : "None of the keys you supplied signed it.";
  return verdict(required && keys.length > 0 ? "unsound" : "open", lead, [reason, ...more], signers);
}

function traceSignature(
  look: Look,
  report: TraceReport | undefined,
  keys: readonly TrustedKey[],
  required: boolean,
  reasons: string[],
): Standing {
  if (report === undefined) {
    reasons.push("Its signature was not checked: supply the public key of whoever runs the gate.");
    return "open";
  }
  if (report.ok) {
    reasons.push("The signature is by a key you supplied, and nothing was changed since.");
    return "sound";
  }
  const foreign = look.keyId !== "" && !keys.some((key) => key.id === look.keyId);
  reasons.push(
    look.keyId === ""
      ? "It is not signed: anybody can write such a file."
      : foreign
        ? "It is signed with a key you have not supplied: anybody can make such a key."
        : `It names a key you supplied, and its signature does not verify: ${report.error ?? "it was changed"}.`,
  );
  return foreign && !required ? "open" : "unsound";
}

function recheckStanding(recheck: Rechecked | undefined, reasons: string[]): Standing | undefined {
  if (recheck === undefined) {
    return undefined;
  }
  reasons.push(...recheck.others);
  if (recheck.report === undefined) {
    reasons.push(`It could not be judged again: ${recheck.fault?.error ?? ""}`);
    return "open";
  }
  if (recheck.others.length > 0) {
    return "open";
  }
  if (recheck.report.ok) {
    const why = recheck.report.explained_by;
    const how = why === undefined ? "" : ` The evaluated verdict is “${recheck.report.evaluated_verdict}”; ${why.replace("_", " ")} accounts for the difference.`;
    reasons.push(`Judged again here, the policy gives what the trace records.${how}`);
    return "sound";
  }
  for (const { field, recorded, evaluated } of recheck.report.mismatches ?? []) {
    reasons.push(`Judged again here, “${field}” is “${evaluated}”; the trace says “${recorded}”.`);
  }
  return "unsound";
}

function leadOf(standing: Standing, signature: Standing, again: Standing | undefined): string {
  if (standing === "sound") {
    return again === "sound" ? "It is signed with a key you supplied, and its verdict follows from the policy." : "It is signed with a key you supplied.";
  }
  if (standing === "unsound") {
    return signature === "unsound" ? "Nothing vouches for it." : "Its verdict does not follow from the policy and the intent.";
  }
  return signature === "open" ? "Who wrote it is not known." : "It is signed with a key you supplied, but not everything beside it belongs to it.";
}

function signersOf(look: Look, good: boolean, keys: readonly TrustedKey[]): SignerLine[] {
  if (look.keyId === "") {
    return [];
  }
  const key = keys.find((known) => known.id === look.keyId);
  const text = signerText(good ? "verified" : key === undefined ? "not_checked" : "failed", key);
  return [{ keyId: look.keyId, good: good && key !== undefined, text, ...(key && { key }) }];
}
