// What the site is: its places, its address, its content security policy, and the groups of its navigation.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder: where all prose lives. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** This folder: layout, styles, scripts and the verifier. */
export const www = resolve(root, "www");

/** Where the site is built. */
export const dist = resolve(www, "dist");

/** Where the schemas come from, and where their pages go. */
export const schemaFolder = "core-wasm/contract/schemas/v1";
export const schemaPages = "docs/reference/schemas";

/** Links to files that are no pages lead into the repository. */
export const repository = "https://github.com/davidahmann/gait";

/**
 * The address the site is served from, when it is known. Everything works without it, from any folder of any host;
 * with it the sitemap, llms.txt and the page for missing pages carry whole addresses.
 */
export function siteUrl(environment = process.env) {
  const url = environment.GAIT_SITE_URL?.trim();
  if (!url) return null;
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new Error(`GAIT_SITE_URL is no web address: \`${url}\``);
  }
  return parsed.href.replace(/\/*$/, "/");
}

/** Nothing from elsewhere, nothing inline. `wasm-unsafe-eval` lets the core and the search index compile. */
export const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
].join("; ");

/**
 * The groups of the navigation. A page belongs to the group of its folder; one that stands directly in docs/ to the
 * group of the heading under which docs/README.md lists it. Their order is the order of that list.
 */
export const groups = [
  { id: "guides", title: "Guides", heading: "Guides" },
  { id: "concepts", title: "Concepts", folder: "docs/concepts/", heading: "Concepts" },
  { id: "contracts", title: "Contracts", folder: "docs/contracts/" },
  { id: "reference", title: "Reference", folder: "docs/reference/", heading: "Contracts" },
  { id: "schemas", title: "Schemas", folder: `${schemaPages}/`, folded: true },
  { id: "hardening", title: "Hardening", folder: "docs/hardening/" },
  { id: "decisions", title: "Decisions", folder: "docs/adr/", folded: true },
];

/** The digest of the module that computes every answer, as core.lock names it. */
export function coreDigest() {
  const lock = readFileSync(resolve(root, "core-wasm/dist/core.lock"), "utf8");
  const digest = /"gait_core\.wasm" = "([0-9a-f]{64})"/.exec(lock)?.[1];
  if (digest === undefined) throw new Error("core-wasm/dist/core.lock names no digest of gait_core.wasm");
  return digest;
}
