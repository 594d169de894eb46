//! The entry of browsers: the core is fetched from beside this file.

import { inlined, loader, ours } from "./load.js";

export * from "./exports.js";
export { file } from "./no_files.js";

/** Loads the core that came with this package. Load once and keep the result. */
export const loadGait = loader(async () => (await ours(await beside())) ?? (await inlined()));

/** The file beside this one; nothing where a bundler left it behind, or the page was opened from disk. */
async function beside(): Promise<Uint8Array | undefined> {
  try {
    const answer = await fetch(new URL("./gait_core.wasm", import.meta.url));
    return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : undefined;
  } catch {
    return undefined;
  }
}
