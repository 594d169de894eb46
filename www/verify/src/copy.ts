//! A button that copies a line, and says so.

import { el } from "./dom.js";

/** How long the button says that it worked, in milliseconds. */
const SAID = 2_500;

/** Copies `text`, exactly. */
export function copyButton(label: string, text: string): HTMLElement {
  const told = el("span", { class: "copied", role: "status" });
  const action = el("button", { type: "button" }, label);
  action.addEventListener("click", () => {
    void copy(text).then((done) => {
      told.textContent = done ? "Copied." : "The browser does not let this page copy. Select the line and copy it.";
      setTimeout(() => told.replaceChildren(), done ? SAID : 4 * SAID);
    });
  });
  return el("span", { class: "copying" }, action, told);
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** For browsers that keep the clipboard from pages opened from disk. */
function copyBySelection(text: string): boolean {
  const focused = document.activeElement;
  const field = el("textarea", { class: "visually-hidden", "aria-hidden": "true", tabindex: "-1" });
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) {
    focused.focus();
  }
  return done;
}
