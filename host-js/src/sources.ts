//! Where an operation's input comes from: bytes, a Blob, or anything that hands out pieces of itself.

import type { World } from "./core.js";
import { SourceFailure } from "./errors.js";

/** Something to read from. What it throws becomes the fault `file_unreadable`, unless a {@link SourceFailure} says better. */
export interface Source {
  /** What messages call it. */
  readonly name?: string;
  /** Makes it ready; called once for each operation. */
  open(): Opened | Promise<Opened>;
}

/** A source while an operation reads it. */
export interface Opened {
  /** Number of bytes. */
  readonly size: number;
  /** Exactly `length` bytes from `offset`; at most 1 MiB is asked for at once. */
  read(offset: number, length: number): Uint8Array | Promise<Uint8Array>;
  /** Lets go of it. Called once, whatever happened. */
  close?(): void | Promise<void>;
}

/** What an operation can read. A Blob and a {@link Source} are read in pieces of at most 1 MiB, as they are needed. */
export type Input = Uint8Array | ArrayBuffer | Blob | Source;

/** Makes one kind of source of all kinds of input. */
export function sourceOf(input: Input): Source {
  if (input instanceof ArrayBuffer) {
    return sourceOf(new Uint8Array(input));
  }
  if (input instanceof Uint8Array) {
    const read = (offset: number, length: number) => input.subarray(offset, offset + length);
    return { open: () => ({ size: input.length, read }) };
  }
  if (input instanceof Blob) {
    const read = async (offset: number, length: number) =>
      new Uint8Array(await input.slice(offset, offset + length).arrayBuffer());
    const open = () => ({ size: input.size, read });
    // A File has a name.
    return "name" in input && typeof input.name === "string" ? { name: input.name, open } : { open };
  }
  return input;
}

/** A world with one source in it, for operations that only read. Whoever made it closes it. */
export class ReadingWorld implements World {
  readonly #name: string;
  readonly #source: Source;
  #opened: Opened | undefined;

  constructor(name: string, source: Source) {
    this.#name = name;
    this.#source = source;
  }

  async open(source: string): Promise<number> {
    if (source !== this.#name) {
      throw new SourceFailure("not_found", "there is no such source");
    }
    this.#opened ??= await told(() => this.#source.open());
    return this.#opened.size;
  }

  async read(source: string, offset: number, length: number): Promise<Uint8Array> {
    const opened = this.#opened;
    if (source !== this.#name || opened === undefined) {
      throw new SourceFailure("not_found", "there is no such source");
    }
    return told(() => opened.read(offset, length));
  }

  write(): never {
    throw new SourceFailure("unwritable", "there is nowhere to write to");
  }

  sign(): never {
    throw new SourceFailure("signing", "there is no key to sign with");
  }

  async close(): Promise<void> {
    await this.#opened?.close?.();
  }
}

/** What a source throws, told to the core as a failure of the source. */
async function told<T>(look: () => T | Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof SourceFailure) {
      throw error;
    }
    throw new SourceFailure("unreadable", error instanceof Error ? error.message : String(error), { cause: error });
  }
}
