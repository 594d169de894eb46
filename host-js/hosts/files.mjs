// The vectors as a map of files, and that map as one message for hosts without a disk.

import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";

/** Every file below a folder, by its path from there. */
export function filesOf(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .map((path) => [
        path
          .slice(folder.length + 1)
          .split(sep)
          .join("/"),
        new Uint8Array(readFileSync(path)),
      ]),
  );
}

/** Name and length of each file as one line of JSON, then their bytes. `guest/main.js` takes it apart. */
export function packed(files) {
  const index = JSON.stringify([...files].map(([path, bytes]) => [path, bytes.length]));
  return Buffer.concat([Buffer.from(`${index}\n`), ...files.values()]);
}
