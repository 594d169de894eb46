// The site as an app that works without a network: its manifest, and a service worker that knows every file.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow } from "./links.mjs";
import { www } from "./site.mjs";

/** Files that nobody needs offline, or that are not asked for by pages. */
const left = /^(sw\.js|llms-full\.txt|robots\.txt|sitemap\.xml|\.nojekyll)$|\.md$|gait-verify\.html$/;

/** Writes manifest.webmanifest. */
export function writeManifest(out, site, description) {
  const png = (size) => ({ src: `icons/icon-${size}.png`, sizes: `${size}x${size}`, type: "image/png" });
  writeFileSync(join(out, "manifest.webmanifest"), `${JSON.stringify({
    name: "gait", short_name: "gait", description, id: "./", start_url: "./", scope: "./", display: "standalone",
    background_color: "#fcfbf9", theme_color: "#102a33",
    icons: [{ src: "icons/mark.svg", sizes: "any", type: "image/svg+xml" }, png(192), { ...png(512), purpose: "any" }, { ...png(512), purpose: "maskable" }],
    shortcuts: [
      ...(site.verifier ? [{ name: "Verify a file", url: "verify/index.html" }] : []),
      { name: "Commands", url: "docs/reference/cli.html" },
    ],
  }, null, 2)}\n`);
}

/** Writes sw.js, last of all files: it lists the others, and its version is a digest of them all. */
export function writeServiceWorker(out) {
  const files = filesBelow(out).filter((file) => !left.test(file));
  const digest = createHash("sha256");
  for (const file of files) digest.update(file).update("\0").update(readFileSync(join(out, file)));
  const version = digest.digest("hex").slice(0, 16);
  const worker = readFileSync(join(www, "client/sw.js"), "utf8")
    .replace("__VERSION__", () => JSON.stringify(version))
    .replace("__FILES__", () => JSON.stringify(files));
  writeFileSync(join(out, "sw.js"), worker);
  return files.length;
}
