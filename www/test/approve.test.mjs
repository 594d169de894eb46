// The page on which a waiting call is approved, used the way an approver does: read it, run its command, paste the file.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { inRoot } from "../verify/test/page.mjs";
import { launch, screens } from "./browser.mjs";

const named = process.env.GAIT_TEST_PROGRAM;
const program = named ?? inRoot("target/debug/gait");
const skip = named || existsSync(program) ? false : `${program} is not built; \`cargo build --workspace\` builds it`;
const folder = mkdtempSync(join(tmpdir(), "gait-approve-"));
const env = { PATH: process.env.PATH, HOME: folder };
const SERVER = `import json, sys
for line in sys.stdin:
    m = json.loads(line)
    if "id" in m: print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": {"content": [{"type": "text", "text": "figs"}], "protocolVersion": "2025-11-25"}}), flush=True)
`;

after(() => rmSync(folder, { recursive: true, force: true }));

/** A gateway with a client that opens addresses; `next` waits for a message. */
function converse() {
  writeFileSync(join(folder, "server.py"), SERVER);
  writeFileSync(join(folder, "policy.yaml"), "default_verdict: require_approval\n");
  const child = spawn(program, ["mcp", "gateway", "--policy", "policy.yaml", "--", "python3", "server.py"], { cwd: folder, env });
  const messages = [];
  const waiting = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    messages.push(JSON.parse(line));
    for (const look of waiting) look();
  });
  return {
    child,
    say: (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`),
    next: (is) =>
      new Promise((resolve) => {
        const look = () => {
          const found = messages.find(is);
          if (found) resolve(found);
        };
        waiting.push(look);
        look();
      }),
  };
}

test("an approver reads the page, runs its command, pastes the file, and the call goes on", { skip, timeout: 90_000 }, async (t) => {
  const to = converse();
  const browser = await launch();
  t.after(async () => {
    to.child.kill();
    await browser.close();
  });
  const capabilities = { elicitation: { url: {} } };
  const clientInfo = { name: "desk", version: "1" };
  to.say({ id: 1, method: "initialize", params: { protocolVersion: "2025-11-25", capabilities, clientInfo } });
  await to.next((message) => message.id === 1);
  const path = "manifest<b>.txt";
  to.say({ id: 2, method: "tools/call", params: { name: "read_file", arguments: { path } } });
  const question = await to.next((message) => message.method === "elicitation/create");

  const page = await browser.newPage(screens.phone);
  const errors = [];
  page.on("console", (line) => line.type() === "error" && errors.push(line.text()));
  await page.goto(question.params.url);
  assert.equal(await page.locator("h1").textContent(), "A call waits for an approval");
  assert.match(await page.locator("dl").innerText(), /read_file[\s\S]*manifest<b>\.txt/);
  assert.equal(await page.locator("b").count(), 0, "what stands in a call is text");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  assert.equal(wide, false, "it fits a phone");

  await page.fill("textarea", "{}");
  await page.click("button");
  assert.match(await page.locator("[role=alert]").innerText(), /not good for this call\. \(approval_token_invalid\)/);
  assert.equal(errors.filter((text) => !/status of 422/.test(text)).join("\n"), "");

  const command = (await page.locator("pre", { hasText: "gait approve" }).innerText()).replace("gait", `'${program}'`);
  execFileSync("sh", ["-c", command.replace("NAME", "ines").replace("WHY", "ticket_7")], { cwd: folder, env, stdio: "pipe" });
  await page.fill("textarea", readFileSync(join(folder, "approval.json"), "utf8"));
  await page.click("button");
  assert.match(await page.locator("[role=status]").innerText(), /The approval is good/);
  const answer = await to.next((message) => message.id === 2);
  assert.equal(answer.result.content[0].text, "figs");
});
