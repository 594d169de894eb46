//! Parts that several cards use: refusals, problems in a policy, progress, long lists.

import type { Fault, Problem } from "../../../host-js/src/contract.js";
import { button, type Child, digest, el, facts, pre } from "./dom.js";

/** A bar with a way to stop. */
export function progressBar(label: string, stop: () => void): HTMLElement {
  const bar = el("progress", { "aria-label": label });
  return el("div", { class: "progress" }, bar, el("span", { class: "progress-text" }, ""), button("Cancel", stop));
}

/** A refusal: the code, what it means, what to do. */
export function faultOf(fault: Fault): HTMLElement {
  const box = el(
    "div",
    { class: "fault" },
    facts(
      ["Code", el("code", {}, fault.error_code)],
      ["What it means", sentence(fault.error)],
      ["What to do", sentence(fault.hint)],
      ["Where", fault.at],
    ),
  );
  for (const problem of fault.problems ?? []) {
    box.append(problemOf(problem));
  }
  return box;
}

/** A mistake in a policy, at its place. */
export function problemOf(problem: Problem): HTMLElement {
  const place = `Line ${problem.line}, column ${problem.column}: `;
  const help = problem.help === undefined ? undefined : el("p", {}, problem.help);
  return el("div", { class: "problem" }, el("p", {}, el("strong", {}, place), problem.message), pre(problem.source, 2_000), help);
}

/** Entries of a list that are shown at first, and how many more each time they are asked for. */
const FIRST = 12;
const MORE = 500;

/** A list that shows its first entries, and more when asked: a hostile file may have a hundred thousand. */
export function longList<T>(entries: readonly T[], entry: (value: T) => HTMLLIElement, name: string): HTMLElement {
  const list = el("ul", { class: name });
  return grows(list, list, entries, entry, FIRST);
}

/** `whole`, whose `body` gets the first entries now and a button for the others. */
export function grows<T>(
  whole: HTMLElement,
  body: HTMLElement,
  entries: readonly T[],
  entry: (value: T) => HTMLElement,
  first: number,
): HTMLElement {
  let shown = first;
  body.append(...entries.slice(0, first).map(entry));
  if (entries.length <= first) {
    return whole;
  }
  const label = () => `Show more (${(entries.length - shown).toLocaleString("en")})`;
  const more = button(label(), () => {
    body.append(...entries.slice(shown, shown + MORE).map(entry));
    shown += MORE;
    more.textContent = label();
    if (shown >= entries.length) {
      more.remove();
    }
  });
  return el("div", {}, whole, more);
}

/** The core speaks in fragments; on a page they stand as sentences. */
function sentence(words: string): string {
  const text = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Rows of a table that are shown at first; an archive may have thousands. */
const ROWS = 100;

/** A table; on narrow screens its cells stand below each other. */
export function rows<T>(entries: readonly T[], none: string, row: (entry: T) => Child[], heads: string[]): HTMLElement {
  if (entries.length === 0) {
    return el("p", {}, none);
  }
  const body = el("tbody");
  const entryOf = (entry: T) => el("tr", {}, ...row(entry).map((cell) => el("td", {}, cell)));
  const table = el("table", {}, el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))), body);
  return el("div", { class: "rows" }, grows(table, body, entries, entryOf, ROWS));
}

/** A part of a card that opens and closes. */
export function section(title: string, open: boolean, body: HTMLElement): HTMLElement {
  return el("details", { open }, el("summary", {}, title), body);
}

/** A member beside what the manifest lists. */
export function memberRow(name: HTMLElement, expected: string, found: string, damaged = false): Child[] {
  if (expected === "") {
    return [name, el("strong", { class: "doubtful" }, "Not listed"), "Not read."];
  }
  if (found === "") {
    return [name, el("strong", { class: "bad" }, damaged ? "Damaged" : "Missing"), facts(["Expected", digest(expected)])];
  }
  if (expected.toLowerCase() === found.toLowerCase()) {
    return [name, el("span", { class: "good" }, "As listed"), digest(found)];
  }
  return [name, el("strong", { class: "bad" }, "Changed"), facts(["Expected", digest(expected)], ["Found", digest(found)])];
}
