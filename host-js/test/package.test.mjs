//! The packed package in an empty project: imported, typed, bundled and run the way a stranger would.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { stranger } from "../hosts/stranger.mjs";
import { demo, PRIVATE_KEY } from "./desk.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const core = readFileSync(here("../../core-wasm/dist/gait_core.wasm"));
/** Most bytes of the package as npm transfers it, beside the core. */
const BESIDE_THE_CORE = 80_000;
let project;

before(async () => {
  project = stranger();
  writeFileSync(join(project.folder, "demo.zip"), await demo());
});

after(() => project?.remove());

/** Runs a program; fails with what it said. */
function run(program, args, cwd = project.folder) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: "utf8" });
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout;
}

test("it is imported by its name, and has no dependencies", () => {
  writeFileSync(
    join(project.folder, "use.mjs"),
    `import { file, loadGait } from "gait-js";
     import { createRequire } from "node:module";
     const gait = await loadGait();
     const report = await gait.verify(file("demo.zip"));
     const { version } = createRequire(import.meta.url)("gait-js/package.json");
     console.log(report.ok, version);`,
  );
  assert.equal(run(process.execPath, ["use.mjs"]), "true 0.1.0\n");
  const { dependencies } = JSON.parse(readFileSync(join(project.folder, "node_modules/gait-js/package.json"), "utf8"));
  assert.equal(dependencies, undefined);
});

test("the core as code is a package of its own, and the same core", () => {
  writeFileSync(
    join(project.folder, "inline.mjs"),
    `import { file, loadGait } from "gait-js/inline";
     const gait = await loadGait();
     console.log((await gait.verify(file("demo.zip"))).ok, gait.core.digest);`,
  );
  const alone = spawnSync(process.execPath, ["inline.mjs"], { cwd: project.folder, encoding: "utf8" });
  assert.match(alone.stderr, /Cannot find package 'gait-js-inline'/);
  const other = stranger({ inline: true });
  try {
    for (const name of ["inline.mjs", "demo.zip"]) {
      copyFileSync(join(project.folder, name), join(other.folder, name));
    }
    const digest = createHash("sha256").update(core).digest("hex");
    assert.equal(run(process.execPath, ["inline.mjs"], other.folder), `true ${digest}\n`);
  } finally {
    other.remove();
  }
});

test("the command is installed with it", () => {
  const program = join(project.folder, "node_modules/.bin/gait-verify");
  assert.match(run(program, ["demo.zip"]), /^verify=ok\n/);
});

test("the guide's blocks run in their order", () => {
  const page = readFileSync(here("../../docs/host-js.md"), "utf8");
  const blocks = [...page.matchAll(/```js\n(.*?)```/gs)].map(([, text]) => text);
  // The first one is an example that stands alone.
  writeFileSync(join(project.folder, "guide.mjs"), blocks.slice(1).join("\n"));
  writeFileSync(
    join(project.folder, "policy.yaml"),
    readFileSync(here("../../examples/node-gate/policy.yaml"), "utf8").replace(/ +rate_limit:.*\n/, ""),
  );
  mkdirSync(join(project.folder, "keys"));
  writeFileSync(join(project.folder, "keys/gate.key"), `${PRIVATE_KEY}\n`);
  const said = run(process.execPath, ["guide.mjs"]);
  assert.match(said, /^allow true true allow allow true GAIT run_id=run_a1042 manifest=sha256:[0-9a-f]{64} verify=/);
});

test("its types hold, with and without those of the DOM", () => {
  const source = `
    import { file, GaitError, loadGait, type Decision, type Policy, type VerifyReport } from "gait-js";
    const gait = await loadGait();
    const report: VerifyReport = await gait.verify(file("demo.zip"), { requireSignature: true });
    const policy: Policy = await gait.policy.compile("rules: []");
    const decision: Decision = await policy.evaluate({ tool_name: "t" }, { rateLimits: { get: () => "", put() {} } });
    const verdict: "allow" | "block" | "dry_run" | "require_approval" = decision.verdict;
    // @ts-expect-error: options are checked
    await gait.verify(new Uint8Array(), { public_key: "" });
    // @ts-expect-error: a path is no input
    await gait.verify("demo.zip");
    export const all: unknown[] = [report, verdict, GaitError];
  `;
  writeFileSync(join(project.folder, "use.ts"), source);
  const compiler = here("../node_modules/typescript/bin/tsc");
  const strict = [
    "--noEmit",
    "--strict",
    "--exactOptionalPropertyTypes",
    "--skipLibCheck",
    "false",
    "--target",
    "es2022",
  ];
  for (const more of [
    ["--module", "nodenext", "--lib", "es2022"],
    ["--module", "nodenext", "--lib", "es2022,dom"],
    ["--module", "esnext", "--moduleResolution", "bundler", "--lib", "es2022,dom"],
    [
      "--module",
      "esnext",
      "--moduleResolution",
      "bundler",
      "--lib",
      "es2022,webworker",
      "--customConditions",
      "workerd",
    ],
  ]) {
    run(process.execPath, [compiler, ...strict, "--types", "", ...more, "use.ts"]);
  }
});

test("publint and are-the-types-wrong have nothing to say", () => {
  const tool = (path) => here(`../node_modules/${path}`);
  run(process.execPath, [tool("publint/src/cli.js"), project.archive.path, "--strict"]);
  run(process.execPath, [
    tool("@arethetypeswrong/cli/dist/index.js"),
    project.archive.path,
    "--profile",
    "esm-only",
    "--exclude-entrypoints",
    "gait_core.wasm",
  ]);
});

test("it holds what it needs and nothing else", () => {
  const { files } = project.archive;
  const beside = project.archive.size - gzipSync(core, { level: 9 }).length;
  assert(
    beside < BESIDE_THE_CORE,
    `the package has ${beside} bytes beside the core: it stands there twice, or something else does`,
  );
  for (const name of ["README.md", "LICENSE", "dist/gait_core.wasm", "dist/node.d.ts"]) {
    assert(files.includes(name), `${name} is missing`);
  }
  assert.deepEqual(
    files.filter((path) => !/^(dist\/[a-z_]+(\.d)?\.(js|ts|wasm)|README\.md|LICENSE|package\.json)$/.test(path)),
    [],
  );
  assert(readFileSync(join(project.folder, "node_modules/gait-js/dist/gait_core.wasm")).equals(core));
});
