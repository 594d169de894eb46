//! The core from inside the code: the package `gait-js-inline` carries it.

import { CORE_DEFLATED } from "gait-js-inline";

import { firstOf, loader } from "./load.js";

/** Loads the core that came with these packages. Load once and keep the result. */
export const loadGait = loader(() => firstOf("`gait-js-inline` must have the version of `gait-js`", inlined));

async function inlined(): Promise<Uint8Array> {
  const packed = Uint8Array.from(atob(CORE_DEFLATED), (character) => character.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}
