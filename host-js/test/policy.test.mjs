//! Decisions: what a compiled policy answers, and that every doubt is thrown instead.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { GaitError, loadGait, publicKeyText, webCryptoSigner } from "gait-js";
import { call, codeOf, counter, KEY_ID, NOW, POLICY, PUBLIC_KEY, sign } from "./desk.mjs";

let gait;
let policy;

before(async () => {
  gait = await loadGait();
  policy = await gait.policy.compile(POLICY);
});

const LOOK = call("crane.look", { crane: 7 });
const FUEL = call("fuel.take");
const broker = async () => ({ credential_ref: "depot:1", issued_by: "depot" });

test("a policy is compiled once and judges many calls", async () => {
  assert.match(policy.digest, /^[0-9a-f]{64}$/);
  assert.deepEqual(policy.warnings, []);
  assert.equal(policy.report.rules, 4);
  const decision = await policy.evaluate(LOOK);
  assert.equal(decision.verdict, "allow");
  assert.equal(decision.matched_rule, "look");
  assert.equal(decision.trace.producer_version, gait.producerVersion);
  assert.equal(decision.trace.signature, undefined);
  assert.equal((await policy.evaluate(call("crane.drop"))).verdict, "block");
  // Text and bytes are judged as they are.
  for (const intent of [JSON.stringify(LOOK), Buffer.from(JSON.stringify(LOOK))]) {
    assert.equal((await policy.evaluate(intent)).intent_digest, decision.intent_digest);
  }
});

test("a verdict is explained and tested without side effects", async () => {
  const explanation = await policy.explain(FUEL);
  assert.equal(explanation.verdict, "allow");
  assert.deepEqual(explanation.obligations?.length, 2);
  assert.equal((await policy.test(FUEL)).verdict, "allow");
});

test("a policy that is not valid says all that is wrong with it", async () => {
  const text = "rules:\n  - nam: x\n    effect: alow\n";
  await assert.rejects(gait.policy.compile(text, { name: "mine.yaml" }), (error) => {
    assert(error instanceof GaitError);
    assert.equal(error.code, "policy_invalid");
    assert.match(error.fault.at, /^mine\.yaml:/);
    assert(error.fault.problems.length >= 2);
    return true;
  });
  const warned = await gait.policy.compile("rules: [{name: a, effect: allow, match: {target_kinds: [boat]}}]");
  assert.equal(warned.warnings.length, 1);
  assert.equal((await gait.policy.format("default_verdict:   allow\n")).changed, true);
});

test("WebCrypto signs a trace, and it verifies and follows", async () => {
  const keys = await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
  const publicKey = await publicKeyText(keys.publicKey);
  const decision = await policy.evaluate(LOOK, { sign: webCryptoSigner(keys), correlationId: "c0ffee" });
  assert.deepEqual(JSON.parse(decision.files.trace), decision.trace);
  const report = await gait.trace.verify(decision.files.trace, { publicKey });
  assert.equal(report.signature_status, "verified");
  const recheck = await gait.trace.recheck(decision.files.trace, POLICY, LOOK, { publicKey });
  assert.deepEqual([recheck.ok, recheck.same_core, recheck.signature_status], [true, true, "verified"]);
  const other = await gait.trace.verify(decision.files.trace, { publicKey: PUBLIC_KEY });
  assert.equal(other.ok, false);
});

test("calls are counted, one after the other, and the one too many is blocked", async () => {
  const rateLimits = counter();
  const options = { now: NOW, rateLimits };
  const decisions = await Promise.all(Array.from({ length: 5 }, () => policy.evaluate(call("count.only"), options)));
  assert.deepEqual(
    decisions.map(({ verdict }) => verdict),
    ["allow", "allow", "allow", "block", "block"],
  );
  // What is over the limit changes nothing.
  assert.equal(rateLimits.puts, 3);
  assert.equal(
    (await policy.evaluate(call("count.only"), { ...options, now: "2026-04-02T08:31:00Z" })).verdict,
    "allow",
  );
});

test("the caller's lock is held while a call is counted", async () => {
  const log = [];
  const inner = counter();
  const rateLimits = {
    async lock(turn) {
      log.push("lock");
      try {
        return await turn();
      } finally {
        log.push("unlock");
      }
    },
    get() {
      log.push("get");
      return inner.get();
    },
    put(next) {
      log.push("put");
      return inner.put(next);
    },
  };
  const credential = () => {
    log.push("broker");
    return broker();
  };
  await policy.evaluate(FUEL, { now: NOW, rateLimits, credential });
  // Nobody waits for a broker, and the call is counted before it is asked.
  assert.deepEqual(log, ["lock", "get", "put", "unlock", "broker"]);
});

test("a credential is asked for, named in the decision and the record", async () => {
  let request;
  const credential = (wanted) => {
    request = wanted;
    return { credential_ref: "depot:1", issued_by: "depot" };
  };
  const decision = await policy.evaluate(FUEL, { now: NOW, rateLimits: counter(), credential, sign });
  assert.equal(decision.verdict, "allow");
  assert.deepEqual(decision.credential, { issuer: "depot", reference: "depot:1" });
  assert.equal(request.environment_key, "DEPOT_FUEL");
  assert.equal(JSON.parse(decision.files.credential_evidence).credential_ref, "depot:1");
  assert.equal(decision.trace.signature.key_id, KEY_ID);
  const stub = await policy.evaluate(FUEL, { now: NOW, rateLimits: counter(), credential: "stub" });
  assert.equal(stub.credential.issuer, "stub");
});

test("a broker that is missing or fails blocks the call, which stays counted", async () => {
  const failing = [
    undefined,
    () => null,
    () => undefined,
    () => ({}),
    () => ({ credential_ref: " " }),
    () => Promise.reject(new Error("the vault is sealed")),
    () => {
      throw new Error("the vault is sealed");
    },
    () => 7n,
  ];
  for (const credential of failing) {
    const rateLimits = counter();
    const { verdict } = await policy.evaluate(FUEL, { now: NOW, rateLimits, credential });
    assert.equal(verdict, "block");
    assert.equal(rateLimits.puts, 1);
  }
});

test("a server is trusted by the snapshot that comes with the call", async () => {
  const trusting = await gait.policy.compile("default_verdict: allow\nmcp_trust: { snapshot: servers.json }\n");
  assert.equal(trusting.report.trust_snapshot, "servers.json");
  const intent = { ...LOOK, server: { server_id: "tide" }, context: { ...LOOK.context, risk_class: "high" } };
  const judged = async (trustSnapshot) => {
    const { verdict, mcp_trust } = await trusting.evaluate(intent, { now: NOW, trustSnapshot });
    return `${verdict} ${mcp_trust?.status}`;
  };
  const listing = (status) => ({ entries: [{ server_id: "Tide", status }] });
  assert.equal(await judged(listing("trusted")), "allow trusted");
  assert.equal(await judged(JSON.stringify(listing("revoked"))), "block untrusted");
  assert.equal(await judged("{"), "block invalid");
  assert.equal(await judged(undefined), "block missing");
  assert.equal(await codeOf(policy.evaluate(LOOK, { trustSnapshot: {} })), "invalid_input");
});

test("an approval that is minted lets its call through, and no other", async () => {
  const move = call("crane.move", { tons: 12 });
  const waiting = await policy.evaluate(move, { now: NOW });
  assert.equal(waiting.verdict, "require_approval");
  const { intent_digest, policy_digest } = waiting;
  const minted = await gait.approval.mint({
    intentDigest: intent_digest,
    policyDigest: policy_digest,
    ttl: "30m",
    scope: ["tool:crane.move"],
    approver: "harbour-master",
    reasonCode: "tide",
    sign,
    now: NOW,
  });
  const approvals = [minted.text];
  const judged = (intent, options) =>
    policy.evaluate(intent, { now: NOW, approvals, approvalKey: PUBLIC_KEY, ...options });
  const approved = await judged(move);
  assert.equal(approved.verdict, "allow");
  assert.equal(approved.approval_ref, minted.token_id);
  assert.equal((await judged(move, { approvals: [JSON.parse(minted.text)] })).verdict, "allow");
  assert.equal((await judged(call("crane.move", { tons: 13 }))).verdict, "require_approval");
  assert.equal((await judged(move, { now: "2026-04-02T09:00:00Z" })).verdict, "require_approval");
  assert.equal(await codeOf(judged(move, { approvalKey: undefined })), "key_invalid");
  assert.equal(await codeOf(judged(move, { approvals: ["{"] })), "json_syntax");
  const token = {
    publicKey: PUBLIC_KEY,
    intentDigest: intent_digest,
    policyDigest: policy_digest,
    toolName: "crane.move",
  };
  assert.equal((await gait.approval.verify(minted.text, { ...token, now: NOW })).ok, true);
  assert.equal((await gait.approval.verify(minted.text, { ...token, toolName: "x", now: NOW })).ok, false);
});

test("simulation says what would have happened", async () => {
  const decision = await policy.evaluate(call("crane.drop"), { simulate: true });
  assert.equal(decision.verdict, "allow");
  assert.deepEqual(decision.simulated, {
    verdict: "block",
    reason_codes: decision.simulated.reason_codes,
    would_have_blocked: true,
  });
  assert.equal(decision.trace.approval_token_ref, "simulated:block");
});

test("digests of intents and documents are those of the contract", async () => {
  const { intent_digest } = await policy.test(LOOK);
  assert.equal((await gait.intent.digest(LOOK)).intent_digest, intent_digest);
  assert.equal((await gait.digest('{"b": 1.0, "a": [true]}')).canonical, '{"a":[true],"b":1}');
  assert.equal((await gait.digest("7")).canonical, "7");
});
