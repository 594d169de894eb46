// The first page. Its words are the README's, section by section; its figure shows an example of the repository.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { codeBlock } from "./code.mjs";
import { escape, relative } from "./html.mjs";
import { textOf } from "./markdown.mjs";
import { groups, root } from "./site.mjs";

/** The inside of the landing page, and what it is about. */
export function landing(site, readme, pages, md) {
  const { intro, section } = sections(md.parse(readme.text));
  const at = { ...readme, url: "index.html" };
  const show = (blocks) => md.blocks(blocks, at);
  const [claim, ...rest] = textOf(intro[0][1]).split(/(?<=\.) /);
  const install = section("Install And First Win");
  const happened = section("What Just Happened");
  const why = section("Why This Matters");
  const to = (url) => relative("index.html", url);

  const main = `<main id="main" tabindex="-1">
<section class="hero">
<div class="hero-words">
<h1>${escape(claim)}</h1>
<p class="lead">${escape(rest.join(" "))}</p>
<p class="actions"><a class="button" href="${to("start.html")}#install-and-first-win">Install and first win</a>
${site.verifier
    ? `<a class="button quiet" href="${to("verify/index.html")}">Verify a file in this browser</a>`
    : `<a class="button quiet" href="${to("docs/index.html")}">Read the docs</a>`}</p>
</div>
${figure()}
</section>

<section class="band first-win" aria-labelledby="first-win"><div class="band-inner">
<h2 id="first-win">Install and first win</h2>
<div class="halves">
<div>${show(install.nth("paragraph", 0))}${show(install.nth("fence", 0))}${show(install.nth("paragraph", 1))}</div>
<div>${show(install.nth("fence", 1))}${show(install.nth("paragraph", -1))}</div>
</div>
</div></section>

<section class="plain" aria-labelledby="happened">
<h2 id="happened">What just happened</h2>
<div class="terms">${show(happened.nth("bullet_list", 0))}</div>
</section>

${feature(section("Block Dangerous Tool Calls"), "block", [1, 2], [1, 2], "docs/policy_guide.html", "Write a policy")}
${feature(section("Turn That Into A CI Regression"), "regress", [0], [0, 1], "docs/ci_regress_kit.html", "Regressions in CI")}

<section class="band" aria-labelledby="why"><div class="band-inner">
<h2 id="why">Why this matters</h2>
<div class="halves lists">
<div class="is">${show(why.nth("paragraph", 0))}${show(why.nth("bullet_list", 0))}</div>
<div class="is-not">${show(why.nth("paragraph", 1))}${show(why.nth("bullet_list", 1))}</div>
</div>
</div></section>

<section class="plain" aria-labelledby="all-docs">
<h2 id="all-docs">Documentation</h2>
<div class="shelves">${groups.filter(({ id }) => id !== "schemas").map(shelf).join("\n")}</div>
</section>
</main>`;
  return { main, description: [claim, ...rest].join(" ") };

  /** A section's words beside its sessions: which paragraphs, which blocks. */
  function feature({ title, nth }, id, words, sessions, url, more) {
    return `<section class="feature" aria-labelledby="${id}">
<div class="feature-words"><h2 id="${id}">${escape(sentence(title))}</h2>
${words.map((at) => show(nth("paragraph", at))).join("")}
<p><a class="more" href="${to(url)}">${more}</a></p></div>
<div class="feature-code">${sessions.map((at) => show(nth("fence", at))).join("")}</div>
</section>`;
  }

  function shelf(group) {
    const inside = pages.filter((page) => page.group === group.id);
    const shown = inside.length > 8 ? inside.slice(0, 6) : inside;
    const items = shown.map(({ url, label }) => `<li><a href="${to(url)}">${escape(label)}</a></li>`);
    if (shown.length < inside.length) items.push(`<li><a class="more" href="${to("docs/index.html")}">All ${inside.length}</a></li>`);
    return `<div class="shelf"><h3>${group.title}</h3><ul>${items.join("")}</ul></div>`;
  }
}

/** The README's blocks: those before the first section, and a way to the blocks of a section. */
function sections(tokens) {
  const blocks = [];
  for (const token of tokens) {
    if (token.level === 0 && token.nesting >= 0) blocks.push([]);
    blocks.at(-1).push(token);
  }
  const kind = (block) => block[0].type.replace(/_open$/, "");
  const isSection = (block) => block[0].tag === "h2";
  const intro = blocks.slice(1, blocks.findIndex(isSection)).filter((block) => kind(block) === "paragraph");
  const section = (title) => {
    const from = blocks.findIndex((block) => isSection(block) && textOf(block[1]) === title);
    if (from < 0) throw new Error(`README.md has no section \`${title}\`, which the first page of the site shows`);
    const to = blocks.findIndex((block, at) => at > from && isSection(block));
    const inside = blocks.slice(from + 1, to < 0 ? undefined : to);
    const nth = (type, at) => {
      const found = inside.filter((block) => kind(block) === type).at(at);
      if (found === undefined) throw new Error(`README.md, section \`${title}\`: there is no ${type} number ${at}, which the site shows`);
      return found;
    };
    return { title, nth };
  };
  return { intro, section };
}

/** Headings of the README carry capitals; on this page they read as sentences. */
function sentence(title) {
  return title.replace(/ ([A-Z])(?=[a-z]|\s)/g, (_, letter) => ` ${letter.toLowerCase()}`);
}

/** What the README's example does, drawn: a call, the rule that decides it, the verdict. */
function figure() {
  const intent = JSON.parse(readFileSync(join(root, "examples/policy/intents/intent_delete.json"), "utf8"));
  const policy = readFileSync(join(root, "examples/policy/base_high_risk.yaml"), "utf8");
  const rule = /^ {2}- name: block-deletions\n(?: {4}.*\n)+/m.exec(policy)?.[0];
  const reason = /reason_codes: \[(\w+)\]/.exec(rule ?? "")?.[1];
  const verdict = /effect: (\w+)/.exec(rule ?? "")?.[1];
  if (reason === undefined || verdict === undefined) throw new Error("examples/policy/base_high_risk.yaml: the rule `block-deletions` is missing");
  const call = JSON.stringify({ tool_name: intent.tool_name, args: intent.args }, null, 2);
  const lines = rule.split("\n").filter((line) => !line.trim().startsWith("#") && !line.includes("violations"));
  return `<figure class="decision" aria-label="An example: a call, the rule that decides it, and the verdict">
<ol>
<li class="step"><p class="step-title">The agent wants</p>${bare(codeBlock(call, "json"))}</li>
<li class="step"><p class="step-title">Your policy says</p>${bare(codeBlock(lines.map((line) => line.slice(2)).join("\n").trimEnd(), "yaml"))}</li>
<li class="step verdict"><p class="step-title">The verdict</p>
<p class="verdict-word">${escape(verdict)}</p>
<p class="verdict-reason"><code>${escape(reason)}</code></p></li>
</ol>
</figure>`;
}

/** A code block without its bar. */
function bare(html) {
  return html.replace(/<div class="code-bar".*?<\/div>/s, "");
}
