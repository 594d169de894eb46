//! Reading a Blob from front to back at the speed of the disk: in windows of 1 MiB, a few of them asked for ahead.
//!
//! One read at a time costs a round trip through the browser's other processes for each megabyte. Members of an archive
//! lie side by side, so what comes next is nearly always what is wanted next.

import { SourceFailure } from "../../../host-js/src/errors.js";

/** Bytes of a window: as much as the core asks for at once. */
const WINDOW = 1_048_576;
/** Windows under way beyond the one that is wanted, once reading goes on steadily. */
const AHEAD = 4;

/** A Blob, and the windows of it that are here or on their way. */
export class Windows {
  readonly #blob: Blob;
  readonly #windows = new Map<number, Promise<Uint8Array>>();
  #last = -1;

  constructor(blob: Blob) {
    this.#blob = blob;
  }

  get size(): number {
    return this.#blob.size;
  }

  /** Exactly these bytes, or as many as there are. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const first = Math.floor(offset / WINDOW);
    const last = Math.floor((offset + length - 1) / WINDOW);
    const wanted: Promise<Uint8Array>[] = [];
    for (let index = first; index <= last; index += 1) {
      wanted.push(this.#window(index));
    }
    // A jump says nothing about what comes next; a step does.
    const steady = first === this.#last || first === this.#last + 1;
    this.#last = last;
    this.#forget(first, last + (steady ? AHEAD : 0));
    for (let index = last + 1; steady && index <= last + AHEAD && index * WINDOW < this.size; index += 1) {
      // A failure matters only when the window is wanted; then it is thrown again.
      this.#window(index).catch(() => undefined);
    }
    const parts = await Promise.all(wanted);
    const start = offset - first * WINDOW;
    const [only] = parts;
    return parts.length === 1 && only ? only.subarray(start, start + length) : joined(parts, start, length);
  }

  #window(index: number): Promise<Uint8Array> {
    const known = this.#windows.get(index);
    if (known !== undefined) {
      return known;
    }
    const window = piece(this.#blob, index * WINDOW);
    this.#windows.set(index, window);
    return window;
  }

  /** Keeps only the windows that are in use or ahead: memory does not grow with the file. */
  #forget(first: number, last: number): void {
    for (const index of this.#windows.keys()) {
      if (index < first || index > last) {
        this.#windows.delete(index);
      }
    }
  }
}

async function piece(blob: Blob, offset: number): Promise<Uint8Array> {
  try {
    return new Uint8Array(await blob.slice(offset, offset + WINDOW).arrayBuffer());
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new SourceFailure("unreadable", message, { cause: error });
  }
}

/** Bytes from `start` of all parts together, copied once. */
function joined(parts: readonly Uint8Array[], start: number, length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let filled = 0;
  let skip = start;
  for (const part of parts) {
    const bytes = part.subarray(skip, skip + length - filled);
    whole.set(bytes, filled);
    filled += bytes.length;
    skip = 0;
  }
  return whole.subarray(0, filled);
}
