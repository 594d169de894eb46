// Point 4 of readiness, with a client that can ask its user: the call waits while somebody approves, or does not.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { CLIENTS, connectOld, connectPinned, textOf } from "../clients.mjs";
import { EVERYTHING, filesystem, GAIT, gait, guarded, MODERN, policy, surroundings, workplace } from "../places.mjs";
import { seen, until, watched } from "../wire.mjs";

const LIMIT = { timeout: 60_000 };
const DEVELOPMENT_KEY = ".config/gait/keys/dev.pub";
const decisionOf = (result) => result._meta["dev.gait/decision"];

/** A server behind gait whose one tool waits for an approval, and what is to be seen when the tool was called. */
const SETTINGS = {
  /** Writes a file. */
  filesystem: (folder, flags) => {
    const shelf = join(folder, "shelf");
    mkdirSync(shelf);
    return {
      command: guarded(folder, filesystem(shelf), ...flags),
      call: ["write_file", { path: join(shelf, "a.txt"), content: "ebb & <flood>" }],
      executed: () => readdirSync(shelf).length,
      says: /[Ss]uccessfully wrote/,
      shows: "ebb &amp; &lt;flood&gt;",
    };
  },
  /** Takes its time, and tells how far it is. */
  everything: (folder, flags) => ({
    command: guarded(folder, EVERYTHING, ...flags),
    call: ["trigger-long-running-operation", { duration: 0.4, steps: 4 }],
    shows: "trigger-long-running-operation",
  }),
  /** Ends a contract; the version of the protocol without sessions. */
  modern: (folder, flags) => ({
    command: guarded(folder, watched(folder, MODERN), ...flags),
    call: ["quit", {}],
    executed: () => seen(folder).split('"tools/call"').length - 1,
    says: /gone/,
    shows: "quit",
  }),
};

const pinned = (command, where) => connectPinned(command, where, "2026-07-28");
const KINDS = [
  ["TypeScript SDK 1.32", CLIENTS["TypeScript SDK 1.32"], SETTINGS.filesystem],
  ["TypeScript SDK 2.4", CLIENTS["TypeScript SDK 2.4"], SETTINGS.filesystem],
  ["TypeScript SDK 2.4, 2026-07-28", pinned, SETTINGS.modern],
];

/** Does with a page what a person would: reads it, runs the command that stands there, hands the approval in. */
async function approve(folder, url, shows, kind) {
  const page = await (await fetch(url)).text();
  assert.ok(page.includes(shows), page);
  const shown = /<pre>(gait approve [^<]*)<\/pre>/.exec(page)[1].replaceAll("&#39;", "'");
  const command = shown.replace("NAME", "boss@quay.test").replace("WHY", "ticket_7");
  const script = `gait() { "$GAIT" "$@"; }\n${command}`;
  const env = { ...surroundings(folder), GAIT };
  const done = spawnSync("sh", ["-c", script], { cwd: folder, env, encoding: "utf8" });
  assert.equal(done.status, 0, done.stderr);
  const token = readFileSync(join(folder, "approval.json"), "utf8");
  const as = {
    json: { body: token, headers: { "content-type": "application/json" } },
    form: { body: new URLSearchParams({ token }) },
  };
  const answer = await fetch(url, { method: "POST", ...as[kind] });
  assert.equal(answer.status, 200, await answer.text());
}

for (const [client, connect, setting] of KINDS) {
  for (const [when, kind] of [["before", "json"], ["after", "form"]]) {
    test(`4. a call waits until its page has an approval, handed in ${when} the client accepts: ${client}`, LIMIT, async (t) => {
      const folder = workplace(t, policy("require_approval", "write_file, quit", "ask_first"));
      const { command, call, executed, says, shows } = setting(folder, []);
      const questions = [];
      const answers = {
        "elicitation/create": async ({ params }) => {
          questions.push(params);
          if (when === "before") {
            await approve(folder, params.url, shows, kind);
          }
          return { action: "accept" };
        },
      };
      const to = await connect(command, { folder, env: surroundings(folder), answers });
      t.after(to.close);
      const waiting = to.call(...call);
      if (when === "after") {
        await until(() => questions.length > 0);
        assert.equal(executed(), 0, "it waits");
        await approve(folder, questions[0].url, shows, kind);
      }
      const result = await waiting;
      assert.notEqual(result.isError, true, textOf(result));
      assert.match(textOf(result), says);
      assert.equal(executed(), 1);
      const [question] = questions;
      assert.equal(questions.length, 1);
      assert.equal(question.mode, "url");
      assert.match(question.message, new RegExp(call[0]));
      assert.equal((await fetch(question.url)).status, 404, "it does not wait any more");
      await to.close();

      const evidence = readdirSync(join(folder, "traces"));
      const audits = evidence.filter((name) => name.startsWith("approval_audit_"));
      assert.ok(audits.some((name) => readFileSync(join(folder, "traces", name), "utf8").includes("boss@quay.test")));
      for (const name of evidence.filter((name) => name.startsWith("trace_"))) {
        const key = join(folder, DEVELOPMENT_KEY);
        assert.equal(gait(folder, "trace", "verify", join(folder, "traces", name), "--public-key", key).exit, 0, name);
      }
      if (existsSync(join(folder, "seen.jsonl"))) {
        assert.doesNotMatch(seen(folder), /requestState|inputResponses/, "what was said to gait stays with gait");
      }
    });
  }

  for (const action of ["decline", "cancel"]) {
    test(`4. a call whose approval is refused is not executed (${action}): ${client}`, LIMIT, async (t) => {
      const folder = workplace(t, policy("require_approval", "write_file, quit", "ask_first"));
      const { command, call, executed } = setting(folder, []);
      const answers = { "elicitation/create": () => ({ action }) };
      const to = await connect(command, { folder, env: surroundings(folder), answers });
      t.after(to.close);
      const refused = await to.call(...call);
      assert.equal(refused.isError, true);
      const { verdict, reason_codes, executed: was } = decisionOf(refused);
      assert.deepEqual([verdict, was], ["require_approval", false]);
      assert.ok(reason_codes.includes("approval_declined"), reason_codes.join());
      assert.match(textOf(refused), /approval_declined/);
      assert.equal(executed(), 0);
    });
  }
}

test("4. a form that the client fills in passes for yes, and for nothing else", LIMIT, async (t) => {
  const folder = workplace(t, policy("require_approval", "write_file", "ask_first"));
  const { command, call, executed, says } = SETTINGS.filesystem(folder, ["--ask", "form"]);
  const contents = [{ approve: false }, {}, { approve: true }];
  const answers = {
    "elicitation/create": ({ params }) => {
      assert.equal(params.requestedSchema.properties.approve.type, "boolean");
      return { action: "accept", content: contents.shift() };
    },
  };
  const to = await connectOld(command, { folder, env: surroundings(folder), answers, elicitation: { form: {} } });
  t.after(to.close);
  for (const content of [...contents]) {
    const result = await to.call(...call);
    assert.equal(result.isError === true, content.approve !== true, textOf(result));
    assert.match(textOf(result), content.approve ? says : /approval_declined/);
    assert.equal(executed(), content.approve ? 1 : 0);
  }
});

test("4. a client that would give up waits for as long as gait says that the call waits", LIMIT, async (t) => {
  const folder = workplace(t, policy("require_approval", "write_file", "ask_first"));
  const { command, call, executed, shows } = SETTINGS.filesystem(folder, []);
  const questions = [];
  const answers = {
    "elicitation/create": ({ params }) => {
      questions.push(params);
      return { action: "accept" };
    },
  };
  const to = await connectOld(command, { folder, env: surroundings(folder), answers });
  t.after(to.close);
  const signs = [];
  const patience = { timeout: 6_500, resetTimeoutOnProgress: true, onprogress: (sign) => signs.push(sign.message) };
  const waiting = to.call(...call, patience);
  await until(() => signs.length > 1);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await approve(folder, questions[0].url, shows, "json");
  assert.notEqual((await waiting).isError, true);
  assert.equal(executed(), 1);
  assert.match(signs[0], /waits for an approval/);
});

test("4. what the server says of its progress goes on from what gait says of the wait", LIMIT, async (t) => {
  const folder = workplace(t, policy("require_approval", "trigger-long-running-operation", "ask_first"));
  const { command, call, shows } = SETTINGS.everything(folder, []);
  const signs = [];
  const answers = {
    "elicitation/create": async ({ params }) => {
      await until(() => signs.length > 0);
      await approve(folder, params.url, shows, "json");
      return { action: "accept" };
    },
  };
  const to = await connectOld(command, { folder, env: surroundings(folder), answers });
  t.after(to.close);
  assert.notEqual((await to.call(...call, { onprogress: ({ progress }) => signs.push(progress) })).isError, true);
  assert.ok(signs.length > 2, signs.join());
  assert.ok(signs.every((sign, index) => index === 0 || sign > signs[index - 1]), `it only grows: ${signs.join()}`);
});

test("4. a server that has questions of its own gets their answers after the approval", LIMIT, async (t) => {
  const folder = workplace(t, policy("require_approval", "sail", "ask_first"));
  const asked = [];
  const answers = {
    "elicitation/create": async ({ params }) => {
      asked.push(params.mode);
      if (params.mode !== "url") {
        return { action: "accept", content: { name: "Ada" } };
      }
      await approve(folder, params.url, "sail", "json");
      return { action: "accept" };
    },
  };
  const to = await pinned(guarded(folder, MODERN), { folder, env: surroundings(folder), answers });
  t.after(to.close);
  assert.equal(textOf(await to.call("sail", { to: "Ys" })), "Ada sails to Ys");
  assert.equal(asked.filter((mode) => mode === "form").length, 1, asked.join());
});
