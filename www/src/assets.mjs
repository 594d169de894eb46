// Styles and scripts, bundled, their names carrying a digest of what is in them; icons; the installable app's manifest.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { icon } from "./icons.mjs";
import { paletteCss } from "./palette.mjs";
import { www } from "./site.mjs";

const target = ["chrome109", "firefox115", "safari16.4"];

/** Writes assets/ and icons/; returns the names that pages need. */
export async function buildAssets(out) {
  mkdirSync(join(out, "assets"), { recursive: true });
  mkdirSync(join(out, "icons"), { recursive: true });
  const style = await bundle(join(www, "theme/site.css"), { banner: { css: paletteCss() } });
  const names = {
    style: write(out, "site.css", style),
    // The theme is decided before the first paint, so it is no module and comes alone.
    theme: write(out, "theme.js", await bundle(join(www, "client/theme.js"), { format: "iife" })),
    script: write(out, "site.js", await bundle(join(www, "client/site.js"), { format: "esm" })),
  };
  copyFileSync(join(www, "theme/mark.svg"), join(out, "icons/mark.svg"));
  for (const size of [180, 192, 512]) writeFileSync(join(out, `icons/icon-${size}.png`), icon(size));
  return names;
}

async function bundle(entry, options) {
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, minify: true, write: false, target, logLevel: "warning",
    charset: "utf8", legalComments: "none", ...options });
  return outputFiles[0].contents;
}

function write(out, name, content) {
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const file = `assets/${basename(name).replace(/(\.\w+)$/, `.${digest}$1`)}`;
  writeFileSync(join(out, file), content);
  return file;
}
