// For machines: the pages as Markdown, llms.txt, llms-full.txt, the sitemap, robots.txt.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { escape, relative } from "./html.mjs";
import { address } from "./layout.mjs";
import { groups, root } from "./site.mjs";

/** Writes them all. `pages` have Markdown, `schemas` their raw files, `links` knows where the site keeps what. */
export function writeForMachines(out, site, { pages, schemas, links, description }) {
  for (const page of pages) put(out, page.markdown, withSiteLinks(page, links));
  for (const schema of schemas) {
    mkdirSync(dirname(join(out, schema.raw)), { recursive: true });
    copyFileSync(join(root, schema.source), join(out, schema.raw));
  }
  put(out, "llms.txt", llms(site, pages, schemas, description));
  put(out, "llms-full.txt", pages.map((page) => `<!-- ${address(site, page.markdown)} -->\n\n${withSiteLinks(page, links).trim()}\n`).join("\n"));
}

/** The sitemap of all HTML pages. Without a known address of the site it lists paths, for whoever serves it to complete. */
export function writeSitemap(out, site, urls) {
  const entries = urls.map((url) => `<url><loc>${escape(address(site, url))}</loc></url>`);
  put(out, "sitemap.xml", `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${entries.join("\n")}\n</urlset>\n`);
  put(out, "robots.txt", `User-agent: *\nAllow: /\n${site.url ? `Sitemap: ${site.url}sitemap.xml\n` : ""}`);
}

function put(out, file, text) {
  mkdirSync(dirname(join(out, file)), { recursive: true });
  writeFileSync(join(out, file), text);
}

/** https://llmstxt.org: what this is, and every page with what it is about. */
function llms(site, pages, schemas, description) {
  const line = (url, title, about) => `- [${title}](${address(site, url)})${about ? `: ${about}` : ""}`;
  const short = (text) => {
    const first = text.split(/(?<=[.:]) /)[0].replace(/:$/, ".");
    return first.length > 200 ? `${first.slice(0, 197)}…` : first;
  };
  const parts = groups.map((group) => {
    const lines = group.id === "schemas"
      ? schemas.map((schema) => line(schema.raw, schema.title, short(schema.lead)))
      : pages.filter((page) => page.group === group.id).map((page) => line(page.markdown, page.label, short(page.lead)));
    return lines.length === 0 ? "" : `## ${group.title}\n\n${lines.join("\n")}\n`;
  });
  return `# gait\n\n> ${description}\n\n${line("llms-full.txt", "All pages in one file", "")}\n\n${parts.filter(Boolean).join("\n")}`;
}

/** A page's Markdown with links that hold on the site: files beside pages stay, files of the repository get an address. */
function withSiteLinks(page, links) {
  let inside = false;
  return page.text.split("\n").map((line) => {
    if (/^\s*(```|~~~)/.test(line)) inside = !inside;
    if (inside) return line;
    return line.replace(/(\]\()([^)\s]+)(\))|^(\[[^\]]+\]: )(\S+)$/g, (whole, open, target, close, define, defined) => {
      const found = markdownTarget(page, target ?? defined, links);
      return define ? define + found : open + found + close;
    });
  }).join("\n");
}

function markdownTarget(page, target, links) {
  const { href, external } = links.resolve(page, target);
  if (external || target.startsWith("#")) return href;
  const [path, anchor = ""] = href.split(/(?=#)/);
  const url = posix.join(posix.dirname(page.url), path);
  const markdown = links.markdown.get(url);
  return markdown === undefined ? relative(page.markdown, url) + anchor : relative(page.markdown, markdown) + anchor;
}
