// What gait costs in V8, and beside it the command in the same run: `make bench-js`. Trust the ratios.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

import { file, loadGait, webCryptoSigner } from "gait-js";
import { pack } from "./hosts/stranger.mjs";

const command = fileURLToPath(new URL("../target/release/gait", import.meta.url));
const NOW = "2026-03-11T09:15:00Z";
const BATCH = 500;

const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];
const row = (...cells) => console.log(`| ${cells.join(" | ")} |`);
const table = (...heads) => {
  row(...heads);
  row(...heads.map(() => "---"));
};

/** Milliseconds that something took. */
async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** A policy of so many rules, each for a tool of its own: the one that `gait-bench` uses. */
function policyOf(rules) {
  const effects = ["allow", "require_approval", "dry_run"];
  const rule = (number) =>
    `  - name: rule-${number}\n    priority: ${number}\n    effect: ${effects[number % 3]}\n    match:\n` +
    `      tool_names: [tool.t${number}]\n      risk_classes: [low, medium]\n      workspace_prefixes: [/srv/]\n` +
    `    reason_codes: [reason_${number}]\n    endpoint:\n      domain_allowlist: ["*.example.org", api.example.com]\n`;
  return `default_verdict: block\nrules:\n${Array.from({ length: rules }, (_, number) => rule(number)).join("")}`;
}

/** An intent of usual size for the tool of one rule. */
function intentOf(number) {
  return {
    schema_id: "gait.gate.intent_request",
    schema_version: "1.0.0",
    created_at: NOW,
    producer_version: "adapter 1.4.0",
    tool_name: `tool.t${number}`,
    args: { path: "/v1/orders/4711", amount: 129.5, note: "leave at the door", lines: [1, 2, 3], urgent: false },
    targets: [
      { kind: "url", value: "https://api.example.com/v1/orders/4711", operation: "post", sensitivity: "internal" },
    ],
    arg_provenance: [{ arg_path: "$.note", source: "user" }],
    context: { identity: "agent-7", workspace: "/srv/shop", risk_class: "low", session_id: "s-1", request_id: "r-1" },
  };
}

async function decisions(gait) {
  console.log(`\n## A warm decision in Node ${process.version}, median of 40 batches of ${BATCH}\n`);
  console.log("Object in, decision with unsigned trace out. Signed: with WebCrypto, the texts of the files out.\n");
  table("rules", "load", "first rule", "last rule", "no rule", "signed");
  const sign = webCryptoSigner(await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]));
  for (const rules of [10, 1_000, 10_000]) {
    const text = policyOf(rules);
    let policy;
    const load = await timed(async () => {
      policy = await gait.policy.compile(text);
    });
    const cost = async (intent, options, batch = BATCH) => {
      const times = [];
      for (let count = 0; count < 40; count += 1) {
        const spent = await timed(async () => {
          for (let call = 0; call < batch; call += 1) {
            await policy.evaluate(intent, options);
          }
        });
        times.push((spent / batch) * 1_000);
      }
      return `${median(times).toFixed(1)} µs`;
    };
    row(
      rules,
      `${load.toFixed(1)} ms`,
      await cost(intentOf(0)),
      await cost(intentOf(rules - 1)),
      await cost(intentOf(rules)),
      await cost(intentOf(0), { sign }, 20),
    );
    policy.free();
  }
}

/** A run whose archive has about 10 MB, of text that compresses to two thirds. */
async function runpack(gait) {
  const noise = (seed) => {
    let text = "";
    for (let number = 0; text.length < 60_000; number += 1) {
      text += createHash("sha256").update(`${seed} ${number}`).digest("hex").slice(0, 24);
      text += createHash("sha256").update(`${number} ${seed}`).digest("base64").slice(0, 24);
    }
    return text;
  };
  const ids = Array.from({ length: 250 }, (_, number) => `intent_${number}`);
  return gait.record(
    {
      run: { run_id: "run_bench" },
      intents: ids.map((intent_id) => ({ intent_id, tool_name: "tool.read", args: { intent_id } })),
      results: ids.map((intent_id) => ({ intent_id, status: "ok", result: { text: noise(intent_id) } })),
      refs: {},
      capture_mode: "raw",
    },
    { now: NOW },
  );
}

async function verifying(gait, folder) {
  const { bytes } = await runpack(gait);
  const path = join(folder, "runpack_run_bench.zip");
  writeFileSync(path, bytes);
  const { members } = await gait.inspect(bytes);
  const content = members.reduce((sum, member) => sum + member.bytes, 0);
  console.log(`\n## Verifying a runpack of ${mega(bytes.length)} MB with ${mega(content)} MB in it, median of 9\n`);
  table("how", "time", "of content");
  const ways = {
    "bytes in memory": () => gait.verify(bytes),
    "a Blob": () => gait.verify(new Blob([bytes])),
    "a file": () => gait.verify(file(path)),
  };
  if (existsSync(command)) {
    const quiet = { cwd: folder, stdio: "ignore", env: { ...process.env, HOME: folder } };
    ways["`gait verify`, start to exit"] = () => execFileSync(command, ["verify", path], quiet);
  }
  const times = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
  for (let count = 0; count < 10; count += 1) {
    for (const [way, work] of Object.entries(ways)) {
      const spent = await timed(work);
      if (count > 0) {
        times[way].push(spent);
      }
    }
  }
  for (const [way, spent] of Object.entries(times)) {
    const middle = median(spent);
    row(way, `${middle.toFixed(1)} ms`, `${(content / 1e3 / middle).toFixed(0)} MB/s`);
  }
  if (!existsSync(command)) {
    console.log("\n`make build` first, and the command is measured as well.");
  }
}

function sizes(folder) {
  const archive = pack(folder);
  const code = archive.files.filter((path) => path.endsWith(".js") && !/inline|gait_verify/.test(path));
  const read = (path) => readFileSync(new URL(path, import.meta.url));
  const packed = (what, ...paths) => {
    const sum = (compress) => paths.reduce((total, path) => total + compress(read(path)).length, 0);
    row(what, kilo(sum((bytes) => gzipSync(bytes, { level: 9 }))), kilo(sum(brotliCompressSync)));
  };
  console.log("\n## Size, kB compressed\n");
  table("what", "gzip", "brotli");
  row("the package as npm transfers it: core, code, types", kilo(archive.size), "–");
  packed("what a browser or a worker loads: the module and the code", "dist/gait_core.wasm", ...code);
  packed("of it the module", "dist/gait_core.wasm");
  row("`gait-js-inline`, for code in one file", kilo(pack(folder, "inline").size), "–");
}

const mega = (bytes) => (bytes / 1e6).toFixed(1);
const kilo = (bytes) => (bytes / 1e3).toFixed(0);

const folder = mkdtempSync(join(tmpdir(), "gait-bench-"));
try {
  let gait;
  const load = await timed(async () => {
    gait = await loadGait();
  });
  console.log(`core ${gait.core.digest.slice(0, 16)}, loaded in ${load.toFixed(0)} ms`);
  await decisions(gait);
  await verifying(gait, folder);
  sizes(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
