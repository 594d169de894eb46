// What the build writes: every page is there, nothing is dead, nothing is inline, nothing comes from elsewhere.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { Links, deadLinks, elements, filesBelow } from "../src/links.mjs";
import { contrast, palette, paletteCss, readable } from "../src/palette.mjs";
import { root, schemaFolder, siteUrl } from "../src/site.mjs";
import { built } from "./built.mjs";

let site;
before(async () => {
  site = await built({ url: null });
});

/** Every complaint at once, or nothing. */
const none = (complaints) => assert.deepEqual(complaints, []);
const prose = ["README.md", "CHANGELOG.md", ...filesBelow(join(root, "docs")).filter((file) => file.endsWith(".md")).map((file) => `docs/${file}`)];
const schemas = filesBelow(join(root, schemaFolder)).filter((file) => file.endsWith(".json"));
const pageOf = (source) => ({ "README.md": "start.html", "CHANGELOG.md": "changelog.html", "docs/README.md": "docs/index.html" })[source]
  ?? source.replace(/\.md$/, ".html");

test("every page of the docs is there, as a page and as Markdown", () => {
  for (const source of prose) {
    assert.ok(site.files.includes(pageOf(source)), pageOf(source));
    assert.ok(site.files.includes(source), source);
    const title = /^# (.+)$/m.exec(readFileSync(join(root, source), "utf8"))[1].replace(/[`*]/g, "");
    const page = site.pages.find(({ file }) => file === pageOf(source));
    assert.ok(page.named("title")[0].text.startsWith(title), `${source}: ${page.named("title")[0].text}`);
  }
});

test("every schema is there, as a page and as it is", () => {
  assert.ok(schemas.length > 0);
  for (const schema of schemas) {
    const raw = `docs/reference/schemas/${schema}`;
    assert.equal(site.read(raw), readFileSync(join(root, schemaFolder, schema), "utf8"));
    const page = site.read(raw.replace(".schema.json", ".html"));
    for (const member of Object.keys(JSON.parse(site.read(raw)).properties ?? {})) {
      assert.ok(page.includes(`<code>${member}</code>`), `${schema}: ${member}`);
    }
  }
});

test("the navigation of every page leads to every page", () => {
  const targets = site.pages.filter(({ file }) => file.startsWith("docs/") || file === "start.html").map((page) => {
    const nav = /<nav id="site-nav"[\s\S]*?<\/nav>/.exec(page.html)[0];
    return elements(nav).filter(({ name }) => name === "a").length;
  });
  assert.ok(Math.min(...targets) >= prose.length + schemas.length, `${Math.min(...targets)} links`);
});

test("no link is dead", () => none(deadLinks(site.out)));

test("dead links and anchors are found", () => {
  const folder = mkdtempSync(join(tmpdir(), "gait-links-"));
  mkdirSync(join(folder, "a"));
  writeFileSync(join(folder, "index.html"), '<a href="a/b.html">1</a><a href="a/b.html#here">2</a><a href="a/b.html#gone">3</a><a href="gone.html">4</a><img src="gone.svg">');
  writeFileSync(join(folder, "a/b.html"), '<p id="here"><a href="../index.html">1</a><a href="../a/">2</a><a href="https://example.org">3</a></p>');
  assert.deepEqual(deadLinks(folder).sort(), ["a/b.html: ../a/", "index.html: a/b.html#gone", "index.html: gone.html", "index.html: gone.svg"]);
  rmSync(folder, { recursive: true });

  const links = new Links([{ source: "docs/a.md", url: "docs/a.html" }], []);
  assert.deepEqual(links.resolve({ source: "docs/b/c.md", url: "docs/b/c.html" }, "../a.md#x"), { href: "../a.html#x", external: false });
  assert.match(links.resolve({ source: "README.md", url: "start.html" }, "LICENSE").href, /^https:.*\/blob\/main\/LICENSE$/);
  none(links.complaints);
  links.resolve({ source: "docs/a.md", url: "docs/a.html" }, "gone.md");
  links.resolve({ source: "docs/a.md", url: "docs/a.html" }, "../../outside.md");
  assert.equal(links.complaints.length, 2);
});

test("every page has the content security policy, before anything it could load", () => {
  const wanted = ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
    "manifest-src 'self'", "worker-src 'self'"];
  for (const { file, all, named } of site.pages) {
    const meta = named("meta").filter(({ attributes }) => attributes["http-equiv"] === "Content-Security-Policy");
    assert.equal(meta.length, 1, file);
    const given = meta[0].attributes.content.split("; ");
    for (const directive of wanted) assert.ok(given.includes(directive), `${file}: ${directive}`);
    const first = all.findIndex(({ name }) => ["script", "link", "img", "style"].includes(name));
    assert.ok(all.indexOf(meta[0]) < first, `${file}: the policy comes too late`);
  }
});

test("nothing is inline", () => {
  none(site.pages.flatMap(({ file, all }) => all.filter(({ name, attributes, text }) =>
    name === "style" || "style" in attributes || Object.keys(attributes).some((key) => key.startsWith("on"))
      || (name === "script" && (!attributes.src || text.trim() !== "")) || /^(javascript|data):/i.test(attributes.href ?? attributes.src ?? ""))
    .map(({ name, attributes }) => `${file}: <${name} ${JSON.stringify(attributes)}>`)));
});

test("nothing comes from elsewhere", () => {
  const foreign = (address) => address !== undefined && /^([a-z]+:)?\/\//i.test(address);
  none(site.pages.flatMap(({ file, all }) => all
    .filter(({ name, attributes }) => foreign(attributes.src) || foreign(attributes.srcset) || (name === "link" && foreign(attributes.href)))
    .map(({ attributes }) => `${file}: ${attributes.src ?? attributes.href}`)));
  none(site.files.filter((file) => file.endsWith(".css"))
    .filter((file) => /@import|url\(/.test(site.read(file))));
});

test("pages are sound HTML", () => {
  none(site.pages.flatMap(({ complaints }) => complaints));
  for (const { file, all, named, html } of site.pages) {
    assert.match(html, /^<!doctype html>\n<html lang="en">/, file);
    assert.equal(named("h1").length, 1, `${file}: one h1`);
    assert.equal(named("main").length, 1, `${file}: one main`);
    assert.ok(named("title")[0].text.length > 0, file);
    const description = named("meta").find(({ attributes }) => attributes.name === "description").attributes.content;
    assert.ok(description.length > 0, `${file}: description`);
    const ids = all.map(({ attributes }) => attributes.id).filter(Boolean);
    assert.deepEqual(ids.filter((id, at) => ids.indexOf(id) !== at), [], `${file}: ids`);
    const levels = all.filter(({ name }) => /^h[1-6]$/.test(name)).map(({ name }) => Number(name[1]));
    levels.forEach((level, at) => assert.ok(at === 0 || level <= levels[at - 1] + 1, `${file}: h${level} after h${levels[at - 1]}`));
  }
});

test("llms.txt lists every page, llms-full.txt holds them", () => {
  const llms = site.read("llms.txt");
  assert.match(llms, /^# gait\n\n> gait judges /);
  const listed = [...llms.matchAll(/\]\(([^)]+)\)/g)].map(([, url]) => url);
  for (const source of prose) assert.ok(listed.includes(source), source);
  for (const schema of schemas) assert.ok(listed.includes(`docs/reference/schemas/${schema}`), schema);
  none(listed.filter((url) => !site.files.includes(url)));
  const full = site.read("llms-full.txt");
  for (const source of prose) assert.ok(full.includes(`<!-- ${source} -->`), source);
});

test("links in the pages' Markdown hold on the site", () => {
  const inside = (source) => site.read(source).replace(/^(```|~~~)[\s\S]*?^\1/gm, "").replace(/`[^`\n]*`/g, "");
  none(prose.flatMap((source) => [...inside(source).matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
    .filter(([, target]) => !/^[a-z]+:/.test(target))
    .map(([, target]) => [target, new URL(target, `http://x/${source}`).pathname.slice(1)])
    .filter(([, path]) => !site.files.includes(path))
    .map(([target]) => `${source}: ${target}`)));
});

test("the app's manifest and its worker name files that are there, and all that pages need", () => {
  const manifest = JSON.parse(site.read("manifest.webmanifest"));
  for (const { src } of manifest.icons) assert.ok(site.files.includes(src), src);
  for (const { url } of manifest.shortcuts) assert.ok(site.files.includes(url), url);
  const kept = JSON.parse(/const files = (\[.*?\]);/.exec(site.read("sw.js"))[1]);
  none(kept.filter((file) => !site.files.includes(file)));
  none(site.files.filter((file) => /\.(html|css|js|wasm|pf_\w+|pagefind)$/.test(file) && !/(gait-verify\.html|^sw\.js)$/.test(file) && !kept.includes(file)));
});

test("two builds are the same, byte for byte, and name no folder of this machine", async () => {
  const again = await built({ url: null });
  assert.deepEqual(again.files, site.files);
  none(site.files.filter((file) => !readFileSync(join(site.out, file)).equals(readFileSync(join(again.out, file)))));
  none(site.files.filter((file) => /\.(html|js|css|md|txt|xml|json)$/.test(file) && [root, site.out].some((path) => site.read(file).includes(path))));
});

test("with an address, what needs whole addresses has them", async () => {
  const url = "https://docs.example.org/gait/";
  const { read, pages } = await built({ url });
  const sitemap = [...read("sitemap.xml").matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, found]) => found);
  assert.ok(sitemap.includes(url) && sitemap.includes(`${url}docs/policy_guide.html`));
  none(sitemap.filter((found) => !found.startsWith(url)));
  assert.match(read("llms.txt"), /\]\(https:\/\/docs\.example\.org\/gait\/docs\/policy_guide\.md\)/);
  const missing = pages.find(({ file }) => file === "404.html");
  none(missing.all.map(({ attributes }) => attributes.src ?? attributes.href)
    .filter((address) => address !== undefined && !/^(https:|#|\/gait\/)/.test(address)));
});

test("the address of the site is an address", () => {
  assert.equal(siteUrl({}), null);
  assert.equal(siteUrl({ GAIT_SITE_URL: "https://a.example/b" }), "https://a.example/b/");
  assert.throws(() => siteUrl({ GAIT_SITE_URL: "example.org" }), /no web address/);
});

test("whatever is read has the contrast of WCAG AA, in light and in dark", () => {
  for (const [at, theme] of ["light", "dark"].entries()) {
    for (const [text, ground] of readable) {
      const found = contrast(palette[text][at], palette[ground][at]);
      assert.ok(found >= 4.5, `${theme}: ${text} on ${ground} has ${found.toFixed(2)}`);
    }
    assert.ok(contrast(palette["line-strong"][at], palette.bg[at]) >= 3, `${theme}: line-strong`);
  }
  assert.equal(paletteCss().match(/--accent:/g).length, 3);
});
