//! The core's answers in words: sound, not sound, or cannot be judged, and why. Pure; nothing of the page is here.

import type { Contained, Fault, PackReport, SignatureStatus, VerifyReport } from "../../../host-js/src/contract.js";
import type { TrustedKey } from "./keys.js";

/** What became of it. `open`: nothing can be said. */
export type Standing = "sound" | "unsound" | "open";

/** One artifact's verdict. */
export interface Verdict {
  standing: Standing;
  /** False when the content is sound but nobody the reader knows vouches for it. */
  assured: boolean;
  title: string;
  lead: string;
  reasons: string[];
  signers: SignerLine[];
  /** The refusal, when it was one. */
  fault?: Fault;
}

/** Who signed, in one line. */
export interface SignerLine {
  keyId: string;
  /** The reader's own entry for that key. */
  key?: TrustedKey;
  good: boolean;
  text: string;
}

const TITLES: Readonly<Record<Standing, string>> = {
  sound: "Sound",
  unsound: "Not sound",
  open: "Cannot be judged",
};

/** A verdict with the title that belongs to it. */
export function verdict(
  standing: Standing,
  lead: string,
  reasons: string[] = [],
  signers: SignerLine[] = [],
  assured = standing === "sound",
): Verdict {
  const title = standing === "sound" && !assured ? "Sound, but nobody you know signed it" : TITLES[standing];
  return { standing, assured, title, lead, reasons, signers };
}

/** The first is worse, or as bad. */
const WORST: readonly Standing[] = ["unsound", "open", "sound"];

/** The worse of two standings. */
export function worse(left: Standing, right: Standing): Standing {
  return WORST.indexOf(left) <= WORST.indexOf(right) ? left : right;
}

/** A refusal. What breaks verification by itself is an answer; everything else leaves the matter open. */
export function ofFault(fault: Fault): Verdict {
  if (fault.error_category === "verification_failed") {
    const lead = "gait refused it: programs that read this file disagree about what is in it.";
    return { ...verdict("unsound", lead), fault };
  }
  if (fault.error_category === "invalid_input") {
    const lead = "gait refused to read it, so nothing is known about its content. Do not rely on it.";
    return { ...verdict("open", lead), fault };
  }
  return { ...verdict("open", "The check did not come to an end. Nothing was decided, for or against it."), fault };
}

/** A runpack. With keys and `required`, only a signature by one of them will do, as with `gait verify --profile strict`. */
export function ofRunpack(report: VerifyReport, keys: readonly TrustedKey[], required: boolean): Verdict {
  const signers = (report.signers ?? []).map((signer): SignerLine => {
    const key = keys.find((known) => known.id === signer.key_id);
    const where = signer.place === "archive" ? " Development signature, beside the content." : "";
    const good = signer.status === "verified";
    const line = { keyId: signer.key_id, good, text: signerText(signer.status, key) + where };
    return key === undefined ? line : { ...line, key };
  });
  const vouched = signers.some((signer) => signer.good);
  const forged = (report.signers ?? []).some((signer) => signer.status === "failed");
  const unlisted = report.unlisted_members ?? [];
  const broken = damage(report);
  if (broken.length > 0) {
    const lead = vouched
      ? "It was changed after it was signed. What it says now is not what was signed."
      : "It was changed after it was recorded. What it says now is not what was recorded.";
    // A good signature beside changed content is the original's; in green it would comfort the wrong reader.
    const originals = signers.map((signer) =>
      signer.good ? { ...signer, good: false, text: "This key signed the original. It did not sign what is here now." } : signer,
    );
    return verdict("unsound", lead, signers.length > 0 ? broken : [...broken, "It is not signed, either."], originals);
  }
  if (forged) {
    const lead = "Its content agrees with its manifest, but a signature in your key's name is not by your key.";
    return verdict("unsound", lead, [], signers);
  }
  if (!report.ok) {
    return verdict("unsound", "It is not what it claims to be.", report.signature_errors ?? [], signers);
  }
  const strays = unlisted.map((path) => `“${path}” is in the archive, and the manifest does not list it: not checked.`);
  if (required && keys.length > 0 && !vouched) {
    const lead = "Its content agrees with its manifest, but none of the keys you supplied signed it.";
    return verdict("unsound", lead, [unsignedReason(signers), ...strays], signers);
  }
  if (required && vouched && unlisted.length > 0) {
    return verdict("unsound", "It holds more than what was signed.", strays, signers);
  }
  if (vouched) {
    return verdict("sound", "Nothing has changed since it was signed, with a key you supplied.", strays, signers);
  }
  const lead = "Nothing has changed since it was recorded. By whom it was recorded is not proven.";
  return verdict("sound", lead, [unsignedReason(signers), ...strays], signers, false);
}

/** A runpack or a trace inside an evidence pack, and the reader's key that signed it. */
export interface Inside {
  contained: Contained;
  key?: TrustedKey;
}

/** An evidence pack; `key` is the one whose signature verified, if any did. */
export function ofPack(
  report: PackReport,
  inside: readonly Inside[],
  key: TrustedKey | undefined,
  keys: readonly TrustedKey[],
  required: boolean,
): Verdict {
  const signers = packSigners(report.signature_status, key);
  const broken = damage({
    missing_files: report.missing_files ?? [],
    hash_mismatches: report.hash_mismatches ?? [],
  });
  const damaged = broken.length;
  for (const path of report.undeclared_files ?? []) {
    broken.push(`“${path}” is in the pack, and its manifest does not list it.`);
  }
  for (const { contained } of inside) {
    if (!contained.ok) {
      broken.push(`The ${contained.kind} in it, “${contained.path}”, is not sound: ${contained.error}.`);
    }
  }
  if (report.files_checked === undefined || report.files_checked === 0) {
    broken.push("Its manifest lists nothing, so it proves nothing.");
  }
  if (report.linked === "no") {
    broken.push(`It is about run ${report.run_id ?? ""}, and not about the runpack beside it.`);
  }
  if (broken.length > 0 || !report.ok) {
    const whole = damaged === 0 && (report.undeclared_files ?? []).length === 0 && report.linked !== "no";
    const lead = whole && inside.some(({ contained }) => !contained.ok)
      ? "It is what was packed, but what was packed is not sound."
      : "It is not what was packed.";
    return verdict("unsound", lead, [...broken, ...(report.signature_errors ?? [])], signers);
  }
  const linked = report.linked === "yes" ? ["It is about the run of the runpack beside it."] : [];
  if (key !== undefined) {
    return verdict("sound", "Nothing has changed since it was signed, with a key you supplied.", linked, signers);
  }
  const why = report.signature_status === "missing" ? "It is not signed." : "It is signed with a key you have not supplied.";
  if (required && keys.length > 0) {
    const lead = "Its content agrees with its manifest, but none of the keys you supplied signed it.";
    return verdict("unsound", lead, [why, ...linked], signers);
  }
  const lead = "Nothing has changed since it was packed. By whom it was packed is not proven.";
  return verdict("sound", lead, [why, ...linked], signers, false);
}

function packSigners(status: SignatureStatus | undefined, key: TrustedKey | undefined): SignerLine[] {
  if (key !== undefined) {
    return [{ keyId: key.id, key, good: true, text: signerText("verified", key) }];
  }
  return status === "missing" || status === undefined
    ? []
    : [{ keyId: "", good: false, text: "Signed, but not by a key you supplied." }];
}

/** What does not agree with the manifest. */
function damage(report: Pick<VerifyReport, "missing_files" | "hash_mismatches">): string[] {
  const changed = (report.hash_mismatches ?? []).map(({ path }) =>
    path === "manifest.json" || path === "pack_manifest.json"
      ? `“${path}” was changed: its own digest does not follow from it.`
      : `“${path}” was changed: its digest is not the one in the manifest.`,
  );
  const missing = (report.missing_files ?? []).map((path) => `“${path}” is missing.`);
  return [...changed, ...missing];
}

function unsignedReason(signers: readonly SignerLine[]): string {
  return signers.length === 0
    ? "It is not signed: anybody can make such a file."
    : "It is signed with a key you have not supplied: anybody can make such a key.";
}

/** What a signature is worth to the reader. */
export function signerText(status: "verified" | "failed" | "not_checked", key: TrustedKey | undefined): string {
  if (status === "failed") {
    return "This signature names a key you supplied and is NOT by it.";
  }
  if (status === "verified" && key !== undefined) {
    return "Verified with a key you supplied.";
  }
  return "Not a key you supplied, so this signature was not checked.";
}
