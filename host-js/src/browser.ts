//! The entry of browsers, and of hosts that nobody thought of: the core is fetched from beside this file.

import { firstOf, loader, MOVED } from "./load.js";

export * from "./exports.js";
export { file } from "./no_files.js";

/** Loads the core that came with this package. Load once and keep the result. */
export const loadGait = loader(() => firstOf(MOVED, beside));

async function beside(): Promise<Uint8Array | undefined> {
  const answer = await fetch(new URL("./gait_core.wasm", import.meta.url));
  return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : undefined;
}
