// Written by the build from core.lock and package.json.

/** SHA-256 of `gait_core.wasm`, lower-case hex. */
export const CORE_DIGEST: string;
/** gait's version. */
export const VERSION: string;
