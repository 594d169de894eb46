// Collects the pages: every Markdown file of docs/, the README and the changelog. Their prose stays where it is.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { groups, root } from "./site.mjs";

/**
 * @typedef {object} Page
 * @property {string} source   path in the repository
 * @property {string} url      path from the site's root
 * @property {string} title    its first heading, as plain text
 * @property {string} label    its name in the navigation
 * @property {string|null} group
 * @property {string} text     its Markdown
 */

/** All pages, in the order of the navigation. */
export function collect() {
  const index = read("docs/README.md");
  const listed = contents(index);
  const pages = [
    page("README.md", { url: "start.html", label: "Start here", group: "guides", rank: -2 }),
    page("docs/README.md", { url: "docs/index.html", label: "All pages", group: "guides", rank: -1 }),
    page("CHANGELOG.md", { url: "changelog.html", group: "reference", rank: 1e6 }),
  ];
  for (const source of markdownFiles("docs")) {
    if (source === "docs/README.md") continue;
    const place = listed.get(source.slice("docs/".length));
    pages.push(page(source, {
      url: source.replace(/\.md$/, ".html"),
      group: groupOf(source, place?.heading),
      rank: place?.rank ?? 1e5,
    }));
  }
  const order = groups.map(({ id }) => id);
  return pages.sort((a, b) =>
    order.indexOf(a.group) - order.indexOf(b.group) || a.rank - b.rank || (a.source < b.source ? -1 : 1));
}

function page(source, { url, label, group, rank }) {
  const text = read(source);
  const title = plain(/^# (.+)$/m.exec(text)?.[1] ?? "");
  if (title === "") throw new Error(`${source} has no heading`);
  return { source, url, title, label: label ?? title, group, rank, text };
}

function groupOf(source, heading) {
  const byFolder = groups.find(({ folder }) => folder && source.startsWith(folder));
  const byHeading = groups.find((group) => heading !== undefined && group.heading === heading);
  return (byFolder ?? byHeading ?? groups[0]).id;
}

/** Where docs/README.md lists a page: under which heading, and as the how manieth. */
function contents(index) {
  const listed = new Map();
  let heading;
  for (const line of index.split("\n")) {
    heading = /^## (.+)$/.exec(line)?.[1] ?? heading;
    for (const [, target] of line.matchAll(/\]\(([^)#]+\.md)[^)]*\)/g)) {
      if (!listed.has(target)) listed.set(target, { heading, rank: listed.size });
    }
  }
  return listed;
}

function markdownFiles(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return markdownFiles(path);
      return entry.name.endsWith(".md") ? [path] : [];
    })
    .sort();
}

/** Reads a text file of the repository; a leading comment, the mark of a generated page, is for its editors. */
export function read(path) {
  if (!existsSync(join(root, path))) throw new Error(`${path} is missing`);
  return readFileSync(join(root, path), "utf8").replace(/^<!--[\s\S]*?-->\s*/, "");
}

/** Inline Markdown without its marks. */
export function plain(text) {
  return text.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "").trim();
}
