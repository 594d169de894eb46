// `gait mcp gateway init`: what it writes into a client's configuration is what a client can start.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { connectOld, textOf } from "../clients.mjs";
import { EVERYTHING, GAIT, gait, policy, surroundings, workplace } from "../places.mjs";

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
