//! Verification with the real core: the same answer for every kind of input, and a code for every refusal.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { run } from "../dist/core.js";
import { create } from "../dist/gait_core.js";
import { file, loadGait } from "../dist/index.js";
import { FolderWorld, KEY_ID } from "./folder_world.mjs";

const DEMO = "88913ed84855671786b9ecc3eab94f760332a6c19a3ff2195ab8afd914d57725";
const PUBLIC_KEY = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";

const wasm = readFileSync(new URL("../dist/gait_core.wasm", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "gait-js-"));
const path = join(folder, "runpack_run_demo.zip");
let gait;
let demo;

before(async () => {
  gait = await loadGait();
  const world = new FolderWorld(folder);
  const module = await WebAssembly.compile(wasm);
  await run(create(module), "demo", { signing: "manifest" }, world);
  demo = world.stream("archive");
  writeFileSync(path, demo);
});

after(() => rmSync(folder, { recursive: true }));

/** What verify says about bytes with one of them changed. */
function flipped(position) {
  const bytes = Uint8Array.from(demo);
  bytes[position] ^= 1;
  return gait.verify(bytes);
}

test("the digest is that of the bytes, which are the ones core.lock names", () => {
  assert.equal(gait.digest, createHash("sha256").update(wasm).digest("hex"));
  const lock = readFileSync(new URL("../../core-wasm/dist/core.lock", import.meta.url), "utf8");
  assert.match(lock, new RegExp(`"gait_core.wasm" = "${gait.digest}"`));
});

test("bytes, a Blob, a file and a source of one's own get the same answer", async () => {
  const inputs = [
    demo,
    Uint8Array.from(demo).buffer,
    new Blob([demo]),
    file(path),
    { open: async () => ({ size: demo.length, read: (offset, length) => demo.subarray(offset, offset + length) }) },
  ];
  for (const input of inputs) {
    const report = await gait.verify(input, { public_key: PUBLIC_KEY });
    assert.equal(report.ok, true);
    assert.equal(report.run_id, "run_demo");
    assert.equal(report.manifest_digest, DEMO);
    assert.equal(report.signature_status, "verified");
  }
});

test("who signed is told, and whether that key is known", async () => {
  const trust = async (options) =>
    (await gait.verify(demo, options)).signers?.map(({ key_id, trust }) => [key_id, trust]);
  assert.deepEqual(await trust({}), [[KEY_ID, "unknown"]]);
  assert.deepEqual(await trust({ public_key: PUBLIC_KEY }), [[KEY_ID, "given"]]);
  assert.deepEqual(await trust({ own_keys: [PUBLIC_KEY] }), [[KEY_ID, "own"]]);
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
  const code = (input, options) => gait.verify(input, options).then(assert.fail, (error) => error.code);
  assert.equal(await code(new Uint8Array()), "zip_not_an_archive");
  assert.equal(await code(demo.subarray(0, demo.length - 30)), "zip_truncated");
  assert.equal(await code(file(join(folder, "nothing.zip"))), "file_not_found");
  assert.equal(await code(file(folder)), "file_unreadable");
  assert.equal(await code(demo, { public_key: "no key" }), "key_invalid");
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
