//! Hosts without files: every path names nothing.

import { SourceFailure } from "./errors.js";
import type { Opener } from "./sources.js";

/** A file as a source. This host has none, so using it is a fault; give a Blob, bytes or a source of your own. */
export function file(path: string): Opener {
  return {
    name: path,
    open() {
      throw new SourceFailure("not_found", "this host has no files; give a Blob or bytes");
    },
  };
}
