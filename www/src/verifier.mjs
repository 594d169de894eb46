// Takes the verifier into the site: verify/build.mjs makes it, this gives its page the site's frame.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { document } from "./layout.mjs";
import { www } from "./site.mjs";

/** Where the verifier is built. */
export const verifierModule = join(www, "verify/build.mjs");

/**
 * Builds the verifier into verify/. It brings a whole `index.html`, or `fragment.html`: what belongs into <main>, its
 * first line a comment with `title`, `description`, and the names of its `styles` and `scripts`.
 */
export async function addVerifier(out, site) {
  const folder = join(out, "verify");
  const { buildVerifier } = await import(pathToFileURL(verifierModule).href);
  await buildVerifier({ outDir: folder, site: true });
  const fragment = join(folder, "fragment.html");
  if (existsSync(fragment)) {
    writeFileSync(join(folder, "index.html"), framed(site, readFileSync(fragment, "utf8")));
    rmSync(fragment);
  }
  if (!existsSync(join(folder, "index.html"))) throw new Error("www/verify/build.mjs left no page in dist/verify");
}

function framed(site, text) {
  const [, head, html] = /^\s*<!--\s*(\{.*?\})\s*-->\s*([\s\S]*)$/.exec(text) ?? [];
  if (head === undefined) throw new Error("the verifier's fragment.html does not begin with its title and description");
  const { title, description, styles = [], scripts = [] } = JSON.parse(head);
  const inFolder = (names) => names.map((name) => `verify/${name}`);
  return document(site, { url: "verify/index.html", title, description, kind: "page-verify",
    styles: inFolder(styles), scripts: inFolder(scripts),
    main: `<main id="main" tabindex="-1" data-pagefind-body data-pagefind-meta="group:Verifier">\n${html}</main>` });
}
