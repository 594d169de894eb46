//! Files by their path, in hosts that have them: Node, Deno, Bun.

import { open } from "node:fs/promises";

import { SourceFailure } from "./errors.js";
import { openedHandle, type Opener } from "./sources.js";

/** A file as a source: opened when an operation wants it, read in pieces, closed when the operation ends. */
export function file(path: string): Opener {
  return {
    name: path,
    async open() {
      const handle = await open(path).catch(fail);
      try {
        const opened = await openedHandle(handle);
        return {
          size: opened.size,
          read: async (offset, length) => {
            try {
              return await opened.read(offset, length);
            } catch (error) {
              return fail(error);
            }
          },
          close: () => handle.close(),
        };
      } catch (error) {
        await handle.close();
        return fail(error);
      }
    },
  };
}

/** The operating system's words, with the kind of failure they mean. */
function fail(error: unknown): never {
  if (error instanceof SourceFailure) {
    throw error;
  }
  const { code, message } = error as { code?: string; message: string };
  throw new SourceFailure(code === "ENOENT" ? "not_found" : "unreadable", message, { cause: error });
}
