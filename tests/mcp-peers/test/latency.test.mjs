// Point 8 of readiness: what gait adds to a call.

import assert from "node:assert/strict";
import test from "node:test";

import { CONFORMANT, guarded, workplace } from "../places.mjs";
import { speak } from "../wire.mjs";

const CALLS = 400;
/** Milliseconds that gait may add to the median call. The aim is 1; a program without optimization, on a machine that is
 * busy with other tests, gets more. */
const BUDGET = Number(process.env.GAIT_TEST_LATENCY_MS ?? 50);

/** Milliseconds that calls take, one after the other, sorted. */
async function durations(t, folder, command) {
  const to = await speak(t, folder, command);
  const found = [];
  for (let id = 0; id < CALLS; id += 1) {
    const began = performance.now();
    await to.call(id, "test_simple_text", {});
    found.push(performance.now() - began);
  }
  to.child.stdin.end();
  await to.ended;
  return found.slice(CALLS / 10).sort((left, right) => left - right);
}

test("8. added latency of a call is within its budget", { timeout: 120_000 }, async (t) => {
  const folder = workplace(t);
  const alone = await durations(t, folder, CONFORMANT);
  const behind = await durations(t, folder, guarded(folder, CONFORMANT));
  const at = (sorted, share) => sorted[Math.floor(sorted.length * share)];
  const shown = (share) => `${at(alone, share).toFixed(2)} ms alone, ${at(behind, share).toFixed(2)} ms through gait`;
  t.diagnostic(`median ${shown(0.5)}; p95 ${shown(0.95)}`);
  const added = at(behind, 0.5) - at(alone, 0.5);
  assert.ok(added < BUDGET, `${added.toFixed(2)} ms are added to the median call`);
});
