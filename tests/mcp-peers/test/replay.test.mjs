// `gait mcp replay`: a recorded conversation answers official clients in the server's place.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { CLIENTS, connectOld, textOf } from "../clients.mjs";
import { EVERYTHING, filesystem, GAIT, gait, guarded, policy, surroundings, workplace } from "../places.mjs";
import { speak } from "../wire.mjs";

const LIMIT = { timeout: 60_000 };
const here = (folder) => ({ folder, env: surroundings(folder) });

/** What a client starts to talk to a recording. */
const replaying = (folder, pack, ...flags) => [
  GAIT,
  ...["mcp", "replay", pack, "--runpack-dir", join(folder, "replayed"), "--report", join(folder, "report.json")],
  ...flags,
];

/** A day with the filesystem server, recorded with content. */
async function yesterday(t, ...flags) {
  const folder = workplace(t, policy("block", "edit_file", "edits_are_off"));
  const shelf = join(folder, "shelf");
  mkdirSync(shelf);
  writeFileSync(join(shelf, "a.txt"), "first");
  const to = await connectOld(guarded(folder, filesystem(shelf), "--capture", "raw", ...flags), here(folder));
  t.after(to.close);
  const tools = await to.tools();
  const made = await day(to, shelf);
  const about = { version: to.client.getServerVersion(), instructions: to.client.getInstructions() };
  await to.close();
  const [name] = readdirSync(join(folder, "runpacks"));
  return { folder, shelf, tools, made, about, pack: join(folder, "runpacks", name) };
}

/** The day's calls: the same file is read before and after it is written. */
async function day(to, shelf) {
  const path = join(shelf, "a.txt");
  const answers = [];
  for (const [name, args] of [
    ["read_text_file", { path }],
    ["write_file", { path, content: "second" }],
    ["read_text_file", { path }],
    ["edit_file", { path, edits: [] }],
    ["read_text_file", { path: join(shelf, "missing.txt") }],
  ]) {
    answers.push(await to.call(name, args));
  }
  return answers;
}

for (const [client, connect] of Object.entries(CLIENTS)) {
  test(`replay: the same day again, without a server: ${client}`, LIMIT, async (t) => {
    const { folder, shelf, tools, made, about, pack } = await yesterday(t);
    writeFileSync(join(shelf, "a.txt"), "today");
    const to = await connect(replaying(folder, pack), here(folder));
    t.after(to.close);
    assert.deepEqual(await to.tools(), tools);
    assert.deepEqual(to.client.getServerVersion(), about.version);
    assert.equal(to.client.getInstructions(), about.instructions);
    const again = await day(to, shelf);
    assert.deepEqual(again, made);
    assert.match(textOf(again[0]), /first/);
    assert.match(textOf(again[2]), /second/);
    assert.match(textOf(again[3]), /edits_are_off/);
    await to.close();
    assert.equal(readFileSync(join(shelf, "a.txt"), "utf8"), "today", "nothing was touched");
    const report = JSON.parse(readFileSync(join(folder, "report.json")));
    assert.deepEqual(
      [report.ok, report.recorded, report.replayed, report.missing, report.unasked],
      [true, 5, 5, [], []],
    );
    assert.equal(gait(folder, "verify", report.bundle).exit, 0);
    const compared = gait(folder, "run", "diff", pack, report.bundle);
    assert.equal(compared.exit, 0, JSON.stringify(compared.answer));
  });
}

test("replay: what was not recorded is refused, reported and fails the run", LIMIT, async (t) => {
  const { folder, shelf, pack } = await yesterday(t);
  const to = await speak(t, folder, replaying(folder, pack));
  const path = join(shelf, "a.txt");
  const first = await to.call(1, "read_text_file", { path });
  assert.match(first.result.content[0].text, /first/);
  const other = await to.call(2, "write_file", { path, content: "another" });
  assert.equal(other.result.isError, true);
  assert.match(other.result.content[0].text, /not_recorded.*no answer/);
  assert.equal(other.result._meta["dev.gait/decision"].executed, false);
  await to.call(3, "read_text_file", { path });
  const third = await to.call(4, "read_text_file", { path });
  assert.match(third.result.content[0].text, /2 times, not more/);
  const prompts = await to.ask(5, "prompts/list", {});
  assert.equal(prompts.error.code, -32601);
  to.child.stdin.end();
  const [code] = await to.ended;
  assert.equal(code, 5, to.said());
  assert.match(to.said(), /answered 2 of 5 recorded calls, refused 2/);
  const report = JSON.parse(readFileSync(join(folder, "report.json")));
  assert.equal(report.ok, false);
  assert.deepEqual(
    report.missing.map(({ tool_name, recorded }) => [tool_name, recorded]),
    [["write_file", 0], ["read_text_file", 2]],
  );
  assert.deepEqual(report.unasked, ["write_file", "edit_file", "read_text_file"]);
  assert.equal(gait(folder, "run", "diff", pack, report.bundle).exit, 2);
  assert.equal(readFileSync(path, "utf8"), "second", "nothing was written");
});

test("replay: the same conversation gives the same runpack, byte for byte", LIMIT, async (t) => {
  const { folder, shelf, pack } = await yesterday(t);
  const once = async () => {
    const to = await speak(t, folder, replaying(folder, pack));
    await to.call(1, "read_text_file", { path: join(shelf, "a.txt") });
    await to.call(2, "read_text_file", { path: "elsewhere" });
    to.child.stdin.end();
    await to.ended;
    return readFileSync(JSON.parse(readFileSync(join(folder, "report.json"))).bundle);
  };
  assert.deepEqual(await once(), await once());
});

test("replay: a recording by digest only is refused, with what to do", LIMIT, async (t) => {
  const { folder, pack } = await yesterday(t, "--capture", "reference");
  const refused = gait(folder, "mcp", "replay", pack);
  assert.equal(refused.exit, 6);
  assert.equal(refused.answer.error_code, "recording_empty");
  assert.match(refused.answer.hint, /--capture raw/);
});

test("replay: what is read and asked of server-everything comes again, progress apart", LIMIT, async (t) => {
  const folder = workplace(t);
  const talk = async (to) => {
    const answers = [
      await to.call("get-structured-content", { location: "Chicago" }),
      await to.call("get-tiny-image", {}),
      await to.call("no-such-tool", {}).catch(({ code, message }) => ({ code, message })),
      await to.client.readResource({ uri: "demo://resource/static/document/features.md" }),
    ];
    await to.close();
    return answers;
  };
  const live = await talk(await connectOld(guarded(folder, EVERYTHING, "--capture", "raw"), here(folder)));
  const [name] = readdirSync(join(folder, "runpacks"));
  const again = await talk(await connectOld(replaying(folder, join(folder, "runpacks", name)), here(folder)));
  assert.deepEqual(again, live);
});
