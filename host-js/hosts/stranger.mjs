// An empty project somewhere else, with the packed package installed: what somebody who is not us has.

import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("..", import.meta.url));
const npm = process.platform === "win32" ? "npm.cmd" : "npm";
const quiet = ["--silent", "--no-audit", "--no-fund", "--offline"];

/** The packed package, or the one in a folder of it: path of the archive, its size, and the files in it. */
export function pack(folder, of = ".") {
  const answer = execFileSync(npm, ["pack", "--json", "--silent", "--pack-destination", folder], {
    cwd: join(here, of),
    encoding: "utf8",
  });
  const [told] = Object.values(JSON.parse(answer));
  return { path: join(folder, told.filename), size: told.size, files: told.files.map(({ path }) => path) };
}

/** Makes the project, with the guests in it; `inline` installs the core as code as well. */
export function stranger({ inline = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "gait-js-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const archive = pack(folder);
    writeFileSync(join(folder, "package.json"), '{ "name": "stranger", "private": true, "type": "module" }\n');
    const archives = [archive, ...(inline ? [pack(folder, "inline")] : [])].map(({ path }) => path);
    execFileSync(npm, ["install", ...quiet, ...archives], { cwd: folder, stdio: "inherit" });
    cpSync(join(here, "hosts/guest"), join(folder, "guest"), { recursive: true });
    return { folder, archive, remove };
  } catch (error) {
    remove();
    throw error;
  }
}
