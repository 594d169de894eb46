//! Reading: in pieces, one ahead, with progress, and with an end when the caller wants one.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { loadGait } from "gait-js";
import { openerOf } from "../dist/sources.js";

const MIB = 1 << 20;
let gait;
let large;

before(async () => {
  gait = await loadGait();
  // Text that does not compress to nothing, so that the archive is a few MiB.
  const noise = (seed) => Array.from({ length: 3_000 }, (_, i) => Math.sin(seed * 7_919 + i).toString(36)).join("");
  const result = (index) => ({
    intent_id: `i${index}`,
    status: "ok",
    result_digest: "0".repeat(64),
    result: { noise: noise(index) },
  });
  const intents = Array.from({ length: 160 }, (_, index) => ({ intent_id: `i${index}`, tool_name: "t", args: {} }));
  const record = {
    run: { run_id: "run_large" },
    intents,
    results: intents.map((_, index) => result(index)),
    refs: {},
    capture_mode: "raw",
  };
  large = (await gait.record(record, { now: "2026-04-02T08:30:00Z" })).bytes;
  assert(large.length > 3 * MIB, `${large.length} bytes are too few`);
});

/** A Blob that notes what is asked of it. */
function watched(bytes) {
  const asked = [];
  const blob = {
    size: bytes.length,
    slice(start, end) {
      asked.push(end - start);
      return { arrayBuffer: async () => bytes.slice(start, end).buffer };
    },
  };
  return { blob, asked };
}

test("a Blob is read in pieces of at most 1 MiB, and hardly any of it twice", async () => {
  const { blob, asked } = watched(large);
  assert.equal((await gait.verify(blob)).ok, true);
  assert(Math.max(...asked) <= MIB);
  const read = asked.reduce((sum, length) => sum + length);
  assert(read < 2 * large.length, `${asked} of ${large.length}`);
});

test("every range of a Blob is the one that was asked for", async () => {
  const bytes = Uint8Array.from({ length: 2 * MIB + 12_345 }, (_, index) => (index * 31) >> 3);
  const { read, size } = await openerOf(new Blob([bytes])).open();
  assert.equal(size, bytes.length);
  const ranges = [
    [0, 10],
    [MIB - 1, 2],
    [5, MIB],
    [MIB, MIB],
    [2 * MIB - 3, 12_348],
    [bytes.length - 1, 1],
    [17, 0],
    [0, 1],
  ];
  for (const [offset, length] of ranges) {
    assert.deepEqual(await read(offset, length), bytes.subarray(offset, offset + length));
  }
  assert.equal((await read(bytes.length - 1, 10)).length, 1);
});

test("a Blob whose file is gone is unreadable", async () => {
  const blob = { size: 100, slice: () => ({ arrayBuffer: () => Promise.reject(new Error("NotReadableError")) }) };
  await assert.rejects(gait.verify(blob), { code: "file_unreadable" });
});

test("progress is told", async () => {
  const told = [];
  await gait.verify(new Blob([large]), { progress: (read, size) => told.push([read, size]) });
  assert(told.length > 3);
  assert(told.every(([, size]) => size === large.length));
  assert(told.every(([read], index) => index === 0 || read > told[index - 1][0]));
});

test("an operation ends when its caller wants that", async () => {
  const gone = new Error("cancelled");
  const controller = new AbortController();
  let pieces = 0;
  const progress = () => {
    pieces += 1;
    controller.abort(gone);
  };
  await assert.rejects(gait.verify(new Blob([large]), { progress, signal: controller.signal }), gone);
  assert.equal(pieces, 1);
  await assert.rejects(gait.inspect(large, { signal: AbortSignal.abort(gone) }), gone);
});

test("others get their turn while bytes at hand are read", async () => {
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  const read = (offset, length) => {
    // As slow as a host that has other things to do.
    const until = Date.now() + 45;
    while (Date.now() < until);
    return large.subarray(offset, offset + length);
  };
  await gait.verify({ size: large.length, read });
  clearInterval(timer);
  assert(turns >= 2, `${turns} turns`);
});

test("two sources of one name stay two", async () => {
  const diff = await gait.diff(new File([large], "run.zip"), new File([large], "run.zip"));
  assert.equal(diff.ok, true);
});
