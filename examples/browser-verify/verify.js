// A page that verifies a runpack where it is: nothing is uploaded, and a file of any size is read in pieces.

import { GaitError, loadGait } from "./node_modules/gait-js/dist/browser.js";

const element = (id) => document.getElementById(id);
const loading = loadGait();
let running;

async function verify() {
  const [runpack] = element("runpack").files;
  if (!runpack) {
    return;
  }
  // Another file ends what is going on with the one before.
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  const publicKey = element("key").value.trim() || undefined;
  const progress = (read, size) => {
    element("progress").value = read / size;
  };
  const gait = await loading;
  try {
    say(lines(await gait.verify(runpack, { publicKey, requireSignature: publicKey !== undefined, signal, progress })));
  } catch (error) {
    if (!signal.aborted) {
      say(error instanceof GaitError ? [`cannot be judged: ${error.message}`, error.fault.hint] : [String(error)]);
    }
  }
}

function lines(report) {
  const signers = (report.signers ?? []).map(({ key_id, status }) => `${status}: ${key_id}`);
  return [
    report.ok ? "sound" : "NOT sound",
    `run ${report.run_id}`,
    `manifest ${report.manifest_digest}`,
    ...(report.missing_files ?? []).map((path) => `missing: ${path}`),
    ...(report.hash_mismatches ?? []).map(({ path }) => `differs: ${path}`),
    ...(signers.length > 0 ? signers : ["nobody signed it"]),
  ];
}

// As text, never as markup: what is shown comes from a file that strangers made.
const say = (told) => {
  element("answer").textContent = told.join("\n");
};

element("runpack").addEventListener("change", verify);
element("key").addEventListener("change", verify);
