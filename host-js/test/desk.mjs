//! What the tests share: the demo runpack, a key, a policy with every obligation in it, and intents for it.

import { readFileSync } from "node:fs";

import { run } from "../dist/core.js";
import { SourceFailure } from "../dist/errors.js";
import { create } from "../dist/gait_core.js";
import { keyPairOf, webCryptoSigner } from "../dist/signing.js";
import { KEY_ID, MapWorld, PRIVATE_KEY, PUBLIC_KEY } from "../hosts/guest/vectors.js";

export { KEY_ID, PRIVATE_KEY, PUBLIC_KEY };

/** The content of the demo. */
export const DEMO = "88913ed84855671786b9ecc3eab94f760332a6c19a3ff2195ab8afd914d57725";
export const NOW = "2026-04-02T08:30:00Z";

export const wasm = readFileSync(new URL("../dist/gait_core.wasm", import.meta.url));
export const module = await WebAssembly.compile(wasm);
export const sign = webCryptoSigner(await keyPairOf(PRIVATE_KEY));

/** The demo runpack, signed in its manifest. */
export async function demo() {
  const world = new MapWorld({ files: new Map(), folders: [], sign, SourceFailure });
  await run(create(module), "demo", { signing: "manifest" }, world);
  return world.stream("archive");
}

export const POLICY = `default_verdict: block
rules:
  - name: look
    effect: allow
    match: { tool_names: [crane.look] }
  - name: move
    effect: require_approval
    match: { tool_names: [crane.move] }
  - name: fuel
    effect: allow
    match: { tool_names: [fuel.take] }
    require_broker_credential: true
    broker_reference: depot.fuel
    rate_limit: { requests: 2, window: minute, scope: tool }
  - name: count
    effect: allow
    match: { tool_names: [count.only] }
    rate_limit: { requests: 3, window: minute, scope: tool }
`;

const context = { identity: "agent-7", workspace: "/quay/7", risk_class: "low" };

/** An intent for a tool. */
export const call = (tool_name, args = {}) => ({ tool_name, args, context });

/** A place to count in that remembers. */
export function counter(first) {
  const store = {
    text: first,
    puts: 0,
    get: async () => store.text,
    async put(next) {
      store.puts += 1;
      store.text = next;
    },
  };
  return store;
}

/** The code of a refusal; fails when nothing was refused. */
export async function codeOf(promise) {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error) => ({ error }),
  );
  if (!("error" in outcome)) {
    throw new Error(`nothing was refused: ${JSON.stringify(outcome.value)}`);
  }
  return outcome.error.code ?? String(outcome.error);
}
