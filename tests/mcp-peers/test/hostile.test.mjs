// Point 7 of readiness: what gait refuses, the server behind never sees. On standard input, and over HTTP.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import test from "node:test";

import { EVERYTHING, guarded, workplace } from "../places.mjs";
import { address, seen, speak, watched } from "../wire.mjs";

const LIMIT = { timeout: 60_000 };

const call = (id, params) => `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}\n`;

/** Messages that readers disagree about, or that hide something. Each holds the word `smuggled`. */
const MESSAGES = {
  "a second name": call(7, '{"name":"echo","name":"get-env","arguments":{"message":"smuggled"}}'),
  "a second name that is escaped": call(7, '{"name":"echo","n\\u0061me":"get-env","arguments":{"message":"smuggled"}}'),
  "a second id": '{"jsonrpc":"2.0","id":7,"id":8,"method":"tools/call","params":{"name":"smuggled"}}\n',
  "a name in another case beside it": call(7, '{"name":"echo","Name":"get-env","arguments":{"message":"smuggled"}}'),
  "a second argument": call(7, '{"name":"echo","arguments":{"message":"a","message":"smuggled"}}'),
  "no UTF-8": Buffer.concat([
    Buffer.from('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"smuggled","arguments":{"message":"'),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('"}}}\n'),
  ]),
  "nesting of 10,000": call(7, `{"name":"echo","arguments":{"message":"smuggled","deep":${"[".repeat(10_000)}${"]".repeat(10_000)}}}`),
  "an id that is null": '{"jsonrpc":"2.0","id":null,"method":"tools/call","params":{"name":"smuggled"}}\n',
  "an id that is a fraction": '{"jsonrpc":"2.0","id":1.5,"method":"tools/call","params":{"name":"smuggled"}}\n',
  "an id that is a list": '{"jsonrpc":"2.0","id":[7],"method":"tools/call","params":{"name":"smuggled"}}\n',
  "a method nobody knows": '{"jsonrpc":"2.0","id":7,"method":"tools/smuggled","params":{}}\n',
  "a batch where there are none": `[${call(7, '{"name":"echo","arguments":{"message":"smuggled"}}').trim()}]\n`,
  "two values on a line": `{"jsonrpc":"2.0","id":7,"method":"ping"}{"smuggled":1}\n`,
  "no JSON": "smuggled\n",
};

test("7. messages that readers disagree about are refused, and the conversation goes on", LIMIT, async (t) => {
  const folder = workplace(t);
  const to = await speak(t, folder, guarded(folder, watched(folder, EVERYTHING)));
  let id = 100;
  for (const [what, message] of Object.entries(MESSAGES)) {
    to.write(message);
    id += 1;
    const after = await to.call(id, "echo", { message: "after" });
    assert.equal(after.result.content[0].text, "Echo: after", what);
    assert.ok(!seen(folder).includes("smuggled"), `${what}: the server saw it`);
  }
  const refused = await to.answer(7);
  assert.ok(refused.error ?? refused.result.isError, "who can be told is told");
});

test("7. a message of 100 MB is read past, never kept", { timeout: 120_000 }, async (t) => {
  const folder = workplace(t);
  const to = await speak(t, folder, guarded(folder, watched(folder, EVERYTHING)));
  const piece = "x".repeat(1 << 20);
  to.write('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":{"message":"smuggled');
  for (let sent = 0; sent < 100; sent += 1) {
    if (!to.write(piece)) {
      await new Promise((resolve) => to.child.stdin.once("drain", resolve));
    }
  }
  to.write('"}}}\n');
  const after = await to.call(8, "echo", { message: "after" });
  assert.equal(after.result.content[0].text, "Echo: after");
  assert.ok(!seen(folder).includes("smuggled"));
});

test("7. gait's environment is not the server's", LIMIT, async (t) => {
  const folder = workplace(t);
  process.env.GAIT_PEERS_SECRET = "wh1sper";
  t.after(() => delete process.env.GAIT_PEERS_SECRET);
  const shown = async (...flags) => {
    const command = ["env", "GAIT_PEERS_SECRET=wh1sper", "PEERS_OPEN=yes", ...guarded(folder, EVERYTHING, ...flags)];
    const to = await speak(t, folder, command);
    const answer = await to.call(1, "get-env", {});
    to.child.stdin.end();
    await to.ended;
    return answer.result.content[0].text;
  };
  assert.ok(!/wh1sper|PEERS_OPEN/.test(await shown()));
  assert.match(await shown("--env", "PEERS_OPEN"), /PEERS_OPEN/);
});

/** One POST with exactly these headers; its status and text. A connection that is cut off counts as refused. */
function post(url, headers, body) {
  return new Promise((resolve) => {
    const asked = request(url, { method: "POST", headers, agent: false }, (answer) => {
      let text = "";
      answer.on("data", (bytes) => {
        text += bytes;
      });
      answer.on("error", () => resolve({ status: answer.statusCode, text }));
      answer.on("end", () => resolve({ status: answer.statusCode, text }));
    });
    asked.on("error", () => resolve({ status: 499, text: "" }));
    asked.end(body);
  });
}

test("7. over HTTP: origin, host, token, headers, repeated names and sizes", LIMIT, async (t) => {
  const folder = workplace(t);
  const flags = ["--listen", "127.0.0.1:0", "--auth-mode", "token", "--auth-token-env", "PEERS_TOKEN"];
  const command = guarded(folder, watched(folder, EVERYTHING), ...flags);
  const url = await address(t, folder, command, { PEERS_TOKEN: "wh1sper" });
  const opening = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "smuggled", version: "1" } };
  const open = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: opening });
  const headers = {
    authorization: "Bearer wh1sper",
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
  const twice = open.replace('"method"', '"method":"ping","method"');
  const deep = open.replace('"capabilities":{}', `"capabilities":${"[".repeat(10_000)}${"]".repeat(10_000)}`);
  const modern = { ...headers, "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/list" };
  const call = JSON.stringify({
    jsonrpc: "2.0",
    id: 2,
    method: "tools/call",
    params: {
      name: "echo",
      arguments: { message: "smuggled" },
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
      },
    },
  });
  const attempts = {
    "another origin": [{ ...headers, origin: "https://elsewhere.test" }, open],
    "another host": [{ ...headers, host: "elsewhere.test" }, open],
    "no token": [{ ...headers, authorization: "" }, open],
    "another token": [{ ...headers, authorization: "Bearer wh1spers" }, open],
    "another type": [{ ...headers, "content-type": "text/plain" }, open],
    "a second name": [headers, twice],
    "nesting of 10,000": [headers, deep],
    "a header that differs from the body": [modern, call],
    "a body of 100 MB": [headers, open.replace("smuggled", `smuggled${"x".repeat(100 << 20)}`)],
  };
  for (const [what, [given, body]] of Object.entries(attempts)) {
    const { status, text } = await post(url, given, body);
    const refused = (status >= 400 && status < 500) || JSON.parse(text).error;
    assert.ok(refused, `${what}: ${status} ${text.slice(0, 200)}`);
  }
  const reached = existsSync(join(folder, "seen.jsonl")) ? seen(folder) : "";
  assert.ok(!reached.includes("smuggled"), "the server heard of it");
  assert.equal((await post(url, headers, open)).status, 200, "and what is in order passes");
  assert.match(seen(folder), /smuggled/);
});
