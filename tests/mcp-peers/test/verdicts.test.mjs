// Points 3 and 4 of readiness: what the policy blocks does not happen, and an approval lets one call through.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { CLIENTS, connectOld, textOf } from "../clients.mjs";
import { EVERYTHING, filesystem, gait, guarded, policy, PYTHON, surroundings, workplace } from "../places.mjs";

const here = (folder) => ({ folder, env: surroundings(folder) });
const decisionOf = (result) => result._meta["dev.gait/decision"];

/** A folder with a folder in it that the server may write to. */
function shelf(t, text) {
  const folder = workplace(t, text);
  const shelf = join(folder, "shelf");
  mkdirSync(shelf);
  writeFileSync(join(shelf, "a.txt"), "first");
  return { folder, shelf };
}

/** The public half of the key that signed in this home. */
const developmentKey = (folder) => join(folder, ".config/gait/keys/dev.pub");

for (const [client, connect] of Object.entries(CLIENTS)) {
  test(`3. a blocked write_file changes nothing, says why, and leaves a trace that verifies: ${client}`, async (t) => {
    const { folder, shelf: place } = shelf(t, policy("block", "write_file, edit_file", "writes_are_off"));
    const to = await connect(guarded(folder, filesystem(place)), here(folder));
    t.after(to.close);
    const refused = await to.call("write_file", { path: join(place, "b.txt"), content: "second" });
    assert.equal(refused.isError, true);
    assert.match(textOf(refused), /block.*writes_are_off/s);
    assert.equal(refused.structuredContent, undefined);
    const decision = decisionOf(refused);
    assert.equal(decision.verdict, "block");
    assert.deepEqual(decision.reason_codes, ["writes_are_off"]);
    assert.equal(decision.executed, false);
    assert.deepEqual(readdirSync(place), ["a.txt"], "nothing was written");
    assert.match(textOf(await to.call("read_text_file", { path: join(place, "a.txt") })), /first/);

    const traces = readdirSync(join(folder, "traces")).map((name) => join(folder, "traces", name));
    const mine = traces.filter((path) => JSON.parse(readFileSync(path)).trace_id === decision.trace_id);
    assert.equal(mine.length, 1);
    const verified = gait(folder, "trace", "verify", mine[0], "--public-key", developmentKey(folder));
    assert.equal(verified.exit, 0, verified.said);
    const text = JSON.parse(readFileSync(mine[0]));
    writeFileSync(mine[0], JSON.stringify({ ...text, verdict: "allow" }));
    const forged = gait(folder, "trace", "verify", mine[0], "--public-key", developmentKey(folder));
    assert.notEqual(forged.exit, 0, "a trace that was changed does not verify");
  });
}

test("3. names in another case, and tools that are not there, are no way around", async (t) => {
  const { folder, shelf: place } = shelf(t, policy("block", "write_file", "writes_are_off"));
  const to = await connectOld(guarded(folder, filesystem(place)), here(folder));
  t.after(to.close);
  const args = { path: join(place, "b.txt"), content: "x" };
  for (const name of ["Write_File", "WRITE_FILE", " write_file", "write_file "]) {
    const answer = await to.call(name, args).catch((error) => ({ isError: true, error }));
    assert.equal(answer.isError, true, name);
  }
  assert.deepEqual(readdirSync(place), ["a.txt"]);
});

test("3. dry_run is a rehearsal: the client is told so, the server never", async (t) => {
  const { folder, shelf: place } = shelf(t, policy("dry_run", "write_file", "rehearsal"));
  const to = await connectOld(guarded(folder, filesystem(place)), here(folder));
  t.after(to.close);
  const answer = await to.call("write_file", { path: join(place, "b.txt"), content: "x" });
  assert.equal(answer.isError, true);
  assert.equal(decisionOf(answer).verdict, "dry_run");
  assert.deepEqual(readdirSync(place), ["a.txt"]);
});

test("3. a policy that breaks while gait runs refuses, and one that is mended counts at once", async (t) => {
  const { folder, shelf: place } = shelf(t, policy("block", "write_file", "writes_are_off"));
  const to = await connectOld(guarded(folder, filesystem(place)), here(folder));
  t.after(to.close);
  const read = () => to.call("read_text_file", { path: join(place, "a.txt") });
  assert.notEqual((await read()).isError, true);
  const path = join(folder, "policy.yaml");
  const sound = readFileSync(path, "utf8");
  writeFileSync(path, "default_verdict: alow\n");
  const refused = await read();
  assert.equal(refused.isError, true);
  assert.match(textOf(refused), /gate_unavailable/);
  writeFileSync(path, sound);
  assert.notEqual((await read()).isError, true);
});

test("3. without a place for the trace nothing is executed", async (t) => {
  const { folder, shelf: place } = shelf(t);
  const to = await connectOld(guarded(folder, filesystem(place)), here(folder));
  t.after(to.close);
  // A file where the folder was.
  spawnSync("rm", ["-rf", join(folder, "traces")]);
  writeFileSync(join(folder, "traces"), "");
  const refused = await to.call("write_file", { path: join(place, "b.txt"), content: "x" });
  assert.equal(refused.isError, true);
  assert.match(textOf(refused), /gate_unavailable/);
  assert.deepEqual(readdirSync(place), ["a.txt"]);
});

test("4. an approval lets the same call through once, and no other", async (t) => {
  const { folder, shelf: place } = shelf(t, policy("require_approval", "write_file", "ask_first"));
  const approvals = join(folder, "approvals");
  mkdirSync(approvals);
  assert.equal(gait(folder, "keys", "init", "--out-dir", join(folder, "keys"), "--prefix", "boss").exit, 0);
  const trusting = ["--ask", "off", "--approval-dir", approvals, "--approval-public-key", join(folder, "keys/boss.pub")];
  const to = await connectOld(guarded(folder, filesystem(place), ...trusting), here(folder));
  t.after(to.close);
  const args = { path: join(place, "b.txt"), content: "approved" };
  const asked = await to.call("write_file", args);
  assert.equal(asked.isError, true);
  const decision = decisionOf(asked);
  assert.equal(decision.verdict, "require_approval");
  assert.match(textOf(asked), /gait approve/);
  assert.ok(textOf(asked).includes(decision.intent_digest) && textOf(asked).includes(decision.policy_digest));
  assert.deepEqual(readdirSync(place), ["a.txt"]);

  const approved = gait(
    folder,
    ...["approve", "--intent-digest", decision.intent_digest, "--policy-digest", decision.policy_digest],
    ...["--ttl", "1h", "--scope", "tool:write_file", "--approver", "boss@quay.test", "--reason-code", "ticket_7"],
    ...["--key-mode", "prod", "--private-key", join(folder, "keys/boss.key"), "--out", join(approvals, "one.json")],
  );
  assert.equal(approved.exit, 0, approved.said);
  const other = await to.call("write_file", { ...args, content: "something else" });
  assert.equal(decisionOf(other).verdict, "require_approval", "another argument needs another approval");
  const done = await to.call("write_file", args);
  assert.notEqual(done.isError, true, textOf(done));
  assert.equal(readFileSync(join(place, "b.txt"), "utf8"), "approved");
  const again = await to.call("write_file", args);
  assert.equal(again.isError, true, "an approval is good for one call");
});

test("the Python SDK is a client, too", async (t) => {
  assert.ok(existsSync(PYTHON), `${PYTHON} is missing; \`make test-mcp\` installs it`);
  const { folder } = shelf(t, policy("block", "get-env", "no_environment"));
  const script = new URL("../python/client.py", import.meta.url).pathname;
  const calls = [["echo", { message: "hi" }], ["get-sum", { a: 2, b: 3 }], ["get-env", {}]];
  const run = (command) => {
    const words = [script, JSON.stringify(calls), ...command];
    const done = spawnSync(PYTHON, words, { cwd: folder, env: surroundings(folder), encoding: "utf8", timeout: 60_000 });
    assert.equal(done.status, 0, done.stderr);
    return JSON.parse(done.stdout);
  };
  const [alone, behind] = [run(EVERYTHING), run(guarded(folder, EVERYTHING))];
  assert.deepEqual(behind.hello, alone.hello);
  assert.deepEqual(behind.tools, alone.tools);
  assert.deepEqual(behind.answers.slice(0, 2), alone.answers.slice(0, 2));
  assert.equal(behind.answers[2].isError, true);
  assert.match(textOf(behind.answers[2]), /no_environment/);
});
