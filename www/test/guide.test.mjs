// The guide "Guard a filesystem server", to its end: its commands are run as they stand, and what they leave behind is
// dropped on the verifier, in a browser without a network.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { closeBrowser, closeQuiet, drop, idle, inRoot, open, textOf, titleOf } from "../verify/test/page.mjs";

const named = process.env.GAIT_TEST_PROGRAM;
const program = named ?? inRoot("target/debug/gait");
const skip = named || existsSync(program) ? false : `${program} is not built; \`cargo build -p gait-cli\` builds it`;
let folder;
let files;

/** The commands of a page's console blocks. */
function commands(page) {
  const blocks = [...readFileSync(page, "utf8").matchAll(/^```console\n(.*?)^```/gms)].map(([, block]) => block);
  const lines = blocks.join("").split("\n").filter((line) => /^[$>] /.test(line));
  return lines.map((line) => line.slice(2)).join("\n");
}

before(() => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), "gait-guide-"));
  for (const name of ["bin", "project"]) mkdirSync(join(folder, name));
  symlinkSync(program, join(folder, "bin/gait"));
  const cwd = join(folder, "project");
  const env = { PATH: `${join(folder, "bin")}:${process.env.PATH}`, HOME: folder };
  const script = `${commands(inRoot("docs/guard_a_filesystem_server.md"))}\nprintf '\\n%s' "$trace"`;
  const said = execFileSync("sh", ["-c", script], { cwd, env, encoding: "utf8", timeout: 60_000, stdio: "pipe" });
  const evidence = join(cwd, "gait-out/mcp-gateway");
  files = {
    trace: join(cwd, said.split("\n").at(-1)),
    forged: join(cwd, "forged.json"),
    runpack: join(evidence, readdirSync(evidence).find((name) => name.endsWith(".zip"))),
    key: join(folder, ".config/gait/keys/dev.pub"),
  };
});

after(async () => {
  await closeBrowser();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

test("the trace and the runpack of a refused write are sound, with the key dropped before them", { skip, timeout: 60_000 }, async () => {
  const page = await open();
  const [trace, runpack] = [basename(files.trace), basename(files.runpack)];
  await drop(page, files.key);
  await drop(page, files.trace);
  assert.equal(await titleOf(page, trace), "Sound");
  assert.match(await textOf(page, trace), /signed with a key you supplied\. It records the verdict “block” about a call of “write_file”/);
  assert.match(await textOf(page, trace), /nothing was changed since[\s\S]*Your key “dev\.pub”/);
  await drop(page, files.runpack);
  assert.equal(await titleOf(page, runpack), "Sound");
  await idle(page);
  assert.match(await textOf(page, runpack), /Your key “dev\.pub”[\s\S]*read_text_file\s+ok[\s\S]*write_file\s+error/);
  assert.match(await textOf(page, trace), /The call is one of the run in the runpack beside it/);
  assert.doesNotMatch(await textOf(page, trace), /came together/);
  await drop(page, files.forged);
  assert.equal(await titleOf(page, "forged.json"), "Not sound");
  await closeQuiet(page);
});

test("without the key nobody vouches, and a key that comes along is remarked on", { skip, timeout: 60_000 }, async () => {
  const page = await open();
  const [trace, runpack] = [basename(files.trace), basename(files.runpack)];
  await drop(page, files.trace, files.runpack);
  assert.equal(await titleOf(page, trace), "Cannot be judged");
  assert.equal(await titleOf(page, runpack), "Sound, but nobody you know signed it");
  await page.click("#clear");
  await drop(page, files.key, files.trace, files.runpack);
  await page.locator("h3", { hasText: /^Sound$/ }).first().waitFor();
  await idle(page);
  for (const name of [trace, runpack]) {
    assert.equal(await titleOf(page, name), "Sound");
    assert.match(await textOf(page, name), /“dev\.pub” came together with this file/);
  }
  await closeQuiet(page);
});
