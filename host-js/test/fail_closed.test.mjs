//! Doubt never means allow: whatever goes wrong on the way, `evaluate` rejects, and with a code.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { loadGait } from "gait-js";
import { GaitError } from "../dist/errors.js";
import { compile } from "../dist/policy.js";
import { call, codeOf, counter, NOW, POLICY, sign } from "./desk.mjs";

let gait;
let policy;

before(async () => {
  gait = await loadGait();
  policy = await gait.policy.compile(POLICY);
});

const LOOK = call("crane.look");
const COUNT = call("count.only");
const refused = (intent, options) => codeOf(policy.evaluate(intent, options));

test("what the core wants and nobody gives is no verdict", async () => {
  assert.equal(await refused(COUNT, { now: NOW }), "invalid_input");
  assert.equal(await refused(COUNT, { now: NOW, rateLimits: {} }), "invalid_input");
});

test("a store that fails is no verdict", async () => {
  const gone = () => Promise.reject(new Error("gone"));
  const code = (rateLimits) => refused(COUNT, { now: NOW, rateLimits });
  assert.equal(await code({ get: gone, put() {} }), "file_unreadable");
  assert.equal(await code({ get: () => "", put: gone }), "file_unwritable");
  assert.equal(await code({ get: () => 7, put() {} }), "rate_limit_state_invalid");
  assert.equal(await code({ get: () => "{", put() {} }), "rate_limit_state_invalid");
  const store = counter();
  await policy.evaluate(COUNT, { now: "2026-04-02T09:30:00Z", rateLimits: store });
  assert.equal(await code(store), "clock_backwards");
});

test("a lock that does not lock is no verdict", async () => {
  const code = (lock) => refused(COUNT, { now: NOW, rateLimits: { ...counter(), lock } });
  const failed = "rate_limit_lock_acquire_failed";
  assert.equal(await code(() => Promise.reject(new Error("busy"))), failed);
  assert.equal(await code(async () => {}), failed);
  assert.equal(await code(async (turn) => void turn()), failed, "it was let go before the turn was over");
  assert.equal(await code(async (turn) => [await turn(), await turn()]), failed);
  // A store whose turn failed is not lost for those who come after.
  const store = counter();
  const get = store.get;
  store.get = () => Promise.reject(new Error("gone"));
  assert.equal(await refused(COUNT, { now: NOW, rateLimits: store }), "file_unreadable");
  store.get = get;
  assert.equal((await policy.evaluate(COUNT, { now: NOW, rateLimits: store })).verdict, "allow");
});

test("a key that does not sign is no verdict", async () => {
  const signature = new Uint8Array(64);
  const keyId = "0".repeat(64);
  const odd = [
    () => Promise.reject(new Error("the HSM is busy")),
    () => {
      throw new Error("the HSM is busy");
    },
    () => undefined,
    () => ({ keyId, signature: new Uint8Array(63) }),
    () => ({ keyId: "me", signature }),
    () => ({ keyId, signature: "AAAA" }),
  ];
  for (const sign of odd) {
    assert.equal(await refused(LOOK, { sign }), "signing_failed");
  }
  assert.equal(await refused(LOOK, { sign: {} }), "invalid_input");
});

test("intents that JSON cannot say are not judged by what would be left of them", async () => {
  const odd = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    10n,
    Symbol("x"),
    () => 1,
    new Map([["amount", 1e6]]),
    new Set([1]),
    new (class Money {
      #amount = 1e6;
      shown = this.#amount - 1;
    })(),
    [undefined],
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is tested
    [, 1],
    new Uint8Array(2),
  ];
  for (const value of odd) {
    assert.equal(await refused(call("crane.look", { value })), "invalid_input");
  }
  const circle = {};
  circle.circle = circle;
  assert.equal(await refused(call("crane.look", circle)), "invalid_input");
  await assert.rejects(policy.evaluate(call("a", { b: [1, { c: Number.NaN }] })), /the intent\.args\.b\[1\]\.c is NaN/);
  // A Date says what it is, and an absent member is absent.
  const plain = await policy.evaluate(
    call("crane.look", { at: new Date(0), gone: undefined, none: Object.create(null) }),
  );
  assert.equal(plain.verdict, "allow");
  assert.equal(await refused('{"tool_name":"crane.look","tool_name":"x"}'), "json_duplicate_key");
  for (const nothing of [undefined, null, 7, true]) {
    assert.equal(await refused(nothing), "invalid_input");
  }
});

test("options that nobody knows, and times that are none, are refused", async () => {
  assert.equal(await refused(LOOK, { approval_key: "x" }), "invalid_input");
  assert.equal(await refused(LOOK, { now: new Date(Number.NaN) }), "invalid_input");
  assert.equal(await refused(LOOK, { now: "yesterday" }), "json_type");
  assert.equal(await refused(LOOK, { profile: "strict" }), "json_type");
  assert.equal(await refused(LOOK, { credential: true }), "invalid_input");
});

test("production asks for a signature, and for a policy that is fit for it", async () => {
  assert.equal(await refused(LOOK, { profile: "oss-prod" }), "profile_unmet");
  assert.equal(await refused(LOOK, { profile: "oss-prod", sign }), "profile_unmet");
  assert.equal(await refused(LOOK, { profile: "oss-prod", simulate: true, sign }), "profile_unmet");
});

test("a call that is aborted gets no verdict", async () => {
  const gone = new Error("the client went away");
  await assert.rejects(policy.evaluate(LOOK, { signal: AbortSignal.abort(gone) }), gone);
  const controller = new AbortController();
  const slow = (digest) => {
    controller.abort(gone);
    return sign(digest);
  };
  await assert.rejects(policy.evaluate(LOOK, { sign: slow, signal: controller.signal }), gone);
});

test("an intent that changes while it is judged is judged as it was", async () => {
  const intent = call("crane.look");
  const sure = (await policy.evaluate(intent)).intent_digest;
  const slow = async (digest) => {
    intent.tool_name = "crane.drop";
    return sign(digest);
  };
  const decision = await policy.evaluate(intent, { sign: slow });
  assert.deepEqual([decision.verdict, decision.intent_digest], ["allow", sure]);
});

test("decisions that wait for signatures do not meet", async () => {
  const waits = (digest) => new Promise((resolve) => setTimeout(() => resolve(sign(digest)), Math.random() * 5));
  const tools = ["crane.look", "crane.drop", "crane.move"];
  const calls = Array.from({ length: 30 }, (_, index) => call(tools[index % 3], { index }));
  const decisions = await Promise.all(calls.map((intent) => policy.evaluate(intent, { sign: waits, now: NOW })));
  for (const [index, decision] of decisions.entries()) {
    assert.equal(decision.trace.tool_name, calls[index].tool_name);
    assert.equal(decision.verdict, ["allow", "block", "require_approval"][index % 3]);
    assert.equal(decision.trace.signature.signed_digest, decision.signed_digest);
  }
});

test("a freed policy judges nothing", async () => {
  const freed = await gait.policy.compile(POLICY);
  freed.free();
  freed.free();
  assert.equal(await codeOf(freed.evaluate(LOOK)), "policy_missing");
  assert.equal(await codeOf(freed.explain(LOOK)), "policy_missing");
});

/** An instance that answers as told; `answers` are taken one by one. */
function scripted(answers) {
  const frame = (json) => {
    const text = Buffer.from(JSON.stringify(json));
    const head = Buffer.alloc(4);
    head.writeUInt32LE(text.length);
    return Buffer.concat([head, text]);
  };
  let instances = 0;
  const create = () => {
    instances += 1;
    return {
      call(op) {
        if (op === "policy.load") {
          return frame({ reply: { ok: true, policy_digest: "d", default_verdict: "block", rules: 0 } });
        }
        const answer = answers.shift();
        if (answer instanceof Error) {
          throw answer;
        }
        return answer instanceof Uint8Array ? answer : frame(answer);
      },
    };
  };
  const policy = compile({ create, producerVersion: "test" }, "");
  return { policy, instances: () => instances };
}

const decided = (more) => ({
  reply: { decided: { verdict: "allow", policy_digest: "d", signed_digest: "00", ...more } },
});

test("a trap is a fault, and its instance is never asked again", async () => {
  const traps = [new WebAssembly.RuntimeError("unreachable"), new RangeError("Maximum call stack size exceeded")];
  for (const trap of [...traps, Buffer.from("?"), Buffer.from([255, 0, 0, 0])]) {
    const { policy, instances } = scripted([trap, decided()]);
    assert.equal(await codeOf(policy.evaluate("{}")), "core_trap");
    assert.equal(instances(), 1);
    assert.equal((await policy.evaluate("{}")).verdict, "allow");
    assert.equal(instances(), 2);
  }
});

test("a core that says something else than a verdict about this policy is not believed", async () => {
  const odd = [
    [{ reply: { wanted: {} } }],
    [{ reply: { wanted: { rate_limits: true } } }, { reply: { wanted: { rate_limits: true } } }],
    [{ reply: { wanted: { credential: {} } } }, { reply: { wanted: { credential: {} } } }],
    [decided({ verdict: "ALLOW" })],
    [decided({ verdict: undefined })],
    [decided({ policy_digest: "e" })],
  ];
  for (const answers of odd) {
    const { policy } = scripted(answers);
    const options = { rateLimits: counter(), credential: () => ({ credential_ref: "x" }) };
    assert.equal(await codeOf(policy.evaluate("{}", options)), "core_trap");
  }
  for (const odd of [{ dance: {} }, { reply: {} }, {}]) {
    const error = await scripted([odd])
      .policy.evaluate("{}")
      .catch((error) => error);
    assert(error instanceof Error, "it is refused");
  }
  const other = scripted([decided(), decided({ signed_digest: "01", files: { trace: "" } })]);
  assert.equal(await codeOf(other.policy.evaluate("{}", { sign })), "core_trap");
});

test("every refusal is a GaitError with an envelope", async () => {
  const error = await policy.evaluate(COUNT).catch((error) => error);
  assert(error instanceof GaitError);
  assert.deepEqual(Object.keys(error.fault).sort(), ["error", "error_category", "error_code", "hint", "retryable"]);
});
