// A large archive: the page stays alive, memory stays flat, cancelling works. And how fast it is, printed.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { largeRunpack } from "./large_runpack.mjs";
import { blob, browser, card, closeBrowser, closeQuiet, drop, idle, open, titleOf } from "./page.mjs";

const MEGABYTES = Number(process.env.GAIT_TEST_LARGE_MB ?? 300);
const folder = mkdtempSync(join(tmpdir(), "gait-large-"));
const large = join(folder, "large.zip");

before(() => largeRunpack(large, MEGABYTES));
after(async () => {
  await closeBrowser();
  rmSync(folder, { recursive: true, force: true });
});

test(`an archive of ${MEGABYTES} MB is verified while the page stays alive and memory stays flat`, async (t) => {
  const page = await open();
  await drop(page, blob("demo.zip"));
  await idle(page);
  const before = await memory();
  await page.evaluate(() => {
    let last = performance.now();
    window.longest = 0;
    setInterval(() => {
      const now = performance.now();
      window.longest = Math.max(window.longest, now - last);
      last = now;
    }, 10);
  });
  const began = performance.now();
  await page.locator("#files").setInputFiles(large);
  let peak = 0;
  let done = false;
  const verdict = titleOf(page, "large.zip").finally(() => {
    done = true;
  });
  let moved = false;
  while (!done) {
    peak = Math.max(peak, await memory());
    moved ||= await page.evaluate(() => (document.querySelector("progress")?.value ?? 0) > 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const seconds = (performance.now() - began) / 1000;
  assert.match(await verdict, /^Sound/);
  assert.ok(moved, "the bar moved");
  const longest = await page.evaluate(() => window.longest);
  t.diagnostic(`${MEGABYTES} MB in ${seconds.toFixed(2)} s (${Math.round(MEGABYTES / seconds)} MB/s), page blocked for ${Math.round(longest)} ms at most, memory +${Math.round((peak - before) / 1e6)} MB`);
  assert.ok(longest < 1_000, `the page was blocked for ${longest} ms`);
  assert.ok(peak - before < 200e6, `${(peak - before) / 1e6} MB more than before`);
  assert.equal(await (await card(page, "large.zip")).getByRole("button", { name: "Show what happened" }).count(), 1);
  await closeQuiet(page);
});

test("a check that is cancelled says so, can begin again, and stops nothing else", async () => {
  const page = await open();
  await page.locator("#files").setInputFiles(large);
  await page.getByRole("button", { name: "Cancel" }).click();
  assert.match(await titleOf(page, "large.zip"), /you stopped the check/);
  await drop(page, blob("tampered_results.zip"));
  assert.equal(await titleOf(page, "tampered_results.zip"), "Not sound");
  await page.getByRole("button", { name: "Check it again" }).click();
  await page.getByRole("button", { name: "Cancel" }).waitFor();
  await page.getByRole("button", { name: "Remove large.zip" }).click();
  await idle(page);
  assert.equal(await page.locator("#cards > article").count(), 1);
  await closeQuiet(page);
});

test("how long it takes from drop to verdict, and how fast 10 MB are", async (t) => {
  const page = await open();
  const since = () => page.evaluate(() => {
    const [dropped, judged] = ["gait-dropped", "gait-judged"].map((name) => performance.getEntriesByName(name).at(-1).startTime);
    return judged - dropped;
  });
  const times = [];
  for (let turn = 0; turn < 5; turn += 1) {
    await drop(page, blob("demo.zip"));
    await titleOf(page, "demo.zip");
    await idle(page);
    times.push(await since());
    await page.click("#clear");
  }
  const ten = join(folder, "ten.zip");
  largeRunpack(ten, 10);
  const tens = [];
  for (let turn = 0; turn < 5; turn += 1) {
    await page.locator("#files").setInputFiles(ten);
    await titleOf(page, "ten.zip");
    tens.push(await since());
    await idle(page);
    await page.click("#clear");
  }
  const list = (all) => all.map((time) => Math.round(time)).join(", ");
  t.diagnostic(`drop to verdict, demo runpack: ${list(times)} ms (aim: 200)`);
  t.diagnostic(`drop to verdict, 10 MB: ${list(tens)} ms: ${Math.round(10_000 / Math.min(...tens))} MB/s at best (aim: 150)`);
  await closeQuiet(page);
});

/** Resident bytes of all pages and workers of the browser. */
async function memory() {
  const session = await (await browser()).newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const renderers = processInfo.filter(({ type }) => type === "renderer");
  return renderers.reduce((sum, { id }) => sum + resident(id), 0);
}

function resident(id) {
  try {
    const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    // Gone meanwhile, or a system without /proc.
    return 0;
  }
}
