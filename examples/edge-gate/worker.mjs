// A worker in front of a tool: it judges each call it is sent, and forwards only what may run.
//
// The policy is compiled when the isolate starts; after that a decision costs microseconds. SIGNING_KEY is a secret of
// the worker; UPSTREAM is the tool behind the gate.

import { GaitError, keyPairOf, loadGait, webCryptoSigner } from "gait-js";

import policyText from "./policy.yaml";

let ready;

/** What every request needs, made by the first one. A failure is forgotten, so that the next request tries again. */
function prepared(env) {
  ready ??= (async () => {
    const gait = await loadGait();
    const policy = await gait.policy.compile(policyText, { name: "policy.yaml" });
    return { policy, sign: webCryptoSigner(await keyPairOf(env.SIGNING_KEY)) };
  })().catch((error) => {
    ready = undefined;
    throw error;
  });
  return ready;
}

const STATUS = { allow: 200, dry_run: 200, require_approval: 202, block: 403 };

export default {
  async fetch(request, env) {
    if (request.method !== "POST") {
      return new Response("POST an intent\n", { status: 405 });
    }
    const call = await request.json().catch(() => null);
    if (call === null || typeof call !== "object") {
      return Response.json({ error: "json_syntax" }, { status: 400 });
    }
    try {
      const { policy, sign } = await prepared(env);
      // Who asks is known here, not told by whoever asks.
      call.context = { identity: "edge", workspace: "/edge", risk_class: "medium" };
      const decision = await policy.evaluate(call, { sign });
      const { verdict, reason_codes, trace } = decision;
      const result = verdict === "allow" ? await run(call, env) : undefined;
      return Response.json({ verdict, reason_codes, trace, result }, { status: STATUS[verdict] });
    } catch (error) {
      // No verdict, so nothing runs.
      const [code, status] = error instanceof GaitError ? [error.code, 400] : ["internal_failure", 500];
      return Response.json({ error: code }, { status });
    }
  },
};

/** The tool: another service, which gets exactly what was judged. */
async function run(call, env) {
  const { tool_name, args } = call;
  const body = JSON.stringify({ tool_name, args });
  const response = await env.UPSTREAM.fetch("https://tool/", { method: "POST", body });
  return response.json();
}
