// Small things that every template needs: escaping, relative addresses, and names of headings.
import { posix } from "node:path";

const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text for use between tags and in attributes. */
export function escape(text) {
  return String(text).replace(/[&<>"]/g, (character) => entities[character]);
}

/** The way from one page of the site to another; both as paths from the site's root. */
export function relative(from, to) {
  const [path, anchor = ""] = to.split(/(?=#)/);
  const way = posix.relative(posix.dirname(from), path);
  // A folder's index is asked for by its name: a static host and an opened folder then agree.
  return (way === "" ? posix.basename(path) : way) + anchor;
}

/** The name of a heading, as the repository's host makes it, so that links work in both places. */
export function slug(text) {
  return text.trim().toLowerCase().replace(/[^\p{L}\p{N}\p{M} _-]/gu, "").replaceAll(" ", "-");
}

/** Makes names unique on a page: `flags`, `flags-1`. */
export function uniquely(taken = new Map()) {
  return (name) => {
    const count = taken.get(name) ?? 0;
    taken.set(name, count + 1);
    return count === 0 ? name : `${name}-${count}`;
  };
}

/** An attribute list; what is null, undefined or false is left out, true stands alone. */
export function attributes(values) {
  return Object.entries(values)
    .filter(([, value]) => value !== null && value !== undefined && value !== false)
    .map(([name, value]) => (value === true ? ` ${name}` : ` ${name}="${escape(value)}"`))
    .join("");
}

/** The link to a heading that stands in it. Its sign is drawn by the style, so that it is in no text taken from here. */
export function anchor(id, text) {
  return `<a class="anchor" href="#${escape(id)}" aria-label="Link to “${escape(text)}”"></a>`;
}
