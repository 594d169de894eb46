// Point 6 of readiness: the official suite's server scenarios pass through gait as they pass against the server alone.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { CONFORMANT, conformance, guarded, surroundings, workplace } from "../places.mjs";

/** Scenarios that end otherwise through gait, each with the reason. */
const DIFFERENCES = JSON.parse(readFileSync(new URL("../differences.json", import.meta.url)));
const BRIDGE = new URL("../servers/bridge.mjs", import.meta.url).pathname;

/** Starts what prints its address first, and tells the address. */
function address(t, [command, ...args], folder) {
  const child = spawn(command, args, { cwd: folder, env: surroundings(folder), stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => child.kill());
  return new Promise((resolve, reject) => {
    child.stdout.once("data", (bytes) => resolve(String(bytes).trim()));
    child.once("exit", (code) => reject(new Error(`${command} ended with ${code}`)));
  });
}

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

test("6. the conformance suite's server scenarios pass through gait", { timeout: 120_000 }, async (t) => {
  assert.ok(conformance(), "the suite needs Node 22 or later, or the packaged one");
  const folder = workplace(t);
  const alone = await outcomes(await address(t, [...CONFORMANT, "http"], folder), folder, "alone");
  const bridge = [process.execPath, BRIDGE, folder, ...guarded(folder, CONFORMANT)];
  const behind = await outcomes(await address(t, bridge, folder), folder, "behind");
  assert.ok(Object.keys(alone).length >= 40, `${Object.keys(alone).length} checks`);
  const differences = {};
  for (const check of new Set([...Object.keys(alone), ...Object.keys(behind)])) {
    if (alone[check] !== behind[check]) {
      differences[check] = `${alone[check]} alone, ${behind[check]} through gait`;
    }
  }
  const expected = Object.fromEntries(DIFFERENCES.map(({ check, outcome }) => [check, outcome]));
  assert.deepEqual(differences, expected);
  assert.ok(DIFFERENCES.every(({ reason }) => reason.length > 20), "every difference has a reason");
  t.diagnostic(`${Object.keys(behind).length} checks, ${Object.keys(differences).length} differences`);
});
