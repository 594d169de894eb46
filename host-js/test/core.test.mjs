//! The conversation, with a core that follows a script.

import assert from "node:assert/strict";
import { test } from "node:test";

import { converse, run } from "../dist/core.js";
import { GaitError, SourceFailure } from "../dist/errors.js";

const FAULT = {
  error: "no",
  error_code: "file_unreadable",
  error_category: "invalid_input",
  retryable: false,
  hint: "look",
};

/** A core that asks for one step after the other and notes what it is told. */
function scripted(...steps) {
  const heard = [];
  return {
    heard,
    call(op, request) {
      heard.push([op, op === "continue" ? [...request] : JSON.parse(new TextDecoder().decode(request))]);
      const [json, bytes = []] = steps.shift();
      const text = Buffer.from(JSON.stringify(json));
      const head = Buffer.alloc(4);
      head.writeUInt32LE(text.length);
      return Buffer.concat([head, text, Buffer.from(bytes)]);
    },
  };
}

const WORLD = {
  open: () => 7,
  read: async (source, offset, length) => new Uint8Array([source.length, offset, length]),
  write() {},
  sign: async () => ({ key_id: "k", sig: "s" }),
};

test("every step is served and answered in its own form", async () => {
  const written = [];
  const core = scripted(
    [{ open: { source: "a" } }],
    [{ read: { source: "ab", offset: 3, length: 4 } }],
    [{ write: { stream: "archive" } }, [8, 9]],
    [{ sign: { digest: "00" } }],
    [{ reply: { ok: true } }],
  );
  const world = { ...WORLD, write: (stream, bytes) => void written.push([stream, [...bytes]]) };
  assert.deepEqual(await run(core, "verify", { archive: "a" }, world), { ok: true });
  assert.deepEqual(core.heard, [
    ["verify", { archive: "a" }],
    ["answer", { size: 7 }],
    ["continue", [2, 3, 4]],
    ["continue", []],
    ["answer", { signature: { key_id: "k", sig: "s" } }],
  ]);
  assert.deepEqual(written, [["archive", [8, 9]]]);
});

test("what the world cannot do is told to the core, which makes a fault of it", async () => {
  const core = scripted([{ open: { source: "a" } }], [{ fault: FAULT }]);
  const world = {
    ...WORLD,
    open() {
      throw new SourceFailure("unreadable", "a folder");
    },
  };
  await assert.rejects(run(core, "verify", { archive: "a" }, world), (error) => {
    assert(error instanceof GaitError);
    assert.equal(error.code, "file_unreadable");
    assert.equal(error.message, "no");
    assert.deepEqual(error.fault, FAULT);
    return true;
  });
  assert.deepEqual(core.heard[1], ["answer", { failed: { kind: "unreadable", message: "a folder" } }]);
});

test("a mistake in the world itself is no answer", async () => {
  const world = {
    ...WORLD,
    open() {
      throw new TypeError("undefined is not a function");
    },
  };
  await assert.rejects(run(scripted([{ open: { source: "a" } }]), "verify", { archive: "a" }, world), TypeError);
});

test("a trap is a fault with a code, never a verdict", async () => {
  const core = {
    call() {
      throw new WebAssembly.RuntimeError("unreachable");
    },
  };
  await assert.rejects(run(core, "verify", { archive: "a" }, WORLD), { name: "GaitError", code: "core_trap" });
});

test("a step from a later core is refused", async () => {
  const core = scripted([{ dance: {} }]);
  await assert.rejects(run(core, "verify", { archive: "a" }, WORLD), { name: "GaitError", code: "unknown_op" });
});

test("the last frame is handed on byte for byte, with the number of steps", async () => {
  const core = scripted([{ open: { source: "a" } }], [{ reply: { b: 1, a: 2 } }]);
  const { frame, steps } = await converse(core, "verify", new TextEncoder().encode("{}"), WORLD);
  assert.equal(Buffer.from(frame.subarray(4)).toString(), '{"reply":{"b":1,"a":2}}');
  assert.equal(steps, 2);
});
