//! The entry for code in one file that needs nothing beside it.

export * from "./exports.js";
export { file } from "./no_files.js";
export { loadGait } from "./inlined.js";
