// What is on the page: open where there is room beside the text, and marked where the reader is.
const wide = matchMedia("(min-width: 72rem)");

/** Opens the list where it has a column of its own. */
export function openContents() {
  const details = document.querySelector(".toc details");
  if (!details) return;
  const fit = () => {
    details.open = wide.matches;
  };
  fit();
  wide.addEventListener("change", fit);
  // On narrow screens the list covers the text: a chosen entry closes it.
  details.addEventListener("click", (event) => {
    if (!wide.matches && event.target.closest("a")) details.open = false;
  });
}

/** Marks the section that is being read. */
export function followReading() {
  const links = [...document.querySelectorAll(".toc a")];
  const headings = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  if (links.length === 0) return;
  let waiting = false;
  const mark = () => {
    waiting = false;
    const above = headings.filter((heading) => heading && heading.getBoundingClientRect().top < 120).length;
    links.forEach((link, at) => {
      if (at === Math.max(0, above - 1)) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  };
  addEventListener("scroll", () => {
    if (!waiting) requestAnimationFrame(mark);
    waiting = true;
  }, { passive: true });
  mark();
}
