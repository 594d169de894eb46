// The search: a dialog over the page, an index that is fetched in pieces when first wanted, results walked with the
// arrow keys. The dialog opens at once, so that no key typed after `/` is lost.
const place = new URL("../", import.meta.url);
let dialog;
let opener;
let index;
let asked = 0;

/** Opens the dialog; when it closes, the focus returns to `from`. */
export function openSearch(from) {
  opener = from;
  dialog ??= build();
  if (!dialog.element.open) dialog.element.showModal();
  dialog.input.select();
  // The index is fetched while the reader types.
  loadIndex().catch(() => {});
}

function loadIndex() {
  index ??= (async () => {
    const pagefind = await import(new URL("search/pagefind.js", place).href);
    await pagefind.options({ baseUrl: place.pathname, excerptLength: 22 });
    await pagefind.init();
    return pagefind;
  })();
  index.catch(() => {
    index = undefined;
  });
  return index;
}

function build() {
  const element = make("dialog", { class: "search", "aria-label": "Search" });
  const input = make("input", { type: "search", placeholder: "Search the documentation", autocomplete: "off", spellcheck: "false",
    role: "combobox", "aria-label": "Search the documentation", "aria-expanded": "false", "aria-controls": "search-results",
    "aria-autocomplete": "list" });
  const close = make("button", { type: "button", class: "search-close" }, "Close");
  const status = make("p", { class: "search-status", role: "status" });
  const list = make("div", { id: "search-results", role: "listbox", "aria-label": "Results" });
  const hint = make("p", { class: "search-hint", "aria-hidden": "true" });
  hint.append(key("↑"), key("↓"), " to choose ", key("↵"), " to open ", key("esc"), " to close");
  const head = make("div", { class: "search-head" });
  head.append(input, close);
  element.append(head, status, list, hint);
  document.body.append(element);

  close.addEventListener("click", () => element.close());
  element.addEventListener("click", (event) => {
    if (event.target === element) element.close();
  });
  element.addEventListener("close", () => opener?.focus());
  input.addEventListener("input", () => search(input.value));
  input.addEventListener("keydown", onKey);
  // A result on this very page does not load a new one: the dialog makes way.
  list.addEventListener("click", (event) => {
    if (event.target.closest("a")) element.close();
  });
  return { element, input, list, status };
}

function key(text) {
  return make("kbd", {}, text);
}

function onKey(event) {
  const options = [...dialog.list.querySelectorAll('[role="option"]')];
  const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? options.length - 1 : at - 1 }[event.key];
  if (to !== undefined && options.length > 0) {
    event.preventDefault();
    choose(options, (to + options.length) % options.length);
  } else if (event.key === "Enter") {
    event.preventDefault();
    (options[at] ?? options[0])?.click();
  } else if (event.key === "Escape") {
    // Some browsers would only empty the field.
    event.preventDefault();
    dialog.element.close();
  }
}

function choose(options, at) {
  options.forEach((option, other) => option.setAttribute("aria-selected", String(other === at)));
  dialog.input.setAttribute("aria-activedescendant", options[at].id);
  options[at].scrollIntoView({ block: "nearest" });
}

async function search(text) {
  asked += 1;
  const mine = asked;
  const wanted = text.trim();
  if (wanted === "") return show([], "");
  let found;
  try {
    const pagefind = await loadIndex();
    const answer = await pagefind.debouncedSearch(wanted, {}, 120);
    if (answer === null || mine !== asked) return undefined;
    found = await Promise.all(answer.results.slice(0, 8).map((result) => result.data()));
  } catch {
    return show([], "The search index could not be loaded.");
  }
  if (mine !== asked) return undefined;
  return show(found, found.length === 0 ? `Nothing found for “${wanted}”.` : "");
}

/** Lists pages, each with up to three of its sections that fit best. */
function show(found, status) {
  const entries = found.flatMap((page) => {
    const { title, group } = page.meta;
    const sections = page.sub_results.filter((section) => section.url.includes("#") && section.title !== title).slice(0, 3);
    const whole = { url: page.url, title, group, excerpt: sections.length > 0 ? "" : page.excerpt };
    return [whole, ...sections.map((section) => ({ ...section, section: true }))];
  });
  dialog.list.replaceChildren(...entries.map(option));
  dialog.input.setAttribute("aria-expanded", String(entries.length > 0));
  dialog.input.removeAttribute("aria-activedescendant");
  dialog.status.textContent = status;
  dialog.element.classList.toggle("has-results", entries.length > 0);
  if (entries.length > 0) choose([...dialog.list.children], 0);
}

function option({ url, title, group, excerpt, section }, at) {
  const kind = section ? "section" : "page";
  const link = make("a", { href: url, role: "option", id: `result-${at}`, tabindex: "-1", "aria-selected": "false", class: kind });
  link.append(make("span", { class: "result-title" }, title));
  if (group) link.append(make("span", { class: "result-group" }, group));
  if (excerpt) link.append(marked(excerpt));
  return link;
}

/** An excerpt: text with marks around what was found. Built as text, never as HTML. */
function marked(excerpt) {
  const shown = make("span", { class: "result-excerpt" });
  excerpt.split(/<\/?mark>/).forEach((part, at) => {
    const text = part.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
    shown.append(at % 2 === 1 ? make("mark", {}, text) : text);
  });
  return shown;
}

function make(name, attributes, text) {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  if (text !== undefined) element.textContent = text;
  return element;
}
