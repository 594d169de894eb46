// Compiles the package and puts the core beside it: the same bytes that the command embeds.

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

for (const name of ["gait_core.wasm", "gait_core.js", "gait_core.d.ts"]) {
  if (!existsSync(here(`../core-wasm/dist/${name}`))) {
    console.error(`error: core-wasm/dist/${name} is missing\nhint: run \`make core\` in the workspace`);
    process.exit(1);
  }
}
rmSync(here("dist"), { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  [here("node_modules/typescript/bin/tsc"), "--project", here("tsconfig.json")],
  {
    stdio: "inherit",
  },
);
if (status !== 0) {
  process.exit(status ?? 1);
}
for (const name of ["gait_core.wasm", "gait_core.js", "gait_core.d.ts"]) {
  copyFileSync(here(`../core-wasm/dist/${name}`), here(`dist/${name}`));
}
