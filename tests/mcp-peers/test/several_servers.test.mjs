// Several reference servers behind one gateway: each is there as it is alone, under its name.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { CLIENTS, connectOld, textOf } from "../clients.mjs";
import {
  EVERYTHING,
  EVERYTHING_HTTP,
  filesystem,
  gait,
  guardedTogether,
  policy,
  surroundings,
  workplace,
} from "../places.mjs";
import { address, freePort } from "../wire.mjs";

const LIMIT = { timeout: 60_000 };
const here = (folder) => ({ folder, env: surroundings(folder) });
const named = (server, things) => things.map((thing) => ({ ...thing, name: `${server}.${thing.name}` }));

/** A folder with a file in a folder in it, and a policy that keeps the file as it is. */
function shelf(t) {
  const folder = workplace(t, policy("block", "files/write_file", "writes_are_off"));
  const shelf = join(folder, "shelf");
  mkdirSync(shelf);
  writeFileSync(join(shelf, "a.txt"), "first");
  return { folder, shelf };
}

for (const [client, connect] of Object.entries(CLIENTS)) {
  test(`two servers are one, and each is judged under its name: ${client}`, LIMIT, async (t) => {
    const { folder, shelf: place } = shelf(t);
    const connected = [EVERYTHING, filesystem(place)].map((server) => connect(server, here(folder)));
    const [everything, files] = await Promise.all(connected);
    t.after(everything.close);
    t.after(files.close);
    const both = await connect(guardedTogether(folder, { all: EVERYTHING, files: filesystem(place) }), here(folder));
    t.after(both.close);
    const alone = [named("all", await everything.tools()), named("files", await files.tools())];
    assert.deepEqual(await both.tools(), alone.flat());
    assert.equal(both.client.getServerVersion().name, "gait");

    const { prompts } = await everything.client.listPrompts();
    assert.deepEqual((await both.client.listPrompts()).prompts, named("all", prompts));
    const { resources } = await everything.client.listResources();
    assert.deepEqual((await both.client.listResources()).resources, resources);
    const { resourceTemplates } = await everything.client.listResourceTemplates();
    assert.deepEqual((await both.client.listResourceTemplates()).resourceTemplates, resourceTemplates);
    const { uri } = resources[0];
    assert.deepEqual(await both.client.readResource({ uri }), await everything.client.readResource({ uri }));
    assert.deepEqual(
      await both.client.getPrompt({ name: "all.simple-prompt" }),
      await everything.client.getPrompt({ name: "simple-prompt" }),
    );
    const completion = (name) =>
      ({ ref: { type: "ref/prompt", name }, argument: { name: "department", value: "E" } });
    assert.deepEqual(
      await both.client.complete(completion("all.completable-prompt")),
      await everything.client.complete(completion("completable-prompt")),
    );

    assert.equal(textOf(await both.call("all.echo", { message: "here" })), "Echo: here");
    const path = join(place, "a.txt");
    assert.deepEqual(await both.call("files.read_text_file", { path }), await files.call("read_text_file", { path }));
    const refused = await both.call("files.write_file", { path: join(place, "b.txt"), content: "second" });
    assert.equal(refused.isError, true);
    assert.match(textOf(refused), /block.*writes_are_off/s);
    assert.deepEqual(readdirSync(place), ["a.txt"], "nothing was written");
    const nobody = await both.call("echo", { message: "here" }).catch((error) => ({ isError: true, error }));
    assert.equal(nobody.isError, true, "whose tool it is has to be said");
    await both.close();
    for (const pack of readdirSync(join(folder, "runpacks"))) {
      assert.equal(gait(folder, "verify", join(folder, "runpacks", pack)).exit, 0, pack);
    }
  });
}

test("what the servers ask their client for arrives, side by side", LIMIT, async (t) => {
  const { folder } = shelf(t);
  const both = await connectOld(guardedTogether(folder, { left: EVERYTHING, right: EVERYTHING }), here(folder));
  t.after(both.close);
  const sides = ["left", "right"];
  const progress = { left: [], right: [] };
  const long = sides.map((side) =>
    both.call(`${side}.trigger-long-running-operation`, { duration: 0.4, steps: 4 }, {
      onprogress: (step) => progress[side].push(step.progress),
    }));
  const asking = sides.flatMap((side) => [
    both.call(`${side}.trigger-sampling-request`, { prompt: "tide", maxTokens: 7 }),
    both.call(`${side}.trigger-elicitation-request`, {}),
    both.call(`${side}.get-roots-list`, {}),
  ]);
  const answers = await Promise.all([...long, ...asking]);
  assert.ok(answers.every((answer) => answer.isError !== true), JSON.stringify(answers));
  for (const side of sides) {
    assert.deepEqual(progress[side].slice(0, 3), [1, 2, 3], side);
  }
  assert.equal(both.asked.filter((method) => method === "sampling/createMessage").length, 2);
  assert.equal(both.asked.filter((method) => method === "elicitation/create").length, 2);
});

test("a server at an address stands beside one that gait starts", LIMIT, async (t) => {
  const { folder, shelf: place } = shelf(t);
  const port = await freePort();
  await address(t, folder, EVERYTHING_HTTP, { PORT: String(port) }, /listening on port \d+/);
  const servers = { far: `http://127.0.0.1:${port}/mcp`, files: filesystem(place) };
  const both = await connectOld(guardedTogether(folder, servers), here(folder));
  t.after(both.close);
  const names = (await both.tools()).map(({ name }) => name);
  assert.ok(names.includes("far.echo") && names.includes("files.write_file"), names.join());
  assert.equal(textOf(await both.call("far.echo", { message: "here" })), "Echo: here");
  assert.match(textOf(await both.call("far.trigger-sampling-request", { prompt: "tide", maxTokens: 7 })), /heard/);
  const refused = await both.call("files.write_file", { path: join(place, "b.txt"), content: "second" });
  assert.equal(refused.isError, true);
  assert.deepEqual(readdirSync(place), ["a.txt"]);
});
