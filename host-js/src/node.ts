//! The entry of Node, Deno and Bun: the core is read beside this file.

import { readFile } from "node:fs/promises";

import { inlined, loader, ours } from "./load.js";

export * from "./exports.js";
export { file } from "./files.js";

/** Loads the core that came with this package. Load once and keep the result. */
export const loadGait = loader(async () => (await ours(await beside())) ?? (await inlined()));

/** The file beside this one; nothing where a bundler moved the code, or reading is not allowed. */
async function beside(): Promise<Uint8Array | undefined> {
  try {
    return await readFile(new URL("./gait_core.wasm", import.meta.url));
  } catch {
    return undefined;
  }
}
