//! Where an operation's input comes from: bytes, a Blob, or anything that hands out pieces of itself.

import type { ReadOptions } from "./api.js";
import type { Signature, World } from "./core.js";
import { misuse, SourceFailure, wordsOf } from "./errors.js";

/** A source while an operation reads it. What it throws becomes `file_unreadable`, unless a {@link SourceFailure} says better. */
export interface Opened {
  /** Number of bytes. */
  readonly size: number;
  /** Exactly `length` bytes from `offset`; at most 1 MiB is asked for at once. */
  read(offset: number, length: number): Uint8Array | Promise<Uint8Array>;
  /** Lets go of it. Called once, whatever happened. */
  close?(): void | Promise<void>;
}

/** Something that becomes readable when an operation wants it. */
export interface Opener {
  /** What messages call it. */
  readonly name?: string;
  /** Makes it ready; called at most once for each operation. */
  open(): Opened | Promise<Opened>;
}

/** Something to read from. */
export type Source = Opener | (Opened & { readonly name?: string });

/** A Blob or a File, as every host has them. */
export interface BlobLike {
  readonly size: number;
  slice(start?: number, end?: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** An open file, as Node, Deno and Bun have them (`FileHandle`). Whoever opened it closes it. */
export interface HandleLike {
  stat(): Promise<{ readonly size: number; isFile(): boolean }>;
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
}

/** What an operation can read. All but bytes are read in pieces of at most 1 MiB, as they are needed. */
export type Input = Uint8Array | ArrayBuffer | BlobLike | HandleLike | Source;

/** Bytes that are fetched from a Blob at once: each fetch has a price of its own, whatever its size. */
const BLOCK = 1 << 20;
/** Blocks that are kept: directory, headers and data lie apart, and are read in turn. */
const BLOCKS = 4;

/** True for what hands out bytes by itself, so that it is not taken for a JSON document. */
export function isInput(value: unknown): value is Input {
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) {
    return true;
  }
  const { read, open, slice } = (value ?? {}) as Record<string, unknown>;
  return typeof value === "object" && [read, open, slice].some((method) => typeof method === "function");
}

/** Makes one kind of source of all kinds of input. */
export function openerOf(input: Input): Opener {
  if (!isInput(input)) {
    throw misuse(
      "there is nothing to read from",
      "give bytes, a Blob, `file(path)`, a file handle, or an object with `size` and `read(offset, length)`",
    );
  }
  if (input instanceof ArrayBuffer) {
    return openerOf(new Uint8Array(input));
  }
  if (input instanceof Uint8Array) {
    const read = (offset: number, length: number) => input.subarray(offset, offset + length);
    return { open: () => ({ size: input.length, read }) };
  }
  // A Blob first: some hosts give theirs more methods than that.
  if ("slice" in input) {
    // A File has a name.
    const named = "name" in input && typeof input.name === "string" ? { name: input.name } : {};
    return { ...named, open: () => ({ size: input.size, read: inBlocks(input) }) };
  }
  if ("open" in input) {
    return input;
  }
  if ("stat" in input) {
    return { open: () => openedHandle(input) };
  }
  return { ...(input.name === undefined ? {} : { name: input.name }), open: () => input };
}

/** Reads a Blob in blocks, one ahead of a reader that goes on where it stopped: the host fetches while the core works. */
function inBlocks(blob: BlobLike): Opened["read"] {
  const blocks = new Map<number, Promise<Uint8Array>>();
  let stopped = 0;
  const block = (number: number): Promise<Uint8Array> => {
    const fetched = blocks.get(number) ?? fetchedFrom(blob, number * BLOCK);
    // Whoever wants it hears of a failure; a block that nobody wants may fail in silence.
    fetched.catch(() => {});
    // The latest one stands last, and the first makes room.
    blocks.delete(number);
    blocks.set(number, fetched);
    for (const oldest of blocks.keys()) {
      if (blocks.size <= BLOCKS) {
        break;
      }
      blocks.delete(oldest);
    }
    return fetched;
  };
  return async (offset, length) => {
    const end = Math.min(offset + length, blob.size);
    const goesOn = offset === stopped;
    stopped = end;
    const piece = new Uint8Array(Math.max(end - offset, 0));
    let filled = 0;
    while (filled < piece.length) {
      const at = offset + filled;
      const number = Math.floor(at / BLOCK);
      const wanted = block(number);
      if (goesOn && (number + 1) * BLOCK < blob.size) {
        block(number + 1);
      }
      const fetched = await wanted;
      const start = at - number * BLOCK;
      const part = fetched.subarray(start, start + piece.length - filled);
      if (part.length === 0) {
        throw new SourceFailure("changed", `it ends at byte ${at}`);
      }
      if (part.length === piece.length) {
        return part;
      }
      piece.set(part, filled);
      filled += part.length;
    }
    return piece;
  };
}

async function fetchedFrom(blob: BlobLike, start: number): Promise<Uint8Array> {
  return new Uint8Array(await blob.slice(start, Math.min(start + BLOCK, blob.size)).arrayBuffer());
}

/** An open file as a source. */
export async function openedHandle(handle: HandleLike): Promise<Opened> {
  const status = await handle.stat();
  if (!status.isFile()) {
    throw new SourceFailure("unreadable", "it is not a file");
  }
  const read: Opened["read"] = async (offset, length) => {
    const piece = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await handle.read(piece, filled, length - filled, offset + filled);
      if (bytesRead === 0) {
        throw new SourceFailure("changed", `it ends at byte ${offset + filled}`);
      }
      filled += bytesRead;
    }
    return piece;
  };
  return { size: status.size, read };
}

/** A world of sources to read from. Whoever made it closes it. */
export class ReadingWorld implements World {
  readonly #sources = new Map<string, Opener>();
  readonly #opened = new Map<string, Promise<Opened>>();
  readonly #progress: ReadOptions["progress"];
  #read = 0;
  #size = 0;

  constructor(options: ReadOptions = {}) {
    this.#progress = options.progress;
  }

  /** Adds a source, and tells the name it got: its own, unless another has it already. */
  add(input: Input, usual: string): string {
    const source = openerOf(input);
    const wanted = source.name ?? usual;
    let name = wanted;
    for (let number = 2; this.#sources.has(name); number += 1) {
      name = `${wanted} (${number})`;
    }
    this.#sources.set(name, source);
    return name;
  }

  async open(name: string): Promise<number> {
    const source = this.#sources.get(name);
    if (source === undefined) {
      throw absent();
    }
    let opened = this.#opened.get(name);
    if (opened === undefined) {
      opened = told(() => source.open());
      this.#opened.set(name, opened);
      this.#size += (await opened).size;
    }
    return (await opened).size;
  }

  async read(name: string, offset: number, length: number): Promise<Uint8Array> {
    const opened = await this.#opened.get(name);
    if (opened === undefined) {
      throw absent();
    }
    const bytes = await told(() => opened.read(offset, length));
    // The core ends long steps by asking for nothing.
    if (bytes.length > 0) {
      this.#read += bytes.length;
      this.#progress?.(this.#read, this.#size);
    }
    return bytes;
  }

  write(_stream: string, _bytes: Uint8Array): void | Promise<void> {
    throw new SourceFailure("unwritable", "there is nowhere to write to");
  }

  sign(_digest: string): Signature | Promise<Signature> {
    throw new SourceFailure("signing", "there is no key to sign with");
  }

  async close(): Promise<void> {
    for (const opened of this.#opened.values()) {
      await opened.then(
        (source) => source.close?.(),
        () => {},
      );
    }
  }
}

function absent(): SourceFailure {
  return new SourceFailure("not_found", "there is no such source");
}

/** What a source throws, told to the core as a failure of the source. */
async function told<T>(look: () => T | Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof SourceFailure) {
      throw error;
    }
    throw new SourceFailure("unreadable", wordsOf(error), { cause: error });
  }
}
