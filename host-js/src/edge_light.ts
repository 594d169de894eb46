//! The entry of Vercel's edge runtime, which compiles modules when it deploys and never afterwards.

import core from "./gait_core.wasm?module";

import { loader } from "./load.js";

export * from "./exports.js";
export { file } from "./no_files.js";

/** Loads the core that came with this package. Load once and keep the result. */
export const loadGait = loader(async () => core);
