//! The core's world in the worker: files that are read in pieces. Nothing can be written or signed.

import type { World } from "../../../host-js/src/core.js";
import { SourceFailure } from "../../../host-js/src/errors.js";
import type { Progress } from "./protocol.js";
import { Windows } from "./windows.js";

const NOTHING = new Uint8Array();

/** Serves reads from Blobs. */
export class BlobWorld implements World {
  readonly #sources: ReadonlyMap<string, Windows>;
  readonly #tell: (progress: Progress) => void;
  readonly #total: number;
  #done = 0;

  constructor(sources: ReadonlyMap<string, Blob>, tell: (progress: Progress) => void) {
    this.#sources = new Map([...sources].map(([name, blob]) => [name, new Windows(blob)]));
    this.#tell = tell;
    this.#total = [...sources.values()].reduce((sum, blob) => sum + blob.size, 0);
  }

  open(source: string): number {
    return this.#source(source).size;
  }

  async read(source: string, offset: number, length: number): Promise<Uint8Array> {
    const windows = this.#source(source);
    if (length === 0) {
      // The core only ends a long step.
      return NOTHING;
    }
    const bytes = await windows.read(offset, length);
    if (bytes.length < length) {
      throw new SourceFailure("changed", `it ends at byte ${offset + bytes.length}`);
    }
    this.#done = Math.min(this.#done + length, this.#total);
    this.#tell({ done: this.#done, total: this.#total });
    return bytes;
  }

  write(): never {
    throw new SourceFailure("unwritable", "there is nowhere to write to");
  }

  sign(): never {
    throw new SourceFailure("signing", "there is no key to sign with");
  }

  #source(source: string): Windows {
    const windows = this.#sources.get(source);
    if (windows === undefined) {
      throw new SourceFailure("not_found", "it was not dropped");
    }
    return windows;
  }
}
