//! Parts that several cards use: refusals, problems in a policy, progress, long lists.

import type { Fault, Problem } from "../../../host-js/src/contract.js";
import { button, el, facts, pre } from "./dom.js";

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

