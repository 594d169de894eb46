// The site, built once for each test file into a folder of its own.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSite } from "../build.mjs";
import { elements, filesBelow } from "../src/links.mjs";

/** Builds; returns the folder, its files, and its pages with their elements. */
export async function built(options = {}) {
  const out = mkdtempSync(join(tmpdir(), "gait-site-"));
  process.on("exit", () => rmSync(out, { recursive: true, force: true }));
  await buildSite({ out, ...options });
  const files = filesBelow(out);
  const read = (file) => readFileSync(join(out, file), "utf8");
  // The single file is no page of the site: it has rules, and tests, of its own.
  const pages = files.filter((file) => file.endsWith(".html") && !file.endsWith("gait-verify.html")).map((file) => {
    const html = read(file);
    const complaints = [];
    const all = elements(html, { onParseError: ({ code, startLine }) => complaints.push(`${file}:${startLine}: ${code}`) });
    return { file, html, all, complaints, named: (name) => all.filter((element) => element.name === name) };
  });
  return { out, files, read, pages };
}
