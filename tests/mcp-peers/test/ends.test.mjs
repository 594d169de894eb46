// Point 5 of readiness: whoever is killed, nothing is left half-written and nothing is executed twice.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import test from "node:test";

import { connectOld, textOf } from "../clients.mjs";
import {
  EVERYTHING,
  EVERYTHING_HTTP,
  filesystem,
  gait,
  guarded,
  guardedTogether,
  surroundings,
  workplace,
} from "../places.mjs";
import { freePort, seen, speak, until, watched } from "../wire.mjs";

const LIMIT = { timeout: 60_000 };
const LONG = { duration: 20, steps: 100 };

/** Every artifact there is stands whole, and nothing else is there. Nobody can clear up after a SIGKILL: then a file
 * that had no name yet may be left, hidden and unread. */
function whole(folder, packs, killed = false) {
  const kept = (name) => !(killed && /^\..*\.tmp-/.test(name));
  const list = (name) => (existsSync(join(folder, name)) ? readdirSync(join(folder, name)).filter(kept) : []);
  const key = join(folder, ".config/gait/keys/dev.pub");
  for (const name of list("traces")) {
    assert.match(name, /^trace_.*\.json$/, "no temporary file is left");
    JSON.parse(readFileSync(join(folder, "traces", name)));
    assert.equal(gait(folder, "trace", "verify", join(folder, "traces", name), "--public-key", key).exit, 0, name);
  }
  assert.equal(list("runpacks").length, packs, list("runpacks").join());
  for (const name of list("runpacks")) {
    const verified = gait(folder, "verify", join(folder, "runpacks", name));
    assert.equal(verified.exit, 0, verified.said);
  }
  return list("traces").length;
}

/** How often a watched server was asked to call a tool with this text in the arguments. */
const times = (folder, text) =>
  seen(folder).split("\n").filter((line) => line.includes('"tools/call"') && line.includes(text)).length;

/** Processes below another one, the deepest first. */
function below(pid) {
  const parents = existsSync("/proc/self/stat") ? listed() : told();
  const children = parents.filter(([, parent]) => parent === pid).map(([child]) => child);
  return children.flatMap((child) => [...below(child), child]);
}

/** Every process with its parent, where the system lists them as files. */
function listed() {
  const numbers = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return numbers.flatMap((name) => {
    try {
      // The name of the program, which may hold anything, stands in parentheses.
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      return [[Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])]];
    } catch {
      return [];
    }
  });
}

/** The same by asking `ps`. */
const told = () =>
  execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));

const alive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Has a text echoed as a model would: again, until it is not told that the server is not there. */
const again = (to, message) =>
  until(async () => {
    const answer = await to.call("echo", { message });
    const isGone = answer.isError && answer._meta["dev.gait/decision"].reason_codes.includes("server_gone");
    return isGone ? undefined : answer;
  });

test("5. the server is killed in the middle of a call", LIMIT, async (t) => {
  const folder = workplace(t);
  const to = await speak(t, folder, guarded(folder, watched(folder, EVERYTHING)));
  await to.call(1, "echo", { message: "before" });
  const long = to.call(2, "trigger-long-running-operation", LONG);
  await until(() => times(folder, "trigger-long") === 1);
  for (const pid of below(to.child.pid)) {
    process.kill(pid, "SIGKILL");
  }
  const answer = await long;
  assert.equal(answer.result.isError, true);
  assert.match(answer.result.content[0].text, /server ended/);
  to.child.stdin.end();
  const [code] = await to.ended;
  assert.equal(code, 0, to.said());
  assert.equal(whole(folder, 1), 2);
  assert.equal(times(folder, "trigger-long"), 1, "nothing is sent a second time");
});

test("5. a server that is killed between calls is back, and nothing is sent twice", LIMIT, async (t) => {
  const folder = workplace(t);
  const to = await connectOld(guarded(folder, watched(folder, EVERYTHING)), { folder, env: surroundings(folder) });
  t.after(to.close);
  const tools = await to.tools();
  for (const round of [1, 2]) {
    assert.match(textOf(await to.call("echo", { message: `before-${round}` })), /before/);
    for (const pid of below(to.pid)) {
      process.kill(pid, "SIGKILL");
    }
    assert.equal(textOf(await again(to, `after-${round}`)), `Echo: after-${round}`);
  }
  assert.match(textOf(await to.call("trigger-sampling-request", { prompt: "tide", maxTokens: 7 })), /heard/);
  assert.deepEqual(await to.tools(), tools);
  assert.match(to.said(), /ended and was started again/);
  await to.close();
  const sent = (method) => seen(folder).split("\n").filter((line) => line.includes(`"${method}"`)).map(JSON.parse);
  const openings = sent("initialize").map(({ params }) => params);
  assert.equal(openings.length, 3);
  assert.deepEqual(openings, Array(3).fill(openings[0]), "each opening is the client's own");
  assert.equal(sent("notifications/initialized").length, 3);
  for (const message of ["before-1", "before-2", "after-1", "after-2"]) {
    assert.equal(times(folder, message), 1, message);
  }
  const packs = readdirSync(join(folder, "runpacks"));
  assert.equal(packs.length, 1);
  assert.equal(gait(folder, "verify", join(folder, "runpacks", packs[0])).exit, 0);
});

/** server-everything at an address, until it is told to go. */
function far(t, folder, port) {
  const [command, ...args] = EVERYTHING_HTTP;
  const child = spawn(command, args, { env: { ...surroundings(folder), PORT: String(port) }, stdio: ["ignore", "ignore", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  return new Promise((resolve) => child.stderr.once("data", () => resolve(child)));
}

for (const calls of [1, 12]) {
  test(`5. a server at an address that was started again is spoken to again, after ${calls} calls at once`, { timeout: 30_000 }, async (t) => {
    const folder = workplace(t);
    const port = await freePort();
    const before = await far(t, folder, port);
    const command = guardedTogether(folder, { all: `http://127.0.0.1:${port}/mcp` });
    const to = await connectOld(command, { folder, env: surroundings(folder) });
    t.after(to.close);
    assert.equal(textOf(await to.call("echo", { message: "before" })), "Echo: before");
    before.kill("SIGKILL");
    await until(() => before.signalCode !== null);
    await far(t, folder, port);
    const refused = await Promise.all(Array.from({ length: calls }, () => to.call("echo", { message: "lost" })));
    for (const answer of refused.filter(({ isError }) => isError)) {
      assert.equal(answer._meta["dev.gait/decision"].executed, false, textOf(answer));
    }
    assert.equal(textOf(await again(to, "after")), "Echo: after");
    assert.match(textOf(await to.call("trigger-sampling-request", { prompt: "tide", maxTokens: 7 })), /heard/);
  });
}

test("5. a server at an address that never answers keeps nobody from ending", { timeout: 30_000 }, async (t) => {
  const folder = workplace(t);
  const silent = createServer(() => {});
  await new Promise((resolve) => silent.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    silent.close();
    silent.closeAllConnections();
  });
  const servers = { all: `http://127.0.0.1:${silent.address().port}/mcp` };
  const to = await speak(t, folder, guardedTogether(folder, servers, "--timeout", "1s"));
  assert.match((await to.answer("open")).error.message, /no answer in time/);
  to.child.stdin.end();
  const [code] = await Promise.race([to.ended, new Promise((resolve) => setTimeout(resolve, 10_000, ["it does not end"]))]);
  assert.equal(code, 0, to.said());
});

test("5. the client is gone in the middle of a call", LIMIT, async (t) => {
  const folder = workplace(t);
  const to = await speak(t, folder, guarded(folder, watched(folder, EVERYTHING)));
  await to.call(1, "echo", { message: "before" });
  to.call(2, "trigger-long-running-operation", { duration: 1, steps: 2 });
  await until(() => times(folder, "trigger-long") === 1);
  const children = below(to.child.pid);
  to.child.stdout.destroy();
  to.child.stdin.destroy();
  await to.ended;
  assert.equal(whole(folder, 1), 2);
  assert.equal(times(folder, "trigger-long"), 1);
  await until(() => !children.some(alive));
});

test("5. a server that does not want to end goes with its client", LIMIT, async (t) => {
  const folder = workplace(t);
  const to = await connectOld(guarded(folder, EVERYTHING), { folder, env: surroundings(folder) });
  t.after(to.close);
  const stop = new AbortController();
  const onprogress = () => stop.abort("enough");
  await assert.rejects(to.call("trigger-long-running-operation", LONG, { signal: stop.signal, onprogress }));
  const children = below(to.pid);
  assert.ok(children.length > 0);
  await to.close();
  await until(() => !children.some(alive));
  assert.equal(whole(folder, 1), 1);
});

for (const signal of ["SIGTERM", "SIGINT"]) {
  test(`5. gait is asked to stop by ${signal} in the middle of a call`, LIMIT, async (t) => {
    const folder = workplace(t);
    const to = await speak(t, folder, guarded(folder, watched(folder, EVERYTHING)));
    await to.call(1, "echo", { message: "before" });
    to.call(2, "trigger-long-running-operation", LONG);
    await until(() => times(folder, "trigger-long") === 1);
    const children = below(to.child.pid);
    to.child.kill(signal);
    await to.ended;
    assert.equal(whole(folder, 1), 2);
    await until(() => !children.some(alive));
  });
}

test("5. gait itself is killed in the middle of many calls", LIMIT, async (t) => {
  const folder = workplace(t);
  const shelf = join(folder, "shelf");
  mkdirSync(shelf);
  writeFileSync(join(shelf, "a.txt"), "first");
  const to = await speak(t, folder, guarded(folder, watched(folder, filesystem(shelf))));
  for (let id = 1; id <= 60; id += 1) {
    to.call(id, "write_file", { path: join(shelf, `${id}.txt`), content: `call-${id}-` });
  }
  const children = below(to.child.pid);
  await to.answer(20);
  to.child.kill("SIGKILL");
  await to.ended;
  // The server sees the end of its input and goes.
  await until(() => !children.some(alive));
  const traces = whole(folder, 0, true);
  const sent = Array.from({ length: 60 }, (_, index) => times(folder, `call-${index + 1}-`));
  assert.ok(sent.every((count) => count <= 1), "no call was executed twice");
  assert.ok(traces >= sent.filter((count) => count === 1).length, "no call without its trace on the disk");
  assert.ok(sent.slice(0, 20).every((count) => count === 1));
});
