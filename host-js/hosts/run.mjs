// Runs all vectors and the whole API in every host, from the packed package, and compares: `npm run test:hosts [NAME…]`.
//
// The vectors' answers have to be those of `test/vectors.mjs`, to the byte: that runner is compared with the native
// library and with the command's own runtime by `cargo test -p gait-tests --test vectors`.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { filesOf, packed } from "./files.mjs";
import { stranger } from "./stranger.mjs";

const { HOSTS } = await import("./hosts.mjs").catch((error) => {
  console.error(`error: ${error.message}\nhint: run \`npm --prefix host-js/hosts ci\``);
  process.exit(1);
});

const here = fileURLToPath(new URL("..", import.meta.url));
const vectors = join(here, "../tests/vectors");
const wanted = process.argv.slice(2).map((name) => name.toLowerCase());
const hosts = HOSTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name.toLowerCase()));

const lines = execFileSync(process.execPath, [join(here, "test/vectors.mjs"), vectors], {
  encoding: "utf8",
  maxBuffer: 1 << 28,
});
const expected = new Map(
  lines
    .trim()
    .split("\n")
    .map((line) => [JSON.parse(line).case, line]),
);
const pack = packed(filesOf(vectors));
const project = stranger();
const rows = [];
const complaints = [];
let told;
try {
  for (const host of hosts) {
    const began = performance.now();
    const row = { host: host.name, version: "", vectors: 0, equal: 0, api: "failed", seconds: "" };
    rows.push(row);
    try {
      row.version = (await host.version()) ?? "";
      const answer = JSON.parse(await host.run(project.folder, pack));
      row.vectors = answer.vectors.length;
      row.equal = answer.vectors.filter((one) => expected.get(one.case) === JSON.stringify(one)).length;
      const odd = answer.vectors.filter((one) => expected.get(one.case) !== JSON.stringify(one));
      complaints.push(...odd.slice(0, 5).map((one) => `${host.name}: ${one.case} is answered otherwise`));
      if (row.vectors !== expected.size) {
        complaints.push(`${host.name}: ${row.vectors} of ${expected.size} vectors were run`);
      }
      const api = JSON.stringify(answer.api);
      told ??= { api, by: host.name };
      row.api = api === told.api ? "equal" : "differs";
      if (api !== told.api) {
        complaints.push(`${host.name}: the API answers otherwise than in ${told.by}\n  ${told.api}\n  ${api}`);
      }
      complaints.push(...unsound(answer.api).map((what) => `${host.name}: ${what}`));
    } catch (error) {
      complaints.push(`${host.name}: ${error.stack ?? error}`);
    }
    row.seconds = ((performance.now() - began) / 1000).toFixed(1);
  }
} finally {
  project.remove();
}

const columns = ["host", "version", "vectors", "equal", "api", "seconds"];
const line = (cells) => `| ${cells.join(" | ")} |`;
console.log(`\nvectors: ${expected.size}, core ${JSON.parse(told?.api ?? "{}").core ?? "?"}\n`);
console.log(
  [line(columns), line(columns.map(() => "---")), ...rows.map((row) => line(columns.map((of) => row[of])))].join("\n"),
);
for (const complaint of complaints) {
  console.error(complaint);
}
process.exitCode = complaints.length === 0 && rows.length > 0 ? 0 : 1;

/** What the story must have come to, whatever the host. */
function unsound(api) {
  const verdicts = api.fuelled.map(({ verdict }) => verdict);
  const checks = {
    "the runpack verifies":
      api.verified.ok && api.recordedVerified.ok && api.recordedVerified.signature_status === "verified",
    "looking is allowed": api.looked.verdict === "allow",
    "the third call is over the limit": verdicts.join() === "allow,allow,block",
    "an approval is asked for": api.waiting.verdict === "require_approval",
    "the token is good": api.token.ok,
    "the trace is signed": api.trace.ok && api.rechecked.ok && api.rechecked.same_core,
    "the trace in the evidence pack is signed":
      api.packed.contained[0].signature_status === "verified" &&
      api.packed.members[0].found === api.packed.members[0].expected,
    "the attestation is signed": api.attested.ok && api.attested.signature_status === "verified",
    "the registry pack is signed": api.registry.ok && api.registry.signature_verified,
    "every refusal has its code":
      api.refusals.join() ===
      "zip_not_an_archive,file_not_found,invalid_input,policy_invalid,invalid_input,invalid_input,signing_failed,manifest_missing",
  };
  return Object.entries(checks).flatMap(([what, holds]) =>
    holds ? [] : [`it does not hold that ${what}: ${api.refusals}`],
  );
}
