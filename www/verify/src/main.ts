//! The page: files come in by drop, choice or paste; cards show what became of them.

import { CoreClient, type Parts } from "./core_client.js";
import { copyButton } from "./copy.js";
import { button, count, el, plain } from "./dom.js";
import type { Item } from "./items.js";
import { Keyring } from "./keys.js";
import { Session } from "./session.js";
import { fillCard, showProgress, spoken } from "./view_card.js";
import { fillKeys } from "./view_keys.js";
import { answerCard, comparisonCard } from "./view_pairs.js";

const NOTICES = 4;

/** Starts the page with parts from wherever it came from. */
export async function main(parts: Parts): Promise<void> {
  try {
    const keys = new Keyring();
    const [client] = await Promise.all([CoreClient.load(parts), keys.recall()]);
    new Page(client, keys);
  } catch (error) {
    const startup = byId("startup");
    const why = error instanceof Error ? error.message : String(error);
    startup.textContent = `This browser cannot run the check, so nothing can be judged here: ${plain(why)}. Use \`gait verify FILE\`.`;
    startup.hidden = false;
    byId("core-digest").textContent = "not loaded";
    document.documentElement.dataset["verifier"] = "broken";
  }
}

class Page {
  readonly #session: Session;
  readonly #cards = new Map<number, HTMLElement>();
  readonly #extra = el("div", { class: "extra" });
  /** The reader just brought files and waits for the verdict. */
  #awaited = false;

  constructor(client: CoreClient, keys: Keyring) {
    this.#session = new Session(client, keys, {
      changed: (item) => this.#changed(item),
      progressed: (of) => this.#progressed(of),
      judged: () => this.#judged(),
      notice: (text) => notice(text),
    });
    byId("core-digest").textContent = client.digest;
    byId("copy-core").replaceWith(copyButton("Copy the digest", client.digest));
    this.#keys();
    this.#entrances();
    byId("cards").after(this.#extra);
    document.documentElement.dataset["verifier"] = "ready";
  }

  #entrances(): void {
    const [pick, paste, files] = [byId("pick"), byId("paste"), byId("files")] as [HTMLButtonElement, HTMLButtonElement, HTMLInputElement];
    const [form, text] = [byId("paste-form"), byId("paste-text")] as [HTMLFormElement, HTMLTextAreaElement];
    pick.disabled = false;
    paste.disabled = false;
    pick.addEventListener("click", () => files.click());
    files.addEventListener("change", () => {
      this.#take([...(files.files ?? [])]);
      // The same file may be chosen again.
      files.value = "";
    });
    paste.addEventListener("click", () => {
      form.hidden = !form.hidden;
      paste.setAttribute("aria-expanded", `${!form.hidden}`);
      if (!form.hidden) {
        text.focus();
      }
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (text.value.trim() !== "") {
        this.#takeText(text.value);
        text.value = "";
      }
    });
    byId("clear").addEventListener("click", () => {
      this.#session.clear();
      pick.focus();
    });
    this.#drops();
    document.addEventListener("paste", (event) => {
      const into = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
      const pasted = [...(event.clipboardData?.files ?? [])];
      const words = event.clipboardData?.getData("text/plain") ?? "";
      if (pasted.length > 0) {
        event.preventDefault();
        this.#take(pasted);
      } else if (!into && words.trim() !== "") {
        event.preventDefault();
        this.#takeText(words);
      }
    });
  }

  /** The whole window takes drops: nobody aims well at 3 a.m., and a missed drop would leave the page. */
  #drops(): void {
    const drop = byId("drop");
    let inside = 0;
    const over = (by: number) => {
      inside = Math.max(0, inside + by);
      drop.classList.toggle("over", inside > 0);
    };
    window.addEventListener("dragenter", (event) => {
      event.preventDefault();
      over(1);
    });
    window.addEventListener("dragleave", () => over(-1));
    window.addEventListener("dragover", (event) => event.preventDefault());
    window.addEventListener("drop", (event) => {
      event.preventDefault();
      over(-inside);
      const dropped = [...(event.dataTransfer?.files ?? [])];
      const words = event.dataTransfer?.getData("text/plain") ?? "";
      if (dropped.length > 0) {
        this.#take(dropped);
      } else if (words.trim() !== "") {
        this.#takeText(words);
      }
    });
  }

  #take(files: readonly File[]): void {
    if (files.length > 0) {
      this.#awaited = true;
      performance.mark("gait-dropped");
      void this.#session.add(files.map((file) => ({ name: file.name, blob: file })));
    }
  }

  #takeText(text: string): void {
    this.#awaited = true;
    void this.#session.add([{ name: "pasted text", blob: new Blob([text]) }]);
  }

  #keys(): void {
    fillKeys(byId("keys"), this.#session, notice);
  }

  #changed(item?: Item): void {
    if (item !== undefined && this.#cards.has(item.id)) {
      this.#fill(item);
      this.#pairs();
      return;
    }
    const { items } = this.#session;
    for (const [id, card] of this.#cards) {
      if (!items.some((known) => known.id === id)) {
        card.remove();
        this.#cards.delete(id);
      }
    }
    for (const known of items) {
      if (!this.#cards.has(known.id)) {
        const card = el("article", { "aria-labelledby": `title-${known.id}` });
        this.#cards.set(known.id, card);
        byId("cards").append(card);
      }
      this.#fill(known);
    }
    byId("results").hidden = items.length === 0;
    this.#pairs();
    if (!byId("keys").contains(document.activeElement)) {
      this.#keys();
    }
  }

  #fill(item: Item): void {
    const card = this.#cards.get(item.id);
    if (card === undefined) {
      return;
    }
    // Filling removes what has the focus; it goes to the heading, not to the top of the page.
    const focused = card.contains(document.activeElement);
    const open = new Set([...card.querySelectorAll("details")].filter((part) => part.open).map(summary));
    const known = new Set([...card.querySelectorAll("details")].map(summary));
    fillCard(card, item, this.#session);
    for (const part of card.querySelectorAll("details")) {
      if (known.has(summary(part))) {
        part.open = open.has(summary(part));
      }
    }
    if (focused) {
      card.querySelector("h3")?.focus({ preventScroll: true });
    }
  }

  #pairs(): void {
    const cards = this.#session.answers.map(answerCard);
    const comparison = comparisonCard(this.#session);
    const focused = this.#extra.contains(document.activeElement);
    this.#extra.replaceChildren(...cards, ...(comparison ? [comparison] : []));
    if (focused) {
      this.#extra.querySelector<HTMLElement>(".comparison h3")?.focus({ preventScroll: true });
    }
  }

  #progressed(of: Parameters<NonNullable<ConstructorParameters<typeof Session>[2]["progressed"]>>[0]): void {
    const card = "id" in of ? this.#cards.get(of.id) : document.getElementById("comparison");
    if (card && of.progress) {
      showProgress(card, of.progress);
    }
  }

  /** What has to be acted on stands on top. */
  #worstFirst(): void {
    const rank = ({ outcome }: Item) => ["unsound", "open", "sound", undefined].indexOf(outcome?.verdict?.standing);
    const order = [...this.#session.items].sort((left, right) => rank(left) - rank(right));
    const cards = order.flatMap((item) => this.#cards.get(item.id) ?? []);
    const box = byId("cards");
    // Moving takes the focus away, so nothing is moved without need.
    if (cards.some((card, at) => box.children[at] !== card)) {
      const focused = document.activeElement;
      box.append(...cards);
      if (focused instanceof HTMLElement && box.contains(focused)) {
        focused.focus({ preventScroll: true });
      }
    }
  }

  /** Says the verdict aloud, and brings it into view. */
  #judged(): void {
    const { items } = this.#session;
    this.#worstFirst();
    const judged = items.filter(({ outcome, state }) => outcome?.verdict !== undefined && state === "done");
    const one = judged.length === 1 ? judged[0] : undefined;
    const summary = one === undefined ? tally(judged) : "";
    byId("results-title").textContent = summary === "" ? "Results" : summary;
    byId("announcement").textContent = plain(one === undefined ? summary : spoken(one));
    performance.mark("gait-judged");
    const busy = document.activeElement instanceof HTMLInputElement || document.activeElement instanceof HTMLTextAreaElement;
    if (this.#awaited && items.length > 0 && !busy) {
      const heading = one === undefined ? byId("results-title") : this.#cards.get(one.id)?.querySelector("h3");
      heading?.focus({ preventScroll: true });
      byId("results").scrollIntoView({ block: "start" });
    }
    this.#awaited = false;
  }
}

/** All verdicts in one line, the worst first. */
function tally(judged: readonly Item[]): string {
  const of = (standing: string, assured: boolean) =>
    judged.filter(({ outcome }) => outcome?.verdict?.standing === standing && outcome.verdict.assured === assured).length;
  const parts: [number, string][] = [
    [of("unsound", false), "NOT sound"],
    [of("open", false), "cannot be judged"],
    [of("sound", false), "sound, but signed by nobody you know"],
    [of("sound", true), "sound"],
  ];
  const said = parts.flatMap(([number, words]) => (number > 0 ? `${number} ${words}` : []));
  return said.length === 0 ? "" : `${count(judged.length, "file")}: ${said.join("; ")}`;
}

function summary(part: HTMLDetailsElement): string {
  return part.querySelector("summary")?.textContent ?? "";
}

/** Something to know that is no verdict. It stays until it is dismissed, or newer ones push it out. */
function notice(text: string): void {
  const box = byId("notices");
  const line = el("p", { class: "notice" }, el("span", {}, text));
  line.append(button("Dismiss", () => line.remove()));
  box.append(line);
  while (box.children.length > NOTICES) {
    box.firstElementChild?.remove();
  }
}

function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) {
    throw new Error(`the page lacks #${id}`);
  }
  return element;
}
