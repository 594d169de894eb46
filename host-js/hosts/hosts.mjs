// The hosts: how each of them is started with the guest in it. Every one returns the guest's answer.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { launch } from "./chromium.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const CORE = "node_modules/gait-js/dist/gait_core.wasm";

/** Later versions of Node, where they are to be had: the registry carries them for Linux on x86-64. */
const LATER = ["node-22", "node-24"]
  .map((name) => here(`node_modules/${name}/bin/node`))
  .filter(existsSync)
  .map((program) => ({ name: "Node", version: async () => printed(program), run: inProcess(() => [program]) }));

/** Name, version and how to run it: `(folder, pack) => answer`. */
export const HOSTS = [
  { name: "Node", version: async () => printed(process.execPath), run: inProcess(() => [process.execPath]) },
  ...LATER,
  {
    name: "Deno",
    version: () => versionOf("deno"),
    run: inProcess((folder, tmp) => [
      here("node_modules/.bin/deno"),
      "run",
      "--no-config",
      "--no-lock",
      "--cached-only",
      "--node-modules-dir=manual",
      `--allow-read=${folder},${tmp}`,
      `--allow-write=${tmp}`,
    ]),
  },
  { name: "Bun", version: () => versionOf("bun"), run: inProcess(() => [here("node_modules/.bin/bun"), "run"]) },
  { name: "workerd", version: () => versionOf("workerd"), run: inWorkerd },
  { name: "edge-runtime", version: () => versionOf("edge-runtime"), run: inEdgeRuntime },
  { name: "Chromium", version: async () => printed(launch().executablePath), run: inChromium },
];

async function versionOf(name) {
  return JSON.parse(readFileSync(here(`node_modules/${name}/package.json`), "utf8")).version;
}

/** A host that is a program which takes a script. */
function inProcess(command) {
  return async (folder, pack) => {
    const [asked, answered] = [join(folder, "pack"), join(folder, "answer.json")];
    writeFileSync(asked, pack);
    rmSync(answered, { force: true });
    const [program, ...args] = command(folder, folder);
    execFileSync(program, [...args, "guest/process.js", asked, answered], { cwd: folder, stdio: "inherit" });
    return readFileSync(answered, "utf8");
  };
}

/** The guest in one file, the way such a platform's own tool bundles: by these conditions, the module left to `wasm`. */
async function bundled(folder, guest, conditions, format, wasm) {
  const { outputFiles } = await build({
    entryPoints: [join(folder, "guest", guest)],
    absWorkingDir: folder,
    bundle: true,
    write: false,
    platform: "neutral",
    format,
    conditions,
    logLevel: "error",
    plugins: [{ name: "wasm", setup: wasm }],
  });
  return outputFiles[0].text;
}

async function inWorkerd(folder, pack) {
  const { Miniflare, Log, LogLevel } = await import("miniflare");
  const code = await bundled(folder, "worker.js", ["workerd", "worker", "browser"], "esm", ({ onResolve }) => {
    onResolve({ filter: /\.wasm$/ }, () => ({ path: "./gait_core.wasm", external: true }));
  });
  const worker = new Miniflare({
    compatibilityDate: "2026-04-01",
    log: new Log(LogLevel.ERROR),
    modules: [
      { type: "ESModule", path: "worker.mjs", contents: code },
      { type: "CompiledWasm", path: "gait_core.wasm", contents: readFileSync(join(folder, CORE)) },
    ],
  });
  try {
    const response = await worker.dispatchFetch("http://guest/", { method: "POST", body: pack });
    return await response.text();
  } finally {
    await worker.dispose();
  }
}

async function inEdgeRuntime(folder, pack) {
  const { EdgeRuntime } = await import("edge-runtime");
  const code = await bundled(
    folder,
    "edge.js",
    ["edge-light", "worker", "browser"],
    "iife",
    ({ onResolve, onLoad }) => {
      onResolve({ filter: /\.wasm(\?module)?$/ }, () => ({ path: "gait_core", namespace: "compiled" }));
      onLoad({ filter: /./, namespace: "compiled" }, () => ({ contents: "export default globalThis.GAIT_CORE" }));
    },
  );
  // The platform compiles modules when it deploys, and refuses to afterwards.
  const deploy = `globalThis.GAIT_CORE = new WebAssembly.Module(GAIT_BYTES);
    WebAssembly.compile = WebAssembly.instantiate = () => { throw new Error("compiling is forbidden here") };`;
  const extend = (context) => Object.assign(context, { GAIT_BYTES: readFileSync(join(folder, CORE)) });
  const runtime = new EdgeRuntime({ extend, initialCode: `${deploy}\n${code}` });
  const response = await runtime.dispatchFetch("http://guest/", { method: "POST", body: pack });
  return response.text();
}

/** The version that a program prints. */
function printed(program) {
  return /\d[\d.]*/.exec(
    execFileSync(program, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
  )?.[0];
}

async function inChromium(folder, pack) {
  const { chromium } = await import("playwright-core");
  const server = await served(folder, pack);
  const browser = await chromium.launch(launch());
  try {
    const page = await browser.newPage();
    page.on("console", (message) => console.error(message.text()));
    page.on("pageerror", (error) => console.error(error));
    await page.goto(server.url);
    return await page.evaluate(() => globalThis.answered);
  } finally {
    await browser.close();
    server.close();
  }
}

/** The project over HTTP, under a strict content policy, with the one import map that a page without bundler needs. */
async function served(folder, pack) {
  const { exports } = JSON.parse(readFileSync(join(folder, "node_modules/gait-js/package.json"), "utf8"));
  const map = JSON.stringify({ imports: { "gait-js": `/node_modules/gait-js/${exports["."].browser.slice(2)}` } });
  const hash = createHash("sha256").update(map).digest("base64");
  const page = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<script type="importmap">${map}</script><script type="module" src="/guest/page.js"></script>`;
  const policy = `default-src 'none'; img-src data:; connect-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}'`;
  const types = { ".js": "text/javascript", ".wasm": "application/wasm" };
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, "http://page/").pathname);
    const send = (type, body) =>
      response.writeHead(200, { "content-type": type, "content-security-policy": policy }).end(body);
    try {
      if (path === "/") {
        send("text/html", page);
      } else if (path === "/pack") {
        send("application/octet-stream", pack);
      } else {
        send(types[extname(path)] ?? "application/octet-stream", readFileSync(join(folder, path)));
      }
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}
