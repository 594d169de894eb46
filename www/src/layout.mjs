// The frame of every page: head with the content security policy, header, footer. What is inside comes from elsewhere.
import { attributes, escape, relative } from "./html.mjs";
import { coreDigest, policy, repository } from "./site.mjs";

/** The mark: a gate, and the steps that go through it. Drawn in the colours around it. */
export const mark = '<svg class="mark" viewBox="0 0 64 64" width="28" height="28" aria-hidden="true" focusable="false">'
  + '<path class="mark-gate" d="M9 58V28a23 23 0 0 1 46 0V58"/><path class="mark-steps" d="M26 56V47M38 40V31"/></svg>';

const sun = '<svg class="sun" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><circle cx="12" cy="12" r="4"/>'
  + '<path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4"/></svg>';
const moon = '<svg class="moon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">'
  + '<path d="M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z"/></svg>';
const glass = '<svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true"><circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/></svg>';
const lines = '<svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><path d="M4 7h16M4 12h16M4 17h16"/></svg>';

/**
 * A whole document.
 * @param {object} site what the build knows: `assets` (names of built files), `verifier` (there is one), `url`
 * @param {object} page `url`, `title`, `description`, `kind` (a class of the body), `main` (HTML from <main> on),
 *   `menu` (there is a navigation to open), `styles` and `scripts` of its own, `base` (for pages without a fixed place)
 */
export function document(site, page) {
  const to = (url) => (page.base ? page.base + url : relative(page.url, url));
  const { assets } = site;
  const title = page.title === "gait" ? "gait" : `${page.title} · gait`;
  const styles = [assets.style, ...(page.styles ?? [])].map((url) => `<link rel="stylesheet" href="${to(url)}">`);
  const scripts = [assets.script, ...(page.scripts ?? [])].map((url) => `<script type="module" src="${to(url)}"></script>`);
  const canonical = site.url && !page.base ? `<link rel="canonical" href="${escape(address(site, page.url))}">\n` : "";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escape(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<meta name="description" content="${escape(page.description)}">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#fcfbf9" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#101317" media="(prefers-color-scheme: dark)">
<meta name="referrer" content="no-referrer">
<meta property="og:title" content="${escape(title)}">
<meta property="og:description" content="${escape(page.description)}">
<meta property="og:type" content="website">
${canonical}<link rel="icon" href="${to("icons/mark.svg")}" type="image/svg+xml">
<link rel="apple-touch-icon" href="${to("icons/icon-180.png")}">
<link rel="manifest" href="${to("manifest.webmanifest")}">
${page.markdown ? `<link rel="alternate" type="text/markdown" href="${to(page.markdown)}">\n` : ""}<script src="${to(assets.theme)}"></script>
${styles.join("\n")}
${scripts.join("\n")}
</head>
<body class="${page.kind}">
<a class="skip" href="#main">Skip to content</a>
${header(site, page, to)}
${page.main}
${footer(site, to)}
</body>
</html>
`;
}

/** The whole address of a page, when the site's is known; otherwise its path from the site's root. */
export function address(site, url) {
  return (site.url ?? "") + url.replace(/(^|\/)index\.html$/, "$1");
}

function header(site, page, to) {
  // `true` says: you are in this part of the site; `page`: this very page.
  const link = (url, text, within) => {
    const current = url === page.url ? "page" : within ? "true" : null;
    return `<li><a href="${to(url)}"${attributes({ "aria-current": current })}>${text}</a></li>`;
  };
  const isReference = ["reference", "schemas"].includes(page.group);
  const menu = page.menu ? `<a class="icon-button menu-button" href="#site-nav" role="button">${lines}<span class="visually-hidden">Menu</span></a>` : "";
  return `<header class="site-header"><div class="site-header-inner">
${menu}<a class="brand" href="${to("index.html")}">${mark}<span>gait</span></a>
<nav class="primary" aria-label="Main"><ul>
${link("docs/index.html", "Docs", page.group && !isReference)}
${link("docs/reference/cli.html", "Reference", isReference)}
${site.verifier ? link("verify/index.html", "Verify", false) : ""}
<li><a class="external" href="${repository}" rel="noopener">Source</a></li>
</ul></nav>
<div class="tools">
<button type="button" class="search-button" hidden>${glass}<span>Search</span><kbd aria-hidden="true">/</kbd></button>
<button type="button" class="icon-button theme-button" role="switch" aria-checked="false" hidden>${sun}${moon}<span class="visually-hidden">Dark mode</span></button>
</div>
</div></header>`;
}

function footer(site, to) {
  return `<footer class="site-footer"><div class="site-footer-inner">
<p class="core">Core <code>sha256:${coreDigest()}</code></p>
<nav aria-label="Footer"><ul>
<li><a href="${to("start.html")}">Start</a></li>
<li><a href="${to("docs/index.html")}">All pages</a></li>
<li><a href="${to("changelog.html")}">Changelog</a></li>
<li><a href="${repository}/blob/main/SECURITY.md" class="external" rel="noopener">Security</a></li>
<li><a href="${repository}/blob/main/LICENSE" class="external" rel="noopener">Apache-2.0</a></li>
<li><a href="${to("llms.txt")}">llms.txt</a></li>
</ul></nav>
</div></footer>`;
}
