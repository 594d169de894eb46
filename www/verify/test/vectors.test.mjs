// Every vector through the core that is inside gait-verify.html, in Chromium, from disk: the last frames, the archives
// written and the numbers of steps are those of Node. The runner is the package's own.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, test } from "node:test";
import { build } from "esbuild";
import { filesOf } from "../../../host-js/hosts/files.mjs";
import { closeBrowser, closeQuiet, inRoot, open } from "./page.mjs";

after(closeBrowser);

/** The package's runner as a script that leaves `vectorsOf(files, module)` behind. */
const SCRIPT = `
import { create } from "./core-wasm/dist/gait_core.js";
import { endings, PRIVATE_KEY } from "./host-js/hosts/guest/vectors.js";
import { converse } from "./host-js/src/core.js";
import { SourceFailure } from "./host-js/src/errors.js";
import { keyPairOf, webCryptoSigner } from "./host-js/src/signing.js";
globalThis.vectorsOf = async (files, module) =>
  endings({ files, module, create, converse, SourceFailure, sign: webCryptoSigner(await keyPairOf(PRIVATE_KEY)) });
`;

test("every vector is answered in the page as it is in Node", async (t) => {
  const { outputFiles } = await build({
    stdin: { contents: SCRIPT, resolveDir: inRoot("."), loader: "ts" },
    bundle: true,
    write: false,
    format: "iife",
    platform: "neutral",
    target: "es2022",
    logLevel: "error",
  });
  const [{ text }] = outputFiles;
  const files = filesOf(inRoot("tests/vectors"));
  // In this process, as a script like any other.
  createRequire(import.meta.url)("node:vm").runInThisContext(text);
  const module = await WebAssembly.compile(readFileSync(inRoot("core-wasm/dist/gait_core.wasm")));
  const expected = await globalThis.vectorsOf(files, module);

  const page = await open();
  await page.evaluate(text);
  const answered = await page.evaluate(async (list) => {
    const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const core = await WebAssembly.compile(bytesOf(document.getElementById("gait-core").textContent));
    return window.vectorsOf(new Map(list.map(([path, base64]) => [path, bytesOf(base64)])), core);
  }, [...files].map(([path, bytes]) => [path, Buffer.from(bytes).toString("base64")]));
  assert.ok(expected.length > 900, `${expected.length} vectors`);
  assert.equal(answered.length, expected.length);
  for (const [at, ending] of answered.entries()) {
    assert.deepEqual(ending, expected[at]);
  }
  t.diagnostic(`${answered.length} vectors, all equal`);
  await closeQuiet(page);
});
