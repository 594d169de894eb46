//! The entry of Node, Deno and Bun: the core is read beside this file.

import { readFile } from "node:fs/promises";

import { firstOf, loader, MOVED } from "./load.js";

export * from "./exports.js";
export { file } from "./files.js";

/** Loads the core that came with this package. Load once and keep the result. */
export const loadGait = loader(() => firstOf(MOVED, beside, installed));

async function beside(): Promise<Uint8Array> {
  return readFile(new URL("./gait_core.wasm", import.meta.url));
}

/** In the installed package: for a bundle that runs where it was built. */
async function installed(): Promise<Uint8Array> {
  return readFile(new URL(import.meta.resolve("gait-js/gait_core.wasm")));
}
