//! The panel of trusted keys.

import { button, digest, el, plain } from "./dom.js";
import type { Session } from "./session.js";

/** Fills the panel. `changed` is told when verdicts have to be worked out anew. */
export function fillKeys(panel: HTMLElement, session: Session, notice: (text: string) => void): void {
  const { keys } = session;
  const again = () => {
    fillKeys(panel, session, notice);
    session.keysChanged();
  };
  const list = el("ul", { class: "keys" });
  for (const key of keys.all) {
    const forget = button("Forget", () => {
      keys.remove(key.id);
      again();
      notice(`The key “${key.from}” is forgotten.`);
    }, { "aria-label": `Forget key ${plain(key.from)}` });
    list.append(el("li", {}, el("span", {}, el("strong", {}, key.from), " ", digest(key.id)), forget));
  }
  panel.replaceChildren(keys.all.length > 0 ? list : el("p", { class: "none" }, "No keys yet: signatures cannot be checked."), entry(session, again, notice));
  panel.append(
    option("keys-required", "Sound only with a signature by one of these keys", session.required, (wanted) => {
      session.required = wanted;
      session.keysChanged();
    }),
    option("keys-remember", "Remember these keys in this browser", keys.remembered, (wanted) => {
      if (!keys.remember(wanted) && wanted) {
        notice("The browser does not let this page store anything.");
        fillKeys(panel, session, notice);
      }
    }),
  );
  if (keys.all.length > 0 || keys.remembered) {
    panel.append(button("Forget all keys", () => {
      keys.forget();
      again();
      notice("All keys are forgotten, here and in the browser's storage.");
    }));
  }
}

function entry(session: Session, again: () => void, notice: (text: string) => void): HTMLElement {
  const field = el("input", { id: "key-text", type: "text", spellcheck: "false", autocomplete: "off", autocapitalize: "off", placeholder: "44 characters that end with =" });
  const form = el("form", { class: "key-form" }, el("label", { for: "key-text" }, "Public key, base64"), el("span", {}, field, el("button", { type: "submit" }, "Add key")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void session.keys.add(field.value.trim(), "pasted").then((added) => {
      if (added) {
        notice("One public key was added.");
        again();
        document.getElementById("key-text")?.focus();
      } else {
        notice("That is no new public key. It has 44 characters; `gait keys show` prints yours.");
      }
    });
  });
  return form;
}

function option(id: string, label: string, checked: boolean, changed: (wanted: boolean) => void): HTMLElement {
  const box = el("input", { id, type: "checkbox" });
  box.checked = checked;
  box.addEventListener("change", () => changed(box.checked));
  return el("p", { class: "option" }, box, el("label", { for: id }, label));
}
