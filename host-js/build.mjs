// Compiles the package and puts the core beside it: the same bytes that the command embeds.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const CORE = ["gait_core.wasm", "gait_core.js", "gait_core.d.ts"];

function fail(error, hint) {
  console.error(`error: ${error}\nhint: ${hint}`);
  process.exit(1);
}

for (const name of CORE) {
  if (!existsSync(here(`../core-wasm/dist/${name}`))) {
    fail(`core-wasm/dist/${name} is missing`, "run `make core` in the workspace");
  }
}
const { version, peerDependencies } = JSON.parse(readFileSync(here("package.json"), "utf8"));
const workspace = /^version = "(.+)"$/m.exec(readFileSync(here("../Cargo.toml"), "utf8"))?.[1];
if (version !== workspace) {
  fail(`the package is ${version} and the workspace ${workspace}`, "give both one version: traces name it");
}
const inline = JSON.parse(readFileSync(here("inline/package.json"), "utf8"));
if (inline.version !== version || peerDependencies[inline.name] !== version) {
  fail(
    `${inline.name} is ${inline.version} and the package ${version}`,
    "they share one core, so give both one version",
  );
}

rmSync(here("dist"), { recursive: true, force: true });
const compiler = [here("node_modules/typescript/bin/tsc"), "--project", here("tsconfig.json")];
const { status } = spawnSync(process.execPath, compiler, { stdio: "inherit" });
if (status !== 0) {
  process.exit(status ?? 1);
}

mkdirSync(here("dist"), { recursive: true });
for (const name of CORE) {
  copyFileSync(here(`../core-wasm/dist/${name}`), here(`dist/${name}`));
}
const core = readFileSync(here("dist/gait_core.wasm"));
const digest = createHash("sha256").update(core).digest("hex");
writeFileSync(
  here("dist/core_digest.js"),
  `export const CORE_DIGEST = "${digest}";\nexport const VERSION = "${version}";\n`,
);
const deflated = deflateRawSync(core, { level: 9 }).toString("base64");
writeFileSync(here("inline/core_inline.js"), `export const CORE_DEFLATED = "${deflated}";\n`);
chmodSync(here("dist/gait_verify.js"), 0o755);
for (const folder of [".", "inline"]) {
  copyFileSync(here("../LICENSE"), here(`${folder}/LICENSE`));
}
