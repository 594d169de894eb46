// A page of the documentation: navigation on the left, the prose, what is on the page on the right, and the ways on.
import { attributes, escape, relative } from "./html.mjs";
import { groups, repository } from "./site.mjs";

/** The inside of a documentation page. `page` carries `html`, `headings`, `group`; `pages` are all, in order. */
export function article(site, page, pages) {
  const { before, after } = neighbours(page, pages);
  const group = groups.find(({ id }) => id === page.group);
  return `<div class="docs">
${navigation(site, page, pages)}
<main id="main" tabindex="-1">
${contents(page)}
<article class="prose" data-pagefind-body data-pagefind-meta="group:${escape(group.title)}">
<p class="eyebrow" data-pagefind-ignore>${escape(group.title)}</p>
${page.html}</article>
<footer class="page-footer" data-pagefind-ignore>
<nav class="neighbours" aria-label="Previous and next">
${before ? way(page, before, "prev", "Previous") : ""}
${after ? way(page, after, "next", "Next") : ""}
</nav>
<p class="source">${origins(page)}</p>
</footer>
</main>
</div>`;
}

function neighbours(page, pages) {
  const at = pages.findIndex(({ url }) => url === page.url);
  return { before: pages[at - 1], after: pages[at + 1] };
}

function way(page, to, rel, word) {
  return `<a class="${rel}" rel="${rel}" href="${relative(page.url, to.url)}"><span>${word}</span> ${escape(to.label)}</a>`;
}

function origins(page) {
  const edit = `<a class="external" rel="noopener" href="${repository}/blob/main/${page.source}">Source of this page</a>`;
  return page.markdown ? `${edit} · <a href="${relative(page.url, page.markdown)}">Markdown</a>` : edit;
}

function navigation(site, page, pages) {
  const item = ({ url, label }) =>
    `<li><a href="${relative(page.url, url)}"${attributes({ "aria-current": url === page.url ? "page" : null })}>${escape(label)}</a></li>`;
  const list = (group) => `<ul>\n${pages.filter((other) => other.group === group.id).map(item).join("\n")}\n</ul>`;
  const shown = groups.map((group) => (group.folded
    ? `<details${attributes({ open: group.id === page.group })}><summary>${group.title}</summary>${list(group)}</details>`
    : `<div class="nav-group"><p class="nav-title" id="nav-${group.id}">${group.title}</p>${list(group).replace("<ul>", `<ul aria-labelledby="nav-${group.id}">`)}</div>`));
  const verifier = site.verifier
    ? `<p class="nav-verify"><a class="button quiet" href="${relative(page.url, "verify/index.html")}">Verify a file here</a></p>` : "";
  return `<nav id="site-nav" class="sidebar" aria-label="Documentation">
${verifier}${shown.join("\n")}
</nav>`;
}

/** What is on the page; pages with fewer than two sections do without. */
function contents({ headings }) {
  const second = headings.filter(({ level }) => level === 2);
  if (second.length < 2) return "";
  const deep = headings.filter(({ level }) => level === 2 || level === 3);
  const shown = deep.length > 40 ? second : deep;
  const items = shown.map(({ level, id, html }) => `<li class="level-${level}"><a href="#${escape(id)}">${html}</a></li>`);
  return `<nav class="toc" aria-label="On this page"><details><summary>On this page</summary>
<ul>${items.join("\n")}</ul></details></nav>`;
}
