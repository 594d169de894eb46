// The verdicts, on the one file that opens from disk with the network off.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { blob, card, closeBrowser, closeQuiet, demo, drop, idle, inRoot, KEY, open, OTHER_KEY, textOf, titleOf } from "./page.mjs";

after(closeBrowser);

test("a good runpack is sound, says by whom, and gives the ticket's line", async (t) => {
  const made = demo();
  if (made === undefined) return t.skip("target/release/gait is not built");
  const page = await open();
  await drop(page, made.file);
  assert.equal(await titleOf(page, "runpack_run_demo.zip"), "Sound, but nobody you know signed it");
  await page.fill("#key-text", made.key);
  await page.click("text=Add key");
  await page.locator("h3", { hasText: /^Sound$/ }).waitFor();
  await idle(page);
  const text = await textOf(page, "runpack_run_demo.zip");
  assert.match(text, /Nothing has changed since it was signed, with a key you supplied/);
  assert.match(text, /Your key “pasted”/);
  assert.ok(text.includes(made.footer.trim().split("\n").find((line) => line.includes("GAIT run_id")).replace(/^.*?(GAIT )/, "$1")));
  assert.match(text, /tool\.search/);
  assert.match(await page.locator("#announcement").textContent(), /^Sound: runpack_run_demo\.zip/);
  await closeQuiet(page);
});

test("a tampered runpack is not sound, and what was changed is named with both digests", async () => {
  const page = await open();
  await drop(page, blob("tampered_results.zip"));
  assert.equal(await titleOf(page, "tampered_results.zip"), "Not sound");
  await idle(page);
  const text = await textOf(page, "tampered_results.zip");
  assert.match(text, /“results\.jsonl” was changed: its digest is not the one in the manifest/);
  assert.match(text, /do not take it for what happened/);
  assert.match(text, /Expected\s+[0-9a-f]{64}\s+Found\s+[0-9a-f]{64}/);
  assert.doesNotMatch(text, /For the ticket/);
  await closeQuiet(page);
});

test("what was changed after signing says so, although the signature verifies", async () => {
  const page = await open();
  await drop(page, { name: "k.pub", bytes: KEY }, blob("signed_tampered.zip"));
  assert.equal(await titleOf(page, "signed_tampered.zip"), "Not sound");
  const text = await textOf(page, "signed_tampered.zip");
  assert.match(text, /changed after it was signed/);
  assert.match(text, /This key signed the original\. It did not sign what is here now/);
  await closeQuiet(page);
});

test("a runpack signed by a stranger is not sound once keys were supplied, and unproven before", async () => {
  const page = await open();
  await drop(page, blob("signed_demo.zip"));
  assert.equal(await titleOf(page, "signed_demo.zip"), "Sound, but nobody you know signed it");
  assert.match(await textOf(page, "signed_demo.zip"), /Unknown key/);
  await drop(page, { name: "other.pub", bytes: `${OTHER_KEY}\n` });
  await page.locator("h3", { hasText: /^Not sound$/ }).waitFor();
  assert.match(await textOf(page, "signed_demo.zip"), /none of the keys you supplied signed it/);
  await page.uncheck("#keys-required");
  await page.locator("h3", { hasText: /nobody you know/ }).waitFor();
  await page.check("#keys-required");
  await drop(page, { name: "right.pub", bytes: KEY });
  await page.locator("h3", { hasText: /^Sound$/ }).waitFor();
  assert.match(await textOf(page, "signed_demo.zip"), /Your key “right\.pub”/);
  assert.doesNotMatch(await textOf(page, "signed_demo.zip"), /came together/);
  await closeQuiet(page);
});

test("a key that came along with the file it vouches for is pointed out", async () => {
  const page = await open();
  await drop(page, { name: "sender.pub", bytes: KEY }, blob("signed_demo.zip"));
  assert.match(await textOf(page, "signed_demo.zip"), /“sender\.pub” came together with this file/);
  await page.locator(".notice", { hasText: "did not come from whoever sent the files" }).waitFor();
  await closeQuiet(page);
});

test("hostile archives are refused with the code, what it means and what to do", async () => {
  const page = await open();
  await drop(page, blob("zip_hidden_member.zip"), blob("zip_duplicate_member.zip"), blob("zip_name_climbs.zip"));
  await idle(page);
  const hidden = await textOf(page, "zip_hidden_member.zip");
  assert.match(hidden, /Cannot be judged/);
  assert.match(hidden, /What to do/);
  assert.match(hidden, /Do not rely on it/);
  assert.equal(await titleOf(page, "zip_duplicate_member.zip"), "Not sound");
  assert.match(await textOf(page, "zip_duplicate_member.zip"), /zip_duplicate_member/);
  assert.match(await textOf(page, "zip_name_climbs.zip"), /zip_unsafe_name/);
  assert.match(await page.locator("#results-title").textContent(), /^3 files: 1 NOT sound; 2 cannot be judged$/);
  await closeQuiet(page);
});

test("every archive among the vectors gets the verdict, and the code, that its vector expects", async () => {
  const folder = inRoot("tests/vectors/verify");
  const expected = new Map();
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
    const { request, expect } = JSON.parse(readFileSync(join(folder, name), "utf8"));
    const archive = request.archive?.$blob;
    // Those without keys say what the archive alone deserves.
    if (archive && existsSync(blob(archive)) && Object.keys(request).length === 1) {
      expected.set(archive, expect.fault ? expect.fault.error_code : expect.reply.ok ? "sound" : "unsound");
    }
  }
  assert.ok(expected.size > 100, `${expected.size} archives`);
  const page = await open();
  for (const names of batches([...expected.keys()], 40)) {
    await page.locator("#files").setInputFiles(names.map(blob));
    await page.waitForFunction((count) => document.querySelectorAll("#cards > article").length === count, names.length);
    await idle(page);
    for (const name of names) {
      const found = await card(page, name);
      const classes = await found.getAttribute("class");
      const code = await found.locator(".fault").first().locator("dd code").allTextContents();
      const standing = /\b(sound|partial)\b/.test(classes) ? "sound" : /unsound/.test(classes) ? "unsound" : "open";
      const wanted = expected.get(name);
      if (["sound", "unsound"].includes(wanted)) {
        assert.equal(standing, wanted, name);
      } else {
        assert.ok(code.includes(wanted), `${name}: ${code} is not ${wanted}`);
      }
    }
    await page.click("#clear");
  }
  await closeQuiet(page);
});

test("evidence packs are recognized, and held against the runpack beside them", async () => {
  const page = await open();
  await drop(page, blob("pack.zip"), blob("pack_changed.zip"), blob("pack_signed.zip"));
  assert.equal(await titleOf(page, "pack.zip"), "Sound, but nobody you know signed it");
  assert.equal(await titleOf(page, "pack_changed.zip"), "Not sound");
  await drop(page, { name: "k.pub", bytes: KEY });
  await page.locator("h3", { hasText: /^Sound$/ }).waitFor();
  assert.match(await textOf(page, "pack_signed.zip"), /Evidence pack[\s\S]*Sound[\s\S]*Your key/);
  await closeQuiet(page);
});

test("what an evidence pack holds is verified for itself, and its members stand beside what was found", async () => {
  const page = await open();
  await drop(page, blob("pack_contains_tampered_run.zip"), blob("pack_contains_trace.zip"), blob("pack_changed.zip"), blob("pack_missing.zip"));
  assert.equal(await titleOf(page, "pack_contains_tampered_run.zip"), "Not sound");
  const tampered = await textOf(page, "pack_contains_tampered_run.zip");
  assert.match(tampered, /It is what was packed, but what was packed is not sound/);
  assert.match(tampered, /Runpacks and traces in it \(1\)/);
  assert.match(await textOf(page, "pack_contains_trace.zip"), /Sound[\s\S]*A key you have not supplied: not checked/);
  assert.match(await textOf(page, "pack_changed.zip"), /summary\.json[\s\S]*Changed[\s\S]*Expected\s+[0-9a-f]{64}\s+Found\s+[0-9a-f]{64}/);
  assert.match(await textOf(page, "pack_missing.zip"), /summary\.json[\s\S]*Missing/);
  await drop(page, { name: "gate.pub", bytes: KEY });
  await page.locator("td", { hasText: "Your key “gate.pub”" }).first().waitFor();
  await closeQuiet(page);
});

test("two runpacks are compared", async () => {
  const page = await open();
  await drop(page, blob("sample.zip"), blob("diff_status.zip"));
  await page.locator(".comparison h3", { hasText: "They differ" }).waitFor();
  const text = await page.locator(".comparison").innerText();
  assert.match(text, /The results differ/);
  await drop(page, blob("diff_volatile.zip"));
  await page.selectOption("#compare-right", { label: "diff_volatile.zip" });
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await page.locator(".comparison h3", { hasText: "The same" }).waitFor();
  await closeQuiet(page);
});

function batches(list, size) {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size));
}
