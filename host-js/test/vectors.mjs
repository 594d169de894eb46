//! Runs the vectors through the module in Node and prints one line for each, to be compared with the other runners:
//! `{"case": "<op>/<case>", "frame": <base64 of the last frame>, "archive": null | {"length", "sha256"}, "steps": N}`.
//!
//! Usage: node test/vectors.mjs [FOLDER]; the folder holds `<op>/<case>.json` and `blobs/`.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { converse } from "../dist/core.js";
import { SourceFailure } from "../dist/errors.js";
import { create } from "../dist/gait_core.js";
import { keyPairOf, webCryptoSigner } from "../dist/signing.js";
import { filesOf } from "../hosts/files.mjs";
import { endings, PRIVATE_KEY } from "../hosts/guest/vectors.js";

const folder = resolve(process.argv[2] ?? fileURLToPath(new URL("../../tests/vectors", import.meta.url)));

await endings({
  files: filesOf(folder),
  module: await WebAssembly.compile(readFileSync(new URL("../dist/gait_core.wasm", import.meta.url))),
  create,
  converse,
  SourceFailure,
  sign: webCryptoSigner(await keyPairOf(PRIVATE_KEY)),
  told: (ending) => console.log(JSON.stringify(ending)),
});
