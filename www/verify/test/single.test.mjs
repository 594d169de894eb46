// What the page must never do, and who must be able to use it: policy, injection, keys, accessibility.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { createRequire } from "node:module";
import { blob, card, closeBrowser, closeQuiet, drop, idle, inRoot, KEY, open, settled, singleFile, textOf, titleOf } from "./page.mjs";

after(closeBrowser);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");

/** A picture of a page, for people. */
const shot = (page, name) => page.screenshot({ path: inRoot(`www/screenshots/verify-${name}.png`), fullPage: true });

test("the core's digest on the page is the committed one", async () => {
  const page = await open();
  const digest = await page.locator("#core-digest").textContent();
  assert.match(digest, /^[0-9a-f]{64}$/);
  assert.ok(readFileSync(inRoot("core-wasm/dist/core.lock"), "utf8").includes(`"gait_core.wasm" = "${digest}"`));
  await closeQuiet(page);
});

test("the policy holds: no connection, no other script, no HTML from text", async () => {
  const text = readFileSync(await singleFile(), "utf8");
  const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(text)[1];
  assert.match(policy, /^default-src 'none'; script-src 'sha256-[^']+' 'wasm-unsafe-eval'; style-src 'sha256-[^']+'; worker-src blob:;/);
  assert.doesNotMatch(policy, /connect-src|unsafe-inline|'unsafe-eval'/);
  const page = await open();
  const refused = await page.evaluate(async () => {
    const tries = {
      fetch: () => fetch("https://example.com/"),
      html: () => {
        document.body.innerHTML = "<b>x</b>";
      },
      script: () => new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.addEventListener("error", reject);
        script.src = "https://example.com/x.js";
        document.head.append(script);
        setTimeout(resolve, 300);
      }),
    };
    const names = [];
    for (const [name, attempt] of Object.entries(tries)) {
      await Promise.resolve().then(attempt).catch(() => names.push(name));
    }
    return names;
  });
  assert.deepEqual(refused, ["fetch", "html", "script"]);
  await settled(page);
  const kinds = page.watch.violations.map((violation) => violation.split(" ")[0]);
  assert.deepEqual([...new Set(kinds)].sort(), ["connect-src", "require-trusted-types-for"]);
  await page.context().close();
});

test("names and arguments are shown as text, and what is invisible or reorders is made visible", async () => {
  const page = await open();
  const name = "x<img src=x onerror=told('run')>\u202egnp.zip";
  await drop(page, { name, bytes: readFileSync(blob("zip_is_text.zip")) });
  const trace = { schema_id: "gait.gate.trace", verdict: "<script>told('run')</script>", tool_name: "a\u2066b\u0007\u200bc\u00a0d", trace_id: "</div>" };
  await drop(page, { name: "t.json", bytes: JSON.stringify(trace) });
  await idle(page);
  const text = await page.locator("#cards").innerText();
  assert.ok(text.includes("x<img src=x onerror=told('run')>⟨U+202E⟩gnp.zip"));
  assert.ok(text.includes("<script>told('run')</script>"));
  assert.ok(text.includes("a⟨U+2066⟩b⟨U+0007⟩⟨U+200B⟩c⟨U+00A0⟩d"), text);
  assert.equal(await page.locator("#results img, #results script").count(), 0);
  assert.doesNotMatch(await page.locator("#announcement").textContent(), /[\u202e\u2066]/);
  await closeQuiet(page);
});

test("a private key is refused with a warning, and shown nowhere", async () => {
  const page = await open();
  const secret = Buffer.alloc(64, 7).toString("base64");
  await drop(page, { name: "release.key", bytes: secret });
  await page.locator(".notice", { hasText: "PRIVATE key" }).waitFor();
  assert.ok(!(await page.content()).includes(secret));
  await closeQuiet(page);
});

test("keys are remembered only when asked, and forgotten for good", async () => {
  const page = await open();
  const stored = () => page.evaluate(() => ({ ...localStorage }));
  await page.fill("#key-text", KEY);
  await page.click("text=Add key");
  await page.locator(".keys li").waitFor();
  assert.deepEqual(await stored(), {});
  await page.check("#keys-remember");
  assert.match(JSON.stringify(await stored()), /A6EHv/);
  await page.reload();
  await page.locator(".keys li").waitFor();
  await page.click("text=Forget all keys");
  assert.deepEqual(await stored(), {});
  assert.equal(await page.locator(".keys li").count(), 0);
  await page.reload();
  await page.waitForSelector("html[data-verifier=ready]");
  assert.equal(await page.locator(".keys li").count(), 0);
  await page.context().close();
});

test("everything can be done with the keyboard, and the verdict takes the focus and is announced", async () => {
  const page = await open();
  const chooser = page.waitForEvent("filechooser");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.id), "pick");
  await page.keyboard.press("Enter");
  await (await chooser).setFiles(blob("demo.zip"));
  await (await card(page, "demo.zip")).waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === "H3");
  assert.match(await page.locator("#announcement").textContent(), /^Sound, but nobody you know signed it: demo\.zip\. Nothing has changed/);
  await idle(page);
  const seen = new Set();
  for (let step = 0; step < 40; step += 1) {
    await page.keyboard.press("Tab");
    seen.add(await page.evaluate(() => document.activeElement.textContent.trim().slice(0, 30) || document.activeElement.id));
  }
  for (const name of ["Copy the line", "Remove", "Add key", "keys-required", "keys-remember", "Copy the digest"]) {
    assert.ok(seen.has(name), `${name} among ${[...seen]}`);
  }
  await closeQuiet(page);
});

test("pasted text is taken like a file", async () => {
  const page = await open();
  await page.click("#paste");
  await page.fill("#paste-text", readFileSync(blob("trace_signed.json"), "utf8"));
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await titleOf(page, "pasted text"), "Cannot be judged");
  await page.fill("#paste-text", KEY);
  await page.click("text=Add it");
  await page.locator("h3", { hasText: /^Sound$/ }).waitFor();
  await closeQuiet(page);
});

const screens = {
  light: { colorScheme: "light", viewport: { width: 1100, height: 900 } },
  dark: { colorScheme: "dark", viewport: { width: 1100, height: 900 } },
  phone: { colorScheme: "light", viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true },
};
for (const [name, options] of Object.entries(screens)) {
  test(`accessible and whole: ${name}`, async () => {
    const page = await open(options);
    await page.emulateMedia({ reducedMotion: "reduce", colorScheme: options.colorScheme });
    await audit(page);
    for (const [of, files] of Object.entries({
      sound: [{ name: "desk.pub", bytes: KEY }, blob("signed_demo.zip")],
      "not-sound": [blob("signed_tampered.zip")],
      refused: [blob("zip_hidden_member.zip")],
      gate: [blob("recheck_waits.json"), blob("harbour.yaml"), blob("intent_waiting.json")],
    })) {
      await drop(page, ...files);
      await page.locator("#cards article").first().waitFor();
      await idle(page);
      await shot(page, `${name}-${of}`);
      await page.locator("summary").evaluateAll((all) => all.forEach((summary) => {
        summary.parentElement.open = true;
      }));
      await audit(page);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, "nothing is wider than the screen");
      await page.click("#clear");
    }
    await closeQuiet(page);
  });
}

/** axe runs through the debugger: the page's own policy would not let it in. */
async function audit(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`), []);
}
