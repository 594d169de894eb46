// Builds the site into dist/: `npm run build`. Prose comes from the repository's Markdown, everything else from here.
// GAIT_SITE_URL, the address the site is served from, is optional: see docs/site.md.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { article } from "./src/article.mjs";
import { buildAssets } from "./src/assets.mjs";
import { landing } from "./src/landing.mjs";
import { document } from "./src/layout.mjs";
import { Links, deadLinks, filesBelow } from "./src/links.mjs";
import { writeForMachines, writeSitemap } from "./src/machine.mjs";
import { renderer } from "./src/markdown.mjs";
import { missing } from "./src/missing.mjs";
import { writeManifest, writeServiceWorker } from "./src/offline.mjs";
import { collect } from "./src/pages.mjs";
import { collectSchemas, schemaIndex, schemaPage } from "./src/schemas.mjs";
import { buildSearch } from "./src/search.mjs";
import { dist, siteUrl } from "./src/site.mjs";
import { addVerifier, verifierModule } from "./src/verifier.mjs";

/** Builds the whole site into `out`; throws with everything that is wrong with it. */
export async function buildSite({ out = dist, url = siteUrl(), verifier = existsSync(verifierModule) } = {}) {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const put = (file, text) => {
    mkdirSync(dirname(join(out, file)), { recursive: true });
    writeFileSync(join(out, file), text);
  };

  const schemas = collectSchemas();
  const prose = collect();
  const links = new Links(prose, schemas);
  const md = renderer(links);
  for (const page of prose) {
    // The Markdown stands where it stands in the repository, so that its own links keep their shape.
    page.markdown = page.source;
    Object.assign(page, md.page(page));
  }
  for (const schema of schemas) Object.assign(schema, schemaPage(schema, md.inline));
  const pages = inOrder(prose, [schemaIndex(schemas, md.inline), ...schemas]);
  refuse("links that lead nowhere", links.complaints);

  const site = { assets: await buildAssets(out), verifier, url };
  for (const page of pages) {
    put(page.url, document(site, { ...page, kind: "page-docs", menu: true, description: page.lead || page.title, main: article(site, page, pages) }));
  }
  const readme = prose.find(({ source }) => source === "README.md");
  const { main, description } = landing(site, readme, pages, md);
  put("index.html", document(site, { url: "index.html", title: "gait", description, kind: "page-landing", main }));
  put("404.html", missing(site));
  if (verifier) await addVerifier(out, site);

  links.markdown = new Map(prose.map((page) => [page.url, page.markdown]));
  writeForMachines(out, site, { pages: prose, schemas, links, description });
  writeManifest(out, site, description);
  const urls = filesBelow(out).filter((file) => file.endsWith(".html") && !/(^|\/)(404|gait-verify)\.html$/.test(file));
  writeSitemap(out, site, urls);
  put(".nojekyll", "");
  const indexed = await buildSearch(out, urls.filter((url) => url !== "index.html"));
  refuse("links that lead nowhere", deadLinks(out));
  const offline = writeServiceWorker(out);
  return { pages: urls.length, indexed, offline, verifier };
}

/** The schemas' pages, after the group before theirs. */
function inOrder(prose, schemas) {
  const at = prose.findLastIndex(({ group }) => group === "reference");
  return [...prose.slice(0, at + 1), ...schemas, ...prose.slice(at + 1)];
}

function refuse(what, complaints) {
  if (complaints.length > 0) throw new Error(`${what}:\n${complaints.map((line) => `  ${line}`).join("\n")}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    const began = performance.now();
    const { pages, indexed, offline, verifier } = await buildSite();
    const size = filesBelow(dist).reduce((sum, file) => sum + readFileSync(join(dist, file)).length, 0);
    if (!verifier) console.error("note: www/verify/build.mjs is missing; the site is built without the verifier");
    console.log(`www/dist: ${pages} pages, ${indexed} searchable, ${offline} files offline, ${(size / 1e6).toFixed(1)} MB, ${((performance.now() - began) / 1000).toFixed(1)} s`);
  } catch (error) {
    console.error(`error: ${error.message}`);
    process.exitCode = 1;
  }
}
