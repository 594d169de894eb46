// Finds a Chromium that is already on the machine. `node test/find_chromium.mjs` prints its path.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";

const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];
const elsewhere = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The program: GAIT_CHROMIUM, or the first that is found. */
export function findChromium() {
  const named = process.env.GAIT_CHROMIUM;
  if (named) {
    if (existsSync(named)) return named;
    throw new Error(`GAIT_CHROMIUM names no file: \`${named}\``);
  }
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  const found = [...folders.flatMap((folder) => names.map((name) => join(folder, name))), ...elsewhere].find((path) => existsSync(path));
  if (found) return found;
  throw new Error("no Chromium was found; run `make browsers`, or set GAIT_CHROMIUM to one");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    console.log(findChromium());
  } catch (error) {
    console.error(`error: ${error.message}`);
    process.exitCode = 1;
  }
}
