//! A world for tests: sources come from folders, streams are kept in memory, signatures are made with a fixed key.

import { createPrivateKey, sign } from "node:crypto";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";

import { SourceFailure } from "../dist/errors.js";

/** SHA-256 of the fixed key's public half. */
export const KEY_ID = "56475aa75463474c0285df5dbf2bcab73da651358839e9b77481b2eab107708c";

// PKCS #8 around the seed 00 01 … 1f.
const KEY = createPrivateKey({
  key: Buffer.concat([
    Buffer.from("302e020100300506032b657004220420", "hex"),
    Buffer.from(Array.from({ length: 32 }, (_, index) => index)),
  ]),
  format: "der",
  type: "pkcs8",
});

/** Every test host says the same words, so that faults come out byte for byte alike. */
const ABSENT = "there is no such source";

export class FolderWorld {
  #folders;
  #streams = new Map();

  /** Sources are looked for in these folders, in this order. */
  constructor(...folders) {
    this.#folders = folders;
  }

  /** The bytes that were written to a stream; `undefined` when none were. */
  stream(name) {
    const pieces = this.#streams.get(name);
    return pieces && Buffer.concat(pieces);
  }

  open(source) {
    const stream = this.stream(source);
    return stream ? stream.length : statSync(this.#path(source)).size;
  }

  read(source, offset, length) {
    const stream = this.stream(source);
    if (stream) {
      return stream.subarray(offset, offset + length);
    }
    const file = openSync(this.#path(source));
    try {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
    } finally {
      closeSync(file);
    }
  }

  write(stream, bytes) {
    const pieces = this.#streams.get(stream) ?? [];
    pieces.push(bytes.slice());
    this.#streams.set(stream, pieces);
  }

  sign(digest) {
    return { key_id: KEY_ID, sig: sign(null, Buffer.from(digest, "hex"), KEY).toString("base64") };
  }

  #path(source) {
    const found = this.#folders
      .map((folder) => join(folder, source))
      .find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
    if (found === undefined) {
      throw new SourceFailure("not_found", ABSENT);
    }
    return found;
  }
}
