//! Runs the vectors through the module in Node and prints one line for each, to be compared with the other runners:
//! `{"case": "<op>/<case>", "frame": <base64 of the last frame>, "archive": null | {"length", "sha256"}, "steps": N}`.
//!
//! Usage: node test/vectors.mjs [FOLDER]; the folder holds `<op>/<case>.json` and `blobs/`.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { converse } from "../dist/core.js";
import { create } from "../dist/gait_core.js";
import { FolderWorld } from "./folder_world.mjs";

const BLOBS = "blobs";
const folder = resolve(process.argv[2] ?? fileURLToPath(new URL("../../tests/vectors", import.meta.url)));
const module = await WebAssembly.compile(readFileSync(new URL("../dist/gait_core.wasm", import.meta.url)));

/** The request with sorted keys, and with the name of the blob in place of each `{"$blob": NAME}`. */
function named(value) {
  if (Array.isArray(value)) {
    return value.map(named);
  }
  if (value === null || typeof value !== "object") {
    return value;
  }
  if (typeof value.$blob === "string") {
    return value.$blob;
  }
  const keys = Object.keys(value).sort(inByteOrder);
  return Object.fromEntries(keys.map((key) => [key, named(value[key])]));
}

/** Names of what is in a folder, in byte order. */
function names(path, wanted) {
  return readdirSync(path, { withFileTypes: true })
    .filter(wanted)
    .map((entry) => entry.name)
    .sort(inByteOrder);
}

function inByteOrder(left, right) {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

async function line(op, name) {
  const vector = JSON.parse(readFileSync(join(folder, op, name), "utf8"));
  const world = new FolderWorld(join(folder, BLOBS), join(folder, op));
  const request = new TextEncoder().encode(JSON.stringify(named(vector.request)));
  const { frame, steps } = await converse(create(module), op, request, world);
  const archive = world.stream("archive");
  return JSON.stringify({
    case: `${op}/${name.slice(0, -".json".length)}`,
    frame: Buffer.from(frame).toString("base64"),
    archive: archive ? { length: archive.length, sha256: createHash("sha256").update(archive).digest("hex") } : null,
    steps,
  });
}

for (const op of names(folder, (entry) => entry.isDirectory() && entry.name !== BLOBS)) {
  for (const name of names(join(folder, op), (entry) => entry.isFile() && entry.name.endsWith(".json"))) {
    console.log(await line(op, name));
  }
}
