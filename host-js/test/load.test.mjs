//! Where the core comes from, and that it is the one the package was built with.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { loadGait } from "gait-js";
import { codeOf, KEY_ID, module, PRIVATE_KEY, wasm } from "./desk.mjs";
import { keyPairOf, webCryptoSigner } from "gait-js";

const digest = createHash("sha256").update(wasm).digest("hex");

test("the digest is that of the bytes, which are the ones core.lock names", async () => {
  const gait = await loadGait();
  assert.equal(gait.core.digest, digest);
  assert.equal(gait.producerVersion, `0.1.0+core.${digest.slice(0, 32)}`);
  const lock = readFileSync(new URL("../../core-wasm/dist/core.lock", import.meta.url), "utf8");
  assert.match(lock, new RegExp(`"gait_core.wasm" = "${digest}"`));
});

test("a module is taken compiled or as bytes", async () => {
  for (const given of [wasm, Uint8Array.from(wasm).buffer]) {
    assert.equal((await loadGait({ module: given })).core.digest, digest);
  }
  // Of a compiled module nobody knows the bytes, so nothing is claimed about them.
  const unnamed = await loadGait({ module });
  assert.deepEqual([unnamed.core.digest, unnamed.producerVersion], ["", "0.1.0"]);
  assert.equal((await loadGait({ module, digest })).core.digest, digest);
});

test("what is no module is refused", async () => {
  assert.equal(await codeOf(loadGait({ module: {} })), "invalid_input");
  assert.equal(await codeOf(loadGait({ module: new Uint8Array(8) })), "internal_failure");
  assert.equal(await codeOf(loadGait({ modul: wasm })), "invalid_input");
});

test("where the file is missing or another one, that is said", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gait-js-"));
  try {
    for (const beside of [undefined, "something else"]) {
      const dist = join(folder, beside === undefined ? "without" : "other");
      cpSync(fileURLToPath(new URL("../dist", import.meta.url)), dist, { recursive: true });
      writeFileSync(join(folder, "package.json"), '{"type":"module"}');
      rmSync(join(dist, "gait_core.wasm"));
      if (beside !== undefined) {
        writeFileSync(join(dist, "gait_core.wasm"), beside);
      }
      const moved = await import(pathToFileURL(join(dist, "node.js")).href);
      await assert.rejects(moved.loadGait(), ({ code, fault }) => {
        return code === "internal_failure" && fault.hint.includes("gait-js/inline");
      });
      assert.equal((await moved.loadGait({ module: wasm })).core.digest, digest);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("private keys are read as gait writes them, and only whole ones", async () => {
  const sign = webCryptoSigner(await keyPairOf(`${PRIVATE_KEY}\n`));
  assert.equal((await sign(new Uint8Array(32))).keyId, KEY_ID);
  const halves = Buffer.from(PRIVATE_KEY, "base64");
  halves[63] ^= 1;
  for (const text of ["", "?", "AAAA", halves.toString("base64")]) {
    await assert.rejects(keyPairOf(text));
  }
});
