//! The command `gait-verify`: its lines, its JSON, its exit codes.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { DEMO, demo as makeDemo, PUBLIC_KEY } from "./desk.mjs";

const program = fileURLToPath(new URL("../dist/gait_verify.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "gait-js-"));

before(async () => {
  const demo = await makeDemo();
  writeFileSync(join(folder, "demo.zip"), demo);
  // A byte of the manifest's text, which is the last member: the archive stays one.
  const text = Buffer.from(demo);
  writeFileSync(join(folder, "tampered.zip"), tampered(text));
  writeFileSync(join(folder, "signer.pub"), `${PUBLIC_KEY}\n`);
  writeFileSync(join(folder, "other.pub"), "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik=\n");
});

after(() => rmSync(folder, { recursive: true }));

/** A name in the central directory and in its header, changed alike: a listed member is missing, another unlisted. */
function tampered(archive) {
  const bytes = Buffer.from(archive);
  for (let at = bytes.indexOf("refs.json"); at !== -1; at = bytes.indexOf("refs.json", at + 1)) {
    bytes.write("refz.json", at);
  }
  return bytes;
}

function verify(...words) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    cwd: folder,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

test("a sound runpack ends with 0", () => {
  const { status, stdout } = verify("demo.zip");
  assert.equal(status, 0);
  assert.match(stdout, new RegExp(`^verify=ok\npath=demo.zip\nrun_id=run_demo\nmanifest_digest=${DEMO}\nfiles=4\n`));
  assert.match(stdout, /signature=present, not checked: names unknown key 56475aa75463\n$/);
  const known = verify("demo.zip", "--public-key", "signer.pub", "--require-signature");
  assert.equal(known.status, 0);
  assert.match(known.stdout, /signature=verified with the given key 56475aa75463\n/);
});

test("one that is not ends with 2", () => {
  const changed = verify("tampered.zip");
  assert.equal(changed.status, 2);
  assert.match(changed.stdout, /^verify=failed\n/);
  assert.match(changed.stdout, /missing=refs.json\n/);
  const foreign = verify("demo.zip", "--public-key=other.pub", "--require-signature");
  assert.equal(foreign.status, 2);
  const unkeyed = verify("demo.zip", "--require-signature");
  assert.equal(unkeyed.status, 2);
});

test("what cannot be judged ends with 6", () => {
  for (const words of [
    ["nothing.zip"],
    ["signer.pub"],
    ["demo.zip", "--public-key", "no.pub"],
    ["demo.zip", "--public-key", "demo.zip"],
    ["demo.zip", "--public-key"],
    ["demo.zip", "--strict"],
    ["demo.zip", "demo.zip"],
    [],
  ]) {
    const { status, stdout, stderr } = verify(...words);
    assert.deepEqual([words, status, stdout], [words, 6, ""]);
    assert.match(stderr, /^error: .+\nhint: .+\n$/);
  }
});

test("programs get one object", () => {
  const report = JSON.parse(verify("demo.zip", "--json").stdout);
  assert.deepEqual([report.ok, report.path, report.manifest_digest], [true, "demo.zip", DEMO]);
  const fault = JSON.parse(verify("--json", "nothing.zip").stdout);
  assert.deepEqual([fault.ok, fault.error_code], [false, "file_not_found"]);
});

test("help is help", () => {
  const { status, stdout } = verify("--help");
  assert.equal(status, 0);
  assert.match(stdout, /^gait-verify FILE/);
});
