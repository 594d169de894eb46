// Traces, tokens, policies and intents: signatures, and judging again.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { blob, card, closeBrowser, closeQuiet, drop, idle, inRoot, KEY, open, OTHER_KEY, textOf, titleOf } from "./page.mjs";

after(closeBrowser);
const key = { name: "gate.pub", bytes: KEY };

test("a trace with its key, policy and intent is judged again", async () => {
  const page = await open();
  await drop(page, blob("recheck_waits.json"));
  assert.equal(await titleOf(page, "recheck_waits.json"), "Cannot be judged");
  assert.match(await textOf(page, "recheck_waits.json"), /supply the public key/);
  await drop(page, key);
  await page.locator("h3", { hasText: /^Sound$/ }).waitFor();
  await drop(page, blob("harbour.yaml"), blob("intent_waiting.json"));
  await page.locator("h4", { hasText: "Judged again" }).waitFor();
  await idle(page);
  const text = await textOf(page, "recheck_waits.json");
  assert.match(text, /its verdict follows from the policy/);
  assert.match(text, /moving_needs_two/);
  assert.match(text, /asks for “plan\.make”; the call has “crane\.move”/);
  assert.equal(await titleOf(page, "recheck_waits.json"), "Sound");
  await closeQuiet(page);
});

test("a trace whose verdict does not follow is not sound, although it is signed", async () => {
  const page = await open();
  await drop(page, key, blob("recheck_allowed_for_no_reason.json"), blob("harbour.yaml"), blob("intent_waiting.json"));
  await page.locator("h3", { hasText: "Not sound" }).waitFor();
  await idle(page);
  assert.match(await textOf(page, "recheck_allowed_for_no_reason.json"), /Judged again here, “verdict” is “require_approval”; the trace says “allow”/);
  await closeQuiet(page);
});

test("another policy than the one that decided proves nothing against a trace", async () => {
  const page = await open();
  await drop(page, key, blob("recheck_waits.json"), blob("intent_waiting.json"), inRoot("examples/policy-test/allow.yaml"));
  await idle(page);
  assert.equal(await titleOf(page, "recheck_waits.json"), "Cannot be judged");
  assert.match(await textOf(page, "recheck_waits.json"), /“allow\.yaml” is not the policy that decided/);
  await closeQuiet(page);
});

test("a changed trace, a stranger's trace and an unsigned one are not sound", async () => {
  const page = await open();
  await drop(page, key, blob("trace_verdict_changed.json"), blob("trace_unsigned.json"), blob("trace_duplicate_key.json"));
  await idle(page);
  assert.equal(await titleOf(page, "trace_verdict_changed.json"), "Not sound");
  assert.equal(await titleOf(page, "trace_unsigned.json"), "Not sound");
  assert.equal(await titleOf(page, "trace_duplicate_key.json"), "Cannot be judged");
  assert.match(await textOf(page, "trace_duplicate_key.json"), /json_duplicate_key/);
  await page.click("#clear");
  await page.click("text=Forget all keys");
  await drop(page, { name: "other.pub", bytes: OTHER_KEY }, blob("trace_signed.json"));
  await idle(page);
  assert.equal(await titleOf(page, "trace_signed.json"), "Not sound");
  assert.match(await textOf(page, "trace_signed.json"), /a key you have not supplied/);
  await closeQuiet(page);
});

test("policy and intent alone give a verdict, with the matchers that failed", async () => {
  const page = await open();
  await drop(page, inRoot("examples/policy-test/block.yaml"), inRoot("examples/policy-test/intent.json"));
  await page.locator(".answer h3", { hasText: "The policy says: block" }).waitFor();
  assert.match(await page.locator(".answer").innerText(), /order_lookup_blocked/);
  await drop(page, inRoot("examples/refund-limit/policy.yaml"));
  await page.waitForFunction(() => document.querySelectorAll(".answer").length === 2);
  assert.match(await page.locator(".answer").last().innerText(), /asks for/);
  await page.getByRole("button", { name: "Remove policy.yaml" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".answer").length === 1);
  assert.match(await page.locator(".answer").innerText(), /order_lookup_blocked/);
  await closeQuiet(page);
});

test("a policy that is not valid shows every mistake at its place", async () => {
  const page = await open();
  await drop(page, { name: "p.yaml", bytes: "default_verdict: alow\nrules:\n  - name: a\n    effect: block\n    colour: red\n" });
  const text = await textOf(page, "p.yaml");
  assert.match(text, /policy_invalid/);
  assert.match(text, /Line 1, column 18/);
  assert.match(text, /Line 5, column 5/);
  await closeQuiet(page);
});

test("approval tokens: expired, forged, and about another call", async () => {
  const page = await open();
  await drop(page, blob("token_ana.json"));
  assert.equal(await titleOf(page, "token_ana.json"), "Cannot be judged");
  await drop(page, key);
  await page.locator("h3", { hasText: "Not sound" }).waitFor();
  assert.match(await textOf(page, "token_ana.json"), /expired|another policy|another call/i);
  await drop(page, blob("token_unsigned.json"), blob("token_cut.json"));
  await idle(page);
  assert.match(await textOf(page, "token_unsigned.json"), /It is not signed/);
  assert.match(await textOf(page, "token_cut.json"), /Cannot be judged[\s\S]*json_syntax/);
  await closeQuiet(page);
});

test("a token in force, for the intent and policy beside it, is sound", async () => {
  const page = await open();
  // The token's time is in the past, so the page's clock is set back to it.
  const { created_at } = JSON.parse(readFileSync(blob("token_ana.json"), "utf8"));
  await page.clock.setFixedTime(new Date(Date.parse(created_at) + 60_000));
  await drop(page, key, blob("token_ana.json"), blob("harbour.yaml"), blob("intent_waiting.json"));
  await idle(page);
  assert.equal(await titleOf(page, "token_ana.json"), "Sound");
  assert.match(await textOf(page, "token_ana.json"), /held against the intent “intent_waiting\.json” and the policy “harbour\.yaml”/);
  await closeQuiet(page);
});

test("what is no artifact of gait is told apart from a broken one", async () => {
  const page = await open();
  await drop(page, inRoot("examples/first-win/drifted.json"), inRoot("README.md"), { name: "empty", bytes: "" });
  await idle(page);
  assert.match(await textOf(page, "drifted.json"), /run record/);
  assert.match(await textOf(page, "README.md"), /zip_not_an_archive/);
  assert.match(await textOf(page, "empty"), /Cannot be judged/);
  assert.equal(await (await card(page, "empty")).locator(".fault").count(), 1);
  await closeQuiet(page);
});

test("the manifest of a registry pack is held against the publisher's key", async () => {
  const page = await open();
  await drop(page, blob("registry_signed.json"), blob("registry_tampered.json"), blob("registry_unsigned.json"), blob("registry_name_climbs.json"));
  assert.equal(await titleOf(page, "registry_signed.json"), "Cannot be judged");
  assert.equal(await titleOf(page, "registry_unsigned.json"), "Not sound");
  assert.match(await textOf(page, "registry_name_climbs.json"), /registry_name_unsafe/);
  await drop(page, key);
  await page.locator("h3", { hasText: /^Sound$/ }).waitFor();
  await idle(page);
  const text = await textOf(page, "registry_signed.json");
  assert.match(text, /Registry pack[\s\S]*Sound[\s\S]*harbor-rules 2\.1\.0/);
  assert.match(text, /Your key “gate\.pub”/);
  assert.equal(await titleOf(page, "registry_tampered.json"), "Not sound");
  assert.match(await textOf(page, "registry_tampered.json"), /names a key you supplied, and its signature does not verify/);
  await closeQuiet(page);
});

test("an attestation is held against the signer's key and the files beside it", async () => {
  const page = await open();
  await drop(page, blob("attestation_sound.json"), blob("attestation_unsigned.json"), blob("sample.zip"));
  assert.equal(await titleOf(page, "attestation_sound.json"), "Cannot be judged");
  assert.equal(await titleOf(page, "attestation_unsigned.json"), "Not sound");
  await drop(page, key);
  await page.locator("h3", { hasText: /^Sound$/ }).waitFor();
  await idle(page);
  const text = await textOf(page, "attestation_sound.json");
  assert.match(text, /“sample\.zip” beside it is the file that it is about/);
  assert.match(text, /Drop “pack\.zip” beside it/);
  assert.match(text, /2 allow/);
  await drop(page, { name: "pack.zip", bytes: readFileSync(blob("pack_signed.zip")) });
  await page.locator("h3", { hasText: /^Not sound$/ }).nth(1).waitFor();
  await idle(page);
  assert.match(await textOf(page, "attestation_sound.json"), /“pack\.zip” beside it is not the file that it is about/);
  await closeQuiet(page);
});
