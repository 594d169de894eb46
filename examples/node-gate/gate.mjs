// A dispatcher that asks before it acts: node gate.mjs CALL.json…
//
// Each call is judged, its signed trace is written down, and only then the tool runs, with the values that were judged.

import { readFile, writeFile } from "node:fs/promises";

import { GaitError, keyPairOf, loadGait, webCryptoSigner } from "gait-js";

const tools = {
  "payments.refund": async ({ order, amount, currency }) => `refunded ${amount} ${currency} for ${order}`,
};

const gait = await loadGait();
const policy = await gait.policy.compile(await readFile("policy.yaml"), { name: "policy.yaml" });
const sign = webCryptoSigner(await keyPairOf(await readFile("keys/gate.key", "utf8")));

// One process counts here. Where several do, `get` and `put` talk to what they share, and `lock` keeps the others out.
let counted = "";
const rateLimits = {
  get: () => counted,
  put: (next) => {
    counted = next;
  },
};

async function dispatch(call) {
  const decision = await policy.evaluate(call, { sign, rateLimits });
  await writeFile(`trace_${decision.trace_id}.json`, decision.files.trace);
  const reasons = decision.reason_codes.join(",");
  if (decision.verdict !== "allow") {
    return `${decision.verdict} (${reasons})`;
  }
  return `allow (${reasons}): ${await tools[call.tool_name](call.args)}`;
}

for (const path of process.argv.slice(2)) {
  try {
    console.log(await dispatch(JSON.parse(await readFile(path, "utf8"))));
  } catch (error) {
    // No verdict, so nothing ran.
    const what = error instanceof GaitError ? `${error.code}: ${error.message}` : error;
    console.error(`${path}: ${what}`);
    process.exitCode = 1;
  }
}
