// The reader behind the core: the same bytes as the Blob's, however they are asked for, and few of them at a time.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { inRoot } from "./page.mjs";

const MEBI = 1_048_576;
const folder = mkdtempSync(join(tmpdir(), "gait-windows-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let Windows;
let bytes;
before(async () => {
  const outfile = join(folder, "windows.mjs");
  await build({ entryPoints: [inRoot("www/verify/src/windows.ts")], bundle: true, format: "esm", outfile, logLevel: "error" });
  ({ Windows } = await import(pathToFileURL(outfile).href));
  bytes = Uint8Array.from({ length: 9 * MEBI + 12_345 }, (_, at) => (at * 2_654_435_761) >>> 24);
});

const same = (read, offset, length) => Buffer.compare(read, bytes.subarray(offset, offset + length)) === 0;

/** A Blob that notes what is asked of it. */
function noted() {
  const blob = new Blob([bytes]);
  const asked = { slices: [], open: 0, most: 0 };
  return {
    asked,
    size: blob.size,
    slice(from, to) {
      asked.slices.push([from, to]);
      return {
        arrayBuffer: async () => {
          asked.open += 1;
          asked.most = Math.max(asked.most, asked.open);
          const read = await blob.slice(from, to).arrayBuffer();
          asked.open -= 1;
          return read;
        },
      };
    },
  };
}

test("from front to back, every byte is read once, in slices of at most 1 MiB, few at a time", async () => {
  const blob = noted();
  const windows = new Windows(blob);
  for (let offset = 7; offset < blob.size; offset += MEBI) {
    const length = Math.min(MEBI, blob.size - offset);
    assert.ok(same(await windows.read(offset, length), offset, length), `${offset}`);
  }
  assert.ok(blob.asked.slices.every(([from, to]) => to - from <= MEBI));
  assert.equal(new Set(blob.asked.slices.map(String)).size, blob.asked.slices.length);
  assert.ok(blob.asked.most <= 6, `${blob.asked.most} at a time`);
});

test("anywhere, in any length, the bytes are the Blob's; past the end there are fewer", async () => {
  const windows = new Windows(noted());
  let seed = 1;
  const random = (below) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let turn = 0; turn < 300; turn += 1) {
    const offset = random(bytes.length);
    const length = 1 + random(MEBI);
    assert.ok(same(await windows.read(offset, length), offset, length), `${offset} ${length}`);
  }
});

test("a file that cannot be read is a failure of the source", async () => {
  const blob = { size: 10, slice: () => ({ arrayBuffer: () => Promise.reject(new Error("it was changed")) }) };
  await assert.rejects(new Windows(blob).read(0, 10), { name: "SourceFailure", kind: "unreadable" });
});
