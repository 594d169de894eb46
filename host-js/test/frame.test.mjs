//! Frames come apart as the core puts them together.

import assert from "node:assert/strict";
import { test } from "node:test";

import { readFrame } from "../dist/frame.js";

function frame(length, ...parts) {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(length);
  return Buffer.concat([head, ...parts.map((part) => Buffer.from(part))]);
}

test("a frame is JSON and what follows it", () => {
  const { json, bytes } = readFrame(frame(9, '{"a":"e"}', [1, 2, 3]));
  assert.deepEqual(json, { a: "e" });
  assert.deepEqual([...bytes], [1, 2, 3]);
});

test("a frame within a larger buffer is read from its own start", () => {
  const buffer = Buffer.concat([Buffer.from("xxxx"), frame(2, "{}")]);
  assert.deepEqual(readFrame(buffer.subarray(4)).json, {});
});

test("a frame shorter than it says is refused", () => {
  assert.throws(() => readFrame(frame(3, "{}")), RangeError);
  assert.throws(() => readFrame(new Uint8Array([1])), RangeError);
});

test("text that is not UTF-8 is refused", () => {
  assert.throws(() => readFrame(frame(3, ['"'.charCodeAt(0), 0xff, '"'.charCodeAt(0)])), TypeError);
});
