// `gait mcp gateway init`: what it writes into a client's configuration is what a client can start.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { connectOld, textOf } from "../clients.mjs";
import { EVERYTHING, filesystem, GAIT, gait, policy, surroundings, workplace } from "../places.mjs";

/** For each client: its file below the project or the home folder, and where servers stand in it. */
const CLIENTS = {
  "claude-desktop": [".config/Claude/claude_desktop_config.json", "mcpServers"],
  "claude-code": [".mcp.json", "mcpServers"],
  cursor: [".cursor/mcp.json", "mcpServers"],
  vscode: [".vscode/mcp.json", "servers"],
};

for (const [client, [file, section]] of Object.entries(CLIENTS)) {
  test(`init: ${client} starts its server through gait from then on`, { timeout: 60_000 }, async (t) => {
    const folder = workplace(t, policy("block", "get-sum", "sums_are_off"));
    const path = join(folder, file);
    mkdirSync(join(path, ".."), { recursive: true });
    const [command, ...args] = EVERYTHING;
    const env = { PEERS_TOKEN: "wh1sper" };
    writeFileSync(path, JSON.stringify({ [section]: { all: { command, args, env } } }, null, 2));
    const config = process.platform === "linux" ? [] : ["--config", path];
    const words = ["--client", client, "--server", "all", "--policy", "policy.yaml", "--program", GAIT, ...config];
    const done = gait(folder, "mcp", "gateway", "init", ...words, "--write");
    assert.equal(done.exit, 0, JSON.stringify(done.answer));

    const entry = JSON.parse(readFileSync(path))[section].all;
    assert.ok(!entry.args.join(" ").includes("wh1sper"), "arguments carry no secrets");
    const elsewhere = join(folder, "elsewhere");
    mkdirSync(elsewhere);
    const started = { folder: elsewhere, env: { ...surroundings(folder), ...entry.env } };
    const to = await connectOld([entry.command, ...entry.args], started);
    t.after(to.close);
    assert.match(textOf(await to.call("get-sum", { a: 1, b: 2 })), /sums_are_off/);
    assert.match(textOf(await to.call("get-env", {})), /wh1sper/);
    await to.close();
    assert.deepEqual(readdirSync(elsewhere), [], "nothing is written where the client happens to be");
    assert.equal(readdirSync(join(folder, "gait-out/mcp-gateway")).filter((name) => name.endsWith(".zip")).length, 1);
  });
}

/** The policy that the guide has its reader write. */
function guidesPolicy() {
  const page = readFileSync(new URL("../../../docs/guard_a_filesystem_server.md", import.meta.url), "utf8");
  const block = /\n((?:> .*\n)*)> .*> gait\.policy\.yaml\n/.exec(page)[0];
  return [...block.matchAll(/^> {3}'(.*)'/gm)].map(([, line]) => `${line}\n`).join("");
}

for (const [client, file] of [["claude-code", ".mcp.json"], ["cursor", ".cursor/mcp.json"]]) {
  test(`the guide holds for the filesystem server itself: ${client}`, { timeout: 60_000 }, async (t) => {
    const folder = workplace(t);
    writeFileSync(join(folder, "gait.policy.yaml"), guidesPolicy());
    writeFileSync(join(folder, "tides.txt"), "high water at noon");
    const path = join(folder, file);
    mkdirSync(join(path, ".."), { recursive: true });
    const [command, ...args] = filesystem(".");
    writeFileSync(path, JSON.stringify({ mcpServers: { files: { command, args } } }, null, 2));
    const words = ["--client", client, "--server", "files", "--program", GAIT, "--write"];
    const done = gait(folder, "mcp", "gateway", "init", ...words);
    assert.equal(done.exit, 0, JSON.stringify(done.answer));
    const entry = JSON.parse(readFileSync(path)).mcpServers.files;
    const to = await connectOld([entry.command, ...entry.args], { folder, env: surroundings(folder) });
    t.after(to.close);

    const tools = await to.tools();
    const reading = tools.filter(({ annotations }) => annotations.readOnlyHint).map(({ name }) => name);
    assert.ok(reading.length > 5 && reading.length < tools.length, reading.join());
    for (const { name } of tools) {
      const said = textOf(await to.call(name, {}).catch(({ message }) => ({ content: [{ text: message }] })));
      assert.equal(!said.includes("gait: block (this_folder_is_read_only). Not executed."), reading.includes(name), `${name}: ${said}`);
    }
    assert.equal(textOf(await to.call("read_text_file", { path: "tides.txt" })), "high water at noon");
    const refused = await to.call("write_file", { path: "tides.txt", content: "none" });
    assert.equal(refused.isError, true);
    assert.equal(readFileSync(join(folder, "tides.txt"), "utf8"), "high water at noon");
    await to.close();
    assert.equal(readdirSync(join(folder, "gait-out/mcp-gateway")).filter((name) => name.endsWith(".zip")).length, 1);
  });
}
