//! The same in hosts that have files: a service in one file.

export * from "./exports.js";
export { file } from "./files.js";
export { loadGait } from "./inlined.js";
