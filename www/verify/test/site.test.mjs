// The verifier as a page of the site: under the site's policy, from a folder of a host, then without a network.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { buildSite } from "../../build.mjs";
import { serve } from "../../serve.mjs";
import { blob, browser, closeBrowser, drop, idle, inRoot, KEY, settled, textOf, titleOf } from "./page.mjs";

const folder = mkdtempSync(join(tmpdir(), "gait-site-"));
let server;
before(async () => {
  await buildSite({ out: folder });
  server = await serve({ folder, base: "/docs-of-gait/" });
});
after(async () => {
  await closeBrowser();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The page, and what it asked for, broke or complained about. */
async function visit(options = {}) {
  const context = await (await browser()).newContext(options);
  const page = await context.newPage();
  const watch = { requests: [], complaints: [] };
  context.on("request", (request) => watch.requests.push(request.url()));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) watch.complaints.push(message.text());
  });
  page.on("pageerror", (error) => watch.complaints.push(error.message));
  await page.goto(`${server.url}verify/index.html`);
  await page.waitForSelector("html[data-verifier=ready]");
  return Object.assign(page, { watch });
}

test("the site's page gives the same verdicts, and asks no other host for anything", async () => {
  const page = await visit({ viewport: { width: 1280, height: 860 } });
  const before = page.watch.requests.length;
  await drop(page, { name: "desk.pub", bytes: KEY }, blob("signed_demo.zip"), blob("tampered_results.zip"), blob("zip_name_climbs.zip"));
  assert.equal(await titleOf(page, "signed_demo.zip"), "Sound");
  assert.equal(await titleOf(page, "tampered_results.zip"), "Not sound");
  assert.match(await textOf(page, "zip_name_climbs.zip"), /zip_unsafe_name/);
  await idle(page);
  await settled(page);
  await page.screenshot({ path: inRoot("www/screenshots/verify-site.png") });
  assert.deepEqual(page.watch.complaints, []);
  assert.ok(page.watch.requests.every((url) => url.startsWith(server.url)));
  const since = page.watch.requests.slice(before).filter((url) => !/\/sw\.js$/.test(url));
  assert.deepEqual(since.filter((url) => url.includes(".zip") || url.includes("?")), []);
  await page.context().close();
});

test("visited once, it verifies without a network", async () => {
  const page = await visit();
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.context().setOffline(true);
  await page.reload();
  await page.waitForSelector("html[data-verifier=ready]");
  await drop(page, blob("demo.zip"));
  assert.match(await titleOf(page, "demo.zip"), /^Sound/);
  await page.context().close();
});
