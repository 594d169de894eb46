//! The entry of Cloudflare Workers, which compile modules when they deploy and never afterwards.

import core from "./gait_core.wasm";

import { loader } from "./load.js";

export * from "./exports.js";
export { file } from "./no_files.js";

/** Loads the core that came with this package. Load once and keep the result. */
export const loadGait = loader(async () => core);
