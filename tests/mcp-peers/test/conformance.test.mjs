// Point 6 of readiness: the official suite's server scenarios pass through gait as they pass against the server alone.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { CONFORMANT, conformance, guarded, surroundings, workplace } from "../places.mjs";
import { address } from "../wire.mjs";

/** Scenarios that end otherwise through gait, each with the reason. */
const DIFFERENCES = JSON.parse(readFileSync(new URL("../differences.json", import.meta.url)));
const BRIDGE = new URL("../servers/bridge.mjs", import.meta.url).pathname;

/** Outcome of every check of every scenario. */
async function outcomes(url, folder, name) {
  const [command, ...args] = conformance();
  const results = join(folder, name);
  const suite = spawn(command, [...args, "server", "--url", url, "--suite", "all", "-o", results], {
    env: surroundings(folder),
    stdio: "ignore",
  });
  await new Promise((resolve) => suite.once("exit", resolve));
  const found = {};
  for (const scenario of readdirSync(results)) {
    const checks = JSON.parse(readFileSync(join(results, scenario, "checks.json")));
    const short = scenario.replace(/^server-/, "").replace(/-\d{4}-\d\d-\d\dT.*$/, "");
    for (const check of checks.filter(({ status }) => status !== "INFO")) {
      found[`${short}: ${check.id}`] = check.status;
    }
  }
  return found;
}

test("6. the conformance suite's server scenarios pass through gait", { timeout: 180_000 }, async (t) => {
  assert.ok(conformance(), "the suite needs Node 22 or later, or the packaged one");
  const folder = workplace(t);
  const bridge = [process.execPath, BRIDGE, folder, ...guarded(folder, CONFORMANT)];
  const listening = guarded(folder, CONFORMANT, "--listen", "127.0.0.1:0");
  const alone = await outcomes(await address(t, folder, [...CONFORMANT, "http"]), folder, "alone");
  assert.ok(Object.keys(alone).length >= 40, `${Object.keys(alone).length} checks`);
  for (const [way, command] of Object.entries({ stdio: bridge, http: listening })) {
    const behind = await outcomes(await address(t, folder, command), folder, way);
    const differences = {};
    for (const check of new Set([...Object.keys(alone), ...Object.keys(behind)])) {
      if (alone[check] !== behind[check]) {
        differences[check] = `${alone[check]} alone, ${behind[check]} through gait`;
      }
    }
    // What depends on how fast an answer is there may also be as it is without gait.
    const listed = DIFFERENCES.filter((one) => one.way === way);
    const expected = listed.filter(({ check, sometimes }) => !sometimes || differences[check] !== undefined);
    assert.deepEqual(differences, Object.fromEntries(expected.map(({ check, outcome }) => [check, outcome])), way);
    t.diagnostic(`${way}: ${Object.keys(behind).length} checks, ${Object.keys(differences).length} differences`);
  }
  assert.ok(DIFFERENCES.every(({ reason }) => reason.length > 20), "every difference has a reason");
});
