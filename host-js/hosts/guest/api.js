// Uses the package the way its guide does, in any host, and returns what it got: every host must get the same.

import { PRIVATE_KEY, PUBLIC_KEY } from "./vectors.js";

const NOW = "2026-04-02T08:30:00Z";
const CONTEXT = { identity: "agent-7", workspace: "/quay/7", risk_class: "low" };
const FUEL = { tool_name: "fuel.take", context: CONTEXT };

/** Every part of the API once; `files` are the vectors' files. */
export async function story(gaitJs, files, options) {
  const { GaitError, file, keyPairOf, loadGait, publicKeyText, webCryptoSigner } = gaitJs;
  const blob = (name) => files.get(`blobs/${name}`);
  const text = (name) => new TextDecoder().decode(blob(name));
  const code = (promise) =>
    promise.then(
      () => "no error",
      (error) => (error instanceof GaitError ? error.code : String(error)),
    );

  const gait = await loadGait(options);
  const keys = await keyPairOf(PRIVATE_KEY);
  const sign = webCryptoSigner(keys);
  const policy = await gait.policy.compile(text("harbour.yaml"), { name: "harbour.yaml" });
  const store = { text: "" };
  const rateLimits = {
    get: () => store.text,
    put: (next) => {
      store.text = next;
    },
  };
  const credential = async () => ({ credential_ref: "depot:1", issued_by: "depot" });
  const look = { tool_name: "crane.look", args: { crane: "ü-7" }, context: CONTEXT };
  const looked = await policy.evaluate(look, { now: NOW, sign });
  const fuel = { now: NOW, rateLimits, credential, sign };
  const fuelled = [];
  for (let call = 0; call < 3; call += 1) {
    fuelled.push(await policy.evaluate(JSON.stringify(FUEL), fuel));
  }
  const move = { tool_name: "crane.move", args: { tons: 12 }, context: CONTEXT };
  const waiting = await policy.evaluate(move, { now: NOW });
  const minted = await gait.approval.mint({
    intentDigest: waiting.intent_digest,
    policyDigest: waiting.policy_digest,
    ttl: "1h",
    scope: ["tool:crane.move"],
    approver: "harbour-master",
    reasonCode: "tide",
    sign,
    now: NOW,
  });
  const approved = await policy.evaluate(move, { now: NOW, approvals: [minted.text], approvalKey: PUBLIC_KEY });
  const runpack = await gait.record(JSON.parse(text("record_full.json")), { sign, now: NOW });
  const demo = new Blob([blob("demo.zip")]);
  const publicKey = PUBLIC_KEY;
  return {
    core: gait.core.digest,
    producerVersion: gait.producerVersion,
    publicKey: await publicKeyText(keys.publicKey),
    verified: await gait.verify(demo, { publicKey }),
    inspected: await gait.inspect(demo),
    receipt: await gait.receipt(blob("demo.zip")),
    differs: await gait.diff(demo, runpack.bytes),
    recorded: runpack.recorded,
    recordedLength: runpack.bytes.length,
    recordedVerified: await gait.verify(runpack.bytes, { publicKey, requireSignature: true }),
    policy: policy.report,
    formatted: await gait.policy.format("rules: []\ndefault_verdict:   allow\n"),
    looked,
    fuelled,
    state: store.text,
    waiting,
    minted,
    approved,
    token: await gait.approval.verify(minted.text, {
      publicKey,
      intentDigest: waiting.intent_digest,
      policyDigest: waiting.policy_digest,
      toolName: "crane.move",
      now: NOW,
    }),
    explained: await policy.explain(look),
    tested: await policy.test(look),
    trace: await gait.trace.verify(looked.files.trace, { publicKey }),
    rechecked: await gait.trace.recheck(looked.files.trace, text("harbour.yaml"), look, { publicKey }),
    packed: await gait.evidence.verify(blob("pack_contains_trace.zip"), { publicKey, members: true }),
    attested: await gait.attestation.verify(text("attestation_sound.json"), { publicKey, files: [blob("pack.zip")] }),
    registry: await gait.registry.verify(text("registry_signed.json"), { publicKey }),
    digests: [await gait.digest('{"b":1.50,"a":"é"}'), await gait.intent.digest(look)],
    refusals: [
      await code(gait.verify(new Uint8Array(8))),
      await code(gait.verify(file("no/such.zip"))),
      await code(gait.verify(demo, { public_key: publicKey })),
      await code(gait.policy.compile("rules: [{}]")),
      await code(policy.evaluate(FUEL, { now: NOW })),
      await code(policy.evaluate({ tool_name: "crane.look", args: { tons: Number.NaN } })),
      await code(policy.evaluate(look, { now: NOW, sign: () => ({ keyId: "", signature: new Uint8Array(64) }) })),
      await code(gait.evidence.verify(demo)),
    ],
  };
}
