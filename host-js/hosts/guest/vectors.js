// Runs vectors in any host: sources come from a map of files, streams are kept in memory, signatures are made with a
// fixed key. Nothing here knows which host it is.

/** SHA-256 of the fixed key's public half. */
export const KEY_ID = "56475aa75463474c0285df5dbf2bcab73da651358839e9b77481b2eab107708c";
/** Public half of the fixed key, base64. */
export const PUBLIC_KEY = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
/** The fixed key as `gait keys init` would write it: the seed 00 01 … 1f, then the public half. */
export const PRIVATE_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8DoQe/884Qvh1w3RjnS8CZZ+TWMJulDV8d3IZkElUxuA==";

/** Every test host says the same words, so that faults come out byte for byte alike. */
const ABSENT = "there is no such source";
const BLOBS = "blobs";

/** A world whose sources are looked for in folders of a map of files, in their order. */
export class MapWorld {
  #files;
  #folders;
  #sign;
  #SourceFailure;
  #streams = new Map();

  constructor({ files, folders, sign, SourceFailure }) {
    this.#files = files;
    this.#folders = folders;
    this.#sign = sign;
    this.#SourceFailure = SourceFailure;
  }

  /** The bytes that were written to a stream; `undefined` when none were. */
  stream(name) {
    const pieces = this.#streams.get(name);
    return pieces && joined(pieces);
  }

  open(source) {
    return this.#bytes(source).length;
  }

  read(source, offset, length) {
    return this.#bytes(source).subarray(offset, offset + length);
  }

  write(stream, bytes) {
    const pieces = this.#streams.get(stream) ?? [];
    pieces.push(bytes.slice());
    this.#streams.set(stream, pieces);
  }

  async sign(digest) {
    const bytes = Uint8Array.from(digest.match(/../g), (pair) => Number.parseInt(pair, 16));
    const { keyId, signature } = await this.#sign(bytes);
    return { key_id: keyId, sig: btoa(String.fromCharCode(...signature)) };
  }

  #bytes(source) {
    const stream = this.stream(source);
    if (stream) {
      return stream;
    }
    for (const folder of this.#folders) {
      const bytes = this.#files.get(cleaned(`${folder}/${source}`));
      if (bytes) {
        return bytes;
      }
    }
    throw new this.#SourceFailure("not_found", ABSENT);
  }
}

/**
 * Runs every vector of a map of files (`<op>/<case>.json`, `blobs/…`) and says for each how it ended:
 * `{case, frame, archive, steps}`, in the order of their names.
 */
export async function endings({ files, module, create, converse, SourceFailure, sign, told }) {
  const found = [];
  for (const path of [...files.keys()].sort(inByteOrder)) {
    const [op, name, ...rest] = path.split("/");
    if (op === BLOBS || rest.length > 0 || !name?.endsWith(".json")) {
      continue;
    }
    const vector = JSON.parse(new TextDecoder().decode(files.get(path)));
    const world = new MapWorld({ files, folders: [BLOBS, op], sign, SourceFailure });
    const request = new TextEncoder().encode(JSON.stringify(named(vector.request)));
    const { frame, steps } = await converse(create(module), op, request, world);
    const archive = world.stream("archive");
    const ending = {
      case: `${op}/${name.slice(0, -".json".length)}`,
      frame: base64(frame),
      archive: archive ? { length: archive.length, sha256: await sha256(archive) } : null,
      steps,
    };
    told?.(ending);
    found.push(ending);
  }
  return found;
}

/** The request with sorted keys, and with the name of the blob in place of each `{"$blob": NAME}`. */
function named(value) {
  if (Array.isArray(value)) {
    return value.map(named);
  }
  if (value === null || typeof value !== "object") {
    return value;
  }
  if (typeof value.$blob === "string") {
    return value.$blob;
  }
  const keys = Object.keys(value).sort(inByteOrder);
  return Object.fromEntries(keys.map((key) => [key, named(value[key])]));
}

/** Orders texts by their UTF-8 bytes, which is the order of code points. */
function inByteOrder(left, right) {
  const [a, b] = [[...left], [...right]];
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const difference = a[index].codePointAt(0) - b[index].codePointAt(0);
    if (difference !== 0) {
      return difference;
    }
  }
  return a.length - b.length;
}

/** A path without empty parts, `.` and `..`. */
function cleaned(path) {
  const parts = [];
  for (const part of path.split("/")) {
    if (part === "..") {
      parts.pop();
    } else if (part !== "" && part !== ".") {
      parts.push(part);
    }
  }
  return parts.join("/");
}

function joined(pieces) {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let filled = 0;
  for (const piece of pieces) {
    whole.set(piece, filled);
    filled += piece.length;
  }
  return whole;
}

export function base64(bytes) {
  let text = "";
  for (let index = 0; index < bytes.length; index += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(index, index + 0x8000));
  }
  return btoa(text);
}

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
