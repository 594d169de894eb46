// What the build puts beside the compiled files, and what runtimes make of a module that is imported.

declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "gait-js-inline" {
  /** `gait_core.wasm`, deflated, as base64. */
  export const CORE_DEFLATED: string;
}
