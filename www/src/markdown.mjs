// Markdown → HTML: anchors on headings, resolved links, scrolling tables, code blocks, and no inline style anywhere.
import MarkdownIt from "markdown-it";
import { codeBlock } from "./code.mjs";
import { anchor, escape, slug, uniquely } from "./html.mjs";

/** Inline code up to this many characters stays on one line. */
const UNBROKEN = 24;

/** A renderer whose links are resolved by `links`. */
export function renderer(links) {
  const md = new MarkdownIt({ html: false, linkify: false, typographer: false });
  const rules = md.renderer.rules;

  rules.fence = (tokens, at) => codeBlock(tokens[at].content, tokens[at].info);
  rules.code_block = (tokens, at) => codeBlock(tokens[at].content);

  // A flag that breaks after its dashes is no flag any more.
  rules.code_inline = (tokens, at) => {
    const { content } = tokens[at];
    return `<code${content.length <= UNBROKEN ? ' class="unbroken"' : ""}>${escape(content)}</code>`;
  };

  rules.heading_open = (tokens, at, options, env, self) => {
    const [open, inline] = [tokens[at], tokens[at + 1]];
    const text = textOf(inline);
    const id = env.unique(slug(text));
    const level = Number(open.tag.slice(1));
    env.headings.push({ level, id, text, html: self.renderInline(inline.children, options, { ...env, bare: true }) });
    return `<${open.tag} id="${escape(id)}">`;
  };
  rules.heading_close = (tokens, at, options, env) => {
    const { level, id, text } = env.headings.at(-1);
    return `${level === 1 ? "" : anchor(id, text)}</${tokens[at].tag}>\n`;
  };

  rules.link_open = (tokens, at, options, env) => {
    if (env.bare) return "";
    const { href, external } = links.resolve(env.page, decodeURI(tokens[at].attrGet("href")));
    return external ? `<a href="${escape(href)}" class="external" rel="noopener">` : `<a href="${escape(href)}">`;
  };
  rules.link_close = (tokens, at, options, env) => (env.bare ? "" : "</a>");

  rules.table_open = () => '<div class="table"><table>\n';
  rules.table_close = () => "</table></div>\n";
  // The parser aligns columns with style attributes, which the content security policy refuses.
  for (const cell of ["th_open", "td_open"]) {
    rules[cell] = (tokens, at) => {
      const align = /text-align:(\w+)/.exec(tokens[at].attrGet("style") ?? "")?.[1];
      const scope = tokens[at].tag === "th" ? ' scope="col"' : "";
      return `<${tokens[at].tag}${scope}${align ? ` class="align-${align}"` : ""}>`;
    };
  }

  return {
    /** A whole page: `{ html, headings, lead }`. */
    page(page) {
      const env = environment(page);
      const tokens = md.parse(page.text, env);
      return { html: md.renderer.render(tokens, md.options, env), headings: env.headings, lead: lead(tokens) };
    },
    /** Inline Markdown, as it stands in descriptions. */
    inline: (text, page) => md.renderInline(text, environment(page)),
    /** The blocks of a text, for templates that show some of them. */
    parse: (text) => md.parse(text, {}),
    /** Some of those blocks as HTML. */
    blocks: (tokens, page) => md.renderer.render(tokens, md.options, environment(page)),
  };
}

function environment(page) {
  return { page, headings: [], unique: uniquely() };
}

/** The text of inline tokens, without marks. */
export function textOf(inline) {
  return (inline.children ?? [])
    .filter(({ type }) => ["text", "code_inline", "softbreak"].includes(type))
    .map(({ type, content }) => (type === "softbreak" ? " " : content))
    .join("");
}

/** The first paragraph, as plain text: what a page is about. */
function lead(tokens) {
  const at = tokens.findIndex(({ type, level }) => type === "paragraph_open" && level === 0);
  return at < 0 ? "" : textOf(tokens[at + 1]);
}
