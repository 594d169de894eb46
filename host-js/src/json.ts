//! Values on their way into the core as JSON. What JSON cannot say is refused: a value that the policy sees as `null`
//! or `{}` while the tool gets something else would be judged by what it is not.

import type { Document } from "./api.js";
import { misuse, wordsOf } from "./errors.js";

const ENCODER = new TextEncoder();
/** Levels the core reads. */
const DEPTH = 1_024;

/** A document's text, or its bytes if that is how it was given: nothing is decoded, so nothing is mended on the way. */
export function textOf(document: Document, what: string): string | Uint8Array {
  if (typeof document === "string" || document instanceof Uint8Array) {
    return document;
  }
  if (document instanceof ArrayBuffer) {
    return new Uint8Array(document);
  }
  if (typeof document !== "object" || document === null) {
    throw misuse(`${what} is missing`, "give JSON text, its bytes, or an object");
  }
  try {
    if (!isPlain(document, 0)) {
      throw misuse(
        `${oddity(document, what)}, which JSON cannot say`,
        "give plain values: text, finite numbers, lists, objects",
      );
    }
    return JSON.stringify(document);
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) {
      throw misuse(`${what} cannot be written as JSON: ${wordsOf(error)}`, "give plain values, not nested without end");
    }
    throw error;
  }
}

/** The same, as bytes. */
export function bytesOf(document: Document, what: string): Uint8Array {
  const text = textOf(document, what);
  return typeof text === "string" ? ENCODER.encode(text) : text;
}

/** False for what `JSON.stringify` would leave out or replace without a word. Runs for every decision, so it is brief. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === "string" || typeof value === "boolean" || value === null) {
    return true;
  }
  if (typeof value === "number") {
    return Number.isFinite(value);
  }
  if (typeof value !== "object") {
    return false;
  }
  if (depth > DEPTH) {
    throw new RangeError(`more than ${DEPTH} levels`);
  }
  if (Array.isArray(value)) {
    // By index: `every` and its like skip holes.
    for (let index = 0; index < value.length; index += 1) {
      if (!isPlain(value[index], depth + 1)) {
        return false;
      }
    }
    return true;
  }
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") {
    // A Date and its like say themselves what they are in JSON.
    return isPlain((value as { toJSON(key: string): unknown }).toJSON(""), depth + 1);
  }
  if (hasClass(value)) {
    return false;
  }
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key];
    // An absent member and one that is `undefined` are the same in JSON.
    if (member !== undefined && !isPlain(member, depth + 1)) {
      return false;
    }
  }
  return true;
}

/** A Map, a Set or a class of one's own may hold what JSON does not show. Objects of other realms are plain as well. */
function hasClass(value: object): boolean {
  const parent = Object.getPrototypeOf(value);
  return parent !== null && Object.getPrototypeOf(parent) !== null;
}

/** What is not plain in a value that is not, and where. */
function oddity(value: unknown, place: string): string {
  if (typeof value !== "object" || value === null) {
    return `${place} is ${typeof value === "number" ? String(value) : typeof value}`;
  }
  if (!Array.isArray(value) && hasClass(value)) {
    return `${place} is ${value.constructor?.name ?? "an object with a class"}`;
  }
  const list = Array.isArray(value);
  for (const [key, member] of list ? Array.from(value.entries()) : Object.entries(value)) {
    if ((list || member !== undefined) && !isPlain(member, 0)) {
      return oddity(member, list ? `${place}[${key}]` : `${place}.${key}`);
    }
  }
  return `${place} is something`;
}
