//! Verification with the real core: the same answer for every kind of input, and a code for every refusal.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { file, loadGait } from "gait-js";
import { codeOf, DEMO, demo as makeDemo, KEY_ID, PUBLIC_KEY } from "./desk.mjs";

const folder = mkdtempSync(join(tmpdir(), "gait-js-"));
const path = join(folder, "runpack_run_demo.zip");
let gait;
let demo;

before(async () => {
  gait = await loadGait();
  demo = await makeDemo();
  writeFileSync(path, demo);
});

after(() => rmSync(folder, { recursive: true }));

/** What verify says about bytes with one of them changed. */
function flipped(position) {
  const bytes = Uint8Array.from(demo);
  bytes[position] ^= 1;
  return gait.verify(bytes);
}

test("bytes, a Blob, a file, a handle and sources of one's own get the same answer", async () => {
  const handle = await open(path);
  const read = (offset, length) => demo.subarray(offset, offset + length);
  const inputs = [
    demo,
    Uint8Array.from(demo).buffer,
    new Blob([demo]),
    new File([demo], "demo.zip"),
    file(path),
    handle,
    { size: demo.length, read },
    { open: async () => ({ size: demo.length, read: async (offset, length) => read(offset, length) }) },
  ];
  for (const input of inputs) {
    const report = await gait.verify(input, { publicKey: PUBLIC_KEY });
    assert.equal(report.ok, true);
    assert.equal(report.run_id, "run_demo");
    assert.equal(report.manifest_digest, DEMO);
    assert.equal(report.signature_status, "verified");
  }
  await handle.close();
});

test("who signed is told, and whether that key is known", async () => {
  const trust = async (options) =>
    (await gait.verify(demo, options)).signers?.map(({ key_id, trust }) => [key_id, trust]);
  assert.deepEqual(await trust({}), [[KEY_ID, "unknown"]]);
  assert.deepEqual(await trust({ publicKey: PUBLIC_KEY }), [[KEY_ID, "given"]]);
  assert.deepEqual(await trust({ ownKeys: [PUBLIC_KEY] }), [[KEY_ID, "own"]]);
});

test("a demand that is misspelt is refused, not ignored", async () => {
  assert.equal(await codeOf(gait.verify(demo, { public_key: PUBLIC_KEY })), "invalid_input");
  assert.equal(await codeOf(gait.verify(demo, { requireSignatures: true })), "invalid_input");
  const strict = await gait.verify(demo, { requireSignature: true });
  assert.equal(strict.ok, false);
});

test("a byte with its lowest bit flipped never makes another run that verifies", async () => {
  for (let position = 0; position < demo.length; position += 1) {
    const outcome = await flipped(position).catch((error) => error);
    if (outcome.ok === true) {
      // Bits that say nothing about content: times, attributes and the like. What they wrap is still the same run.
      assert.equal(outcome.manifest_digest, DEMO);
    } else {
      assert(outcome.ok === false || outcome.name === "GaitError", String(outcome));
    }
  }
});

test("a refusal has a code", async () => {
  const code = (input, options) => codeOf(gait.verify(input, options));
  assert.equal(await code(new Uint8Array()), "zip_not_an_archive");
  assert.equal(await code(demo.subarray(0, demo.length - 30)), "zip_truncated");
  assert.equal(await code(file(join(folder, "nothing.zip"))), "file_not_found");
  assert.equal(await code(file(folder)), "file_unreadable");
  assert.equal(await code(demo, { publicKey: "no key" }), "key_invalid");
  for (const nothing of [undefined, null, 7, "demo.zip", {}]) {
    assert.equal(await code(nothing), "invalid_input");
  }
});

test("a source that fails or changes is a fault, and is closed all the same", async () => {
  const closed = [];
  const source = (size, read) => ({ name: "s", open: () => ({ size, read, close: () => void closed.push(size) }) });
  const failing = source(demo.length, () => {
    throw new Error("the disk is gone");
  });
  await assert.rejects(gait.verify(failing), { code: "file_unreadable", message: /the disk is gone/ });
  await assert.rejects(gait.verify(source(demo.length, () => new Uint8Array(1))), { code: "file_changed" });
  assert.equal(closed.length, 2);
});

test("calls at the same time do not meet", async () => {
  const reports = await Promise.all([gait.verify(file(path)), gait.verify(demo), gait.verify(file(path))]);
  assert.deepEqual(
    reports.map(({ ok }) => ok),
    [true, true, true],
  );
});

test("members, timeline, intents and results are shown; two runpacks are compared; a footer is given", async () => {
  const inspection = await gait.inspect(demo);
  assert.deepEqual(
    inspection.members.map(({ path, expected, found }) => [path, expected === found]),
    [
      ["intents.jsonl", true],
      ["refs.json", true],
      ["results.jsonl", true],
      ["run.json", true],
    ],
  );
  assert.equal(inspection.run.timeline.length, 2);
  assert.equal(inspection.intents.length, inspection.intents_total);
  assert.equal((await gait.inspect(demo, { records: 1 })).intents.length, 1);
  const diff = await gait.diff(demo, new Blob([demo]), { privacy: "metadata" });
  assert.equal(diff.ok, true);
  assert.match((await gait.receipt(demo)).ticket_footer, /^GAIT run_id=run_demo manifest=sha256:88913ed8/);
});

test("the example runs as the page shows it", () => {
  const example = new URL("../examples/verify.mjs", import.meta.url);
  const page = readFileSync(new URL("../../docs/host-js.md", import.meta.url), "utf8");
  assert(page.includes(readFileSync(example, "utf8")), "docs/host-js.md shows another example");
  const verify = (name) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(example), join(folder, name)], {
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  };
  assert.deepEqual(verify("runpack_run_demo.zip"), { status: 0, stdout: `ok run_demo ${DEMO}\n`, stderr: "" });
  const absent = verify("nothing.zip");
  assert.equal(absent.status, 6);
  assert.match(absent.stderr, /^file_not_found: /);
});
