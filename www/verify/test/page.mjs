// What the tests share: the built file, a browser page that keeps a record of what it must not do, drops, archives.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { launch } from "../../test/browser.mjs";
import { buildVerifier } from "../build.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The public half of the key that signs the vectors, and another one. */
export const KEY = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
export const OTHER_KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

/** A file among the vectors' blobs. */
export const blob = (name) => here(`../../../tests/vectors/blobs/${name}`);
/** A file of the repository. */
export const inRoot = (name) => here(`../../../${name}`);

let built;
/** gait-verify.html, built once for each test file. */
export async function singleFile() {
  built ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), "gait-verify-"));
    process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
    return (await buildVerifier({ outDir: folder })).file;
  })();
  return built;
}

let running;
/** One browser for each test file; the tests of a file share it. */
export function browser() {
  running ??= launch();
  return running;
}

export async function closeBrowser() {
  await (await running)?.close();
}

/** Opens the file from disk with the network off. `page.watch` is what must stay empty. */
export async function open({ file, ...options } = {}) {
  const context = await (await browser()).newContext({ offline: true, ...options });
  const page = await context.newPage();
  const watch = { requests: [], violations: [], errors: [] };
  context.on("request", (request) => watch.requests.push(request.url()));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) watch.errors.push(message.text());
  });
  page.on("pageerror", (error) => watch.errors.push(error.message));
  await page.exposeFunction("told", (text) => watch.violations.push(text));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => window.told(`${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(pathToFileURL(file ?? (await singleFile())).href);
  await page.waitForSelector("html[data-verifier]");
  assert.equal(await page.getAttribute("html", "data-verifier"), "ready");
  return Object.assign(page, { watch });
}

/** Nothing was asked of any network, nothing broke the policy, nothing was logged as an error. */
export async function closeQuiet(page) {
  await settled(page);
  const asked = page.watch.requests.filter((url) => !url.startsWith("blob:") && !url.startsWith("data:"));
  assert.equal(asked.length, 1, `only the file itself: ${asked.map((url) => url.slice(0, 80))}`);
  assert.match(asked[0], /^file:.*\/gait-verify\.html$/);
  assert.deepEqual(page.watch.violations, []);
  assert.deepEqual(page.watch.errors, []);
  await page.context().close();
}

/** Violations are told a little after they happen. */
export async function settled(page) {
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
}

/** Drops files onto the page, as a hand would: paths, or `{ name, bytes }`. */
export async function drop(page, ...files) {
  const sent = files.map((file) =>
    typeof file === "string"
      ? { name: basename(file), base64: readFileSync(file).toString("base64") }
      : { name: file.name, base64: Buffer.from(file.bytes).toString("base64") });
  await page.evaluate((list) => {
    const transfer = new DataTransfer();
    for (const { name, base64 } of list) {
      transfer.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name));
    }
    const target = document.getElementById("drop");
    for (const kind of ["dragenter", "dragover", "drop"]) {
      target.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: transfer }));
    }
  }, sent);
}

/** The card of a file, once its verdict is there. */
export async function card(page, name) {
  const found = page.locator("article.card", { has: page.locator(`.what bdi:text-is("${name}")`) }).first();
  await found.locator("h3").filter({ hasNotText: "Checking" }).waitFor();
  return found;
}

export async function titleOf(page, name) {
  return (await (await card(page, name)).locator("h3").first()).textContent();
}

export async function textOf(page, name) {
  return (await card(page, name)).innerText();
}

/** Waits until nothing is under way any more. */
export async function idle(page) {
  await page.waitForFunction(() => document.querySelector("progress") === null && !/Checking…/.test(document.body.innerText));
}

/** What the program makes: a runpack signed with a fresh key, and that key. `undefined` where it is not built. */
export function demo() {
  const program = inRoot("target/release/gait");
  if (!existsSync(program)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "gait-demo-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const run = (...args) => execFileSync(program, args, { cwd: folder, env: { PATH: process.env.PATH, HOME: folder } }).toString();
  run("demo");
  const key = /[A-Za-z0-9+/]{43}=/.exec(run("keys", "show"))[0];
  const version = JSON.parse(run("version", "--json"));
  const footer = run("run", "receipt", "run_demo");
  return { file: join(folder, "gait-out/runpack_run_demo.zip"), key, version, footer };
}
