// The page for addresses that lead nowhere. It is served for any of them, so it needs to know where the site begins.
import { document } from "./layout.mjs";

/** 404.html. Hosts serve it at any depth: with a known address its links are absolute, without one they hold at the top. */
export function missing(site) {
  const base = site.url ? new URL(site.url).pathname : "";
  const main = `<main id="main" class="missing" tabindex="-1">
<p class="eyebrow">404</p>
<h1>There is no such page</h1>
<p>It may have moved. Search for it, or begin at the start.</p>
<p class="actions"><a class="button" href="${base}index.html">To the start</a> <a class="button quiet" href="${base}docs/index.html">All pages</a></p>
</main>`;
  return document(site, { url: "404.html", base, title: "There is no such page", description: "There is no such page.", kind: "page-missing", main });
}
