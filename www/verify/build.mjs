// Builds the verifier from one code base: parts for a page of the site, and gait-verify.html, which is one file and
// opens from disk. `node www/verify/build.mjs` makes the file alone, in www/dist/.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { paletteCss } from "../src/palette.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const read = (path) => readFileSync(here(path), "utf8");
const core = here("../../core-wasm/dist/gait_core.wasm");

/** What a page about the verifier is called. */
const TITLE = "Verify a runpack";
const DESCRIPTION = "Checks gait's runpacks, traces and approvals in the browser. Nothing leaves the machine.";

/** On the site only: the way to the file. */
const KEEP = ' <a href="gait-verify.html" download>Keep it as one file</a> that opens from disk.';

/**
 * Writes `gait-verify.html` into `outDir`. For the site, writes beside it what the site's page needs: `fragment.html`
 * (what belongs into <main>; its first line is a comment with title, description, styles and scripts), `verify.js`,
 * `worker.js`, `verify.css` and the core. The page works under the site's content security policy.
 * @param {{ outDir: string, site?: boolean }} options
 */
export async function buildVerifier({ outDir, site = false }) {
  const out = resolve(outDir);
  mkdirSync(out, { recursive: true });
  const worker = await bundle("src/worker.ts", "iife");
  const style = await minified(read("verify.css"));
  const file = join(out, "gait-verify.html");
  writeFileSync(file, await singleFile(worker, style));
  if (site) {
    const head = { title: TITLE, description: DESCRIPTION, styles: ["verify.css"], scripts: ["verify.js"] };
    writeFileSync(join(out, "fragment.html"), `<!-- ${JSON.stringify(head)} -->\n${page(KEEP)}`);
    writeFileSync(join(out, "verify.js"), await bundle("src/start_site.ts", "esm"));
    writeFileSync(join(out, "worker.js"), worker);
    writeFileSync(join(out, "verify.css"), style);
    copyFileSync(core, join(out, "gait_core.wasm"));
  }
  return { file, digest: createHash("sha256").update(readFileSync(core)).digest("hex") };
}

function page(keep = "") {
  return read("page.html").replace("<!--keep-->", keep);
}

/** Everything in one document that may load nothing, connect nowhere, and run only its own script. */
async function singleFile(worker, style) {
  const script = await bundle("src/start_single.ts", "iife", { GAIT_WORKER: JSON.stringify(worker) });
  // The text between the tags ends at the first end tag, wherever that stands.
  const safe = script.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
  const styles = await minified(`${paletteCss()}${read("single.css")}`) + style;
  const policy = [
    "default-src 'none'",
    `script-src '${hash(safe)}' 'wasm-unsafe-eval'`,
    `style-src '${hash(styles)}'`,
    "worker-src blob:",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "trusted-types gait-worker",
    "require-trusted-types-for 'script'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${DESCRIPTION}">
<title>${TITLE} · gait</title>
<link rel="icon" href="data:image/svg+xml;base64,${readFileSync(here("../theme/mark.svg")).toString("base64")}">
<style>${styles}</style>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<main id="main" tabindex="-1">
${page()}</main>
<footer class="single-foot"><p>gait ${version()} · this page is one file: keep it, copy it, open it from disk.</p></footer>
<script type="application/wasm;base64" id="gait-core">${readFileSync(core).toString("base64")}</script>
<script>${safe}</script>
</body>
</html>
`;
}

async function bundle(entry, format, define = {}) {
  const { outputFiles } = await build({
    entryPoints: [here(entry)],
    bundle: true,
    write: false,
    format,
    minify: true,
    target: ["es2022"],
    charset: "utf8",
    legalComments: "none",
    define: { GAIT_VERSION: JSON.stringify(version()), ...define },
    logLevel: "warning",
  });
  return outputFiles[0].text;
}

async function minified(css) {
  const { outputFiles } = await build({
    stdin: { contents: css, loader: "css" },
    write: false,
    minify: true,
    charset: "utf8",
    logLevel: "warning",
  });
  return outputFiles[0].text;
}

function hash(text) {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

/** gait's version, where the workspace keeps it. */
function version() {
  const found = /\[workspace\.package\][^[]*?\nversion = "([^"]+)"/.exec(read("../../Cargo.toml"))?.[1];
  if (found === undefined) throw new Error("Cargo.toml names no version");
  return found;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { file, digest } = await buildVerifier({ outDir: process.argv[2] ?? here("../dist") });
  console.log(`${file}\ncore sha256:${digest}`);
}
