// Bundles the worker the way Cloudflare's own tool does, and runs it here: node dev.mjs [PORT]

import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";

import { build } from "esbuild";
import { Miniflare } from "miniflare";

const { outputFiles } = await build({
  entryPoints: ["worker.mjs"],
  bundle: true,
  write: false,
  format: "esm",
  conditions: ["workerd", "worker", "browser"],
  loader: { ".yaml": "text" },
  plugins: [
    {
      name: "wasm",
      setup: ({ onResolve }) =>
        onResolve({ filter: /\.wasm$/ }, () => ({ path: "./gait_core.wasm", external: true })),
    },
  ],
});

// A key for this run only. In production it is a secret that `gait keys init` made.
const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const half = (key, name) => Buffer.from(key.export({ format: "jwk" })[name], "base64url");
const SIGNING_KEY = Buffer.concat([half(privateKey, "d"), half(publicKey, "x")]).toString("base64");

const worker = new Miniflare({
  port: Number(process.argv[2] ?? 8787),
  workers: [
    {
      name: "gate",
      compatibilityDate: "2026-04-01",
      modules: [
        { type: "ESModule", path: "worker.mjs", contents: outputFiles[0].text },
        {
          type: "CompiledWasm",
          path: "gait_core.wasm",
          contents: readFileSync("node_modules/gait-js/dist/gait_core.wasm"),
        },
      ],
      bindings: { SIGNING_KEY },
      serviceBindings: { UPSTREAM: "tool" },
    },
    {
      name: "tool",
      compatibilityDate: "2026-04-01",
      modules: true,
      script: `export default { async fetch(request) {
        const { args } = await request.json();
        return Response.json("refunded " + args.amount + " " + args.currency);
      } }`,
    },
  ],
});
const url = await worker.ready;
console.log(`public key ${half(publicKey, "x").toString("base64")}`);
console.log(`listening on ${url.origin}`);
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    await worker.dispose();
    process.exit(0);
  });
}
