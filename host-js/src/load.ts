//! Loading the core: from what the caller gives, or from where an entry of this package finds it.

import type { LoadGait, LoadOptions } from "./api.js";
import { CORE_DIGEST, VERSION } from "./core_digest.js";
import { hostError, misuse, wordsOf } from "./errors.js";
import { gaitOf } from "./gait.js";
import { known } from "./options.js";
import { sha256 } from "./signing.js";

/** Where an entry finds the core's bytes, or the module that the runtime has compiled already. */
export type Find = () => Promise<Uint8Array | WebAssembly.Module>;

/** Makes the `loadGait` of an entry. */
export function loader(find: Find): LoadGait {
  return async (options?: LoadOptions) => {
    const { module, digest } = known(options, "module", "digest");
    if (module === undefined) {
      const found = await find();
      return gaitOf(found instanceof Uint8Array ? await compiled(found) : found, CORE_DIGEST, VERSION);
    }
    if (module instanceof Uint8Array || module instanceof ArrayBuffer) {
      const bytes = module instanceof Uint8Array ? module : new Uint8Array(module);
      return gaitOf(await compiled(bytes), await sha256(bytes), VERSION);
    }
    // Not `instanceof`: a module may come from another realm.
    if (Object.prototype.toString.call(module) !== "[object WebAssembly.Module]") {
      throw misuse("`module` is no WebAssembly module", "give `gait_core.wasm`, compiled or as bytes");
    }
    return gaitOf(module as WebAssembly.Module, digest ?? "", VERSION);
  };
}

/** What to do where the code was moved away from the core's file. */
export const MOVED =
  "a bundler may have left `gait_core.wasm` behind: install `gait-js-inline` and import `gait-js/inline`, " +
  "or give the module: `loadGait({ module })`";

/** The core from the first place that has it. Whatever is not the core this package was built with is passed over. */
export async function firstOf(hint: string, ...places: (() => Promise<Uint8Array | undefined>)[]): Promise<Uint8Array> {
  for (const place of places) {
    const bytes = await place().catch(() => undefined);
    if (bytes !== undefined && (await sha256(bytes)) === CORE_DIGEST) {
      return bytes;
    }
  }
  throw hostError("internal_failure", "the core that belongs to this package was not found", undefined, hint);
}

async function compiled(bytes: Uint8Array): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>);
  } catch (error) {
    const hint = "where code may not be compiled at run time, import `gait_core.wasm` and give it as `module`";
    throw hostError("internal_failure", `the core cannot be compiled: ${wordsOf(error)}`, error, hint);
  }
}
