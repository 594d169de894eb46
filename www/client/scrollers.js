// Code and tables that are wider than the page scroll; then, and only then, the keyboard must reach them.
export function reachScrollers() {
  const scrollers = document.querySelectorAll(".code pre, .table");
  const watch = new ResizeObserver((entries) => {
    for (const { target } of entries) fit(target);
  });
  for (const element of scrollers) watch.observe(element);
}

function fit(element) {
  if (element.scrollWidth > element.clientWidth) {
    element.tabIndex = 0;
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", element.matches(".table") ? "Table, scrolls sideways" : "Code, scrolls sideways");
  } else {
    element.removeAttribute("tabindex");
    element.removeAttribute("role");
    element.removeAttribute("aria-label");
  }
}
