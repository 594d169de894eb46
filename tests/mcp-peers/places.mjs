// Where programs and servers are, and the command that puts gait in front of a server.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const PACKAGES = join(HERE, "node_modules/@modelcontextprotocol");

/** The program under test: the one that is named, or the one that `cargo build` makes. */
export const GAIT = process.env.GAIT_TEST_PROGRAM ?? join(HERE, "../../target/debug/gait");

/** The Python with the packages of requirements.txt; `make test-mcp` installs it. */
export const PYTHON = process.env.GAIT_TEST_PYTHON ?? join(HERE, "../../target/mcp-peers/bin/python");

/** The reference server that has everything. */
export const EVERYTHING = [process.execPath, join(PACKAGES, "server-everything/dist/index.js"), "stdio"];

/** The same, at an address: `PORT` in its environment is its port. */
export const EVERYTHING_HTTP = [...EVERYTHING.slice(0, 2), "streamableHttp"];

/** The reference server that reads and writes files of a folder. */
export const filesystem = (folder) => [process.execPath, join(PACKAGES, "server-filesystem/dist/index.js"), folder];

/** A server on the old line's SDK with the tools that the conformance suite asks for. */
export const CONFORMANT = [process.execPath, join(HERE, "servers/conformant.mjs")];

/** A server on the new line's SDK that knows no `initialize`. */
export const MODERN = [process.execPath, join(HERE, "servers/modern.mjs")];

/** The conformance suite, under a Node that is new enough for it. */
export function conformance() {
  const own = Number(process.versions.node.split(".")[0]) >= 22;
  const packaged = ["linux-x64", "linux-arm64"].map((kind) => join(HERE, `node_modules/node-${kind}/bin/node`));
  const node = own ? process.execPath : packaged.find((path) => existsSync(path));
  return node && [node, join(PACKAGES, "conformance/dist/index.js")];
}

/** A folder with a home, a policy and whatever gait writes; gone after the test. */
export function workplace(t, policy = ALLOW_ALL) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "gait-mcp-")));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  writeFileSync(join(folder, "policy.yaml"), policy);
  return folder;
}

/** What a client starts in place of a server's command, with gait in front of it. */
export const guarded = (folder, server, ...flags) => [...gateway(folder), ...flags, "--", ...server];

/** The same for servers with names: each a command, or the address of one. */
export function guardedTogether(folder, servers, ...flags) {
  const one = (server) => (typeof server === "string" ? { url: server } : { command: server[0], args: server.slice(1) });
  const named = Object.entries(servers).map(([name, server]) => [name, one(server)]);
  const file = join(folder, "servers.yaml");
  writeFileSync(file, JSON.stringify({ servers: Object.fromEntries(named) }));
  return [...gateway(folder), "--servers", file, ...flags];
}

function gateway(folder) {
  const places = ["--policy", join(folder, "policy.yaml"), "--trace-dir", join(folder, "traces")];
  return [GAIT, "mcp", "gateway", ...places, "--runpack-dir", join(folder, "runpacks")];
}

/** The environment of a program that gait or a client starts: a home of its own. */
export const surroundings = (folder) => ({ PATH: process.env.PATH, HOME: folder });

/** Runs gait to its end, and reads its answer. */
export function gait(folder, ...words) {
  const done = spawnSync(GAIT, [...words, "--json"], { cwd: folder, env: surroundings(folder), encoding: "utf8" });
  return { exit: done.status, answer: JSON.parse(done.stdout || "null"), said: done.stderr };
}

const HEAD = "schema_id: gait.gate.policy\nschema_version: 1.0.0\n";

/** A policy that lets everything through. */
export const ALLOW_ALL = `${HEAD}default_verdict: allow\n`;

/** A policy with a verdict of its own for some tools. */
export const policy = (effect, tools, reason) =>
  `${ALLOW_ALL}rules:\n  - name: some\n    effect: ${effect}\n    match: {tool_names: [${tools}]}\n    reason_codes: [${reason}]\n`;
