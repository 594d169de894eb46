// Opens the search: by its button, by `/`, or by Ctrl or Cmd and K.
import { openSearch } from "./search.js";

export function searchButton() {
  const button = document.querySelector(".search-button");
  if (!button) return;
  const open = () => openSearch(button);
  button.hidden = false;
  button.addEventListener("click", open);
  addEventListener("keydown", (event) => {
    const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isEditing(event.target);
    const k = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (!slash && !k) return;
    event.preventDefault();
    open();
  });
}

function isEditing(element) {
  return element instanceof Element && (element.isContentEditable || element.matches("input, textarea, select"));
}
