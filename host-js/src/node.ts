//! What only Node can do: find the core's bytes beside this file, and read files in pieces.

import { type FileHandle, open, readFile } from "node:fs/promises";

import { SourceFailure } from "./errors.js";
import type { Opened, Source } from "./sources.js";

/** The core that came with this package. */
export function coreBytes(): Promise<Uint8Array<ArrayBuffer>> {
  return readFile(new URL("./gait_core.wasm", import.meta.url));
}

/** A file as a source: opened when an operation wants it, read in pieces, closed when the operation ends. */
export function file(path: string): Source {
  return { name: path, open: () => opened(path) };
}

async function opened(path: string): Promise<Opened> {
  const handle = await open(path).catch(fail);
  try {
    const status = await handle.stat();
    if (!status.isFile()) {
      throw new SourceFailure("unreadable", "it is not a file");
    }
    return {
      size: status.size,
      read: (offset, length) => pieceOf(handle, offset, length).catch(fail),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    return fail(error);
  }
}

async function pieceOf(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
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
}

/** The operating system's words, with the kind of failure they mean. */
function fail(error: unknown): never {
  if (error instanceof SourceFailure) {
    throw error;
  }
  const { code, message } = error as NodeJS.ErrnoException;
  throw new SourceFailure(code === "ENOENT" ? "not_found" : "unreadable", message, { cause: error });
}
