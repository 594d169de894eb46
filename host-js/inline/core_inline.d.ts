// The one value of this package, for TypeScript.

/** `gait_core.wasm`, deflated, as base64. `gait-js/inline` unpacks it, and checks that it is the core it was built with. */
export const CORE_DEFLATED: string;
