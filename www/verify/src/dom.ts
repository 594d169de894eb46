//! Building the page from text. Every text is shown as text, with what is invisible or reorders made visible.

/** What can stand inside an element. */
export type Child = Node | string | false | undefined;

/** Longer texts are cut in one-line places; names of files and members may be hostile. */
const MOST = 400;

// Controls, formats (which reorder or hide), surrogates, private and unassigned characters, separators but the space,
// and everything that renders as nothing.
const HIDDEN = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu;
const HIDDEN_IN_BLOCK = /(?![ \n\t])[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu;

/** An element with attributes and children. */
export function el<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | boolean>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== false) {
      element.setAttribute(key, value === true ? "" : value);
    }
  }
  element.append(...children.flatMap((child) => nodes(child, HIDDEN, MOST)));
  return element;
}

/** A block of text whose line breaks stay. */
export function pre(text: string, most = 200_000): HTMLElement {
  const block = el("pre", { tabindex: "0" });
  block.append(...nodes(text, HIDDEN_IN_BLOCK, most));
  return block;
}

/** A button that does something. */
export function button(label: string, action: () => void, attributes: Readonly<Record<string, string>> = {}): HTMLButtonElement {
  const element = el("button", { type: "button", ...attributes }, label);
  element.addEventListener("click", action);
  return element;
}

/** Terms and what they say; empty ones are left out. */
export function facts(...rows: [string, Child | Child[]][]): HTMLElement {
  const list = el("dl");
  for (const [term, said] of rows) {
    const children = (Array.isArray(said) ? said : [said]).filter((child) => child !== undefined && child !== "" && child !== false);
    if (children.length > 0) {
      list.append(el("div", {}, el("dt", {}, term), el("dd", {}, ...children)));
    }
  }
  return list;
}

/** A digest, whole: it is there to be compared. */
export function digest(text: string | undefined): HTMLElement | undefined {
  return text === undefined || text === "" ? undefined : el("code", { class: "digest" }, text);
}

/** The same text for where only text can stand, such as announcements. */
export function plain(text: string): string {
  return cut(text, MOST).replace(HIDDEN, named);
}

/** Bytes as people say them. */
export function size(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** A count with its noun. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

function nodes(child: Child, hidden: RegExp, most: number): Node[] {
  if (child === undefined || child === false) {
    return [];
  }
  if (typeof child !== "string") {
    return [child];
  }
  const text = cut(child, most);
  const parts: Node[] = [];
  let end = 0;
  for (const match of text.matchAll(hidden)) {
    parts.push(document.createTextNode(text.slice(end, match.index)), escaped(match[0]));
    end = match.index + match[0].length;
  }
  parts.push(document.createTextNode(text.slice(end)));
  return parts;
}

function escaped(character: string): HTMLElement {
  const mark = document.createElement("span");
  mark.className = "escaped";
  mark.textContent = named(character);
  return mark;
}

function named(character: string): string {
  return `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${text.length.toLocaleString("en")} characters)`;
}
