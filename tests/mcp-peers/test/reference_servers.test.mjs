// Points 1 and 2 of readiness: behind gait the reference servers are what they are without it.

import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { CLIENTS, connectOld, connectPinned, textOf } from "../clients.mjs";
import {
  EVERYTHING,
  EVERYTHING_HTTP,
  filesystem,
  gait,
  guarded,
  guardedTogether,
  MODERN,
  policy,
  surroundings,
  workplace,
} from "../places.mjs";
import { address, freePort } from "../wire.mjs";

const here = (folder) => ({ folder, env: surroundings(folder) });

for (const [client, connect] of Object.entries(CLIENTS)) {
  for (const [name, server] of [["everything", () => EVERYTHING], ["filesystem", filesystem]]) {
    test(`1. tools/list through gait equals tools/list without it: server-${name}, ${client}`, async (t) => {
      const folder = workplace(t);
      const alone = await connect(server(folder), here(folder));
      t.after(alone.close);
      const behind = await connect(guarded(folder, server(folder)), here(folder));
      t.after(behind.close);
      assert.deepEqual(await behind.tools(), await alone.tools());
      assert.deepEqual(behind.client.getServerVersion(), alone.client.getServerVersion());
      assert.deepEqual(behind.client.getServerCapabilities(), alone.client.getServerCapabilities());
      assert.equal(behind.client.getInstructions(), alone.client.getInstructions());
    });
  }
}

/** A call of every tool whose answer does not depend on time or place. */
const CALLS = [
  ["echo", { message: "grüße, 潮汐 \u0000 \"quoted\"" }],
  ["get-annotated-message", { messageType: "error", includeImage: true }],
  ["get-resource-links", { count: 3 }],
  ["get-resource-reference", { resourceType: "Text", resourceId: 2 }],
  ["get-structured-content", { location: "New York" }],
  ["get-sum", { a: 0.1, b: 1e21 }],
  ["get-tiny-image", {}],
  ["get-roots-list", {}],
  ["trigger-elicitation-request", {}],
  ["trigger-url-elicitation", { url: "https://gait.test/x", elicitationId: "e1" }],
  ["trigger-sampling-request", { prompt: "tide", maxTokens: 7 }],
  ["trigger-long-running-operation", { duration: 0.2, steps: 4 }],
  ["gzip-file-as-resource", { name: "x.gz", data: "data:text/plain,tide", outputType: "resource" }],
  ["toggle-subscriber-updates", {}],
  ["no-such-tool", {}],
  ["get-sum", { a: "one" }],
];

/** Makes every call, and tells what came of it. */
async function session(t, connect, command, folder) {
  const to = await connect(command, here(folder));
  t.after(to.close);
  const transcript = [];
  for (const [name, args] of CALLS) {
    const progress = [];
    const answer = await to
      .call(name, args, { onprogress: (step) => progress.push(step) })
      .catch((error) => ({ code: error.code, message: error.message }));
    // The last step may be overtaken by the answer, in the client itself.
    const steps = progress.filter((step) => step.progress < step.total);
    // The resource says when it was made, and a server at an address in which session.
    const text = JSON.stringify(answer)
      .replace(/at \d+:\d+:\d+ [AP]M/g, "at some time")
      .replace(/session [0-9a-f-]{36}/g, "session undefined");
    transcript.push({ name, answer: text, steps });
  }
  const asked = [...to.asked];
  await to.close();
  return { transcript, asked };
}

for (const [client, connect] of Object.entries(CLIENTS)) {
  test(`2. every tool of server-everything works behind gait, with progress, elicitation and sampling: ${client}`, async (t) => {
    const folder = workplace(t);
    const alone = await session(t, connect, EVERYTHING, folder);
    const behind = await session(t, connect, guarded(folder, EVERYTHING), folder);
    for (const [index, one] of alone.transcript.entries()) {
      assert.deepEqual(behind.transcript[index], one, one.name);
    }
    const sorted = (asked) => [...asked].sort();
    assert.deepEqual(sorted(behind.asked), sorted(alone.asked));
    for (const method of ["elicitation/create", "sampling/createMessage", "roots/list"]) {
      assert.ok(behind.asked.includes(method), `${method} reached the client`);
    }
    assert.equal(behind.transcript.find(({ name }) => name.startsWith("trigger-long")).steps.length, 3);
    const packs = readdirSync(join(folder, "runpacks")).filter((name) => name.endsWith(".zip"));
    // A client that negotiates starts the command once more, to find out what it speaks.
    assert.ok(packs.length === 1 || (client.endsWith("auto") && packs.length === 2), packs.join());
    for (const pack of packs) {
      assert.equal(gait(folder, "verify", join(folder, "runpacks", pack)).exit, 0, pack);
      assert.equal(gait(folder, "run", "replay", join(folder, "runpacks", pack)).exit, 0, pack);
    }
  });
}

test("2. resources, prompts, completions and logging of server-everything pass through gait", async (t) => {
  const folder = workplace(t);
  const look = async (command) => {
    const to = await connectOld(command, here(folder));
    t.after(to.close);
    const { client } = to;
    const seen = {
      prompts: await client.listPrompts(),
      prompt: await client.getPrompt({ name: "simple-prompt" }),
      resources: await client.listResources(),
      templates: await client.listResourceTemplates(),
      resource: await client.readResource({ uri: "demo://resource/static/document/architecture.md" }),
      missing: await client.readResource({ uri: "demo://nothing" }).catch(({ code, message }) => ({ code, message })),
      completion: await client.complete({
        ref: { type: "ref/prompt", name: "completable-prompt" },
        argument: { name: "department", value: "E" },
      }),
      ping: await client.ping(),
      level: await client.setLoggingLevel("debug"),
    };
    const said = textOf(await to.call("toggle-simulated-logging", {}));
    for (let waited = 0; to.logs.length === 0 && waited < 100; waited += 1) {
      await pause(100);
    }
    const logged = to.logs.length > 0;
    await to.close();
    return { ...seen, said, logged };
  };
  const [alone, behind] = await Promise.all([look(EVERYTHING), look(guarded(folder, EVERYTHING))]);
  assert.deepEqual(behind, alone);
  assert.ok(behind.logged, "log messages of the server reach the client");
});

for (const [client, connect] of Object.entries(CLIENTS)) {
  test(`2. a call that is cancelled ends, and the conversation goes on: ${client}`, async (t) => {
    const folder = workplace(t);
    const to = await connect(guarded(folder, EVERYTHING), here(folder));
    t.after(to.close);
    const stop = new AbortController();
    const began = Date.now();
    const onprogress = () => stop.abort("enough");
    const long = to.call("trigger-long-running-operation", { duration: 30, steps: 150 }, { signal: stop.signal, onprogress });
    await assert.rejects(long);
    assert.ok(Date.now() - began < 10_000, "it did not run to its end");
    assert.equal(textOf(await to.call("echo", { message: "still here" })), "Echo: still here");
  });
}

/** server-everything at an address, behind gait. */
async function guardedByAddress(t, folder) {
  const port = await freePort();
  await address(t, folder, EVERYTHING_HTTP, { PORT: String(port) }, /listening on port \d+/);
  return guardedTogether(folder, { all: `http://127.0.0.1:${port}/mcp` });
}

for (const [client, connect] of Object.entries(CLIENTS)) {
  test(`2. the same at an address, for a client that knows none: ${client}`, { timeout: 90_000 }, async (t) => {
    const folder = workplace(t);
    const command = await guardedByAddress(t, folder);
    const alone = await connect(EVERYTHING, here(folder));
    t.after(alone.close);
    const behind = await connect(command, here(folder));
    t.after(behind.close);
    assert.deepEqual(await behind.tools(), await alone.tools());
    assert.deepEqual(behind.client.getServerVersion(), alone.client.getServerVersion());
    assert.deepEqual(behind.client.getServerCapabilities(), alone.client.getServerCapabilities());

    const stop = new AbortController();
    const onprogress = () => stop.abort("enough");
    const began = Date.now();
    await assert.rejects(
      behind.call("trigger-long-running-operation", { duration: 30, steps: 150 }, { signal: stop.signal, onprogress }),
    );
    assert.ok(Date.now() - began < 10_000, "it did not run to its end");
    assert.equal(textOf(await behind.call("echo", { message: "still here" })), "Echo: still here");

    const [first, second] = [await session(t, connect, EVERYTHING, folder), await session(t, connect, command, folder)];
    for (const [index, one] of first.transcript.entries()) {
      assert.deepEqual(second.transcript[index], one, one.name);
    }
    for (const method of ["elicitation/create", "sampling/createMessage", "roots/list"]) {
      assert.ok(second.asked.includes(method), `${method} reached the client`);
    }
  });
}

test("2. several calls at once get their own answers", async (t) => {
  const folder = workplace(t);
  const to = await connectOld(guarded(folder, EVERYTHING), here(folder));
  t.after(to.close);
  const numbers = Array.from({ length: 50 }, (_, index) => index);
  const answers = await Promise.all(numbers.map((number) => to.call("get-sum", { a: number, b: 1000 })));
  for (const number of numbers) {
    assert.match(textOf(answers[number]), new RegExp(`\\b${number + 1000}\\b`));
  }
});

test("a trace stands for every call", async (t) => {
  const folder = workplace(t);
  const to = await connectOld(guarded(folder, EVERYTHING), here(folder));
  t.after(to.close);
  await to.call("echo", { message: "one" });
  await to.call("echo", { message: "two" });
  const traces = readdirSync(join(folder, "traces"));
  assert.equal(traces.length, 2, "they are there before the conversation ends");
  await to.close();
  assert.ok(existsSync(join(folder, "runpacks")));
});

test("the era without initialize passes through gait, and is judged the same", async (t) => {
  const folder = workplace(t, policy("block", "quit", "contracts_stay"));
  const pinned = (command) => connectPinned(command, here(folder), "2026-07-28");
  const alone = await pinned(MODERN);
  t.after(alone.close);
  const behind = await pinned(guarded(folder, MODERN));
  t.after(behind.close);
  assert.deepEqual(await behind.tools(), await alone.tools());
  assert.deepEqual(behind.client.getServerVersion(), alone.client.getServerVersion());
  assert.deepEqual(behind.client.getServerCapabilities(), alone.client.getServerCapabilities());
  assert.deepEqual(await behind.call("greet", { name: "Ada" }), await alone.call("greet", { name: "Ada" }));
  // The server answers with a question, and the client calls again with the answer.
  assert.deepEqual(await behind.call("sail", { to: "Ys" }), await alone.call("sail", { to: "Ys" }));
  assert.deepEqual(behind.asked, ["elicitation/create"]);
  const refused = await behind.call("quit", {});
  assert.equal(refused.isError, true);
  assert.match(textOf(refused), /contracts_stay/);
  await assert.rejects(connectOld(guarded(folder, MODERN), here(folder)), "an older client is refused by the server");
});
