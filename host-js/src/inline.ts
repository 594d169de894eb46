//! The entry for everywhere else: the core is inside the code.

import { inlined, loader } from "./load.js";

export * from "./exports.js";
export { file } from "./no_files.js";

/** Loads the core that came with this package. Load once and keep the result. */
export const loadGait = loader(inlined);
