// Bundles that leave `gait_core.wasm` behind, as bundlers do that know nothing of it: what is said then, and how
// `gait-js/inline` has the core in the bundle instead.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { createServer } from "node:http";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";

import { build } from "esbuild";

import { launch } from "./chromium.mjs";
import { stranger } from "./stranger.mjs";

let project;
let digest;

before(() => {
  project = stranger({ inline: true });
  [, digest] = /CORE_DIGEST = "(\w+)"/.exec(
    readFileSync(join(project.folder, "node_modules/gait-js/dist/core_digest.js"), "utf8"),
  );
  writeFileSync(
    join(project.folder, "app.js"),
    `import { loadGait } from "gait-js";
     loadGait().then(async (gait) => {
       const { verdict } = await (await gait.policy.compile("default_verdict: allow")).evaluate({
         tool_name: "t", context: { identity: "i", workspace: "/", risk_class: "low" },
       });
       const said = verdict + " " + gait.core.digest;
       globalThis.document ? (document.title = said) : console.log(said);
     }).catch((error) => console.log(error.code, error.fault.hint));`,
  );
});

after(() => project?.remove());

function bundle(options) {
  return build({
    entryPoints: [join(project.folder, "app.js")],
    absWorkingDir: project.folder,
    bundle: true,
    logLevel: "error",
    logOverride: { "empty-import-meta": "silent" },
    ...options,
  });
}

/** What a bundle says where nothing but the bundle is. */
function saidElsewhere(path) {
  const folder = mkdtempSync(join(tmpdir(), "gait-bundle-"));
  try {
    copyFileSync(path, join(folder, basename(path)));
    return execFileSync(process.execPath, [join(folder, basename(path))], { encoding: "utf8" });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const INLINE = { alias: { "gait-js": "gait-js/inline" } };

for (const format of ["esm", "cjs"]) {
  const name = format === "esm" ? "app.mjs" : "app.cjs";

  test(`a service in one file (${format})`, async () => {
    const outfile = join(project.folder, "inline", name);
    await bundle({ ...INLINE, platform: "node", format, outfile });
    assert.equal(saidElsewhere(outfile), `allow ${digest}\n`);
  });

  test(`a bundle without the core says what is missing (${format})`, async () => {
    const outfile = join(project.folder, "without", name);
    await bundle({ platform: "node", format, outfile });
    assert.match(saidElsewhere(outfile), /^internal_failure .*install `gait-js-inline` and import `gait-js\/inline`/);
  });
}

test("a bundle without the core finds the one that is installed", async () => {
  const outfile = join(project.folder, "out", "app.mjs");
  await bundle({ platform: "node", format: "esm", outfile });
  assert.equal(execFileSync(process.execPath, [outfile], { encoding: "utf8" }), `allow ${digest}\n`);
});

test("a page whose server answers everything with itself", async (context) => {
  const { chromium } = await import("playwright-core");
  const { outputFiles } = await bundle({ ...INLINE, platform: "browser", format: "esm", write: false });
  const server = createServer((request, response) => {
    const script = request.url === "/app.js";
    response.setHeader("content-type", script ? "text/javascript" : "text/html");
    response.end(
      script ? outputFiles[0].text : '<!doctype html><title>?</title><script type="module" src="app.js"></script>',
    );
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => server.close());
  const browser = await chromium.launch(launch());
  context.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => document.title !== "?");
  assert.equal(await page.title(), `allow ${digest}`);
});
