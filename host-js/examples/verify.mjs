// node examples/verify.mjs RUNPACK
import { file, GaitError, loadGait } from "gait-js";

const gait = await loadGait();
try {
  const report = await gait.verify(file(process.argv[2] ?? "gait-out/runpack_run_demo.zip"));
  console.log(report.ok ? "ok" : "NOT ok", report.run_id, report.manifest_digest);
  for (const { path } of report.hash_mismatches ?? []) {
    console.log(`differs: ${path}`);
  }
  process.exitCode = report.ok ? 0 : 2;
} catch (error) {
  if (!(error instanceof GaitError)) {
    throw error;
  }
  console.error(`${error.code}: ${error.message}\n${error.fault.hint}`);
  process.exitCode = 6;
}
