#!/usr/bin/env node
//! The command `gait-verify`: what `gait verify` says, for people who have Node and no gait.

import { readFile } from "node:fs/promises";

import type { Category, Signer, VerifyReport } from "./contract.js";
import { GaitError, hostError, misuse, wordsOf } from "./errors.js";
import { file, loadGait } from "./node.js";

const USAGE = `gait-verify FILE [options]

Checks offline that a runpack is what its manifest says, and tells who signed it.

  --public-key FILE    hold signatures against this key (base64 of 32 bytes)
  --require-signature  fail unless a signature by that key verifies
  --json               one JSON object instead of lines
  --help               this text

exit codes: 0 it is sound, 2 it is not, 6 it cannot be judged, 1 something broke on the way`;

/** Causes that end with 6; what is left is the machine's fault and ends with 1. */
const INVALID: ReadonlySet<Category> = new Set(["invalid_input"]);

interface Arguments {
  path: string;
  publicKey: string | undefined;
  requireSignature: boolean;
}

process.exitCode = await main(process.argv.slice(2));

async function main(words: string[]): Promise<number> {
  if (words.includes("--help") || words.includes("-h")) {
    console.log(USAGE);
    return 0;
  }
  const json = words.includes("--json");
  try {
    const wanted = parse(words.filter((word) => word !== "--json"));
    const gait = await loadGait();
    const publicKey = wanted.publicKey === undefined ? undefined : await keyIn(wanted.publicKey);
    const { requireSignature } = wanted;
    const report = await gait.verify(file(wanted.path), { publicKey, requireSignature });
    console.log(json ? JSON.stringify({ path: wanted.path, ...report }) : lines(wanted.path, report).join("\n"));
    return report.ok ? 0 : 2;
  } catch (error) {
    const { fault } =
      error instanceof GaitError ? error : hostError("internal_failure", `gait-verify stopped: ${wordsOf(error)}`);
    if (json) {
      console.log(JSON.stringify({ ok: false, ...fault }));
    } else {
      console.error(`error: ${fault.error}\nhint: ${fault.hint}`);
    }
    if (fault.error_category === "verification_failed") {
      return 2;
    }
    return INVALID.has(fault.error_category) ? 6 : 1;
  }
}

function parse(words: string[]): Arguments {
  const found: Arguments = { path: "", publicKey: undefined, requireSignature: false };
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (word === "--require-signature") {
      found.requireSignature = true;
    } else if (word === "--public-key" || word.startsWith("--public-key=")) {
      found.publicKey = word.includes("=") ? word.slice(word.indexOf("=") + 1) : words[++index];
      if (!found.publicKey) {
        throw misuse("`--public-key` names no file", "run `gait-verify --help`");
      }
    } else if (word.startsWith("-")) {
      throw misuse(`there is no option \`${word}\``, "run `gait-verify --help`");
    } else if (found.path === "") {
      found.path = word;
    } else {
      throw misuse("there is more than one file", "verify them one by one");
    }
  }
  if (found.path === "") {
    throw misuse("no file is named", "run `gait-verify --help`");
  }
  return found;
}

async function keyIn(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    const code = (error as { code?: string }).code === "ENOENT" ? "file_not_found" : "file_unreadable";
    throw hostError(code, `the key \`${path}\` cannot be read: ${wordsOf(error)}`, error);
  }
}

function lines(path: string, report: VerifyReport): string[] {
  const said = [
    `verify=${report.ok ? "ok" : "failed"}`,
    `path=${path}`,
    `run_id=${report.run_id ?? ""}`,
    `manifest_digest=${report.manifest_digest ?? ""}`,
    `files=${report.files_checked ?? 0}`,
    ...(report.missing_files ?? []).map((name) => `missing=${shown(name)}`),
    ...(report.hash_mismatches ?? []).flatMap((one) => [
      `mismatch=${shown(one.path)}`,
      `  expected ${one.expected}`,
      `  actual   ${one.actual}`,
    ]),
    ...(report.unlisted_members ?? []).map((name) => `unlisted=${shown(name)}`),
    `signature=${signatures(report)}`,
  ];
  // Without a key there is one error, which says just that.
  const errors = report.signature_status === "skipped" ? [] : (report.signature_errors ?? []);
  return [...said, ...errors.map((error) => `  ${shown(error)}`)];
}

/** What is known about signatures: absence is said, and what was not checked is never called verified. */
function signatures({ signers = [], signature_status }: VerifyReport): string {
  if (signers.length > 0) {
    return signers.map(signer).join("; ");
  }
  switch (signature_status) {
    case "verified":
      return "verified";
    case "failed":
      return "failed";
    case "skipped":
      return "present, not checked";
    default:
      return "missing: nobody signed this runpack";
  }
}

function signer({ key_id, trust, status, place }: Signer): string {
  const id = shown(key_id.slice(0, 12));
  const unknown = id === "" ? "an unnamed key" : `unknown key ${id}`;
  const key = trust === "given" ? `the given key ${id}` : trust === "own" ? `your own key ${id}` : unknown;
  const kind = place === "archive" ? " (development signature)" : "";
  switch (status) {
    case "verified":
      return `verified with ${key}${kind}`;
    case "failed":
      return `failed: names ${key}${kind}`;
    default:
      return `present, not checked: names ${key}${kind}`;
  }
}

/** Text from an archive that strangers made: it must not move the cursor or pretend to be another line. */
function shown(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}
