//! Building runpacks: what is signed, where, and that nothing is handed out that does not verify.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";

import { loadGait } from "gait-js";
import { codeOf, KEY_ID, NOW, PUBLIC_KEY, sign } from "./desk.mjs";

const record = JSON.parse(readFileSync(new URL("../../tests/vectors/blobs/record_full.json", import.meta.url), "utf8"));
let gait;

before(async () => {
  gait = await loadGait();
});

test("a runpack is signed with the caller's key, and verifies", async () => {
  const { recorded, bytes } = await gait.record(record, { sign, now: NOW });
  assert.equal(recorded.signature_key_id, KEY_ID);
  const report = await gait.verify(bytes, { publicKey: PUBLIC_KEY, requireSignature: true });
  assert.deepEqual([report.ok, report.manifest_digest], [true, recorded.manifest_digest]);
  const again = await gait.record(JSON.stringify(record), { sign, now: NOW });
  assert.deepEqual(again.bytes, bytes);
});

test("the same run has the same digest, wherever its signature stands", async () => {
  const unsigned = await gait.record(record, { now: NOW });
  const archive = await gait.record(record, { now: NOW, sign, signing: "archive" });
  assert.equal(unsigned.recorded.signature_key_id, undefined);
  assert.equal(unsigned.recorded.manifest_digest, archive.recorded.manifest_digest);
  const [signer] = (await gait.verify(archive.bytes)).signers;
  assert.equal(signer.place, "archive");
  const renamed = await gait.record(record, { now: NOW, runId: "run_other", captureMode: "raw" });
  assert.equal(renamed.recorded.run_id, "run_other");
});

test("what cannot be recorded or signed is refused", async () => {
  assert.equal(await codeOf(gait.record("{")), "json_syntax");
  assert.equal(await codeOf(gait.record({ ...record, run: { run_id: "../x" } })), "run_id_invalid");
  const broken = () => Promise.reject(new Error("no key today"));
  assert.equal(await codeOf(gait.record(record, { sign: broken })), "signing_failed");
  assert.equal(await codeOf(gait.record(record, { sign, signed: true })), "invalid_input");
});
