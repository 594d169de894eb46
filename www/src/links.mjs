// Links: where a link in the prose leads on the site, and whether every link of the finished site leads somewhere.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, posix, relative as pathBetween } from "node:path";
import { parse } from "parse5";
import { relative } from "./html.mjs";
import { repository, root, schemaFolder, schemaPages } from "./site.mjs";

/** Answers for every link of a page what it becomes. Links that lead nowhere are collected in `complaints`. */
export class Links {
  constructor(pages, schemas) {
    this.complaints = [];
    this.targets = new Map(pages.map((page) => [page.source, page.url]));
    this.targets.set("docs", "docs/index.html");
    this.targets.set(schemaFolder, `${schemaPages}/index.html`);
    for (const schema of schemas) this.targets.set(schema.source, schema.url);
  }

  /** Returns `{ href, external }` for a link that stands in `page`. */
  resolve(page, target) {
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return { href: target, external: true };
    if (target.startsWith("#")) return { href: target, external: false };
    const [path, anchor = ""] = target.split(/(?=#)/);
    const source = posix.normalize(posix.join(posix.dirname(page.source), path)).replace(/\/$/, "");
    const url = this.targets.get(source);
    if (url !== undefined) return { href: relative(page.url, url) + anchor, external: false };
    const there = join(root, source);
    if (source.startsWith("..") || !existsSync(there)) {
      this.complaints.push(`${page.source}: ${target}`);
      return { href: target, external: false };
    }
    const kind = statSync(there).isDirectory() ? "tree" : "blob";
    return { href: `${repository}/${kind}/main/${source}${anchor}`, external: true };
  }
}

/** All elements of an HTML text, as `{ name, attributes, text }`. */
export function elements(html, options) {
  const found = [];
  const walk = (node) => {
    if (node.tagName) {
      const given = Object.fromEntries((node.attrs ?? []).map(({ name, value }) => [name, value]));
      const text = (node.childNodes ?? []).map((child) => child.value ?? "").join("");
      found.push({ name: node.tagName, attributes: given, text });
    }
    for (const child of node.content?.childNodes ?? node.childNodes ?? []) walk(child);
  };
  walk(parse(html, options));
  return found;
}

/** All files below a folder, as sorted paths from it, with forward slashes. */
export function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => pathBetween(folder, join(entry.parentPath ?? entry.path, entry.name)).replaceAll("\\", "/"))
    .sort();
}

/** Every internal address in the built pages that leads nowhere, as `page: address`. */
export function deadLinks(folder) {
  const files = new Set(filesBelow(folder));
  const pages = new Map([...files].filter((file) => file.endsWith(".html"))
    .map((file) => [file, elements(readFileSync(join(folder, file), "utf8"))]));
  const names = new Map([...pages].map(([file, all]) => [file, new Set(all.map(({ attributes }) => attributes.id))]));
  const dead = [];
  for (const [file, all] of pages) {
    for (const address of all.flatMap(addresses)) {
      const [path, anchor] = address.split("#");
      const target = path === "" ? file : targetOf(file, path);
      const alive = files.has(target) && (!anchor || (names.get(target)?.has(decodeURIComponent(anchor)) ?? true));
      if (!alive) dead.push(`${file}: ${address}`);
    }
  }
  return dead;
}

function targetOf(file, path) {
  const joined = posix.normalize(posix.join(posix.dirname(file), decodeURIComponent(path.split("?")[0])));
  if (joined === "." || joined === "./") return "index.html";
  return joined.endsWith("/") ? `${joined}index.html` : joined;
}

/** Addresses within the site that an element names. */
function addresses({ name, attributes }) {
  const found = [name === "base" ? undefined : attributes.href, attributes.src];
  return found.filter((address) => address !== undefined && !/^([a-z][a-z0-9+.-]*:|\/)/i.test(address));
}
