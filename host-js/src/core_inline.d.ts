// Written by the build from `gait_core.wasm`.

/** The module, deflated, as base64. */
export const CORE_DEFLATED: string;
