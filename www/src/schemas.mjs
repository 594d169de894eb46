// Schemas as pages: a table of members for the artifact and for each of its parts, the raw file beside it.
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { anchor, escape, relative, slug } from "./html.mjs";
import { filesBelow } from "./links.mjs";
import { root, schemaFolder, schemaPages } from "./site.mjs";

/** Every schema, as a page with `schema` and `raw` (where the file itself goes). */
export function collectSchemas() {
  return filesBelow(join(root, schemaFolder)).filter((file) => file.endsWith(".schema.json")).map((file) => {
    const source = `${schemaFolder}/${file}`;
    const schema = JSON.parse(readFileSync(join(root, source), "utf8"));
    const url = `${schemaPages}/${file.replace(/\.schema\.json$/, ".html")}`;
    const area = posix.dirname(file);
    return { source, url, raw: `${schemaPages}/${file}`, title: schema.title, label: schema.title, area, group: "schemas", schema };
  }).sort((a, b) => (a.area + a.title < b.area + b.title ? -1 : 1));
}

/** The page that lists them. */
export function schemaIndex(schemas, inline) {
  const page = { source: schemaFolder, url: `${schemaPages}/index.html`, title: "Schemas", label: "All schemas", group: "schemas" };
  const areas = [...new Set(schemas.map(({ area }) => area))];
  const headings = areas.map((area) => ({ level: 2, id: slug(area), text: area, html: escape(area) }));
  const row = (schema) => `<tr><td><a href="${relative(page.url, schema.url)}">${escape(schema.title)}</a></td>`
    + `<td>${inline(schema.schema.description ?? "", page)}</td>`
    + `<td><a href="${relative(page.url, schema.raw)}" download>JSON<span class="visually-hidden"> of ${escape(schema.title)}</span></a></td></tr>`;
  const html = `<h1>Schemas</h1>\n${areas.map((area) => `${heading(2, slug(area), escape(area))}
<div class="table"><table class="artifacts"><thead><tr><th scope="col">Artifact</th><th scope="col">What it is</th><th scope="col">Raw</th></tr></thead>
<tbody>${schemas.filter((schema) => schema.area === area).map(row).join("\n")}</tbody></table></div>`).join("\n")}`;
  const lead = "JSON Schemas of all artifacts, generated from the types that the core reads and writes.";
  return { ...page, html: html.replace("</h1>", `</h1>\n<p>${lead}</p>`), headings, lead };
}

/** One schema's page: `{ html, headings, lead }`. */
export function schemaPage(page, inline) {
  const { schema } = page;
  const parts = Object.entries(schema.$defs ?? {});
  const headings = [{ level: 2, id: "members", text: "Members", html: "Members" }];
  for (const [name] of parts) headings.push({ level: 2, id: slug(name), text: name, html: `<code>${escape(name)}</code>` });
  const text = (words) => inline(words ?? "", page);
  const html = `<h1>${escape(schema.title)}</h1>
<p>${text(schema.description)}</p>
<p class="actions"><a class="button" href="${posix.basename(page.raw)}" download>Download the schema</a>
<a class="button quiet" href="${posix.basename(page.raw)}">Show the file</a></p>
<dl class="facts"><dt>Name</dt><dd><code>${escape(schema.$id)}</code></dd>
<dt>Draft</dt><dd><code>${escape(schema.$schema)}</code></dd></dl>
${heading(2, "members", "Members")}
${body(schema, text)}
${parts.map(([name, part]) => `${heading(2, slug(name), `<code>${escape(name)}</code>`)}
<p>${text(part.description)}</p>\n${body(part, text)}`).join("\n")}`;
  return { html, headings, lead: schema.description ?? schema.title };
}

function heading(level, id, html) {
  return `<h${level} id="${id}">${html}${anchor(id, html.replace(/<[^>]*>/g, ""))}</h${level}>`;
}

/** What an object holds, or what a plain part may be. */
function body(part, text) {
  if (part.properties === undefined) return `<p>${typeOf(part)}${limits(part)}</p>${choices(part, text)}`;
  const needed = new Set(part.required ?? []);
  const rows = Object.entries(part.properties).map(([name, member]) => `<tr><td><code>${escape(name)}</code>${needed.has(name) ? ' <span class="required">required</span>' : ""}</td>`
    + `<td>${typeOf(member)}</td>`
    + `<td>${text(member.description)}${limits(member)}${choices(member, text)}</td></tr>`);
  return '<div class="table"><table class="members"><thead><tr><th scope="col">Member</th><th scope="col">Type</th>'
    + `<th scope="col">Meaning</th></tr></thead>\n<tbody>${rows.join("\n")}</tbody></table></div>`;
}

function typeOf(part) {
  if (part.$ref !== undefined) {
    const name = part.$ref.split("/").at(-1);
    return `<a href="#${slug(name)}"><code>${escape(name)}</code></a>`;
  }
  const types = [part.type ?? []].flat();
  const shown = types.map((type) => (type === "array" ? `list of ${part.items ? typeOf(part.items) : "anything"}` : escape(type)));
  return shown.join(" or ");
}

/** What narrows a value, as one line below its meaning. */
function limits(part) {
  const said = [];
  const value = (given) => `<code>${escape(JSON.stringify(given))}</code>`;
  if (part.const !== undefined) said.push(`always ${value(part.const)}`);
  if (part.enum !== undefined) said.push(`one of ${part.enum.map(value).join(", ")}`);
  if (part.format !== undefined) said.push(`format <code>${escape(part.format)}</code>`);
  if (part.pattern !== undefined) said.push(`pattern <code>${escape(part.pattern)}</code>`);
  if (part.minLength !== undefined) said.push(part.minLength === 1 ? "not empty" : `at least ${part.minLength} characters`);
  if (part.minimum !== undefined) said.push(`at least ${part.minimum}`);
  if (part.items !== undefined) {
    const inner = limits(part.items).replace(/^<span class="limits">|<\/span>$/g, "");
    if (inner !== "") said.push(`each: ${inner}`);
  }
  return said.length === 0 ? "" : `<span class="limits">${said.join("; ")}</span>`;
}

function choices(part, text) {
  if (part.oneOf === undefined) return "";
  const items = part.oneOf.map((choice) => `<li><code>${escape(JSON.stringify(choice.const ?? choice.type))}</code>: ${text(choice.description)}</li>`);
  return `<ul class="choices">${items.join("")}</ul>`;
}
