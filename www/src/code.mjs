// Code blocks: highlighting with classes only, console sessions with their prompts, and what the copy button copies.
import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import rust from "highlight.js/lib/languages/rust";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { escape } from "./html.mjs";

const languages = { bash, javascript, json, python, rust, typescript, xml, yaml };
for (const [name, language] of Object.entries(languages)) hljs.registerLanguage(name, language);

const aliases = { js: "javascript", mjs: "javascript", ts: "typescript", sh: "bash", shell: "bash", yml: "yaml", html: "xml" };
const labels = { bash: "Shell", console: "Console", javascript: "JavaScript", json: "JSON", python: "Python", rust: "Rust",
  typescript: "TypeScript", xml: "XML", yaml: "YAML" };

/** A code block, with a copy button that works once the scripts run. */
export function codeBlock(text, info = "") {
  const given = info.trim().split(/\s+/)[0].toLowerCase();
  const language = aliases[given] ?? given;
  const body = text.replace(/\n$/, "");
  const label = labels[language];
  const inside = language === "console" ? consoleSession(body) : highlight(body, language);
  const what = language === "console" ? "Copy commands" : "Copy";
  return `<div class="code" data-language="${escape(language || "text")}">`
    + `<div class="code-bar" data-pagefind-ignore>${label ? `<span class="code-label">${label}</span>` : ""}`
    + `<button type="button" class="copy" hidden>${what}</button></div>`
    + `<pre><code>${inside}</code></pre></div>\n`;
}

function highlight(text, language) {
  if (!hljs.getLanguage(language)) return escape(text);
  return hljs.highlight(text, { language, ignoreIllegals: true }).value;
}

/**
 * A session: lines that begin with `$ ` are commands, a backslash continues them, the rest is what they print. Prompts
 * can neither be selected nor copied; the copy button takes the commands. Answers are not searched: their codes stand
 * on pages of their own, and one line of JSON is one long word.
 */
function consoleSession(text) {
  let continues = false;
  return text.split("\n").map((line) => {
    const begins = line.startsWith("$ ");
    if (!begins && !continues) return `<span class="output" data-pagefind-ignore>${escape(line)}</span>`;
    const command = begins ? line.slice(2) : line;
    continues = line.endsWith("\\");
    const prompt = begins ? '<span class="prompt" aria-hidden="true"></span>' : "";
    return `${prompt}<span class="command">${highlight(command, "bash")}</span>`;
  }).join("\n");
}
