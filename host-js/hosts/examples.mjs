// Runs the examples that need more than Node, the way their pages say: `npm run test:examples`.
//
// The blocks of shell commands on a page are run in order, in an empty folder with the repository's folders beside it.
// (`examples/node-gate` needs Node only; its console blocks are run with those of all other pages.)

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { launch } from "./chromium.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const blobs = join(root, "tests/vectors/blobs");
const KEY = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
const env = { ...process.env, npm_config_prefer_offline: "true", npm_config_update_notifier: "false" };
let folder;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "gait-examples-"));
  for (const name of readdirSync(root)) {
    symlinkSync(join(root, name), join(folder, name));
  }
});

after(() => rmSync(folder, { recursive: true, force: true }));

/** The blocks of a page in one language. */
function blocks(name, language) {
  const page = readFileSync(join(root, "examples", name, "README.md"), "utf8");
  return [...page.matchAll(/```(\w+)\n(.*?)```/gs)].filter(([, of]) => of === language).map(([, , text]) => text);
}

function emptyFolder(name) {
  const cwd = join(folder, `empty-${name}`);
  mkdirSync(cwd);
  return cwd;
}

test("edge-gate: a worker gates calls in workerd", { timeout: 120_000 }, () => {
  const script = `set -e\n${blocks("edge-gate", "sh").join("\n")}`;
  const printed = execFileSync("bash", ["-c", script], { cwd: emptyFolder("edge-gate"), env, encoding: "utf8" });
  const [shown] = blocks("edge-gate", "text");
  const answers = printed.split("\n").filter((line) => /^[{"]/.test(line));
  assert.deepEqual(answers, shown.trim().split("\n"));
});

test("browser-verify: a page verifies a file it is given", { timeout: 120_000 }, async (context) => {
  const { chromium } = await import("playwright-core");
  const cwd = emptyFolder("browser-verify");
  const [script] = blocks("browser-verify", "sh");
  assert.match(script, /\nnpm start\n$/);
  execFileSync("bash", ["-c", script.replace("npm start\n", "")], { cwd, env, stdio: "inherit" });
  // What `npm start` runs, at a port that is free.
  const server = spawn(process.execPath, ["serve.mjs", "0"], { cwd, stdio: ["ignore", "pipe", "inherit"] });
  context.after(() => server.kill());
  const [said] = await new Promise((resolve) => server.stdout.once("data", (data) => resolve([String(data)])));
  const url = /http:\S+/.exec(said)[0];
  const browser = await chromium.launch(launch());
  context.after(() => browser.close());
  const page = await browser.newPage();
  const elsewhere = [];
  page.on("request", (request) => request.url().startsWith(url) || elsewhere.push(request.url()));
  page.on("pageerror", (error) => elsewhere.push(String(error)));
  await page.goto(url);
  const answer = async (name, expected) => {
    await page.setInputFiles("#runpack", name);
    await page.waitForFunction((text) => document.getElementById("answer").textContent.startsWith(text), expected);
    return page.textContent("#answer");
  };
  assert.match(await answer(join(blobs, "demo.zip"), "sound"), /^sound\nrun run_demo\nmanifest 88913ed8/);
  writeFileSync(join(cwd, "cut.zip"), readFileSync(join(blobs, "demo.zip")).subarray(0, 900));
  await answer(join(cwd, "cut.zip"), "cannot be judged: ");
  await page.fill("#key", KEY);
  await answer(join(blobs, "demo.zip"), "NOT sound");
  assert.deepEqual(elsewhere, []);
});
